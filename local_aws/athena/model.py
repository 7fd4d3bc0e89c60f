"""The values that pass between the parts of the local Athena.

api (protocol) -> executions (queue, states, history) -> engine (runs one statement)
engine -> ddl (Hive DDL on the Glue catalog) | dml (Trino SQL -> DuckDB SQL) over scan (partitions, files)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Literal

from local_aws.glue.catalog import Catalog
from local_aws.objects import ObjectStore

StatementType = Literal["DDL", "DML", "UTILITY"]


class ErrorCategory(IntEnum):
    """AthenaError.ErrorCategory (API reference): who is to blame."""

    SYSTEM = 1
    USER = 2
    OTHER = 3


class QueryFailed(Exception):
    """A statement failed as it would on Athena.

    `message` is Athena's StateChangeReason text, such as
    `TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nope' does not exist`;
    `error_type` is the number of Athena's error type reference
    (see https://docs.aws.amazon.com/athena/latest/ug/error-reference.html).
    """

    def __init__(
        self,
        message: str,
        *,
        error_type: int = 1301,
        category: ErrorCategory = ErrorCategory.USER,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type
        self.category = category
        self.retryable = retryable


class QueryCancelled(Exception):
    """The statement was stopped by StopQueryExecution."""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result set, as GetQueryResults' ColumnInfo describes it.

    `type` is Athena's name: boolean, tinyint, smallint, integer, bigint, float, double, decimal, char,
    varchar, varbinary, date, time, timestamp, timestamp with time zone, interval …, array, map, row, json,
    ipaddress, string (DDL results).
    """

    name: str
    type: str
    precision: int = 0
    scale: int = 0
    nullable: Literal["NOT_NULL", "NULLABLE", "UNKNOWN"] = "UNKNOWN"
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One statement to run, with all that decides what it does."""

    query_id: str
    sql: str
    account_id: str
    region: str
    database: str
    """The database for unqualified names (QueryExecutionContext.Database; `default` when absent)."""
    output_location: str
    """The resolved S3 folder of the results, ending in `/` (from the call or the work group)."""
    work_group: str
    catalog: Catalog
    objects: ObjectStore
    result_file: Path
    """Local file the engine writes: Athena's CSV for DML, plain text for DDL and UTILITY."""
    prepared_statement: Callable[[str], str]
    """Name of a prepared statement of the work group -> its SQL. Raises QueryFailed if there is none."""
    save_prepared_statement: Callable[[str, str | None], None]
    """(name, SQL) from PREPARE; (name, None) from DEALLOCATE PREPARE."""
    execution_parameters: tuple[str, ...] = ()
    bytes_scanned_cutoff: int | None = None
    """BytesScannedCutoffPerQuery of the work group; a statement that would read more is cancelled."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    on_scanned: Callable[[int], None] = lambda total_bytes: None
    """Told the bytes scanned so far."""


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """What a successful statement did. Its rows or text are in `QueryRequest.result_file`."""

    statement_type: StatementType
    substatement_type: str
    """Such as SELECT, CREATE_TABLE, CREATE_TABLE_AS_SELECT, INSERT, UNLOAD, ALTER_TABLE, SHOW_PARTITIONS."""
    columns: tuple[ResultColumn, ...] = ()
    data_scanned_bytes: int = 0
    update_count: int | None = None
    """Rows written by CTAS, INSERT and UNLOAD."""
    written: tuple[str, ...] = ()
    """S3 URIs of the data files written by CTAS, INSERT and UNLOAD, in order (the manifest)."""
    input_rows: int = 0
    input_bytes: int = 0
    output_rows: int = 0
    output_bytes: int = 0
    planning_seconds: float = 0.0
