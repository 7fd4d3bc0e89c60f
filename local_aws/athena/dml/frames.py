"""ORDER BY and OVER (…)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.failures import located, syntax_error
from local_aws.athena.dml.operators import comparable

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions


def ordered(sql: str, node: exp.Ordered) -> str:
    """Returns one term of an ORDER BY clause. Trino puts NULLs last whichever the direction."""
    nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
    return f"{sql} {'DESC' if node.args.get('desc') else 'ASC'} NULLS {nulls}"


def order_by(expressions: Expressions, node: exp.Order) -> str:
    """Returns the ORDER BY clause of an aggregate or a window."""
    terms = []
    for term in node.expressions:
        value = expressions.typed(term.this)
        terms.append(ordered(comparable(value.sql, value.type), term))
    return f"ORDER BY {', '.join(terms)}"


def over(expressions: Expressions, node: exp.Window) -> str:
    """Returns ` OVER (…)` with a named window's parts written out."""
    return f" OVER ({' '.join(_parts(expressions, node))})"


def _parts(expressions: Expressions, node: exp.Window) -> list[str]:
    parts: list[str] = []
    name = node.args.get("alias")
    if name is not None:
        named = expressions.scope.windows.get(name.name.lower())
        if named is None:
            raise located("INVALID_WINDOW_REFERENCE", node, f"Cannot resolve WINDOW name {name.name}")
        parts.extend(_parts(expressions, named))
    partition = node.args.get("partition_by")
    if partition:
        values = [expressions.typed(part) for part in partition]
        parts.append(f"PARTITION BY {', '.join(comparable(value.sql, value.type) for value in values)}")
    order = node.args.get("order")
    if order is not None:
        parts.append(order_by(expressions, order))
    spec = node.args.get("spec")
    if spec is not None:
        parts.append(_frame(expressions, spec))
    return parts


def _frame(expressions: Expressions, spec: exp.WindowSpec) -> str:
    if spec.args.get("exclude"):
        raise syntax_error(spec, "mismatched input 'EXCLUDE'")
    start, end = (_bound(expressions, spec, side) for side in ("start", "end"))
    kind = spec.args["kind"].upper()
    return f"{kind} BETWEEN {start} AND {end}" if end else f"{kind} {start}"


def _bound(expressions: Expressions, spec: exp.WindowSpec, side: str) -> str:
    bound, direction = spec.args.get(side), spec.args.get(f"{side}_side")
    if bound is None:
        return ""
    text = expressions.typed(bound).sql if isinstance(bound, exp.Expr) else str(bound).upper()
    return f"{text} {str(direction).upper()}" if direction else text
