"""SPICE: the rows of each data set as one Parquet file, which a refresh replaces as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from local_aws.aws_json import Caller
from local_aws.quicksight.athena_source import Rows
from local_aws.quicksight.documents import Documents
from local_aws.quicksight.failures import IngestionFailed
from local_aws.quicksight.preparation.tables import DROPPED, Columns, InvalidTables, input_columns, prepared
from local_aws.quicksight.preparation.tables import Physical as PhysicalTable
from local_aws.quicksight.preparation.terms import InvalidExpression, identifier, text_literal

_KIND = "spice"

_READ_AS = {
    # Type declared for an input column -> DuckDB SQL of its value, from the text {0} in Athena's result file.
    "STRING": "{0}",
    "INTEGER": "CASE WHEN regexp_full_match({0}, '[-+]?[0-9]+') THEN TRY_CAST({0} AS BIGINT) END",
    "DECIMAL": "TRY_CAST({0} AS DOUBLE)",
    "DATETIME": "TRY_CAST(regexp_replace({0}, ' UTC$', '') AS TIMESTAMP)",
    "BIT": "CASE {0} WHEN 'true' THEN 1 WHEN 'false' THEN 0 WHEN '1' THEN 1 WHEN '0' THEN 0 END",
    "BOOLEAN": "CASE {0} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
}


@dataclass(frozen=True)
class Loaded:
    """What an ingestion brought: rows that it read and kept, rows it dropped, rows there are now, bytes of these."""

    ingested: int
    dropped: int
    total: int
    size: int


@dataclass(frozen=True)
class Window:
    """The look-back window of an incremental refresh: rows from `start` (UTC) on by `column` are replaced."""

    column: str
    start: datetime


class Spice:
    """The stored rows of every account's data sets, below `folder`."""

    def __init__(self, folder: Path, documents: Documents) -> None:
        self._folder = folder
        self._documents = documents

    def state(self, caller: Caller, data_set_id: str) -> dict[str, Any] | None:
        """What is stored: file, rows, bytes, refreshed (epoch seconds), columns (type by name); None for nothing."""
        return self._documents.get(caller, _KIND, data_set_id)

    def file(self, caller: Caller, data_set_id: str) -> Path | None:
        """The Parquet file of a data set's rows."""
        state = self.state(caller, data_set_id)
        return None if state is None else self._of(caller, data_set_id) / state["file"]

    def load(
        self,
        caller: Caller,
        data_set_id: str,
        ingestion: int,
        rows: Rows,
        physical: PhysicalTable,
        steps: Sequence[dict[str, Any]],
        *,
        window: Window | None = None,
        drop: int = 0,
    ) -> Loaded:
        """Replace a data set's rows, or with a window those in it, by what the query brought.

        Readers see the old rows until all new ones are written. `drop` rows are dropped as if they were bad.

        Raises:
            IngestionFailed: the query's columns are not those declared, or a transform is not understood.
        """
        _check_columns(rows.columns, physical)
        folder = self._of(caller, data_set_id)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{ingestion}.parquet"
        columns = input_columns(physical)
        with contextlib.closing(duckdb.connect()) as database:
            database.execute("SET threads = 2")
            database.execute("SET preserve_insertion_order = true")
            try:
                sql = prepared(f"({_read(rows, physical)})", columns, steps)
            except InvalidExpression as error:
                raise IngestionFailed("INVALID_DATAPREP_SYNTAX", str(error)) from error
            except InvalidTables as error:
                raise IngestionFailed("SQL_SCHEMA_MISMATCH_ERROR", str(error)) from error
            # Through a file, not memory: a data set may have millions of rows.
            fresh = folder / "fresh.parquet"
            database.execute(f"COPY ({sql}) TO {text_literal(str(fresh))} (FORMAT parquet)")
            read = f"read_parquet({text_literal(str(fresh))}, file_row_number = true)"
            bad = f"({DROPPED} OR file_row_number < {int(drop)})"
            ingested, dropped = _counts(database, read, bad)
            names = ", ".join(map(identifier, columns.types))
            kept = f"SELECT {names} FROM {read} WHERE NOT {bad}"
            old = self.file(caller, data_set_id)
            if window is not None and old is not None:
                # A row without a date is in no window: it stays, and is brought again by no query with one.
                column, start = identifier(window.column), f"TIMESTAMP '{window.start.isoformat(sep=' ')}'"
                outside = f"{column} IS NULL OR {column} < {start}"
                kept = f"SELECT {names} FROM read_parquet({text_literal(str(old))}) WHERE {outside} UNION ALL {kept}"
            partial = target.with_suffix(".partial")
            database.execute(f"COPY ({kept}) TO {text_literal(str(partial))} (FORMAT parquet, COMPRESSION zstd)")
            counted = database.execute(f"SELECT count(*) FROM read_parquet({text_literal(str(partial))})").fetchone()
        fresh.unlink()
        partial.replace(target)
        total = counted[0] if counted else 0
        size = target.stat().st_size
        self._swap(caller, data_set_id, target, columns, total, size)
        return Loaded(ingested, dropped, total, size)

    def forget(self, caller: Caller, data_set_id: str) -> None:
        """Remove the rows of a data set that is deleted."""
        self._documents.delete(caller, _KIND, data_set_id)
        folder = self._of(caller, data_set_id)
        for file in folder.glob("*"):
            file.unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()

    def _swap(self, caller: Caller, data_set_id: str, target: Path, columns: Columns, rows: int, size: int) -> None:
        before = self.state(caller, data_set_id)
        state = {
            "file": target.name,
            "rows": rows,
            "bytes": size,
            "refreshed": time.time(),
            "columns": columns.types,
        }
        self._documents.put(caller, _KIND, data_set_id, state)
        # Who reads the old rows may finish: they go with the next refresh.
        for file in target.parent.glob("*"):
            if file.name not in (target.name, before["file"] if before else ""):
                file.unlink(missing_ok=True)

    def _of(self, caller: Caller, data_set_id: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9_-]", "_", data_set_id)[:60]
        digest = hashlib.sha256(data_set_id.encode()).hexdigest()[:12]
        return self._folder / caller.account_id / caller.region / f"{readable}-{digest}"


