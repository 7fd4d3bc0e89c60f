"""Partition expressions as SQL conditions, and the ranges of values that they leave to each key.

Literals only ever reach SQL as parameters, keys as the column names of the storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local_aws.glue.expressions import Junction, Node, Predicate
from local_aws.glue.key_types import KeyColumn, SortValue


@dataclass(frozen=True, slots=True)
class Condition:
    """A SQL condition over the storage's sort columns, with its parameters in order."""

    sql: str
    parameters: tuple[SortValue, ...]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The values of a key that can meet an expression: from `low` to `high`, both included; None is open."""

    low: str | int | None = None
    high: str | int | None = None

    @property
    def is_one_value(self) -> bool:
        """Whether the expression fixes the key."""
        return self.low is not None and self.low == self.high


def condition_of(node: Node, *, by_index: bool) -> Condition:
    """The SQL of an expression. Without `by_index` it only filters, and has no say in the index that is used."""
    parameters: list[SortValue] = []

    def render(each: Node) -> str:
        if isinstance(each, Junction):
            return _joined([render(operand) for operand in each.operands], each.operator)
        column = each.key.sort_column if by_index else f"+{each.key.sort_column}"
        return _predicate_sql(each, column, parameters)

    return Condition(render(node), tuple(parameters))


def keys_of(node: Node) -> set[KeyColumn]:
    """The keys that an expression looks at."""
    if isinstance(node, Predicate):
        return {node.key}
    return set().union(*(keys_of(operand) for operand in node.operands))


def range_of(node: Node | None, key: KeyColumn) -> KeyRange:
    """The range outside which no value of the key meets the expression."""
    if node is None:
        return KeyRange()
    if isinstance(node, Predicate):
        return _predicate_range(node) if node.key == key else KeyRange()
    ranges = [range_of(operand, key) for operand in node.operands]
    lows, highs = [each.low for each in ranges], [each.high for each in ranges]
    if node.operator == "OR":
        return KeyRange(None if None in lows else min(_known(lows)), None if None in highs else max(_known(highs)))
    return KeyRange(max(_known(lows), default=None), min(_known(highs), default=None))


def _predicate_range(predicate: Predicate) -> KeyRange:
    values = predicate.values
    if predicate.negated:
        return KeyRange()
    match predicate.operator:
        case "=" | "IN":
            return KeyRange(min(values), max(values))
        case "BETWEEN":
            return KeyRange(*values)
        case "<" | "<=":
            return KeyRange(high=values[0])
        case ">" | ">=":
            return KeyRange(low=values[0])
    return KeyRange()


def _known(bounds: Sequence[str | int | None]) -> list[str | int]:
    """Bounds of one key: all text or all numbers."""
    return [bound for bound in bounds if bound is not None]


def _predicate_sql(predicate: Predicate, column: str, parameters: list[SortValue]) -> str:
    """One comparison; false, negated or not, for a value that the key's type cannot hold (it counts as NULL)."""
    operator, values, typed = predicate.operator, predicate.values, predicate.key.typed
    word = "NOT " if predicate.negated else ""
    has_value = f"{column} < x''"
    if operator == "IS NULL":
        if not typed:
            return "TRUE" if predicate.negated else "FALSE"
        return has_value if predicate.negated else f"{column} >= x''"
    if operator == "LIKE":
        parameters.append(_glob(str(values[0])))
        return f"{column} {word}GLOB ?"
    parameters.extend(values)
    if operator == "IN":
        sql = f"{column} {word}IN ({', '.join('?' * len(values))})"
    elif operator == "BETWEEN":
        sql = f"{column} {word}BETWEEN ? AND ?"
    else:
        sql = f"{column} {operator} ?"
    takes_all_above = predicate.negated or operator in ("<>", ">", ">=")
    return f"({sql} AND {has_value})" if typed and takes_all_above else sql


def _joined(operands: list[str], operator: str) -> str:
    """Operands joined as a balanced tree: SQLite limits the depth of an expression to 1,000."""
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    return f"({_joined(operands[:middle], operator)} {operator} {_joined(operands[middle:], operator)})"


def _glob(pattern: str) -> str:
    """A LIKE pattern as a GLOB pattern: SQLite's LIKE ignores case, Glue's does not."""
    translated = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(translated.get(character, character) for character in pattern)
