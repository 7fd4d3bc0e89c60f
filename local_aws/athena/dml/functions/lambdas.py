"""The bodies of lambdas whose arguments are not DuckDB's own: fields of a struct, for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.relations import Field
from local_aws.athena.dml.types import Type

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions


def body_of(expressions: Expressions, node: exp.Expr, *arguments: tuple[str, Type]) -> Typed | None:
    """Returns a lambda's body, its arguments standing for the given DuckDB texts.

    Returns None if it takes another number of arguments.
    """
    names = [argument.name for argument in node.expressions]
    if len(names) != len(arguments):
        return None
    fields = {name.lower(): Field(name, type_, sql) for name, (sql, type_) in zip(names, arguments, strict=True)}
    return expressions.within(fields).typed(node.this)
