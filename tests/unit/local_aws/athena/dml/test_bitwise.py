"""Bitwise functions: of 32 or 64 bits, in two's complement."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("bitwise_and(19, 25)", "17"),
    ("bitwise_or(19, 25)", "27"),
    ("bitwise_xor(19, 25)", "10"),
    ("bitwise_not(-12)", "11"),
    ("bitwise_not(19)", "-20"),
    ("bitwise_left_shift(1, 2)", "4"),
    ("bitwise_left_shift(5, 2)", "20"),
    ("bitwise_right_shift(8, 3)", "1"),
    ("bitwise_right_shift(9, 1)", "4"),
    ("bitwise_right_shift(12, 64)", "0"),
    ("bitwise_right_shift(-45, 64)", "0"),
    ("bitwise_right_shift_arithmetic(-45, 64)", "-1"),
    ("bit_count(9, 64)", "2"),
    ("bit_count(-7, 64)", "62"),
    ("bit_count(-7, 8)", "6"),
    ("bitwise_and(18, 2) = 2", "true"),
    ("bitwise_left_shift(-1, 31)", "-2147483648"),
    ("bitwise_left_shift(1, 31)", "-2147483648"),
    ("bitwise_left_shift(1, 32)", "0"),
    ("bitwise_left_shift(9223372036854775807, 1)", "-2"),
    ("bitwise_right_shift(-1, 1)", "2147483647"),
    ("bitwise_right_shift(cast(-1 as bigint), 1)", "9223372036854775807"),
    ("bitwise_right_shift(-8, 0)", "-8"),
    ("bitwise_right_shift_arithmetic(-8, 1)", "-4"),
    ("bit_count(-7, 8)", "6"),
    ("bit_count(NULL, 8)", None),
]

FAILURES = [
    ("bit_count(7, 65)", "INVALID_FUNCTION_ARGUMENT: Bits specified in bit_count must be between 2 and 64, got 65"),
    (
        "bit_count(200, 8)",
        "INVALID_FUNCTION_ARGUMENT: Number must be representable with the bits specified. 200 cannot be represented with 8 bits",
    ),
    ("bitwise_and(1.5, 1)", "FUNCTION_NOT_FOUND"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_value(answer: Answer, expression: str, expected: str | None) -> None:
    """An expression has the value that Trino gives it."""
    assert answer(expression) == expected


@pytest.mark.parametrize(("expression", "error"), FAILURES)
def test_failure(answer: Answer, expression: str, error: str) -> None:
    """A query fails with Trino's error."""
    with pytest.raises(QueryFailed) as failure:
        answer(expression)
    assert str(failure.value).startswith(error)