def _check_columns(found: Sequence[str], physical: PhysicalTable) -> None:
    if repeated := sorted({name for name in found if found.count(name) > 1}):
        raise IngestionFailed("DUPLICATE_COLUMN_NAMES_FOUND", f"The query returns {', '.join(repeated)} more than once")
    there = {name.lower() for name in found}
    if missing := [name for name in physical.columns if name.lower() not in there]:
        raise IngestionFailed(
            "SQL_SCHEMA_MISMATCH_ERROR",
            f"The query does not return {', '.join(missing)}; it returns {', '.join(found)}. Update the data set's columns",
        )


def _read(rows: Rows, physical: PhysicalTable) -> str:
    """SQL that reads Athena's result file: typed values, and whether the row has one that is not of its type."""
    raw = {name.lower(): f"c{number}" for number, name in enumerate(rows.columns)}
    layout = ", ".join(f"'{column}': 'VARCHAR'" for column in raw.values())
    source = (
        f"read_csv({text_literal(str(rows.file))}, columns = {{{layout}}}, auto_detect = false, header = true,"
        " delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false,"
        " parallel = false, max_line_size = 33554432)"
    )
    typed, bad = [], ["false"]
    for name, type_ in physical.columns.items():
        column = raw[name.lower()]
        value = _READ_AS[type_].format(column)
        typed.append(f"{value} AS {identifier(name)}")
        if type_ != "STRING":
            bad.append(f"({column} IS NOT NULL AND {value} IS NULL)")
    return f"SELECT {', '.join(typed)}, ({' OR '.join(bad)}) AS {DROPPED} FROM {source}"


def _counts(database: duckdb.DuckDBPyConnection, read: str, bad: str) -> tuple[int, int]:
    """Rows that are kept, and rows that are dropped."""
    row = database.execute(
        f"SELECT count(*) FILTER (WHERE NOT {bad}), count(*) FILTER (WHERE {bad}) FROM {read}"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
