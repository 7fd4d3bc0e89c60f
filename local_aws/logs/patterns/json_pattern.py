"""JSON patterns: `{ ($.user.id = 1) && ($.users[0].email = "John*") || $.error IS TRUE }`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.expressions import Joined, conditions, expression_test, parse_expression
from local_aws.logs.patterns.message import LogMessage
from local_aws.logs.patterns.operands import OPERATORS, Operand, Regex, comparison_test, parse_operand
from local_aws.logs.patterns.selectors import Selector, node_text, parse_selector
from local_aws.logs.patterns.space_delimited import MOST_REGEXES
from local_aws.logs.patterns.tokens import Tokens

Document = dict[str, Any]

MOST_WILDCARD_SELECTORS = 3
"""Selectors with a wildcard in one JSON pattern."""

_STATES: dict[str, Any] = {"NULL": None, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class Condition(ABC):
    """A condition on the values that a selector leads to."""

    selector: Selector

    @abstractmethod
    def test(self) -> Callable[[Document], bool]:
        """Whether it holds in a document."""


@dataclass(frozen=True)
class Comparison(Condition):
    """`selector operator operand`: holds when one of the values is a string or number that fulfils it."""

    operator: str
    operand: Operand

    def test(self) -> Callable[[Document], bool]:
        """Whether it holds in a document."""
        fulfils = comparison_test(self.operator, self.operand)
        nodes = self.selector.nodes

        def holds(document: Document) -> bool:
            texts = (node_text(node) for node in nodes(document))
            return any(text is not None and fulfils(text) for text in texts)

        return holds

    def __str__(self) -> str:
        return f"{self.selector} {self.operator} {self.operand}"


@dataclass(frozen=True)
class State(Condition):
    """`selector IS NULL`, `IS TRUE`, `IS FALSE`: holds when one of the values is just that."""

    name: str

    def test(self) -> Callable[[Document], bool]:
        """Whether it holds in a document."""
        wanted = _STATES[self.name]
        return lambda document: any(node is wanted for node in self.selector.nodes(document))

    def __str__(self) -> str:
        return f"{self.selector} IS {self.name}"


@dataclass(frozen=True)
class Absence(Condition):
    """`selector NOT EXISTS`: holds when there is no such property."""

    def test(self) -> Callable[[Document], bool]:
        """Whether it holds in a document."""
        return lambda document: not any(True for _ in self.selector.nodes(document))

    def __str__(self) -> str:
        return f"{self.selector} NOT EXISTS"


@dataclass(frozen=True)
class JsonPattern:
    """Selects messages that are JSON objects in which the expression holds."""

    expression: Joined[Condition] | Condition

    @cached_property
    def regex_count(self) -> int:
        """The regular expressions of all conditions."""
        found = conditions(self.expression)
        return sum(isinstance(one, Comparison) and isinstance(one.operand, Regex) for one in found)

    @property
    def supports_dimensions(self) -> bool:
        """Properties are the dimensions."""
        return True

    @cached_property
    def _test(self) -> Callable[[Document], bool]:
        return expression_test(self.expression, _test)

    def matches(self, message: LogMessage) -> bool:
        """Whether the message is a JSON object and the expression holds in it."""
        document = message.document
        return document is not None and self._test(document)

    def extracted_values(self, message: LogMessage) -> dict[str, str]:
        """Empty: the user guide has extracted fields for space-delimited patterns only."""
        return {}

    def knows(self, reference: str) -> bool:
        """Whether `reference` is a property selector without wildcards."""
        try:
            return not parse_selector(reference).has_wildcard
        except InvalidPattern:
            return False

    def value(self, message: LogMessage, reference: str) -> str | None:
        """The property's text."""
        document = message.document
        return None if document is None else parse_selector(reference).text(document)

    def __str__(self) -> str:
        return f"{{ {self.expression} }}"


def _test(condition: Condition) -> Callable[[Document], bool]:
    return condition.test()


def parse_json_pattern(pattern: str) -> JsonPattern:
    """`pattern` with its curly braces.

    Raises: InvalidPattern.
    """
    tokens = Tokens(pattern[1:-1], offset=1)
    parsed = JsonPattern(parse_expression(tokens, _condition))
    if tokens.next.kind != "end":
        raise tokens.unexpected("'&&', '||' or '}'")
    if parsed.regex_count > MOST_REGEXES:
        raise InvalidPattern(
            f"Invalid filter pattern: at most {MOST_REGEXES} regular expressions, not {parsed.regex_count}"
        )
    wildcards = sum(one.selector.has_wildcard for one in conditions(parsed.expression))
    if wildcards > MOST_WILDCARD_SELECTORS:
        raise InvalidPattern(
            f"Invalid filter pattern: at most {MOST_WILDCARD_SELECTORS} selectors with a wildcard, not {wildcards}"
        )
    return parsed


def _condition(tokens: Tokens) -> Condition:
    if tokens.next.kind != "selector":
        raise tokens.unexpected("a property selector such as $.name")
    selector = parse_selector(tokens.take().text)
    if tokens.take_word("IS"):
        for name in _STATES:
            if tokens.take_word(name):
                return State(selector, name)
        raise tokens.unexpected("NULL, TRUE or FALSE after IS")
    if tokens.take_word("NOT"):
        if not tokens.take_word("EXISTS"):
            raise tokens.unexpected("EXISTS after NOT")
        return Absence(selector)
    operator = tokens.take_mark(*OPERATORS)
    if operator is None:
        raise tokens.unexpected(f"a comparison, IS or NOT EXISTS after '{selector}'")
    return Comparison(selector, operator, parse_operand(tokens, operator))
