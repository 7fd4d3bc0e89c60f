"""Numbers for people to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("format_number(123456)", "123K"),
    ("format_number(1000000)", "1M"),
    ("format_number(999)", "999"),
    ("format_number(1250)", "1.25K"),
    ("format_number(-123456)", "-123.46K"),
    ("format_number(0)", "0"),
    ("format_number(1.5e0)", "1"),
    ("format_number(null)", None),
    ("parse_data_size('2.3MB')", "2411724"),
    ("parse_data_size('1B')", "1"),
    ("parse_data_size(null)", None),
]

FAILURES = [
    ("parse_data_size('1 B')", "INVALID_FUNCTION_ARGUMENT: Invalid data size: '1 B'"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_value(answer: Answer, expression: str, expected: str | None) -> None:
    """An expression has the value that Trino gives it."""
    assert answer(expression) == expected


@pytest.mark.parametrize(("expression", "message"), FAILURES)
def test_failure(answer: Answer, expression: str, message: str) -> None:
    """An expression that Trino refuses fails with its code and words."""
    with pytest.raises(QueryFailed) as failure:
        answer(expression)
    assert message in failure.value.message
