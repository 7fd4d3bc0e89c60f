"""How Athena keeps a view in Glue: a table whose text is a comment with base64 of JSON, as Presto wrote it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

_PREFIX, _SUFFIX = "/* Presto View: ", " */"

# Trino's type -> Hive's, for the columns that other clients of Glue see.
_HIVE_TYPES = {"varchar": "string", "integer": "int", "real": "float", "varbinary": "binary", "json": "string"}


def view_table_input(name: str, sql: str, database: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Glue's TableInput of a view.

    Args:
        name: the view's name.
        sql: the text of its SELECT.
        database: the database for unqualified names in it.
        columns: name and Trino type of each column.
    """
    definition = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": column, "type": trino_type} for column, trino_type in columns],
    }
    text = base64.b64encode(json.dumps(definition).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": hive_type(trino_type)} for column, trino_type in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": f"{_PREFIX}{text}{_SUFFIX}",
        "ViewExpandedText": "/* Presto View */",
    }


def is_view(table: dict[str, Any]) -> bool:
    """Whether a table of Glue is a view of Athena's."""
    return table.get("TableType") == "VIRTUAL_VIEW"


def view_definition(table: dict[str, Any]) -> tuple[str, str]:
    """The SQL of a view, and the database for unqualified names in it.

    Raises:
        ValueError: when the table's text is not a view's as Athena keeps it.
    """
    text = table.get("ViewOriginalText") or ""
    if not (text.startswith(_PREFIX) and text.endswith(_SUFFIX)):
        raise ValueError(f"{table.get('Name')}: not a view as Athena keeps it: {text[:60]!r}")
    definition = json.loads(base64.b64decode(text[len(_PREFIX) : -len(_SUFFIX)]))
    return definition["originalSql"], definition.get("schema") or "default"


def hive_type(trino_type: str) -> str:
    """The Hive type under which Glue shows a column of a Trino type.

    Nested types that Hive writes otherwise are shown as `string`, as only display depends on it.
    """
    base = trino_type.lower()
    if base.startswith("timestamp"):
        return "timestamp"
    if base.startswith("varchar("):
        return base
    if base.startswith("array("):
        return f"array<{hive_type(base[6:-1])}>"
    if base.startswith(("map(", "row(", "interval", "time", "ipaddress", "ipprefix")):
        return "string"
    return _HIVE_TYPES.get(base, base)
