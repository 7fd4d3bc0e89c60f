"""format(), and numbers for people to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("format('%s%%', 123)", "123%"),
    ("format('%.5f', 3.141592e0)", "3.14159"),
    ("format('%03d', 8)", "008"),
    ("format('%03d', -8)", "-08"),
    ("format('%,.2f', 1234567.89)", "1,234,567.89"),
    ("format('%,.2f', -1234567.895e0)", "-1,234,567.90"),
    ("format('%.2f', 0.005e0)", "0.01"),
    ("format('%.2f', 1.005e0)", "1.01"),
    ("format('%-7s,%7s', 'hello', 'world')", "hello  ,  world"),
    ("format('%2$s %3$s %1$s', 'a', 'b', 'c')", "b c a"),
    ("format('%s:%d', 'a', 5)", "a:5"),
    ("format('%x', 255)", "ff"),
    ("format('%x', -1)", "ffffffff"),
    ("format('%s', true)", "true"),
    ("format('%s', null)", "null"),
    ("format('%s', 1e7)", "1.0E7"),
    ("format('%,d', 1234567)", "1,234,567"),
    ("format('%,d', -123456)", "-123,456"),
    ("format('%,d', 12)", "12"),
    ("format('%.2f', cast(null as double))", "nu"),
    ("format('%05d|', cast(null as integer))", " null|"),
    ("format('%.1f', cast(0.25 as real))", "0.3"),
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
    ("format('%d', 1.5)", "NOT_SUPPORTED: line 1:8: format: '%d' of decimal(2,1) is not supported"),
    ("format('%s')", "NOT_SUPPORTED: line 1:8: format needs a literal as its format, and arguments"),
    ("format('%s %s', 1)", "INVALID_FUNCTION_ARGUMENT: line 1:8: Invalid format string: %s %s"),
    ("format('%.1f', null)", "NOT_SUPPORTED: line 1:8: format: '%.1f' of unknown is not supported"),
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
