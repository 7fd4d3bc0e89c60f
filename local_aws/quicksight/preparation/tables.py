"""The tables of a data set: what it reads (physical), and what it makes of that (logical), as a chain of SELECTs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.terms import (
    DUCKDB_TYPES,
    ColumnType,
    InvalidExpression,
    TermType,
    identifier,
    names_of,
)

DROPPED = "__dropped"
"""The column, within an ingestion, that marks rows with a value that is not of its column's type."""

_OF_INPUT: dict[str, ColumnType] = {
    "STRING": "STRING",
    "INTEGER": "INTEGER",
    "DECIMAL": "DECIMAL",
    "DATETIME": "DATETIME",
    "BIT": "INTEGER",
    "BOOLEAN": "INTEGER",
}
"""Column type of each InputColumnDataType that Athena's columns can have; SPICE has no booleans."""


class InvalidTables(Exception):
    """Table maps that do not fit together."""


@dataclass(frozen=True)
class Physical:
    """What a data set reads: the query on its data source, and the columns that are declared of it."""

    data_source_arn: str
    sql: str
    columns: dict[str, str]
    """InputColumnDataType by name."""


@dataclass
class Columns:
    """The columns of a table after some transforms: type and description by name, in order."""

    types: dict[str, ColumnType]
    descriptions: dict[str, str] = field(default_factory=dict)

    def output(self) -> list[dict[str, Any]]:
        """The API's OutputColumns."""
        return [
            {
                "Name": name,
                "Type": type_,
                **({"Description": self.descriptions[name]} if name in self.descriptions else {}),
                **({"SubType": "FLOAT"} if type_ == "DECIMAL" else {}),
            }
            for name, type_ in self.types.items()
        ]


def physical_table(data_set: dict[str, Any]) -> Physical:
    """What a data set reads: its one physical table.

    Raises: InvalidTables for what the local QuickSight cannot read.
    """
    tables = data_set["PhysicalTableMap"]
    if len(tables) != 1:
        raise InvalidTables(f"PhysicalTableMap has {len(tables)} tables; the local QuickSight reads one, without joins")
    ((_, table),) = tables.items()
    if custom := table.get("CustomSql"):
        columns = custom.get("Columns", [])
        sql = custom["SqlQuery"].strip().rstrip(";")
    elif table_of := table.get("RelationalTable"):
        custom, columns = table_of, table_of["InputColumns"]
        names = ", ".join(identifier(column["Name"]) for column in columns)
        schema = f"{identifier(table_of['Schema'])}." if table_of.get("Schema") else ""
        sql = f"SELECT {names} FROM {schema}{identifier(table_of['Name'])}"
    else:
        raise InvalidTables(
            f"the physical table is a {', '.join(table)}; the local QuickSight reads CustomSql and RelationalTable"
        )
    if not columns:
        raise InvalidTables("the physical table declares no columns")
    types = {column["Name"]: column["Type"] for column in columns}
    if len(types) < len(columns):
        raise InvalidTables("the physical table declares a column twice")
    if unreadable := {name: type_ for name, type_ in types.items() if type_ not in _OF_INPUT}:
        raise InvalidTables(
            f"the physical table declares {unreadable}; the local QuickSight has {', '.join(_OF_INPUT)}"
        )
    return Physical(custom["DataSourceArn"], sql, types)


def transforms(data_set: dict[str, Any]) -> list[dict[str, Any]]:
    """The DataTransforms of a data set's one logical table, in order.

    Raises: InvalidTables.
    """
    logical = data_set.get("LogicalTableMap") or {}
    if not logical:
        return []
    if len(logical) > 1:
        raise InvalidTables(f"LogicalTableMap has {len(logical)} tables; the local QuickSight has one, without joins")
    ((_, table),) = logical.items()
    source = table["Source"].get("PhysicalTableId")
    if source not in data_set["PhysicalTableMap"]:
        raise InvalidTables(f"the logical table's source is {table['Source']}; it must be a table of PhysicalTableMap")
    found: list[dict[str, Any]] = table.get("DataTransforms", [])
    return found


def unsupported(data_set: dict[str, Any]) -> list[str]:
    """Parts of a data set that would change its rows or columns, and that the local QuickSight does not have."""
    return [name for name in ("DataPrepConfiguration", "SemanticModelConfiguration") if data_set.get(name)]


def output_columns(data_set: dict[str, Any]) -> Columns:
    """The columns of a data set: those that it reads, after its transforms.

    Raises: InvalidTables for transforms of columns that are not there. An expression that is not understood makes
    a column of type STRING: the ingestion says what is wrong with it.
    """
    columns = input_columns(physical_table(data_set))
    for transform in transforms(data_set):
        _follow(columns, transform)
    return columns


def input_columns(physical: Physical) -> Columns:
    """The columns as they are read."""
    return Columns({name: _OF_INPUT[type_] for name, type_ in physical.columns.items()})


def prepared(source: str, columns: Columns, steps: Sequence[dict[str, Any]]) -> str:
    """SQL of the rows of `source`, which has `columns` and the column DROPPED, after the transforms.

    Raises:
        InvalidExpression: a calculated field or a filter's condition is not understood.
        InvalidTables: a transform of a column that is not there.
    """
    sql = f"SELECT * FROM {source}"
    for step in steps:
        sql = _applied(sql, columns, step)
        _follow(columns, step)
    names = ", ".join(map(identifier, [*columns.types, DROPPED]))
    return f"SELECT {names} FROM ({sql})"


