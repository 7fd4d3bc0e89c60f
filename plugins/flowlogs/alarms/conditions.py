"""Conditions on a record's fields, as they are written in a rule's `where`.

A condition is a value (`22`, `REJECT`), a text with a wildcard at its beginning or end (`10.0.*`), or a comparison
(`>= 1024`, `!= 22`). `&&` joins conditions that must all hold; in a list, one of its items must.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowlogs.fields import Field

_ORDERINGS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_COMPARISON = re.compile(r"(>=|<=|!=|=|>|<)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_TEXT = re.compile(r"[!#-\[\]-~]+", re.ASCII)
"""Printable ASCII without spaces, quotation marks and backslashes: what a field of a record can be."""
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_BEYOND: Final = 2.0**53
"""From here on not every whole number is a double."""

ConditionValue = int | float | str
"""One item of a `where`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field's text with a number or a text.

    Attributes:
        operator: = != >= > <= <
        operand: as it is written.
        is_number: the operand is compared as a number, however the record writes it.
    """

    operator: str
    operand: str
    is_number: bool

    def holds(self, value: str) -> bool:
        """Whether a field's text fulfils it, as CloudWatch Logs decides that."""
        if self.operator in _ORDERINGS:
            number = _number(value)
            return number is not None and _ORDERINGS[self.operator](number, float(self.operand))
        return self._equals(value) == (self.operator == "=")

    def _equals(self, value: str) -> bool:
        if self.is_number:
            return _number(value) == float(self.operand)
        starts, ends = self.operand.startswith("*"), self.operand.endswith("*")
        core = self.operand.strip("*")
        if starts and ends:
            return core in value
        if starts:
            return value.endswith(core)
        return value.startswith(core) if ends else value == core

    def pattern(self, name: str) -> str:
        """The condition on the field `name` of a space-delimited filter pattern."""
        plain = self.is_number or _BARE.fullmatch(self.operand)
        return f"{name}{self.operator}{self.operand if plain else _quoted(self.operand)}"

    def near_values(self) -> tuple[str, ...]:
        """Texts of which some fulfil it and some do not."""
        if not self.is_number:
            core = self.operand.strip("*")
            return core, f"{core}0", f"0{core}", f"0{core}0"
        number = float(self.operand)
        return tuple(_shown(value) for value in (number, number + 1, number - 1))


Alternatives = tuple[tuple[Condition, ...], ...]
"""What a field must fulfil: all conditions of one of the items."""


def parse_conditions(field: Field, value: ConditionValue | Sequence[ConditionValue]) -> Alternatives:
    """The conditions on a field that a value of `where` stands for.

    Raises:
        ValueError: for what is no condition, cannot be asked of this field, never holds or always does.
    """
    items: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not items:
        raise ValueError(f"{field.name} has an empty list; give at least one value, or leave {field.name} out")
    alternatives = tuple(_conjunction(field, item) for item in items)
    for item, conjunction in zip(items, alternatives, strict=True):
        if not values_that_fulfil(field, (conjunction,)):
            raise ValueError(f"{field.name}: {item!r} can never hold; correct it or leave it out")
    if not values_that_fail(field, alternatives):
        raise ValueError(
            f"{field.name}: {value!r} always holds; leave {field.name} out, or join what must hold together by &&"
        )
    return alternatives


def values_that_fulfil(field: Field, alternatives: Alternatives) -> list[str]:
    """A text for each item that it can be fulfilled by; fewer than items when one cannot be fulfilled."""
    near = _near_values(field, alternatives)
    found = (
        next((value for value in near if all(condition.holds(value) for condition in conjunction)), None)
        for conjunction in alternatives
    )
    return [value for value in found if value is not None]


def values_that_fail(field: Field, alternatives: Alternatives) -> list[str]:
    """Texts that fulfil none of the items, the nearest first."""
    return [value for value in _near_values(field, alternatives) if not fulfils(value, alternatives)]


def fulfils(value: str, alternatives: Alternatives) -> bool:
    """Whether a field's text fulfils one of the items."""
    return any(all(condition.holds(value) for condition in conjunction) for conjunction in alternatives)


def _conjunction(field: Field, item: Any) -> tuple[Condition, ...]:
    if isinstance(item, bool) or not isinstance(item, ConditionValue):
        raise ValueError(f"{field.name}: {item!r} is neither text nor number; write one, in quotes if need be")
    if isinstance(item, int | float) and field.hive_type == "string":
        raise ValueError(f"{field.name} is text, {item!r} is a number; put it in quotes: '{item}'")
    return tuple(_condition(field, part.strip()) for part in str(item).split("&&"))


def _condition(field: Field, text: str) -> Condition:
    found = _COMPARISON.fullmatch(text)
    sign, operand = (found[1], found[2].strip()) if found else ("=", text)
    if not operand:
        raise ValueError(f"{field.name}: {text!r} compares with nothing; write a value after it")
    if _TEXT.fullmatch(operand) is None:
        raise ValueError(
            f"{field.name}: {operand!r} is no value of a record's field; those have no spaces, quotation marks and "
            "backslashes. Give several values as a list, and join comparisons by &&"
        )
    is_number = field.hive_type != "string" and _NUMBER.fullmatch(operand) is not None
    if is_number and not abs(float(operand)) < _BEYOND:
        raise ValueError(f"{field.name}: {operand} is larger than any number of a record; write a smaller one")
    if sign in _ORDERINGS and field.hive_type == "string":
        raise ValueError(f"{field.name} is text and has no order; compare it with = or !=, or by a wildcard")
    if sign in _ORDERINGS and not is_number:
        raise ValueError(f"{field.name}: {text!r} compares with {operand!r}, which is no number; write one")
    if not is_number and field.hive_type != "string" and operand != "-" and "*" not in operand:
        raise ValueError(f"{field.name} is a number, {operand!r} is none; write a number, or '-' for 'missing'")
    if "*" in operand[1:-1].strip("*") or not operand.strip("*"):
        raise ValueError(
            f"{field.name}: {operand!r} has a wildcard that CloudWatch Logs does not take; write * at the beginning "
            "or the end of a text only"
        )
    return Condition(sign, operand, is_number)


def _near_values(field: Field, alternatives: Alternatives) -> list[str]:
    values = [value for conjunction in alternatives for one in conjunction for value in one.near_values()]
    numbers = sorted(float(value) for value in values if _NUMBER.fullmatch(value))
    between = [_shown((one + other) // 2) for one, other in itertools.pairwise(numbers)]
    others = ["other"] if field.hive_type == "string" else ["0", _shown(max(numbers, default=0) + 2)]
    return list(dict.fromkeys([*values, *between, *others]))


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _shown(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _quoted(text: str) -> str:
    return f'"{text}"'
