"""Numbers as text and the quotients of decimals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("cast(1e7 as varchar)", "1.0E7"),
    ("cast(-1e7 as varchar)", "-1.0E7"),
    ("cast(123456789.5e0 as varchar)", "1.234567895E8"),
    ("cast(1e16 as varchar)", "1.0E16"),
    ("cast(1.5e-5 as varchar)", "1.5E-5"),
    ("cast(-0.00012e0 as varchar)", "-1.2E-4"),
    ("cast(0.0001e0 as varchar)", "1.0E-4"),
    ("cast(5e-324 as varchar)", "5.0E-324"),
    ("cast(0.5e0 as varchar)", "5.0E-1"),
    ("cast(100e0 as varchar)", "1.0E2"),
    ("cast(-0e0 as varchar)", "-0E0"),
    ("cast(null as varchar)", None),
    ("cast(cast(12345678 as real) as varchar)", "1.2345678E7"),
    ("cast(cast(1e10 as real) as varchar)", "1.0E10"),
    ("cast(cast('NaN' as double) as varchar)", "NaN"),
    ("cast(cast('-Infinity' as double) as varchar)", "-Infinity"),
    ("1.0 / 3.00", "0.33"),
    ("2.00 / 3", "0.67"),
    ("-2.00 / 3", "-0.67"),
    ("1 / 3.0", "0.3"),
    ("5.5 % 2.0", "1.5"),
    ("-5.5 % 2.25", "-1.00"),
    ("0.05 / 7", "0.01"),
    ("cast(0.05 as varchar)", "0.05"),
    ("cast(-0.05 as varchar)", "-0.05"),
    ("-0.05 / 0.3", "-0.17"),
    ("10000000000.00 / 3", "3333333333.33"),
]

FAILURES = [
    ("1.0 / 0.0", "DIVISION_BY_ZERO: Division by zero"),
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
