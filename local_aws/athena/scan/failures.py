"""DuckDB's errors in Athena's words, with the objects' URIs instead of local files."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from local_aws.athena.model import ErrorCategory, QueryFailed

_ATHENA_MESSAGE = re.compile(r"Could not convert string '([A-Z][A-Z_]{5,}: .*?)' to INT64", re.DOTALL)
"""What the translation raises at run time: the message itself, cast to a number (see `dml.casts.raised`)."""

_READ_ERRORS = (
    (re.compile(r"No files found|Cannot open file|No such file"), "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split"),
    (re.compile(r"GZIP|zstd|ZSTD"), "HIVE_CURSOR_ERROR: Failed to read file"),
    (re.compile(r"Parquet file|magic bytes|footer|[Pp]arquet"), "HIVE_BAD_DATA: Not valid Parquet file"),
    (re.compile(r"Maximum line size|maximum line size"), "HIVE_CURSOR_ERROR: Line too long in file"),
    (re.compile(r"when casting from source column"), "HIVE_BAD_DATA: Malformed Parquet file"),
)


def query_failure(error: duckdb.Error, uris: Mapping[str, str]) -> QueryFailed:
    """The QueryFailed for an error of DuckDB; `uris` names the object that each local file holds."""
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryFailed("EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded per-node memory limit", error_type=1402)
    raised = _ATHENA_MESSAGE.search(text)
    if raised and not text.startswith(("INTERNAL", "FATAL")):
        return QueryFailed(_without_paths(raised[1], uris))
    uri = next((uris[path] for path in _paths(text) if path in uris), None)
    for pattern, begin in _READ_ERRORS:
        if pattern.search(text) and (uri or "casting" in text):
            return QueryFailed(f"{begin} {uri or ''}: {_without_paths(_first_line(text), uris)}")
    zone = re.search(r"Unknown TimeZone '(.*?)'", text)
    if zone:
        return QueryFailed(f"INVALID_FUNCTION_ARGUMENT: '{zone[1]}' is not a valid time zone")
    if isinstance(error, duckdb.ConversionException):
        return QueryFailed(f"INVALID_CAST_ARGUMENT: {_first_line(text)}")
    if isinstance(error, duckdb.OutOfRangeException):
        code = "DIVISION_BY_ZERO" if "zero" in text else "NUMERIC_VALUE_OUT_OF_RANGE"
        return QueryFailed(f"{code}: {_first_line(text)}")
    if isinstance(error, duckdb.InvalidInputException):
        return QueryFailed(f"INVALID_FUNCTION_ARGUMENT: {_without_paths(_first_line(text), uris)}")
    return QueryFailed(
        f"GENERIC_INTERNAL_ERROR: {_without_paths(_first_line(text), uris)}",
        error_type=401,
        category=ErrorCategory.SYSTEM,
    )


def names_a_line(error: duckdb.Error) -> bool:
    """Whether DuckDB refused the lines of a text file, which a normalised copy may cure."""
    return isinstance(error, duckdb.InvalidInputException) and (
        "CSV Error" in str(error) or "CSV Parser state machine" in str(error)
    )


def _paths(text: str) -> list[str]:
    return [path.rstrip(".:,'\"") for path in re.findall(r"/[^\s'\"]+", text)]


def _first_line(text: str) -> str:
    return re.sub(r"^[A-Z][\w ]* Error: ", "", text.strip().splitlines()[0])


def _without_paths(text: str, uris: Mapping[str, str]) -> str:
    for path in _paths(text):
        if path in uris:
            text = text.replace(path, uris[path])
    return text
