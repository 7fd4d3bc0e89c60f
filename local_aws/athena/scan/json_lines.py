"""The JSON SerDes: one object a line, keys compared without case.

A line that is no JSON object fails the query, or is a row of NULLs with `ignore.malformed.json`
(https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import Type, literal, quoted, trino_to_duckdb
from local_aws.athena.scan.conversions import NESTED, TextRules, column_type, is_text, value_sql
from local_aws.athena.scan.storage import Storage


def json_sql(storage: Storage, wanted: Sequence[Column], lines: str) -> str:
    """SELECT of the wanted columns and file_index over a relation of lines."""
    ignore = (storage.parameter("ignore.malformed.json") or "").lower() == "true"
    problem = "NULL" if ignore else "error('HIVE_CURSOR_ERROR: Row is not a valid JSON Object: ' || line[:200])"
    document = (
        f"CASE WHEN trim(line) = '' THEN NULL WHEN json_valid(line) AND json_type(line) = 'OBJECT' "
        f"THEN CAST(line AS JSON) ELSE {problem} END"
    )
    values = [f"{_column_sql(storage, column)} AS {quoted(column.name)}" for column in wanted]
    if not values and ignore:
        return f"SELECT file_index FROM {lines}"
    # Without columns the document is still looked at, so that a malformed line fails the query.
    source = f"(SELECT {document} AS document, file_index FROM {lines})"
    if not values:
        return f"SELECT file_index FROM {source} WHERE document IS NULL OR document IS NOT NULL"
    return f"SELECT {', '.join(values)}, file_index FROM {source}"


def _column_sql(storage: Storage, column: Column) -> str:
    key = storage.parameter(f"mapping.{column.name}", default=column.name) or column.name
    if (storage.parameter("dots.in.keys") or "").lower() == "true" and key == column.name:
        key = key.replace("_", ".") if "." in key else key
    return _value_sql("document", key, column_type(column))


def _member_sql(document: str, key: str) -> str:
    """The member of an object, by its key as it is spelled here, else by a key that differs in case."""
    exact = f"json_extract({document}, {literal(_path(key))})"
    others = f"list_filter(json_keys({document}), lambda other: lower(other) = {literal(key.lower())})"
    by_case = f"json_extract({document}, '$.\"' || {others}[1] || '\"')"
    return f"coalesce({exact}, {by_case})"


def _path(key: str) -> str:
    return '$."' + key.replace('"', '\\"') + '"'


def _value_sql(document: str, key: str, type_: Type) -> str:
    member = _member_sql(document, key)
    text = f"json_extract_string({member}, '$')"
    if type_.name in NESTED:
        return f"json_transform({member}, {literal(json.dumps(_structure(type_)))})"
    if is_text(type_):
        return f"left({text}, {type_.numbers[0]})" if type_.numbers else text
    return value_sql(text, type_, TextRules())


def _structure(type_: Type) -> Any:
    """A type as json_transform describes it."""
    if type_.name == "array":
        return [_structure(type_.args[0])]
    if type_.name == "row":
        return dict(zip(type_.field_names, map(_structure, type_.args), strict=True))
    return trino_to_duckdb(type_)
