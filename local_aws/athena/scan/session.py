"""A DuckDB of its own for each statement: bounded, in UTC, and shut off from all but the statement's files.

Making an instance takes 20 ms, so one is always made ahead. An instance serves one statement.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from local_aws.athena.dml.types import literal
from local_aws.athena.model import QueryCancelled

MAX_ALLOWED_PATHS = 20_000
"""Beyond this many files their folders are allowed instead, since DuckDB takes 30 µs for each path."""

_POLL_SECONDS = 0.05


class Session:
    """A DuckDB connection, a scratch folder, and the statement's cancellation."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path, cancelled: threading.Event) -> None:
        self.connection = connection
        self.scratch = scratch
        self._cancelled = cancelled

    def lock(self, files: Sequence[Path]) -> None:
        """Allow reading `files` and what is in the scratch folder, and nothing else from now on."""
        folders = [str(self.scratch)]
        if len(files) > MAX_ALLOWED_PATHS:
            folders += sorted({str(file.parent) for file in files})
        else:
            self.connection.execute("SET VARIABLE allowed = $1", [[str(file) for file in files]])
            self.connection.execute("SET allowed_paths = getvariable('allowed')")
        self.connection.execute("SET VARIABLE allowed = $1", [folders])
        self.connection.execute("SET allowed_directories = getvariable('allowed')")
        self.connection.execute("SET enable_external_access = false; SET lock_configuration = true")

    def check_cancelled(self) -> None:
        """Raises: QueryCancelled when the statement was stopped."""
        if self._cancelled.is_set():
            raise QueryCancelled

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Interrupt DuckDB when the statement is stopped while the block runs. Raises: QueryCancelled."""
        self.check_cancelled()
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_POLL_SECONDS):
                if self._cancelled.is_set():
                    self.connection.interrupt()

        watcher = threading.Thread(target=watch, name="athena-cancel", daemon=True)
        watcher.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise QueryCancelled from error
        finally:
            done.set()
            watcher.join()


@contextlib.contextmanager
def open_session(folder: Path, cancelled: threading.Event) -> Iterator[Session]:
    """A fresh session with a scratch folder inside `folder`; both are gone afterwards."""
    scratch = Path(tempfile.mkdtemp(prefix="statement-", dir=folder))
    connection = _next_connection()
    try:
        connection.execute(
            f"SET temp_directory = {literal(str(scratch / 'spill'))}; SET enable_profiling = 'no_output'; "
            "SET profiling_coverage = 'ALL'; SET tracked_metrics = ['io.*', 'operator.*']"
        )
        yield Session(connection, scratch, cancelled)
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)


_SETTINGS: Iterable[str] = (
    "TimeZone = 'UTC'",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "python_enable_replacements = false",
    "enable_progress_bar = false",
    "enable_external_file_cache = false",
)

_ahead: list[duckdb.DuckDBPyConnection] = []
_ahead_lock = threading.Lock()


def _next_connection() -> duckdb.DuckDBPyConnection:
    with _ahead_lock:
        connection = _ahead.pop() if _ahead else None
    threading.Thread(target=_make_ahead, name="athena-duckdb", daemon=True).start()
    return connection or _new_connection()


def _make_ahead() -> None:
    connection = _new_connection()
    with _ahead_lock:
        if not _ahead:
            _ahead.append(connection)
            return
    connection.close()


def _new_connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1})
    connection.execute("; ".join(f"SET {setting}" for setting in _SETTINGS))
    return connection
