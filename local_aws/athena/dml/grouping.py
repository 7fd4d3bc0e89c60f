"""GROUP BY: its sets, and which expressions may stand beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml import functions
from local_aws.athena.dml.failures import located, syntax_error
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.relations import Field
from local_aws.athena.dml.types import INTEGERS, trino_to_duckdb

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions

_SETS = {exp.Cube: "CUBE", exp.Rollup: "ROLLUP", exp.GroupingSets: "GROUPING SETS"}


@dataclass(frozen=True, slots=True)
class Item:
    """One expression of a SELECT list: its name, if it has one, its tree (None for a column of `*`), its value."""

    name: str | None
    node: exp.Expr | None
    value: Typed
    field: Field | None = None


@dataclass(slots=True)
class Grouping:
    """A translated GROUP BY clause."""

    sql: str = ""
    keys: set[str] = field(default_factory=set)
    """The grouped expressions, as `key` writes them."""
    plain: bool = True
    """Whether every row of the result has a value for each key: no CUBE, ROLLUP or GROUPING SETS."""


def grouping(expressions: Expressions, group: exp.Group | None, items: Sequence[Item]) -> Grouping:
    """Returns the GROUP BY clause. Raises: QueryFailed."""
    found = Grouping()
    if group is None:
        return found
    terms = [_term(expressions, node, items, found) for node in group.expressions]
    found.sql = f" GROUP BY {', '.join(terms)}" if terms else ""
    return found


def _term(expressions: Expressions, node: exp.Expr, items: Sequence[Item], found: Grouping) -> str:
    for kind, word in _SETS.items():
        if isinstance(node, kind):
            found.plain = False
            members = [_members(expressions, member, items, found) for member in node.expressions]
            return f"{word} ({', '.join(members)})"
    if isinstance(node, exp.Tuple):
        return ", ".join(_key(expressions, member, items, found) for member in node.expressions)
    return _key(expressions, node, items, found)


def _members(expressions: Expressions, node: exp.Expr, items: Sequence[Item], found: Grouping) -> str:
    if isinstance(node, exp.Tuple):
        return f"({', '.join(_key(expressions, member, items, found) for member in node.expressions)})"
    if isinstance(node, tuple(_SETS)):
        raise syntax_error(node, "mismatched input: grouping sets cannot be nested")
    return _key(expressions, node, items, found)


def _key(expressions: Expressions, node: exp.Expr, items: Sequence[Item], found: Grouping) -> str:
    if isinstance(node, exp.Literal) and node.is_int:
        place = int(node.name)
        if not 1 <= place <= len(items):
            raise located("INVALID_COLUMN_REFERENCE", node, f"GROUP BY position {place} is not in select list")
        item = items[place - 1]
        found.keys.add(f"#{id(item.field)}" if item.node is None else key(expressions, item.node))
        return _not_a_position(item.value)
    value = expressions.typed(node)
    found.keys.add(key(expressions, node))
    return _not_a_position(value)


def _not_a_position(value: Typed) -> str:
    """A number in DuckDB's GROUP BY would be a position."""
    if value.constant and value.type.name in INTEGERS:
        return f"CAST({value.sql} AS {trino_to_duckdb(value.type)})"
    return value.sql


def key(expressions: Expressions, node: exp.Expr) -> str:
    """Returns a text that is the same for expressions that are the same, however their columns are qualified."""

    def named(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Column) and not isinstance(part.this, exp.Star):
            found = expressions.scope.resolve([piece.name for piece in part.parts], part)
            if found is not None:
                rest = [piece.name.lower() for piece in part.parts[found[1] :]]
                return exp.Identifier(this=".".join([f"#{id(found[0])}", *rest]), quoted=False)
        return part

    return node.unnest().copy().transform(named).sql("trino")


def check_grouped(expressions: Expressions, node: exp.Expr, keys: set[str]) -> None:
    """Raises: QueryFailed EXPRESSION_NOT_AGGREGATE for a column that is neither grouped nor aggregated."""
    _check(expressions, node, keys, frozenset())


def check_field_grouped(item: Item, keys: set[str], star: exp.Expr) -> None:
    """The same for a column that `*` stands for."""
    if f"#{id(item.field)}" not in keys:
        raise _not_aggregate(star, item.name or "*")


def _check(expressions: Expressions, node: exp.Expr, keys: set[str], bound: frozenset[str]) -> None:
    if isinstance(node, exp.Alias):
        node = node.this
    if isinstance(node, exp.Subquery | exp.Query | exp.Literal | exp.DataType) or key(expressions, node) in keys:
        return
    if isinstance(node, exp.Anonymous | exp.GroupConcat) and is_aggregate(node):
        return
    if isinstance(node, exp.Window):
        function = node.this
        while isinstance(function, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
            function = function.this
        parts = [*function.iter_expressions(), *(part for part in node.iter_expressions() if part is not node.this)]
        for part in parts:
            _check(expressions, part, keys, bound)
        return
    if isinstance(node, exp.Filter) and is_aggregate(node.this):
        return
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        if node.parts[0].name.lower() in bound:
            return
        found = expressions.scope.resolve([part.name for part in node.parts], node)
        if found is not None and any(found[0] is own for own in expressions.scope.fields):
            raise _not_aggregate(node, node.sql("trino"))
        return
    if isinstance(node, exp.Lambda):
        bound = bound | {argument.name.lower() for argument in node.expressions}
    for part in node.iter_expressions():
        _check(expressions, part, keys, bound)


def is_aggregate(node: exp.Expr) -> bool:
    """Tells whether this is the call of an aggregate function, or GROUPING()."""
    if isinstance(node, exp.GroupConcat):
        return True
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    overloads = functions.FUNCTIONS.get(name, ())
    aggregate = any("[" in overload.template for overload in overloads) and name not in functions.WINDOW_ONLY
    return name == "grouping" or aggregate


def _not_aggregate(node: exp.Expr, text: str) -> Exception:
    return located(
        "EXPRESSION_NOT_AGGREGATE", node, f"'{text}' must be an aggregate expression or appear in GROUP BY clause"
    )
