"""Conditional expressions that are written as calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("coalesce(null, 1, 2.5)", "1.0"),
    ("nullif(1, 1.0)", None),
    ("nullif('a', 'b')", "a"),
    ("if(1 > 0, 'a')", "a"),
    ("if(1 < 0, 'a', null)", None),
    ("try(1 / 0)", None),
    ("try(cast('a' as bigint))", None),
    ("try(split_part('a', '-', 0))", None),
    ("greatest(1, 2.5, 2)", "2.5"),
    ("greatest(1, null)", None),
    ("least('b', 'a')", "a"),
    ("greatest(date '2026-01-01', date '2026-02-01')", "2026-02-01"),
    ("typeof(1)", "integer"),
    ("typeof(array['a'])", "array(varchar(1))"),
    ("typeof(cast(1 as decimal(10,2)))", "decimal(10,2)"),
    ("typeof(null)", "unknown"),
]

FAILURES = [
    ("coalesce(null)", "SYNTAX_ERROR: line 1:8: Invalid number of arguments for 'coalesce' function"),
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
