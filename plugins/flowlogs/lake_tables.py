"""Columns that the lake's tables gained since they were made: found in the SQL that makes them, added to Glue's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_BODY = re.compile(r"CREATE EXTERNAL TABLE.*?\((.*?)\n\)", re.DOTALL)
_COLUMN = re.compile(r"^\s*`?(\w+)`? ([a-z]+(?:\([^)]*\)|<.*>)?)(?: COMMENT '((?:[^']|'')*)')?,?$", re.MULTILINE)

_KEPT: Final = (
    "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters",
)  # fmt: skip
"""What UpdateTable takes of what GetTable gives (Glue API reference, TableInput)."""


def declared_columns(ddl: str) -> list[dict[str, str]]:
    """The columns of a CREATE EXTERNAL TABLE statement, one a line, as Glue has them.

    Raises:
        ValueError: for a text that makes no table.
    """
    body = _BODY.search(ddl)
    columns = [] if body is None else _COLUMN.findall(body[1])
    if not columns:
        raise ValueError(f"no columns in {ddl[:80]!r}…")
    return [{"Name": name, "Type": hive, "Comment": comment.replace("''", "'")} for name, hive, comment in columns]


def with_new_columns(table: Mapping[str, Any], declared: list[dict[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """A table of Glue with the columns that it lacks behind its own, as UpdateTable takes it, and their names.

    The files are Parquet, or JSON lines: columns are found by name, and those of older files are NULL.
    """
    storage = table["StorageDescriptor"]
    there = {column["Name"] for column in storage["Columns"]}
    new = [column for column in declared if column["Name"] not in there]
    kept = {name: table[name] for name in _KEPT if name in table}
    columns = [*storage["Columns"], *new]
    return {**kept, "StorageDescriptor": {**storage, "Columns": columns}}, [column["Name"] for column in new]
