"""Why an ingestion failed: the types of ErrorInfo, and what Athena's errors become.

The types are those of IngestionErrorType; their meaning is in the user guide's "SPICE ingestion error codes".
"""

from __future__ import annotations


class IngestionFailed(Exception):
    """An ingestion ends as FAILED; `type` is of IngestionErrorType."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(f"{type_}: {message}")
        self.type = type_
        self.message = message


_OF_ATHENA = (
    ("TABLE_NOT_FOUND", "SQL_TABLE_NOT_FOUND"),
    ("SCHEMA_NOT_FOUND", "SQL_TABLE_NOT_FOUND"),
    ("HIVE_BAD_DATA", "SQL_SCHEMA_MISMATCH_ERROR"),
    ("HIVE_PARTITION_SCHEMA_MISMATCH", "SQL_SCHEMA_MISMATCH_ERROR"),
    ("PERMISSION_DENIED", "PERMISSION_DENIED"),
    ("ACCESS_DENIED", "PERMISSION_DENIED"),
    ("AccessDenied", "PERMISSION_DENIED"),
    ("NUMERIC_VALUE_OUT_OF_RANGE", "SQL_NUMERIC_OVERFLOW"),
    ("INVALID_FUNCTION_ARGUMENT", "SQL_INVALID_PARAMETER_VALUE"),
    ("INVALID_CAST_ARGUMENT", "SQL_INVALID_PARAMETER_VALUE"),
    ("EXCEEDED_TIME_LIMIT", "QUERY_TIMEOUT"),
    ("Query timeout", "QUERY_TIMEOUT"),
    ("Query exhausted resources", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
    ("Bytes scanned limit was exceeded", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
    ("EXCEEDED_MEMORY_LIMIT", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
    ("TOO_MANY_", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
    ("HIVE_CURSOR_ERROR", "S3_FILE_INACCESSIBLE"),
    ("HIVE_CANNOT_OPEN_SPLIT", "S3_FILE_INACCESSIBLE"),
    ("Unable to verify/create output bucket", "CONNECTION_FAILURE"),
)
"""Words of Athena's StateChangeReason, and the error type that QuickSight's guide describes for them."""


def of_athena(reason: str) -> IngestionFailed:
    """The failure of an ingestion whose query failed for `reason`."""
    for words, type_ in _OF_ATHENA:
        if words in reason:
            return IngestionFailed(type_, reason)
    return IngestionFailed("SQL_EXCEPTION", reason)
