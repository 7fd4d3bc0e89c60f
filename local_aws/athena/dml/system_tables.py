"""Tables that show the catalog itself: information_schema and "table$partitions"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from local_aws.athena.dml.schema import CATALOG, Schema, Table, View
from local_aws.athena.dml.types import BIGINT, VARCHAR, Type, UnknownType, hive_to_trino, literal, trino_to_duckdb
from local_aws.athena.model import QueryFailed

Columns = Sequence[tuple[str, Type]]

_TABLES: dict[str, Columns] = {
    "schemata": (("catalog_name", VARCHAR), ("schema_name", VARCHAR)),
    "tables": (("table_catalog", VARCHAR), ("table_schema", VARCHAR), ("table_name", VARCHAR), ("table_type", VARCHAR)),
    "views": (
        ("table_catalog", VARCHAR),
        ("table_schema", VARCHAR),
        ("table_name", VARCHAR),
        ("view_definition", VARCHAR),
    ),
    "columns": (
        ("table_catalog", VARCHAR),
        ("table_schema", VARCHAR),
        ("table_name", VARCHAR),
        ("column_name", VARCHAR),
        ("ordinal_position", BIGINT),
        ("column_default", VARCHAR),
        ("is_nullable", VARCHAR),
        ("data_type", VARCHAR),
        ("comment", VARCHAR),
        ("extra_info", VARCHAR),
    ),
}

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def information_schema_sql(schema: Schema, name: str) -> tuple[str, Columns]:
    """Returns a table of information_schema as a query with columns c0, c1, …, and its columns.

    Raises: QueryFailed TABLE_NOT_FOUND.
    """
    if name not in _TABLES:
        raise QueryFailed(f"TABLE_NOT_FOUND: Table '{CATALOG}.information_schema.{name}' does not exist")
    databases = schema.databases()
    if name == "schemata":
        rows: Iterable[tuple[object, ...]] = [(CATALOG, database) for database in databases]
        return _values(rows, _TABLES[name]), _TABLES[name]
    relations = [relation for database in databases for relation in schema.relations(database)]
    if name == "tables":
        rows = [
            (CATALOG, one.database, one.name, "VIEW" if isinstance(one, View) else "BASE TABLE") for one in relations
        ]
    elif name == "views":
        rows = [(CATALOG, one.database, one.name, one.sql) for one in relations if isinstance(one, View)]
    else:
        rows = [row for relation in relations for row in _column_rows(relation)]
    return _values(rows, _TABLES[name]), _TABLES[name]


def _column_rows(relation: Table | View) -> Iterable[tuple[object, ...]]:
    keys = relation.partition_keys if isinstance(relation, Table) else ()
    for place, column in enumerate((*relation.columns, *keys), start=1):
        try:
            type_ = str(hive_to_trino(column.type)) if isinstance(relation, Table) else column.type
        except UnknownType:
            type_ = column.type
        extra = "partition key" if column in keys else None
        yield (CATALOG, relation.database, relation.name, column.name, place, None, "YES", type_, None, extra)


def partitions_sql(schema: Schema, database: str, name: str) -> tuple[str, Columns]:
    """Returns `"table$partitions"`: a row for each partition, its keys as columns.

    Raises: QueryFailed TABLE_NOT_FOUND, also for a table without partition keys.
    """
    table = schema.relation(database, name.removesuffix("$partitions"))
    if isinstance(table, View) or not table.partition_keys:
        raise QueryFailed(f"TABLE_NOT_FOUND: Table '{CATALOG}.{database}.{name}' does not exist")
    columns = [(key.name, hive_to_trino(key.type)) for key in table.partition_keys]
    rows = [
        tuple(None if value == NULL_PARTITION else value for value in values)
        for values in schema.partition_values(database, table.name)
    ]
    return _values(rows, columns), columns


def _values(rows: Iterable[tuple[object, ...]], columns: Columns) -> str:
    casts = [f"CAST(v{place} AS {trino_to_duckdb(type_)}) AS c{place}" for place, (_, type_) in enumerate(columns)]
    names = ", ".join(f"v{place}" for place in range(len(columns)))
    shown = [f"({', '.join('NULL' if cell is None else literal(str(cell)) for cell in row)})" for row in rows]
    empty = f"({', '.join(['NULL'] * len(columns))})"
    values = ", ".join(shown) if shown else empty
    return f"SELECT {', '.join(casts)} FROM (VALUES {values}) AS v({names}){'' if shown else ' WHERE false'}"
