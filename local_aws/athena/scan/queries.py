"""Running a translated query: relations made, rows written to a file, bytes counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

from local_aws.athena.dml.relations import TranslatedQuery
from local_aws.athena.model import QueryCancelled, QueryRequest
from local_aws.athena.scan.failures import names_a_line, query_failure
from local_aws.athena.scan.relations import Relations, TableScan
from local_aws.athena.scan.session import Session

T = TypeVar("T")

_ATTEMPTS = 4
"""How often text files that DuckDB refused are replaced by normalised copies: the third time, all of them."""

CUTOFF_MESSAGE = "Query cancelled! : Bytes scanned limit was exceeded"
"""Athena's words when a work group's BytesScannedCutoffPerQuery is reached."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a query did."""

    rows: int
    scanned_bytes: int
    scanned_rows: int
    listed_bytes: int
    planning_seconds: float


class BoundQuery:
    """A translated query bound to the files it reads, in a session that reads no others."""

    def __init__(self, session: Session, request: QueryRequest, query: TranslatedQuery) -> None:
        started = time.monotonic()
        self.session = session
        self.query = query
        self._request = request
        self._relations = Relations(session, request, query.tables)
        session.lock([file.path for file in self._relations.files])
        self._failing(self._relations.create)
        self._planning_seconds = time.monotonic() - started
        self._remembered_scan: tuple[int, int] | None = None

    @property
    def scans(self) -> list[TableScan]:
        """What is read of each table of the query."""
        return self._relations.scans

    def run(self, statement: Callable[[duckdb.DuckDBPyConnection], int]) -> Run:
        """Run the query by `statement`, which executes it and returns its row count.

        Raises: QueryFailed; QueryCancelled, also when the work group's scan limit is exceeded.
        """
        rows = self._failing(lambda: statement(self.session.connection))
        scanned, scanned_rows = self.scanned() if self._remembered_scan is None else self._remembered_scan
        self._request.on_scanned(scanned)
        self._check_cutoff(scanned)
        listed = sum(file.size for file in self._relations.files)
        return Run(rows, scanned, scanned_rows, listed, self._planning_seconds)

    def _failing(self, action: Callable[[], T]) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with self.session.interruptible():
                    return action()
            except duckdb.Error as error:
                self.session.check_cancelled()
                message = str(error)
                if not names_a_line(error) or attempt == _ATTEMPTS - 1:
                    raise query_failure(error, self._relations.uris) from error
                if not self._relations.normalise("" if attempt >= _ATTEMPTS - 2 else message):
                    raise query_failure(error, self._relations.uris) from error
                self._relations.create()
        raise AssertionError("unreachable")

    def remember_scanned(self, scanned: tuple[int, int]) -> None:
        """Take this for the query's scan, when its reading statement was not the last that `run` executed."""
        self._remembered_scan = scanned

    def scanned(self) -> tuple[int, int]:
        """Bytes and rows that the last statement read of the tables' objects.

        DuckDB counts bytes exactly: compressed bytes of text, column chunks of the row groups that statistics do
        not rule out in Parquet. Where normalised copies were read, the objects count whole. Rows are those of text
        files without headers, and of Parquet those that its own filters leave.
        """
        groups = [group for scan in self._relations.scans for group in scan.groups]
        if not groups:
            return 0, 0
        profile = json.loads(self.session.connection.get_profiling_information(format="json"))
        rows = sum(map(_rows_read, profile["operator"]))
        if any(group.normalised for group in groups):
            return sum(file.size for group in groups for file in group.files), rows
        return int(profile["io"]["total_bytes_read"]), rows

    def _check_cutoff(self, scanned: int) -> None:
        cutoff = self._request.bytes_scanned_cutoff
        if cutoff is not None and scanned > cutoff:
            raise QueryCancelled(CUTOFF_MESSAGE)


_FILE_READERS = ("READ_CSV", "PARQUET_SCAN", "READ_PARQUET", "READ_JSON", "READ_JSON_AUTO", "READ_NDJSON", "READ_TEXT")


def _rows_read(operator: Mapping[str, Any]) -> int:
    """Rows that the readers of files at and below an operator of a profile gave."""
    own = operator["intermediate_rows"] if operator["extra_info"].get("Function", "").upper() in _FILE_READERS else 0
    return int(own) + sum(map(_rows_read, operator.get("children", ())))
