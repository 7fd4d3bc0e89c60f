"""Mathematical functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("mod(-7, 3)", "-1"),
    ("round(2.5)", "3"),
    ("round(-2.5)", "-3"),
    ("round(2.45e0, 1)", "2.5"),
    ("round(2.5e0)", "3.0"),
    ("round(-2.5e0)", "-3.0"),
    ("round(1234.567, 2)", "1234.570"),
    ("round(1234.567e0, -2)", "1200.0"),
    ("round(5)", "5"),
    ("truncate(-2.7e0)", "-2.0"),
    ("truncate(2.7)", "2"),
    ("ceil(1.2)", "2"),
    ("ceiling(1.2e0)", "2.0"),
    ("floor(-1.2e0)", "-2.0"),
    ("floor(-1.2)", "-2"),
    ("ceil(5)", "5"),
    ("abs(-5)", "5"),
    ("sign(-5)", "-1"),
    ("sign(-2.5e0)", "-1.0"),
    ("power(2, 10)", "1024.0"),
    ("pow(2, 0.5e0)", "1.4142135623730951"),
    ("sqrt(16)", "4.0"),
    ("cbrt(27)", "3.0"),
    ("exp(0)", "1.0"),
    ("ln(1)", "0.0"),
    ("log2(8)", "3.0"),
    ("log10(1000)", "3.0"),
    ("log(2, 8)", "3.0"),
    ("pi()", "3.141592653589793"),
    ("e()", "2.718281828459045"),
    ("degrees(pi())", "180.0"),
    ("radians(180)", "3.141592653589793"),
    ("sin(0)", "0.0"),
    ("atan2(0, 1)", "0.0"),
    ("width_bucket(5, 0, 10, 5)", "3"),
    ("width_bucket(-1, 0, 10, 5)", "0"),
    ("width_bucket(11, 0, 10, 5)", "6"),
    ("width_bucket(5e0, ARRAY[0e0, 4e0, 8e0])", "2"),
    ("from_base('ff', 16)", "255"),
    ("to_base(255, 16)", "ff"),
    ("from_base('101', 2)", "5"),
    ("to_base(-5, 2)", "-101"),
    ("is_nan(nan())", "true"),
    ("is_infinite(infinity())", "true"),
    ("is_finite(1e0)", "true"),
    ("nan()", "NaN"),
    ("infinity()", "Infinity"),
    ("random() < 1", "true"),
    ("rand(1)", "0"),
    ("sqrt(-1)", "NaN"),
    ("ln(0)", "-Infinity"),
    ("log10(-1)", "NaN"),
    ("asin(2)", "NaN"),
    ("cbrt(-8)", "-2.0"),
    ("random(5) between 0 and 4", "true"),
    ("random(5, 6)", "5"),
    ("round(15, -1)", "20"),
    ("round(NULL)", None),
    ("sign(-2.5)", "-1"),
    ("typeof(sign(-2.5))", "decimal(1,0)"),
    ("from_base('-ff', 16)", "-255"),
    ("to_base(35, 36)", "z"),
    ("width_bucket(5, 10, 0, 5)", "3"),
]

FAILURES = [
    ("from_base('9', 8)", "INVALID_FUNCTION_ARGUMENT: Not a valid base-8 number: 9"),
    ("ln('a')", "FUNCTION_NOT_FOUND"),
    ("round('a')", "TYPE_MISMATCH"),
    ("round(1.5, 2, 3)", "FUNCTION_NOT_FOUND"),
    ("sqrt(ARRAY[1])", "FUNCTION_NOT_FOUND"),
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
