"""Conditions joined by && and ||, with parentheses; && binds closer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.tokens import Tokens

Condition = TypeVar("Condition")
Subject = TypeVar("Subject")

_DEEPEST = 50
"""Parentheses within parentheses; a bound so that no pattern exhausts the stack."""


@dataclass(frozen=True)
class Joined(Generic[Condition]):
    """Two or more expressions joined by one operator, && or ||."""

    operator: str
    parts: tuple[Joined[Condition] | Condition, ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(f"({p})" if isinstance(p, Joined) else str(p) for p in self.parts)


def parse_expression(
    tokens: Tokens, condition: Callable[[Tokens], Condition], depth: int = 0
) -> Joined[Condition] | Condition:
    """An expression of what `condition` parses.

    Raises: InvalidPattern.
    """

    def conjunction() -> Joined[Condition] | Condition:
        return _joined(tokens, "&&", operand)

    def operand() -> Joined[Condition] | Condition:
        opening = tokens.next
        if not tokens.take_mark("("):
            return condition(tokens)
        if depth == _DEEPEST:
            raise InvalidPattern.at(opening.position, f"parentheses nest deeper than {_DEEPEST}")
        inner = parse_expression(tokens, condition, depth + 1)
        if not tokens.take_mark(")"):
            raise tokens.unexpected("')'")
        return inner

    return _joined(tokens, "||", conjunction)


def _joined(
    tokens: Tokens, operator: str, part: Callable[[], Joined[Condition] | Condition]
) -> Joined[Condition] | Condition:
    parts = [part()]
    while tokens.take_mark(operator):
        parts.append(part())
    return parts[0] if len(parts) == 1 else Joined(operator, tuple(parts))


def conditions(expression: Joined[Condition] | Condition) -> Iterator[Condition]:
    """The conditions of an expression, from left to right."""
    if isinstance(expression, Joined):
        for part in expression.parts:
            yield from conditions(part)
    else:
        yield expression


def expression_test(
    expression: Joined[Condition] | Condition, test: Callable[[Condition], Callable[[Subject], bool]]
) -> Callable[[Subject], bool]:
    """The test of an expression, built from the tests of its conditions."""
    if not isinstance(expression, Joined):
        return test(expression)
    tests = tuple(expression_test(part, test) for part in expression.parts)

    def every(subject: Subject) -> bool:
        return all(one(subject) for one in tests)

    def some(subject: Subject) -> bool:
        return any(one(subject) for one in tests)

    return every if expression.operator == "&&" else some
