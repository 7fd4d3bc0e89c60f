"""Which partitions of a table a query needs: filters over partition values, first in Glue, then in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import duckdb_type, quoted
from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.projection import projected_partitions, projection_enabled
from local_aws.glue.catalog import Catalog

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"

_TEXT_TYPES = ("string", "varchar", "char")
_INTEGER_TYPES = ("tinyint", "smallint", "int", "integer", "bigint")


@dataclass(frozen=True, slots=True)
class SelectedPartition:
    """A partition to be read: values in the order of the partition keys, location, descriptor's own members."""

    values: tuple[str, ...]
    location: str
    overrides: dict[str, Any] = field(default_factory=dict)


def selected_partitions(
    catalog: Catalog,
    table: dict[str, Any],
    keys: Sequence[Column],
    filters: Sequence[str],
    connection: duckdb.DuckDBPyConnection,
) -> list[SelectedPartition]:
    """The partitions of `table` that satisfy `filters` (DuckDB conditions on partition columns, joined by AND).

    A table without partition keys is one partition without values. Raises: QueryFailed.
    """
    location = str(table.get("StorageDescriptor", {}).get("Location") or "")
    if not keys:
        return [SelectedPartition((), location)]
    if projection_enabled(table):
        candidates: Iterable[tuple[tuple[str, ...], str | None, dict[str, Any]]] = (
            (values, projected_location, {})
            for values, projected_location in projected_partitions(table, keys, filters, connection)
        )
        remaining = list(filters)
    else:
        expressions, remaining = _glue_expressions(keys, filters)
        candidates = catalog.partition_values(
            table["DatabaseName"], table["Name"], " AND ".join(expressions) if expressions else None
        )
    found = [
        SelectedPartition(values, partition_location or location, overrides)
        for values, partition_location, overrides in candidates
    ]
    return _filtered(found, keys, remaining, connection) if remaining and found else found


def typed_values(keys: Sequence[Column], source: Sequence[str]) -> list[str]:
    """Expressions that turn the text columns `source` into the keys' types; Hive's null partition is NULL."""
    return [
        f"CAST(nullif({column}, '{HIVE_NULL}') AS {duckdb_type(key.type)}) AS {quoted(key.name)}"
        for key, column in zip(keys, source, strict=True)
    ]


def _filtered(
    partitions: list[SelectedPartition],
    keys: Sequence[Column],
    filters: Sequence[str],
    connection: duckdb.DuckDBPyConnection,
) -> list[SelectedPartition]:
    texts = [f"value_{number}" for number in range(len(keys))]
    lists = ", ".join(f"unnest(CAST(${number + 1} AS VARCHAR[])) AS {text}" for number, text in enumerate(texts))
    # A condition that fails on some partition's values keeps the partition: the query itself may never ask it there.
    condition = " AND ".join(f"coalesce(TRY({text}), true)" for text in filters)
    query = (
        f"SELECT ordinal FROM (SELECT ordinal, {', '.join(typed_values(keys, texts))} FROM "
        f"(SELECT {lists}, unnest(range({len(partitions)})) AS ordinal)) WHERE {condition} ORDER BY ordinal"
    )
    try:
        kept = connection.execute(query, [list(column) for column in zip(*(p.values for p in partitions), strict=True)])
    except duckdb.ConversionException as error:
        raise QueryFailed(f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value: {error}") from error
    return [partitions[ordinal] for (ordinal,) in kept.fetchall()]


def _glue_expressions(keys: Sequence[Column], filters: Sequence[str]) -> tuple[list[str], list[str]]:
    """Filters that Glue's catalog can apply, as its expressions, and those that it cannot."""
    types = {key.name.lower(): key.type.lower().partition("(")[0] for key in keys}
    expressions, remaining = [], []
    for text in filters:
        expression = _glue_expression(sqlglot.parse_one(text, dialect="duckdb"), types)
        if expression is None:
            remaining.append(text)
        else:
            expressions.append(expression)
    return expressions, remaining


_COMPARISONS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _glue_expression(condition: exp.Expr, types: dict[str, str]) -> str | None:
    """A comparison of a key with constants of its kind as Glue's expression, or None when it is anything else."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        sides = [_glue_expression(side, types) for side in (condition.left, condition.right)]
        return None if None in sides else f"({sides[0]}) AND ({sides[1]})"
    if isinstance(condition, exp.Or):
        sides = [_glue_expression(side, types) for side in (condition.left, condition.right)]
        return None if None in sides else f"(({sides[0]}) OR ({sides[1]}))"
    operator = _COMPARISONS.get(type(condition))
    if operator:
        left, right = condition.this.unnest(), condition.expression.unnest()
        if isinstance(right, exp.Column):
            left, right, operator = right, left, _MIRRORED[operator]
        values = _constants(left, [right], types)
        return f"{left.name.lower()} {operator} {values[0]}" if values else None
    if isinstance(condition, exp.Between):
        values = _constants(condition.this, [condition.args["low"], condition.args["high"]], types)
        return f"{condition.this.name.lower()} BETWEEN {values[0]} AND {values[1]}" if values else None
    if isinstance(condition, exp.In) and condition.expressions:
        values = _constants(condition.this, condition.expressions, types)
        return f"{condition.this.name.lower()} IN ({', '.join(values)})" if values else None
    return None


def _constants(column: exp.Expr, constants: Sequence[exp.Expr], types: dict[str, str]) -> list[str]:
    """The constants as Glue's literals; empty unless `column` is a key and all are plainly of its kind."""
    if not isinstance(column, exp.Column):
        return []
    kind = types.get(column.name.lower())
    literals = []
    for constant in constants:
        if not isinstance(constant, exp.Literal):
            return []
        is_text = constant.is_string
        if not ((kind in _TEXT_TYPES and is_text) or (kind in _INTEGER_TYPES and constant.is_int)):
            return []
        if constant.name == HIVE_NULL:
            return []
        literals.append("'" + constant.name.replace("'", "''") + "'" if is_text else constant.name)
    return literals
