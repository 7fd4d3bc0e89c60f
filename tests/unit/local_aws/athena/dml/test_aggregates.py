"""Aggregate functions: over rows, over groups, over nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Rows = Callable[[str], list[tuple[str | None, ...]]]

FLOWS = """(VALUES
    ('10.0.0.1', 443, 100, 'ACCEPT'), ('10.0.0.1', 22, 40, 'REJECT'), ('10.0.0.2', 22, 60, 'REJECT'),
    ('10.0.0.3', 3389, CAST(NULL AS integer), 'REJECT'), ('10.0.0.2', 22, 60, NULL)
) AS flows(source, port, bytes, action)"""

VALUES = [
    ("count(*)", "5"),
    ("count(bytes)", "4"),
    ("count(DISTINCT port)", "3"),
    ("count(*) FILTER (WHERE port = 22)", "3"),
    ("count_if(action = 'REJECT')", "3"),
    ("count_if(action = 'REJECT' AND bytes > 1000)", "0"),
    ("sum(bytes)", "260"),
    ("typeof(sum(bytes))", "bigint"),
    ("sum(bytes) FILTER (WHERE port = 3389)", None),
    ("sum(bytes * 1.50)", "390.00"),
    ("typeof(sum(bytes * 1.50))", "decimal(38,2)"),
    ("avg(bytes)", "65.0"),
    ("avg(1.00 * port / 7)", "111.37"),
    ("min(source)", "10.0.0.1"),
    ("max(bytes, 2)", "[100, 60]"),
    ("min(bytes, 2)", "[40, 60]"),
    ("max_by(source, bytes)", "10.0.0.1"),
    ("min_by(port, bytes)", "22"),
    ("max_by(source, bytes, 1)", "[10.0.0.1]"),
    ("max_by(bytes, port)", None),
    ("array_agg(port ORDER BY port)", "[22, 22, 22, 443, 3389]"),
    ("array_agg(bytes ORDER BY port DESC, bytes)", "[null, 100, 40, 60, 60]"),
    ("array_agg(DISTINCT port ORDER BY port)", "[22, 443, 3389]"),
    ("array_agg(source) FILTER (WHERE port = 1)", None),
    ("cardinality(set_agg(action))", "3"),
    ("array_sort(set_agg(port))", "[22, 443, 3389]"),
    ("array_sort(set_union(ARRAY[port, 1]))", "[1, 22, 443, 3389]"),
    ("histogram(port)", "{22=3, 443=1, 3389=1}"),
    ("array_sort(map_keys(map_agg(source, port)))", "[10.0.0.1, 10.0.0.2, 10.0.0.3]"),
    ("multimap_agg(port, bytes)[22]", "[40, 60, 60]"),
    ("approx_distinct(source)", "3"),
    ("approx_distinct(source, 0.01e0)", "3"),
    ("approx_percentile(bytes, 0.5e0)", "60"),
    ("approx_percentile(bytes, ARRAY[0e0, 1e0])", "[40, 100]"),
    ("bool_and(port > 20)", "true"),
    ("bool_or(bytes > 100)", "false"),
    ("every(bytes > 50)", "false"),
    ("bitwise_or_agg(port)", "3519"),
    ("bitwise_and_agg(port)", "16"),
    ("stddev_pop(bytes)", "21.79449471770337"),
    ("var_samp(port) > 0", "true"),
    ("round(corr(bytes, bytes), 6)", "1.0"),
    ("arbitrary(action) IN ('ACCEPT', 'REJECT')", "true"),
    ("any_value(bytes) FILTER (WHERE port = 443)", "100"),
    ("listagg(DISTINCT source, ', ') WITHIN GROUP (ORDER BY source)", "10.0.0.1, 10.0.0.2, 10.0.0.3"),
]

EMPTY = [
    ("count(*)", "0"),
    ("count_if(port = 22)", "0"),
    ("sum(bytes)", None),
    ("avg(bytes)", None),
    ("array_agg(port)", None),
    ("histogram(port)", None),
    ("map_agg(source, port)", None),
    ("approx_distinct(source)", "0"),
    ("approx_percentile(bytes, 0.5e0)", None),
    ("bool_and(port > 20)", None),
    ("max_by(source, bytes)", None),
]

FAILURES = [
    ("sum(action)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(6)) for function sum"),
    ("sum(sum(bytes))", "NESTED_AGGREGATION"),
    ("source, count(*)", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'source' must be an aggregate expression"),
    ("approx_percentile(action, 0.5e0)", "FUNCTION_NOT_FOUND"),
    ("count(*) FILTER (WHERE port)", "TYPE_MISMATCH"),
    ("group_concat(source)", "FUNCTION_NOT_FOUND"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_value(rows: Rows, expression: str, expected: str | None) -> None:
    """An aggregate over all rows; NULL does not count."""
    assert rows(f"SELECT {expression} FROM {FLOWS}") == [(expected,)]


@pytest.mark.parametrize(("expression", "expected"), EMPTY)
def test_no_rows(rows: Rows, expression: str, expected: str | None) -> None:
    """An aggregate over no rows."""
    assert rows(f"SELECT {expression} FROM {FLOWS} WHERE port = 0") == [(expected,)]


@pytest.mark.parametrize(("expression", "error"), FAILURES)
def test_failure(rows: Rows, expression: str, error: str) -> None:
    """A query fails with Trino's error."""
    with pytest.raises(QueryFailed) as failure:
        rows(f"SELECT {expression} FROM {FLOWS}")
    assert str(failure.value).startswith(error)


def test_groups(rows: Rows) -> None:
    """NULL is a group; HAVING and ORDER BY see aggregates."""
    assert rows(
        f"SELECT action, count(*) AS flows, sum(bytes) FROM {FLOWS} GROUP BY action HAVING count(*) < 4 "
        "ORDER BY flows DESC, action NULLS FIRST"
    ) == [("REJECT", "3", "100"), (None, "1", "60"), ("ACCEPT", "1", "100")]


def test_grouping_sets(rows: Rows) -> None:
    """ROLLUP adds the totals, and grouping() tells them from a NULL in the data."""
    assert rows(
        f"SELECT action, port, count(*), grouping(action, port) FROM {FLOWS} WHERE port = 22 "
        "GROUP BY ROLLUP (action, port) ORDER BY 4, 1 NULLS LAST"
    ) == [
        ("REJECT", "22", "2", "0"),
        (None, "22", "1", "0"),
        ("REJECT", None, "2", "1"),
        (None, None, "1", "1"),
        (None, None, "3", "3"),
    ]
    assert rows(f"SELECT count(*) FROM (SELECT 1 FROM {FLOWS} GROUP BY CUBE (action, port))") == [("11",)]
    assert rows(
        f"SELECT source, port, count(*) FROM {FLOWS} GROUP BY GROUPING SETS ((source), (port)) "
        "ORDER BY source NULLS LAST, port"
    ) == [
        ("10.0.0.1", None, "2"),
        ("10.0.0.2", None, "2"),
        ("10.0.0.3", None, "1"),
        (None, "22", "3"),
        (None, "443", "1"),
        (None, "3389", "1"),
    ]


def test_an_aggregate_of_equal_keys_keeps_the_first(rows: Rows) -> None:
    """map_agg keeps one value of a key, and leaves entries without a key out."""
    assert rows(
        "SELECT cardinality(m), m['a'], m['b'] FROM (SELECT map_agg(k, v) AS m "
        "FROM (VALUES ('a', 1), ('a', 1), (NULL, 2), ('b', NULL)) AS t(k, v))"
    ) == [("2", "1", None)]
