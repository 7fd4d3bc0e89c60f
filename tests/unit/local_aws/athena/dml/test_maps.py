"""Map functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("MAP(ARRAY['key1', 'key2'], ARRAY['v1', NULL])", "{key1=v1, key2=null}"),
    ("map()", "{}"),
    ("cardinality(MAP(ARRAY[1], ARRAY[2]))", "1"),
    ("element_at(MAP(ARRAY[1], ARRAY[2]), 1)", "2"),
    ("element_at(MAP(ARRAY[1], ARRAY[2]), 3)", None),
    ("map_from_entries(ARRAY[(1, 'x'), (2, 'y')])", "{1=x, 2=y}"),
    ("multimap_from_entries(ARRAY[(1, 'x'), (2, 'y'), (1, 'z')])", "{1=[x, z], 2=[y]}"),
    ("map_entries(MAP(ARRAY[1, 2], ARRAY['x', 'y']))", "[{field0=1, field1=x}, {field0=2, field1=y}]"),
    ("map_concat(MAP(ARRAY[1, 2], ARRAY['a', 'b']), MAP(ARRAY[2], ARRAY['c']))", "{1=a, 2=c}"),
    ("map_filter(MAP(ARRAY['k1', 'k2', 'k3'], ARRAY[20, 3, 15]), (k, v) -> v > 10)", "{k1=20, k3=15}"),
    ("map_filter(MAP(ARRAY[10, 20, 30], ARRAY['a', NULL, 'c']), (k, v) -> v IS NOT NULL)", "{10=a, 30=c}"),
    ("map_keys(MAP(ARRAY[1, 2], ARRAY['a', 'b']))", "[1, 2]"),
    ("map_values(MAP(ARRAY[1, 2], ARRAY['a', 'b']))", "[a, b]"),
    ("transform_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> k || CAST(v as VARCHAR))", "{a1=1, b2=2}"),
    ("transform_values(MAP(ARRAY[1, 2, 3], ARRAY[10, 20, 30]), (k, v) -> v + k)", "{1=11, 2=22, 3=33}"),
    ("transform_values(map_filter(map(array[1], array[2]), (k, v) -> k > 5), (k, v) -> v)", "{}"),
    ("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
    ("split_to_map('a=1,b=2,', ',', '=')", "{a=1, b=2}"),
    ("split_to_map('', ',', '=')", "{}"),
    ("split_to_multimap('a=1,b=2,a=3', ',', '=')", "{a=[1, 3], b=[2]}"),
]

FAILURES = [
    ("MAP(ARRAY['a', 'a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (a) are not allowed"),
    ("MAP(ARRAY['a', null], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: map key cannot be null"),
    ("MAP(ARRAY['a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: Key and value arrays must be the same length"),
    (
        "map_from_entries(ARRAY[(1, 'x'), (1, 'y')])",
        "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (1) are not allowed",
    ),
    (
        "split_to_map('a=1,b', ',', '=')",
        "INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: 'b'",
    ),
    ("split_to_map('a=1,a=2', ',', '=')", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (a) are not allowed"),
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
