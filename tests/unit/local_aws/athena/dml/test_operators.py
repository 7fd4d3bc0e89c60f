"""Operators, comparisons, and the types they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("7 / 2", "3"),
    ("-7 / 2", "-3"),
    ("7 % 3", "1"),
    ("-7 % 3", "-1"),
    ("7 / 2.0", "3.5"),
    ("7e0 / 2", "3.5"),
    ("1 / 3.0", "0.3"),
    ("1.0 / 3.00", "0.33"),
    ("10.50 + 1", "11.50"),
    ("2.5 * 2.5", "6.25"),
    ("1e0 / 0", "Infinity"),
    ("0e0 / 0", "NaN"),
    ("-1e0 / 0", "-Infinity"),
    ("5.5 % 2", "1.5"),
    ("coalesce(try(1 / 0), 0)", "0"),
    ("greatest(1, 2, 3)", "3"),
    ("greatest(1, NULL)", None),
    ("least(1, NULL, 0)", None),
    ("least('b', 'a')", "a"),
    ("if(1 > 0, 'a', 'b')", "a"),
    ("if(1 < 0, 'a')", None),
    ("coalesce(NULL, NULL, 3)", "3"),
    ("nullif(1, 1)", None),
    ("nullif(1, 2)", "1"),
    ("case 2 when 1 then 'a' when 2 then 'b' end", "b"),
    ("case when false then 1 else 2.5 end", "2.5"),
    ("3 BETWEEN 2 AND 6", "true"),
    ("2 BETWEEN 3 AND NULL", "false"),
    ("NULL BETWEEN 2 AND 4", None),
    ("NULL IS DISTINCT FROM NULL", "false"),
    ("1 IN (1, NULL)", "true"),
    ("2 IN (1, NULL)", None),
    ("'hello' = ANY (VALUES 'hello', 'world')", "true"),
    ("42 >= SOME (SELECT 41 UNION ALL SELECT 42 UNION ALL SELECT 43)", "true"),
    ("typeof(123)", "integer"),
    ("typeof('cat')", "varchar(3)"),
    ("typeof(cos(2) + 1.5)", "double"),
    ("typeof(1.5)", "decimal(2,1)"),
    ("typeof(ARRAY[1])", "array(integer)"),
    ("typeof(NULL)", "unknown"),
    ("typeof(9999999999)", "bigint"),
    ("typeof(7 / 2.0)", "decimal(12,1)"),
    ("typeof(1.1 * 1.11)", "decimal(5,3)"),
    ("typeof(row(1, 'a'))", "row(integer, varchar(1))"),
    ("typeof(count(*))", "bigint"),
    ("true AND NULL", None),
    ("false AND NULL", "false"),
    ("NOT true", "false"),
    ("1 <> 2", "true"),
    ("1 != 2", "true"),
    ("'a' < 'b'", "true"),
]

FAILURES = [
    ("1 / 0", "DIVISION_BY_ZERO"),
    ("1 % 0", "DIVISION_BY_ZERO"),
    ("1.0 / 0", "DIVISION_BY_ZERO"),
    ("2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("9223372036854775807 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("2147483647 * 2", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("nosuch(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nosuch' not registered"),
    ("read_text('/etc/passwd')", "FUNCTION_NOT_FOUND"),
    ("getenv('HOME')", "FUNCTION_NOT_FOUND"),
    ("strftime(now(), '%Y')", "FUNCTION_NOT_FOUND"),
    ("nosuch", "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"),
    ("1 = date '2020-01-01'", "TYPE_MISMATCH"),
    ("'2020-01-01' = date '2020-01-01'", "TYPE_MISMATCH"),
    ("1 in ('a')", "TYPE_MISMATCH"),
    ("if(1, 2, 3)", "TYPE_MISMATCH"),
    ("coalesce(1, 'a')", "TYPE_MISMATCH"),
    ("case when true then 1 else 'a' end", "TYPE_MISMATCH"),
    ("1 || 'a'", "TYPE_MISMATCH"),
    ("5 LIKE 'a'", "TYPE_MISMATCH"),
    ("NOT 1", "TYPE_MISMATCH"),
    ("1 AND true", "TYPE_MISMATCH"),
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
