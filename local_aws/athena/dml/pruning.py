"""Conditions on partition keys, carried from where they stand in the query to the tables whose keys they are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.relations import Field, Filters

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions

_NOT_CARRIED = (exp.Subquery, exp.Query, exp.Exists, exp.Lambda, exp.Window, exp.Dot, exp.Placeholder)
_VOLATILE = {"random", "rand", "uuid", "shuffle"}


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """Yields the conditions that all must hold."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.And):
            waiting += [node.expression, node.this]
        elif isinstance(node, exp.Paren):
            waiting.append(node.this)
        else:
            yield node


def carry(expressions: Expressions, condition: exp.Expr, allowed: set[Filters] | None = None) -> None:
    """Adds a condition of WHERE or ON to every reader on whose partition keys alone it depends.

    `allowed` leaves out other readers: an outer join's condition says nothing about the side that is kept.
    """
    for conjunct in conjuncts(condition):
        for filters, sql in origins(expressions, conjunct).items():
            if allowed is None or filters in allowed:
                filters.conditions.append(sql)


def origins(expressions: Expressions, node: exp.Expr) -> dict[Filters, str]:
    """Returns an expression over columns of this scope as expressions over the partition keys of each reader."""
    if node.find(*_NOT_CARRIED) or any(call.name.lower() in _VOLATILE for call in node.find_all(exp.Anonymous)):
        return {}
    columns = list(node.find_all(exp.Column))
    fields = [_own_field(expressions, column) for column in columns]
    if not fields or any(field is None for field in fields):
        return {}
    shared = set.intersection(*(set(field.origins) for field in fields if field is not None))
    found: dict[Filters, str] = {}
    for filters in shared:
        pruned = type(expressions)(
            expressions.translation, expressions.queries, replace(expressions.scope, pruned=filters)
        )
        found[filters] = pruned.typed(node).sql
    return found


def _own_field(expressions: Expressions, column: exp.Column) -> Field | None:
    if isinstance(column.this, exp.Star):
        return None
    found = expressions.scope.resolve([part.name for part in column.parts], column)
    if found is None or not any(found[0] is field for field in expressions.scope.fields):
        return None
    return found[0]


def without_origins(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Returns fields of which nothing is known to hold for the tables' rows, as behind an outer join or a LIMIT."""
    return tuple(replace(field, origins={}) for field in fields)
