"""What a condition compares a field with: text with wildcards, a number, or a %regular expression%."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.regular_expressions import compile_regex
from local_aws.logs.patterns.tokens import Tokens, quoted

Test = Callable[[str], bool]
"""Whether a field's text fulfils a condition."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ORDERINGS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = ("=", "!=", *_ORDERINGS)


@dataclass(frozen=True)
class Text:
    """Text; an asterisk at its beginning or end stands for any text, one within it for itself."""

    text: str

    def equality(self) -> Test:
        """Whether a field is this text."""
        text = self.text
        if not text.strip("*"):
            return (lambda field: True) if text else (lambda field: field == "")
        starts, ends = text.startswith("*"), text.endswith("*")
        core = text[starts : len(text) - ends]
        if starts and ends:
            return lambda field: core in field
        if starts:
            return lambda field: field.endswith(core)
        if ends:
            return lambda field: field.startswith(core)
        return lambda field: field == core

    def __str__(self) -> str:
        return quoted(self.text)


@dataclass(frozen=True)
class Number:
    """A number as written: an integer or a decimal, signed or not, with or without an exponent."""

    text: str

    @property
    def value(self) -> float:
        """The number; infinite when it is too large for a double."""
        return float(self.text)

    def equality(self) -> Test:
        """Whether a field is this number, however it is written there."""
        text, value = self.text, self.value

        def equal(field: str) -> bool:
            return field == text or number(field) == value

        return equal

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Regex:
    """A %regular expression%, found anywhere in a field."""

    source: str

    def equality(self) -> Test:
        """Whether the expression is found in a field."""
        search = compile_regex(self.source).search
        return lambda field: search(field) is not None

    def __str__(self) -> str:
        return f"%{self.source}%"


Operand = Text | Number | Regex


def number(text: str) -> float | None:
    """The number that a field's text is; None when it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def parse_operand(tokens: Tokens, comparison: str) -> Operand:
    """What stands right of a comparison.

    Raises: InvalidPattern; < > <= >= take numbers only.
    """
    token = tokens.next
    if token.kind not in ("text", "word", "regex"):
        raise tokens.unexpected(f"a value after '{comparison}'")
    tokens.take()
    operand: Operand
    if token.kind == "regex":
        operand = Regex(token.text)
        compile_regex(token.text)
    elif token.kind == "word" and _NUMBER.fullmatch(token.text):
        operand = Number(token.text)
    else:
        operand = Text(token.text)
    if comparison in _ORDERINGS and not isinstance(operand, Number):
        raise InvalidPattern.at(token.position, f"'{comparison}' compares with a number, not with {operand}")
    return operand


def comparison_test(comparison: str, operand: Operand) -> Test:
    """The test of `field comparison operand`. An ordering holds for no field that is not a number."""
    if comparison == "=":
        return operand.equality()
    if comparison == "!=":
        equal = operand.equality()
        return lambda field: not equal(field)
    assert isinstance(operand, Number)
    compare, bound = _ORDERINGS[comparison], operand.value

    def ordered(field: str) -> bool:
        value = number(field)
        return value is not None and compare(value, bound)

    return ordered
