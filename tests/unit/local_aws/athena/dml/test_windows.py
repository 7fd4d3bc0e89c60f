"""Window functions, and aggregates over windows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Rows = Callable[[str], list[tuple[str | None, ...]]]

FLOWS = """(VALUES
    ('a', 1, 10), ('a', 2, 30), ('a', 3, 30), ('b', 1, 5), ('b', 2, CAST(NULL AS integer))
) AS flows(eni, slot, bytes)"""

COLUMNS = [
    ("row_number() OVER (ORDER BY eni, slot)", ["1", "2", "3", "4", "5"]),
    ("rank() OVER (PARTITION BY eni ORDER BY bytes)", ["1", "2", "2", "1", "2"]),
    ("dense_rank() OVER (ORDER BY bytes DESC)", ["2", "1", "1", "3", "4"]),
    ("percent_rank() OVER (PARTITION BY eni ORDER BY slot)", ["0.0", "0.5", "1.0", "0.0", "1.0"]),
    ("cume_dist() OVER (PARTITION BY eni ORDER BY bytes) > 0.9e0", ["false", "true", "true", "false", "true"]),
    ("ntile(2) OVER (ORDER BY eni, slot)", ["1", "1", "1", "2", "2"]),
    ("lag(bytes) OVER (PARTITION BY eni ORDER BY slot)", [None, "10", "30", None, "5"]),
    ("lag(bytes, 2) OVER (PARTITION BY eni ORDER BY slot)", [None, None, "10", None, None]),
    ("lag(bytes, 1, 0) OVER (PARTITION BY eni ORDER BY slot)", ["0", "10", "30", "0", "5"]),
    ("lead(slot) OVER (PARTITION BY eni ORDER BY slot)", ["2", "3", None, "2", None]),
    ("first_value(bytes) OVER (PARTITION BY eni ORDER BY slot)", ["10", "10", "10", "5", "5"]),
    ("first_value(bytes) OVER (PARTITION BY eni ORDER BY slot DESC)", ["30", "30", "30", None, None]),
    ("last_value(bytes) OVER (PARTITION BY eni ORDER BY slot)", ["10", "30", "30", "5", None]),
    ("nth_value(slot, 2) OVER (PARTITION BY eni ORDER BY slot)", [None, "2", "2", None, "2"]),
    ("sum(bytes) OVER (PARTITION BY eni)", ["70", "70", "70", "5", "5"]),
    ("sum(bytes) OVER (PARTITION BY eni ORDER BY slot)", ["10", "40", "70", "5", "5"]),
    ("count(*) OVER ()", ["5"] * 5),
    ("count(*) OVER (ORDER BY bytes)", ["2", "4", "4", "1", "5"]),
    (
        "sum(slot) OVER (ORDER BY eni, slot ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
        ["3", "6", "6", "6", "3"],
    ),
    ("avg(slot) OVER (PARTITION BY eni ORDER BY slot ROWS UNBOUNDED PRECEDING)", ["1.0", "1.5", "2.0", "1.0", "1.5"]),
    (
        "count(*) OVER (ORDER BY slot RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)",
        ["2", "4", "3", "2", "4"],
    ),
    ("max(bytes) OVER w", ["30", "30", "30", "5", "5"]),
    ("sum(sum(bytes)) OVER (PARTITION BY eni)", ["70", "70", "70", "5", "5"]),
]

FAILURES = [
    ("SELECT row_number() FROM {}", "MISSING_OVER"),
    ("SELECT eni FROM {} WHERE row_number() OVER () = 1", "NESTED_WINDOW|EXPRESSION_NOT_SCALAR"),
    ("SELECT upper(eni) OVER () FROM {}", "NOT_SUPPORTED|FUNCTION_NOT|EXPRESSION_NOT|FUNCTION_IMPLEMENTATION"),
    ("SELECT ntile('a') OVER (ORDER BY slot) FROM {}", "FUNCTION_NOT_FOUND"),
]


@pytest.mark.parametrize(("expression", "expected"), COLUMNS)
def test_column(rows: Rows, expression: str, expected: list[str | None]) -> None:
    """A window function's value for each row, in the rows' order."""
    window = " WINDOW w AS (PARTITION BY eni)" if "OVER w" in expression else ""
    grouped = " GROUP BY eni, slot" if "sum(sum" in expression else ""
    answers = rows(f"SELECT eni, slot, {expression} FROM {FLOWS}{grouped}{window} ORDER BY eni, slot")
    assert [value for _, _, value in answers] == expected


@pytest.mark.parametrize(("query", "error"), FAILURES)
def test_failure(rows: Rows, query: str, error: str) -> None:
    """A query that Trino refuses fails, and says why."""
    with pytest.raises(QueryFailed, match=error):
        rows(query.format(FLOWS))


def test_the_newest_of_each(rows: Rows) -> None:
    """The usual way to the newest row of each key."""
    assert rows(
        f"SELECT eni, slot FROM (SELECT *, row_number() OVER (PARTITION BY eni ORDER BY slot DESC) AS n FROM {FLOWS}) "
        "WHERE n = 1 ORDER BY eni"
    ) == [("a", "3"), ("b", "2")]
