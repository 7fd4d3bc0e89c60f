"""The arguments of functions that have a rule of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.failures import located
from local_aws.athena.dml.operators import Typed, as_type
from local_aws.athena.dml.types import Type, coerces

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.model import QueryFailed


def unexpected(name: str, node: exp.Expr, values: list[Typed], expected: str) -> QueryFailed:
    """Returns Trino's error for arguments that fit no overload; `expected` lists the overloads."""
    given = ", ".join(str(value.type) for value in values)
    message = f"Unexpected parameters ({given}) for function {name}. Expected: {expected}"
    return located("FUNCTION_NOT_FOUND", node, message)


def as_overload(
    expressions: Expressions,
    arguments: list[exp.Expr],
    node: exp.Expr,
    name: str,
    *overloads: tuple[Type, ...],
) -> list[str]:
    """Returns the arguments of a call as the types of the first overload they coerce to.

    Raises: QueryFailed FUNCTION_NOT_FOUND if there is none.
    """
    values = [expressions.typed(argument) for argument in arguments]
    for overload in overloads:
        if len(overload) == len(values) and all(
            coerces(value.type, type_) for value, type_ in zip(values, overload, strict=True)
        ):
            return [as_type(value, type_) for value, type_ in zip(values, overload, strict=True)]
    expected = ", ".join(f"{name}({', '.join(map(str, overload))})" for overload in overloads)
    raise unexpected(name, node, values, expected)


def literal_text(node: exp.Expr) -> str | None:
    """Returns the text of a string literal, or None if the expression is none."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def literal_number(node: exp.Expr) -> int | None:
    """Returns the number of a literal of digits alone, or None if the expression is none."""
    while isinstance(node, exp.Paren):
        node = node.this
    return int(node.name) if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit() else None