def _applied(sql: str, columns: Columns, step: dict[str, Any]) -> str:
    ((kind, operation),) = step.items()
    names = names_of(columns.types)
    if kind == "CreateColumnsOperation":
        made, skipped = [], [DROPPED]
        for column in operation["Columns"]:
            name = column["ColumnName"]
            try:
                term = compiled(column["Expression"], names)
            except InvalidExpression as error:
                raise InvalidExpression(f"calculated field {name!r}: {error}") from error
            if term.aggregate:
                raise InvalidExpression(f"calculated field {name!r}: aggregations belong into an analysis")
            made.append(f"CAST({term.sql} AS {DUCKDB_TYPES[_column_type(term.type)]}) AS {identifier(name)}")
            skipped += term.skips
        return f"SELECT * REPLACE (({' OR '.join(skipped)}) AS {DROPPED}), {', '.join(made)} FROM ({sql})"
    if kind == "FilterOperation":
        condition = operation.get("ConditionExpression")
        if condition is None:
            raise InvalidExpression(
                f"filters by {', '.join(operation)} are not known to the local QuickSight; use ConditionExpression"
            )
        term = compiled(condition, names)
        if term.type != "BOOLEAN":
            raise InvalidExpression(f"the filter {condition!r} is no condition")
        return f"SELECT * FROM ({sql}) WHERE {term.sql}"
    if kind == "CastColumnTypeOperation":
        return _cast(sql, columns, operation)
    if kind == "RenameColumnOperation":
        old, new = identifier(operation["ColumnName"]), identifier(operation["NewColumnName"])
        return f"SELECT * RENAME ({old} AS {new}) FROM ({sql})"
    return sql


def _cast(sql: str, columns: Columns, operation: dict[str, Any]) -> str:
    name, target = operation["ColumnName"], operation["NewColumnType"]
    if name not in columns.types:
        raise InvalidTables(f"CastColumnTypeOperation of the column {name!r}, which is not there")
    column = identifier(name)
    value = f"TRY_CAST({column} AS {DUCKDB_TYPES[target]})"
    if target == "DATETIME" and operation.get("Format"):
        value = compiled(f"parseDate({{{name}}}, '{operation['Format']}')", names_of(columns.types)).sql
    elif target == "DATETIME" and columns.types[name] == "INTEGER":
        value = f"make_timestamp(CAST({column} * 1000000 AS BIGINT))"  # epoch seconds
    elif target == "INTEGER" and columns.types[name] == "STRING":
        value = f"CASE WHEN regexp_full_match({column}, '[-+]?[0-9]+') THEN TRY_CAST({column} AS BIGINT) END"
    dropped = f"({DROPPED} OR ({column} IS NOT NULL AND {value} IS NULL))"
    return f"SELECT * REPLACE ({value} AS {column}, {dropped} AS {DROPPED}) FROM ({sql})"


def _follow(columns: Columns, step: dict[str, Any]) -> None:
    """What a transform makes of the columns."""
    ((kind, operation),) = step.items()
    if kind == "CreateColumnsOperation":
        types = names_of(dict(columns.types))
        for column in operation["Columns"]:
            if column["ColumnName"] in columns.types:
                raise InvalidTables(f"CreateColumnsOperation makes {column['ColumnName']!r}, which is there already")
            try:
                columns.types[column["ColumnName"]] = _column_type(compiled(column["Expression"], types).type)
            except InvalidExpression:
                columns.types[column["ColumnName"]] = "STRING"
    elif kind == "ProjectOperation":
        if missing := [name for name in operation["ProjectedColumns"] if name not in columns.types]:
            raise InvalidTables(
                f"ProjectOperation names {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not there"
            )
        columns.types = {name: columns.types[name] for name in operation["ProjectedColumns"]}
    elif kind in ("RenameColumnOperation", "CastColumnTypeOperation", "TagColumnOperation", "UntagColumnOperation"):
        name = operation["ColumnName"]
        if name not in columns.types:
            raise InvalidTables(f"{kind} of the column {name!r}, which is not there")
        if kind == "RenameColumnOperation":
            _rename(columns, name, operation["NewColumnName"])
        elif kind == "CastColumnTypeOperation":
            columns.types[name] = operation["NewColumnType"]
        elif kind == "TagColumnOperation":
            for tag in operation["Tags"]:
                if text := tag.get("ColumnDescription", {}).get("Text"):
                    columns.descriptions[name] = text
        elif "COLUMN_DESCRIPTION" in operation["TagNames"]:
            columns.descriptions.pop(name, None)
    elif kind != "FilterOperation":
        raise InvalidTables(f"{kind} is not known to the local QuickSight")


def _rename(columns: Columns, old: str, new: str) -> None:
    if new in columns.types:
        raise InvalidTables(f"RenameColumnOperation makes {new!r}, which is there already")
    columns.types = {new if name == old else name: type_ for name, type_ in columns.types.items()}
    if old in columns.descriptions:
        columns.descriptions[new] = columns.descriptions.pop(old)


def _column_type(type_: TermType) -> ColumnType:
    """The column that a calculated field makes; a condition is 1 or 0, as SPICE has no booleans."""
    if type_ == "NULL":
        return "STRING"
    return "INTEGER" if type_ == "BOOLEAN" else type_
