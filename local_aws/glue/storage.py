"""The catalog's SQLite file: its schema, one writer at a time, any number of readers beside it.

Write-ahead logging keeps readers and the writer out of each other's way, and every commit survives the
death of the process (`synchronous = NORMAL`: only a power cut can lose the last commits, never the file).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FORMAT = 1
"""PRAGMA user_version of the files that this code reads and writes."""

# The partitions of each partitioned table have a table of their own, made by partitions.py.
_SCHEMA = """
CREATE TABLE databases (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    input TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (account_id, region, name)
);
CREATE TABLE tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    database_id INTEGER NOT NULL REFERENCES databases (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    input TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (database_id, name)
);
CREATE TABLE archived_versions (
    table_id INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    input TEXT NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (table_id, version)
) WITHOUT ROWID;
CREATE TABLE descriptors (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    descriptor TEXT NOT NULL,
    UNIQUE (table_id, digest)
);
CREATE TABLE column_statistics (
    table_id INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    column_name TEXT NOT NULL,
    statistics TEXT NOT NULL,
    PRIMARY KEY (table_id, column_name)
) WITHOUT ROWID;
CREATE TABLE partition_indexes (
    table_id INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    keys TEXT NOT NULL,
    PRIMARY KEY (table_id, name)
) WITHOUT ROWID;
CREATE TABLE tags (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) WITHOUT ROWID;
"""


class Storage:
    """Connections to one catalog file."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._write_lock = threading.Lock()
        self._idle_readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._closed = False
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA synchronous = NORMAL")
        self._writer.execute("PRAGMA secure_delete = OFF")
        self._writer.execute("PRAGMA foreign_keys = ON")
        with self.writing() as connection:
            self._create_schema(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that may write: committed at the end, rolled back when the block raises.

        Not to be nested, and not to be mixed with `reading` in one thread.
        """
        with self._write_lock:
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One transaction that reads: everything in the block sees the same state of the catalog."""
        connection = self._borrow_reader()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            self._return_reader(connection)

    def close(self) -> None:
        """Close the connections; running reads finish and close theirs."""
        with self._readers_lock:
            self._closed = True
            readers, self._idle_readers = self._idle_readers, []
        for connection in readers:
            connection.close()
        with self._write_lock:
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=60, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA mmap_size = 1073741824")
        connection.execute("PRAGMA cache_size = -32768")
        return connection

    def _borrow_reader(self) -> sqlite3.Connection:
        with self._readers_lock:
            if self._idle_readers:
                return self._idle_readers.pop()
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _return_reader(self, connection: sqlite3.Connection) -> None:
        with self._readers_lock:
            if not self._closed:
                self._idle_readers.append(connection)
                return
        connection.close()

    def _create_schema(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found == FORMAT:
            return
        if found != 0:
            raise RuntimeError(
                f"{self._file} is a catalog of format {found}; this version reads format {FORMAT}. "
                f"Move the file away to start with an empty catalog."
            )
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def to_json(value: Any) -> str:
    """The compact JSON in which the catalog keeps Glue's shapes; timestamps as epoch seconds."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_epoch)


def from_json(text: str) -> Any:
    """What `to_json` wrote."""
    return json.loads(text)


def now() -> int:
    """The present as epoch seconds: Glue's times have whole seconds."""
    return int(datetime.now(UTC).timestamp())


def as_time(epoch: float | str) -> datetime:
    """Epoch seconds (or ISO 8601 text, as clients may send it) as a UTC time."""
    if isinstance(epoch, str):
        time = datetime.fromisoformat(epoch)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    return datetime.fromtimestamp(epoch, UTC)


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    raise TypeError(f"the catalog cannot store a {type(value).__name__}: {value!r}")
