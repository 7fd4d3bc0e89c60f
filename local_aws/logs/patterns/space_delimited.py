"""Space-delimited patterns: `[version, account_id, ..., dstport = 80 || dstport = 443, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.expressions import Joined, conditions, expression_test, parse_expression
from local_aws.logs.patterns.message import LogMessage
from local_aws.logs.patterns.operands import OPERATORS, Operand, Regex, Test, comparison_test, parse_operand
from local_aws.logs.patterns.tokens import Tokens

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_POSITION = re.compile(r"\$([1-9]\d*)", re.ASCII)
MOST_REGEXES = 2
"""Regular expressions in one space-delimited or JSON pattern."""


@dataclass(frozen=True)
class Comparison:
    """One condition on a field."""

    field: str
    operator: str
    operand: Operand

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.operand}"


@dataclass(frozen=True)
class Field:
    """A field of the pattern: its name (None: it has a place and no name) and what it must fulfil (None: nothing)."""

    name: str | None
    condition: Joined[Comparison] | Comparison | None = None

    def __str__(self) -> str:
        return str(self.condition) if self.condition is not None else self.name or ""


@dataclass(frozen=True)
class SpaceDelimited:
    """Fields in the order of a message's words.

    Without an ellipsis the last field takes the rest of the message, so `[w1 = ERROR, w2]` selects messages
    of two and more words. `ellipsis` is the index that "..." stands at; it stands for any number of words.
    """

    fields: tuple[Field, ...]
    ellipsis: int | None = None

    @cached_property
    def regex_count(self) -> int:
        """The regular expressions of all conditions."""
        return sum(isinstance(comparison.operand, Regex) for comparison in self._comparisons())

    @property
    def supports_dimensions(self) -> bool:
        """Fields are the dimensions."""
        return True

    @cached_property
    def _tests(self) -> tuple[tuple[int, Test], ...]:
        """The index of each word that has a condition, and the condition; words after the ellipsis from the end."""
        return tuple(
            (self._word_index(index), expression_test(field.condition, _comparison_test))
            for index, field in enumerate(self.fields)
            if field.condition is not None
        )

    def _word_index(self, field: int) -> int:
        behind = self.ellipsis is not None and field >= self.ellipsis
        return field - len(self.fields) if behind else field

    def _words(self, message: LogMessage) -> list[str]:
        """The message's words, the last of them the rest of the message where there is no ellipsis."""
        words, fields = message.words, len(self.fields)
        if len(words) <= fields or self.ellipsis is not None or not fields:
            return words
        return [*words[: fields - 1], message.rest(fields - 1)]

    def matches(self, message: LogMessage) -> bool:
        """Whether the message has a word for every field and every condition holds."""
        words = self._words(message)
        if len(words) < len(self.fields):
            return False
        for index, test in self._tests:  # noqa: SIM110 - this is the loop of every event of every filter
            if not test(words[index]):
                return False
        return True

    def extracted_values(self, message: LogMessage) -> dict[str, str]:
        """`$name` for named fields, `$position` (from 1) for words without a name."""
        words = self._words(message)
        values = {f"${position}": word for position, word in enumerate(words, start=1)}
        for index, field in enumerate(self.fields):
            if field.name is not None:
                position = self._word_index(index) % len(words) + 1
                values[f"${field.name}"] = values.pop(f"${position}")
        return values

    def knows(self, reference: str) -> bool:
        """Whether `reference` is `$name` of a field, or `$position`."""
        named = any(field.name is not None and reference == f"${field.name}" for field in self.fields)
        return named or _POSITION.fullmatch(reference) is not None

    def value(self, message: LogMessage, reference: str) -> str | None:
        """The word of `$name` or `$position`."""
        position = _POSITION.fullmatch(reference)
        if position is not None:
            words, index = self._words(message), int(position[1])
            return words[index - 1] if index <= len(words) else None
        return self.extracted_values(message).get(reference)

    def _comparisons(self) -> Iterator[Comparison]:
        for field in self.fields:
            if field.condition is not None:
                yield from conditions(field.condition)

    def __str__(self) -> str:
        parts = [str(field) for field in self.fields]
        if self.ellipsis is not None:
            parts.insert(self.ellipsis, "...")
        return f"[{', '.join(parts)}]"


def _comparison_test(comparison: Comparison) -> Test:
    return comparison_test(comparison.operator, comparison.operand)


def parse_space_delimited(pattern: str) -> SpaceDelimited:
    """`pattern` with its square brackets.

    Raises: InvalidPattern.
    """
    tokens = Tokens(pattern[1:-1], offset=1)
    fields: list[Field] = []
    ellipsis: int | None = None
    while tokens.next.kind != "end":
        if tokens.next.kind == "ellipsis":
            if ellipsis is not None:
                raise InvalidPattern.at(tokens.next.position, "a pattern has one ellipsis (...) at most")
            tokens.take()
            ellipsis = len(fields)
        elif tokens.next.kind == "mark" and tokens.next.text == ",":
            fields.append(Field(None))
        else:
            fields.append(_field(tokens, fields))
        if tokens.next.kind == "end":
            break
        if not tokens.take_mark(","):
            raise tokens.unexpected("',' or ']'")
        if tokens.next.kind == "end":  # `[a, b,]`: a last field without a name
            fields.append(Field(None))
    parsed = SpaceDelimited(tuple(fields), ellipsis)
    if parsed.regex_count > MOST_REGEXES:
        raise InvalidPattern(
            f"Invalid filter pattern: at most {MOST_REGEXES} regular expressions, not {parsed.regex_count}"
        )
    return parsed


def _field(tokens: Tokens, before: list[Field]) -> Field:
    position = tokens.next.position
    if tokens.next.kind == "word" and tokens.after_next.text in (",", ""):
        field = Field(_name(tokens))
    else:
        condition = parse_expression(tokens, _comparison)
        name = next(conditions(condition)).field
        for comparison in conditions(condition):
            if comparison.field.lower() != name.lower():  # the user guide itself writes w1=ERROR || W1=WARNING
                raise InvalidPattern.at(position, f"the condition of field '{name}' names '{comparison.field}'")
        field = Field(name, condition)
    if any(field.name == other.name for other in before):
        raise InvalidPattern.at(position, f"there are two fields '{field.name}'")
    return field


def _comparison(tokens: Tokens) -> Comparison:
    name = _name(tokens)
    operator = tokens.take_mark(*OPERATORS)
    if operator is None:
        raise tokens.unexpected(f"a comparison after '{name}'")
    return Comparison(name, operator, parse_operand(tokens, operator))


def _name(tokens: Tokens) -> str:
    token = tokens.next
    if token.kind != "word":
        raise tokens.unexpected("a field name")
    if not _NAME.fullmatch(token.text):
        problem = f"'{token.text}' is no field name: letters, digits and underscores, not beginning with a digit"
        raise InvalidPattern.at(token.position, problem)
    tokens.take()
    return token.text
