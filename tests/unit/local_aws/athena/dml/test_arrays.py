"""Array functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
    ("all_match(ARRAY[], x -> true)", "true"),
    ("all_match(ARRAY[1, NULL], x -> x > 0)", None),
    ("all_match(ARRAY[0, NULL], x -> x > 0)", "false"),
    ("any_match(ARRAY[1, NULL], x -> x > 0)", "true"),
    ("any_match(ARRAY[0, NULL], x -> x > 0)", None),
    ("none_match(ARRAY[0], x -> x > 0)", "true"),
    ("array_distinct(ARRAY[2, 1, 1, NULL, 2, NULL])", "[2, 1, null]"),
    ("array_intersect(ARRAY[1, 2, 2, 3], ARRAY[2, 3, 3, 4])", "[2, 3]"),
    ("array_intersect(ARRAY[1, null], ARRAY[null, 1, 5])", "[null, 1]"),
    ("array_union(ARRAY[1, 2, NULL], ARRAY[2, 3, NULL])", "[1, 2, null, 3]"),
    ("array_except(ARRAY[1, 2, 2, 3, null], ARRAY[3])", "[1, 2, null]"),
    ("array_except(ARRAY[1, null], ARRAY[null, 2])", "[1]"),
    ("array_except(ARRAY[1, null], null)", None),
    ("array_join(ARRAY['a', NULL, 'b'], ',')", "a,b"),
    ("array_join(ARRAY['a', NULL, 'b'], ',', '?')", "a,?,b"),
    ("array_join(ARRAY[1.5e0, 1e7], '-')", "1.5E0-1.0E7"),
    ("array_join(ARRAY[true, null], '-', null)", None),
    ("array_join(ARRAY[date '2026-01-02'], '-')", "2026-01-02"),
    ("array_max(ARRAY[1, 3, 2])", "3"),
    ("array_max(ARRAY[1, NULL])", None),
    ("array_max(ARRAY[])", None),
    ("array_min(ARRAY['b', 'a'])", "a"),
    ("array_position(ARRAY[5, 6], 6)", "2"),
    ("array_position(ARRAY[5, 6], 7)", "0"),
    ("array_position(ARRAY[5, null], null)", None),
    ("array_remove(ARRAY[1, 2, null, 1], 1)", "[2, null]"),
    ("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]"),
    ("arrays_overlap(ARRAY[1, 2], ARRAY[2])", "true"),
    ("arrays_overlap(ARRAY[1], ARRAY[2, NULL])", None),
    ("arrays_overlap(ARRAY[1], ARRAY[2])", "false"),
    ("arrays_overlap(ARRAY[], ARRAY[null])", "false"),
    ("arrays_overlap(null, ARRAY[1])", None),
    ("cardinality(ARRAY[1, 2])", "2"),
    ("contains(ARRAY[1, 2], 2)", "true"),
    ("contains(ARRAY[1, NULL], 2)", None),
    ("contains(ARRAY[1], 2)", "false"),
    ("contains(ARRAY[1], null)", None),
    ("contains(ARRAY['eth0'], 'eth0')", "true"),
    ("contains(ARRAY[1, 2], 2.0)", "true"),
    ("element_at(ARRAY[1, 2], -1)", "2"),
    ("element_at(ARRAY[1, 2], 3)", None),
    ("filter(ARRAY[5, -6, NULL, 7], x -> x > 0)", "[5, 7]"),
    ("filter(ARRAY[], x -> true)", "[]"),
    ("flatten(ARRAY[ARRAY[1], null, ARRAY[2, 3]])", "[1, 2, 3]"),
    ("ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 2)", "[[foo, bar], [bar, baz], [baz, foo]]"),
    ("ngrams(ARRAY['foo', 'bar'], 5)", "[[foo, bar]]"),
    ("reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)", "75"),
    ("reduce(ARRAY[], 0, (s, x) -> s + x, s -> s)", "0"),
    ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + x, s -> s)", None),
    ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s)", "75"),
    ("reduce(ARRAY[2147483647, 1], BIGINT '0', (s, x) -> s + x, s -> s)", "2147483648"),
    ("reduce(ARRAY['a', 'b'], '', (s, x) -> s || x, s -> upper(s))", "AB"),
    ("repeat('a', 3)", "[a, a, a]"),
    ("repeat(null, 2)", "[null, null]"),
    ("reverse(ARRAY[1, 2])", "[2, 1]"),
    ("sequence(1, 3)", "[1, 2, 3]"),
    ("sequence(3, 1)", "[3, 2, 1]"),
    ("sequence(1, 10, 4)", "[1, 5, 9]"),
    ("sequence(5, 1, -2)", "[5, 3, 1]"),
    ("cardinality(sequence(1, 10000))", "10000"),
    ("sequence(date '2026-01-30', date '2026-02-02')", "[2026-01-30, 2026-01-31, 2026-02-01, 2026-02-02]"),
    ("sequence(date '2026-01-02', date '2026-01-01')", "[2026-01-02, 2026-01-01]"),
    (
        "sequence(date '2026-01-01', date '2026-01-10', interval '3' day)",
        "[2026-01-01, 2026-01-04, 2026-01-07, 2026-01-10]",
    ),
    (
        "sequence(date '2026-01-31', date '2026-04-30', interval '1' month)",
        "[2026-01-31, 2026-02-28, 2026-03-31, 2026-04-30]",
    ),
    (
        "sequence(date '2026-04-30', date '2026-01-30', interval '-1' month)",
        "[2026-04-30, 2026-03-30, 2026-02-28, 2026-01-30]",
    ),
    (
        "sequence(timestamp '2026-01-01 00:00:00', timestamp '2026-01-01 01:00:00', interval '20' minute)",
        "[2026-01-01 00:00:00.000, 2026-01-01 00:20:00.000, 2026-01-01 00:40:00.000, 2026-01-01 01:00:00.000]",
    ),
    ("slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"),
    ("slice(ARRAY[1, 2, 3, 4], -2, 2)", "[3, 4]"),
    ("slice(ARRAY[1, 2, 3, 4], -5, 2)", "[]"),
    ("slice(ARRAY[1, 2, 3, 4], 1, 0)", "[]"),
    ("slice(ARRAY[1, 2, 3, 4], 3, 9223372036854775807)", "[3, 4]"),
    ("slice(ARRAY[1, 2, 3, 4], 9, 1)", "[]"),
    ("trim_array(ARRAY[1, 2, 3, 4], 2)", "[1, 2]"),
    ("trim_array(ARRAY[1, 2, 3, 4], 4)", "[]"),
    ("transform(ARRAY[5, NULL, 6], x -> coalesce(x, 0) + 1)", "[6, 1, 7]"),
    ("transform(ARRAY[ARRAY[1, NULL, 2], ARRAY[3, NULL]], a -> filter(a, x -> x IS NOT NULL))", "[[1, 2], [3]]"),
    (
        "zip(ARRAY[1, 2], ARRAY['1b', null, '3b'])",
        "[{field0=1, field1=1b}, {field0=2, field1=null}, {field0=null, field1=3b}]",
    ),
    ("zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y)", "[4, 6]"),
    ("zip_with(ARRAY['a'], ARRAY['d', null, 'f'], (x, y) -> coalesce(x, y))", "[a, null, f]"),
    (
        "zip_with(ARRAY[1, 2], ARRAY[10, 20], (x, y) -> reduce(zip_with(ARRAY[x], ARRAY[100], (a, b) -> a + b + y), 0, (s, z) -> s + z + x, s -> s * y))",
        "[1120, 2480]",
    ),
    ("combinations(ARRAY[1, 2, 3, 4], 2)", "[[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]]"),
    ("combinations(ARRAY[1, 2], 0)", "[[]]"),
    ("combinations(ARRAY[1, 2], 3)", "[]"),
    ("combinations(ARRAY['a', 'b', 'c'], 3)", "[[a, b, c]]"),
]

FAILURES = [
    (
        "array_join(ARRAY[array[1]], '-')",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(array(integer)), varchar(1)) for function array_join. Expected: array_join(array(T), varchar), array_join(array(T), varchar, varchar)",
    ),
    (
        "array_sort(ARRAY[3, 2, 5, 1, 2], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (array(integer), function) for function array_sort. Expected: array_sort(array(T))",
    ),
    ("element_at(ARRAY[1, 2], 0)", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
    ("ngrams(ARRAY['foo', 'bar'], 0)", "INVALID_FUNCTION_ARGUMENT: N must be positive"),
    (
        "reduce(null, 0, (s, x) -> s, s -> s)",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (unknown, integer) for function reduce. Expected: reduce(array(T), S, function(S,T,S), function(S,R))",
    ),
    (
        "repeat(1, -1)",
        "INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be greater than or equal to 0",
    ),
    (
        "sequence(1, 5, -1)",
        "INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start",
    ),
    ("sequence(1, 5, 0)", "INVALID_FUNCTION_ARGUMENT: step must not be zero"),
    (
        "sequence(1, 10001)",
        "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries",
    ),
    (
        "sequence(date '2026-01-01', date '2026-01-10', interval '3' hour)",
        "INVALID_FUNCTION_ARGUMENT: sequence step must be a day interval if start and end values are dates",
    ),
    ("slice(ARRAY[1, 2, 3, 4], 0, 1)", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
    ("slice(ARRAY[1, 2, 3, 4], 1, -1)", "INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0"),
    ("trim_array(ARRAY[1, 2, 3, 4], 5)", "INVALID_FUNCTION_ARGUMENT: size must not exceed array cardinality 4: 5"),
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
