"""Conditional expressions that are written as calls, and comparisons of several values.

Source: https://trino.io/docs/current/functions/conditional.html and …/comparison.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.failures import located, type_mismatch
from local_aws.athena.dml.operators import Typed, compare
from local_aws.athena.dml.types import VARCHAR, Type, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}


def _take(arguments: list[exp.Expr], node: exp.Expr, name: str, least: int, most: int | None) -> None:
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise located("SYNTAX_ERROR", node, f"Invalid number of arguments for '{name}' function")


def _if(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    _take(arguments, node, "if", 2, 3)
    condition, then, *otherwise = arguments
    return expressions.case([(condition, then)], otherwise[0] if otherwise else None)


def _coalesce(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    _take(arguments, node, "coalesce", 2, None)
    values, type_ = expressions.common([*arguments], "All COALESCE operands must be the same type")
    return Typed(f"COALESCE({', '.join(values)})", type_)


def _nullif(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    _take(arguments, node, "nullif", 2, 2)
    first, second = (expressions.typed(argument) for argument in arguments)
    return Typed(f"(CASE WHEN {compare('=', first, second)} THEN NULL ELSE {first.sql} END)", first.type)


def _try(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    _take(arguments, node, "try", 1, 1)
    value = expressions.typed(arguments[0])
    return Typed(f"TRY({value.sql})", value.type)


def _extreme(name: str) -> SpecialCall:
    """greatest and least: NULL if any argument is."""

    def call(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
        _take(arguments, node, name, 1, None)
        values, type_ = expressions.common([*arguments], f"All {name} operands must be the same type")
        if not _ordered(type_):
            raise type_mismatch(node, f"{name} of {type_} is not ordered")
        nulls = " OR ".join(f"{value} IS NULL" for value in values)
        return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {name}({', '.join(values)}) END)", type_)

    return call


def _ordered(type_: Type) -> bool:
    return type_.name not in ("map", "json") and all(map(_ordered, type_.args))


def _typeof(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    _take(arguments, node, "typeof", 1, 1)
    value = expressions.typed(arguments[0])
    name = literal(str(value.type))
    # The value stays in the query: an aggregate in it still makes one row of a group.
    return Typed(f"(CASE WHEN {value.sql} IS NULL THEN {name} ELSE {name} END)", VARCHAR)


SPECIAL: dict[str, SpecialCall] = {
    "coalesce": _coalesce,
    "greatest": _extreme("greatest"),
    "if": _if,
    "least": _extreme("least"),
    "nullif": _nullif,
    "try": _try,
    "typeof": _typeof,
}

MACROS: tuple[str, ...] = ()
