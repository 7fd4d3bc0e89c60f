"""RegexSerDe: one column for each group of `input.regex`; a line that it does not match whole is all NULL."""

from __future__ import annotations

import re
from collections.abc import Sequence

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import literal, quoted
from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.conversions import TextRules, column_type, missing_column_sql, value_sql
from local_aws.athena.scan.storage import Storage

_JAVA_ONLY = re.compile(r"\(\?(?:[=!>]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9k]|[*+?}]\+|&&\[")
"""Lookaround, back references, possessive repetition, class intersection: Java has them, RE2 has not."""


def regex_sql(storage: Storage, wanted: Sequence[Column], lines: str) -> str:
    """SELECT of the wanted columns and file_index over a relation of lines.

    Raises: QueryFailed for a missing expression or one that RE2 cannot run.
    """
    pattern = storage.parameter("input.regex")
    if not pattern:
        raise QueryFailed("HIVE_INVALID_METADATA: RegexSerDe needs the SerDe property input.regex")
    if _JAVA_ONLY.search(pattern):
        raise QueryFailed(
            f"NOT_SUPPORTED: input.regex uses lookaround, back references or possessive repetition, which are not "
            f"supported: {pattern}"
        )
    groups = "[" + ", ".join(f"'g{number}'" for number in range(1, len(storage.columns) + 1)) + "]"
    options = "'si'" if (storage.parameter("input.regex.case.insensitive") or "").lower() == "true" else "'s'"
    whole = literal(f"^(?:{pattern})$")
    positions = {column.name: number for number, column in enumerate(storage.columns, start=1)}
    values = [_column_sql(column, positions.get(column.name)) for column in wanted]
    matched = f"CASE WHEN regexp_matches(line, {whole}, {options}) THEN regexp_extract(line, {whole}, {groups}, {options}) END"
    source = f"(SELECT {matched} AS fields, file_index FROM {lines})" if values else lines
    return f"SELECT {''.join(value + ', ' for value in values)}file_index FROM {source}"


def _column_sql(column: Column, position: int | None) -> str:
    if position is None:
        return missing_column_sql(column)
    value = value_sql(f"fields.g{position}", column_type(column), TextRules())
    return f"{value} AS {quoted(column.name)}"
