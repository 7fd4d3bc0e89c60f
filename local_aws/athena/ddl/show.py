"""SHOW and DESCRIBE: the text that Athena prints, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from local_aws.athena.ddl.partitions import show_partitions
from local_aws.athena.ddl.statements import Describe, Show
from local_aws.athena.ddl.views import is_view
from local_aws.athena.model import QueryFailed, QueryRequest, ResultColumn

Shape = dict[str, Any]
FindTable = Callable[[], Shape]

_COLUMNS = {
    "DATABASES": ("database_name",),
    "TABLES": ("tab_name",),
    "VIEWS": ("views",),
    "PARTITIONS": ("partition",),
    "COLUMNS": ("field",),
    "CREATE_TABLE": ("createtab_stmt",),
    "TBLPROPERTIES": ("prpt_name", "prpt_value"),
    "DESCRIBE": ("col_name", "data_type", "comment"),
}
_WIDTH = 20
"""Hive pads the columns of DESCRIBE to 20 characters (MetaDataFormatUtils)."""


def result_columns(what: str) -> tuple[ResultColumn, ...]:
    """The columns of a SHOW or DESCRIBE, all strings."""
    return tuple(ResultColumn(name, "string") for name in _COLUMNS[what])


def show_lines(statement: Show, table: FindTable, request: QueryRequest) -> Iterator[str]:
    """The output of a SHOW; `table` finds the table it names."""
    catalog = request.catalog
    if statement.what == "DATABASES":
        names = [database["Name"] for database in catalog.list_databases()]
        yield from _matching(names, statement.pattern)
    elif statement.what in ("TABLES", "VIEWS"):
        tables = catalog.list_tables(statement.database or request.database)
        wanted = [found["Name"] for found in tables if statement.what == "TABLES" or is_view(found)]
        yield from _matching(wanted, statement.pattern)
    elif statement.what == "PARTITIONS":
        yield from show_partitions(statement.spec, table(), request)
    elif statement.what == "COLUMNS":
        for column in _all_columns(table()):
            yield column["Name"].ljust(_WIDTH)
    elif statement.what == "TBLPROPERTIES":
        yield from _properties(statement.property, table())
    else:
        yield from create_table_text(table()).splitlines()


def describe_lines(statement: Describe, table: Shape, request: QueryRequest) -> Iterator[str]:
    """The output of DESCRIBE.

    Raises:
        QueryFailed: for a column that the table does not have.
    """
    if statement.column is not None:
        found = [column for column in _all_columns(table) if column["Name"] == statement.column]
        if not found:
            raise QueryFailed(f"FAILED: SemanticException: {table['Name']} has no column {statement.column}")
        yield _described(found[0])
        return
    for column in _all_columns(table):
        yield _described(column)
    keys = table.get("PartitionKeys") or []
    if keys:
        yield from ("", "# Partition Information\t \t ", _padded("# col_name", "data_type", "comment"), "")
        for key in keys:
            yield _described(key)
    if statement.mode:
        yield from _detailed(statement, table, request)


def _described(column: Shape) -> str:
    return _padded(column["Name"], column["Type"], column.get("Comment") or "")


def _padded(*values: str) -> str:
    return "\t".join(value.ljust(_WIDTH) for value in values)


def _all_columns(table: Shape) -> list[Shape]:
    return [*(table["StorageDescriptor"].get("Columns") or []), *(table.get("PartitionKeys") or [])]


def _detailed(statement: Describe, table: Shape, request: QueryRequest) -> Iterator[str]:
    descriptor = table["StorageDescriptor"]
    if statement.spec:
        keys = [key["Name"] for key in table.get("PartitionKeys") or []]
        given = {condition.column: condition.value for condition in statement.spec}
        values = [given.get(key, "") for key in keys]
        descriptor = request.catalog.get_partition(table["DatabaseName"], table["Name"], values)["StorageDescriptor"]
    facts = {
        "Database:": table["DatabaseName"],
        "Owner:": table.get("Owner") or "",
        "Location:": descriptor.get("Location") or "",
        "Table Type:": table.get("TableType") or "",
        "SerDe Library:": (descriptor.get("SerdeInfo") or {}).get("SerializationLibrary") or "",
        "InputFormat:": descriptor.get("InputFormat") or "",
        "OutputFormat:": descriptor.get("OutputFormat") or "",
    }
    yield from ("", "# Detailed Table Information\t \t ")
    for name, value in facts.items():
        yield _padded(name, value, "")
    yield "Table Parameters:\t \t "
    for name, value in sorted((table.get("Parameters") or {}).items()):
        yield "\t" + _padded(name, value)


def _properties(wanted: str | None, table: Shape) -> Iterator[str]:
    properties = table.get("Parameters") or {}
    if wanted is None:
        for name, value in sorted(properties.items()):
            yield f"{name}\t{value}"
    elif wanted in properties:
        yield properties[wanted]
    else:
        yield f"Table {table['DatabaseName']}.{table['Name']} does not have property: {wanted}"


def _matching(names: list[str], pattern: str | None) -> Iterator[str]:
    """Hive's patterns: `*` is any text, `|` separates alternatives (SHOW TABLES, Athena user guide)."""
    expression = re.escape(pattern or "*").replace(r"\*", ".*").replace(r"\|", "|").replace(r"\.\.*", ".*")
    for name in sorted(names):
        if re.fullmatch(expression, name, re.IGNORECASE):
            yield name


def create_table_text(table: Shape) -> str:
    """SHOW CREATE TABLE: a statement that makes the same table.

    Raises:
        QueryFailed: for a view.
    """
    if is_view(table):
        raise QueryFailed(f"FAILED: SemanticException: {table['Name']} is a view; use SHOW CREATE VIEW")
    descriptor = table["StorageDescriptor"]
    lines = [f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`("]
    lines.append(_column_lines(descriptor.get("Columns") or []))
    if keys := table.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", _column_lines(keys)]
    serde = descriptor.get("SerdeInfo") or {}
    lines += ["ROW FORMAT SERDE ", f"  {_quoted(serde.get('SerializationLibrary') or '')} "]
    if parameters := serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", _property_lines(parameters)]
    lines += ["STORED AS INPUTFORMAT ", f"  {_quoted(descriptor.get('InputFormat') or '')} "]
    lines += ["OUTPUTFORMAT ", f"  {_quoted(descriptor.get('OutputFormat') or '')}"]
    lines += ["LOCATION", f"  {_quoted(descriptor.get('Location') or '')}"]
    shown = {name: value for name, value in (table.get("Parameters") or {}).items() if name != "EXTERNAL"}
    if shown:
        lines += ["TBLPROPERTIES (", _property_lines(shown)]
    return "\n".join(lines)


def _column_lines(columns: list[Shape]) -> str:
    texts = []
    for column in columns:
        comment = f" COMMENT {_quoted(column['Comment'])}" if column.get("Comment") is not None else ""
        texts.append(f"  `{column['Name']}` {column['Type']}{comment}")
    return ", \n".join(texts) + ")"


def _property_lines(properties: dict[str, str]) -> str:
    return ", \n".join(f"  {_quoted(name)}={_quoted(value)}" for name, value in sorted(properties.items())) + ") "


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"
