"""Timestamps with time zone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("timestamp '2012-10-31 01:00 UTC'", "2012-10-31 01:00:00.000 UTC"),
    (
        "timestamp '2012-10-31 01:00 UTC' AT TIME ZONE 'America/Los_Angeles'",
        "2012-10-30 18:00:00.000 America/Los_Angeles",
    ),
    ("from_iso8601_timestamp('2020-05-11')", "2020-05-11 00:00:00.000 UTC"),
    ("from_iso8601_timestamp('2020-05-11T11:15:05')", "2020-05-11 11:15:05.000 UTC"),
    ("from_iso8601_timestamp('2020-05-11T11:15:05.055+01:00')", "2020-05-11 11:15:05.055 +01:00"),
    ("from_iso8601_timestamp('2020-05-11T11:15:05Z')", "2020-05-11 11:15:05.000 UTC"),
    ("day_of_week(from_iso8601_timestamp('2026-11-10'))", "2"),
    ("day_of_week(from_iso8601_timestamp('2026-11-15'))", "7"),
    (
        "with_timezone(TIMESTAMP '2022-11-01 09:08:07.321', 'America/Los_Angeles')",
        "2022-11-01 09:08:07.321 America/Los_Angeles",
    ),
    (
        "at_timezone(TIMESTAMP '2022-11-01 09:08:07.321 UTC', 'America/Los_Angeles')",
        "2022-11-01 02:08:07.321 America/Los_Angeles",
    ),
    ("from_unixtime(0)", "1970-01-01 00:00:00.000 UTC"),
    ("from_unixtime(1700000000)", "2023-11-14 22:13:20.000 UTC"),
    ("from_unixtime(1700000000.5e0)", "2023-11-14 22:13:20.500 UTC"),
    ("from_unixtime(1700000000, 'America/New_York')", "2023-11-14 17:13:20.000 America/New_York"),
    ("from_unixtime(1700000000, 5, 30)", "2023-11-15 03:43:20.000 +05:30"),
    ("to_unixtime(from_unixtime(1700000000))", "1.7E9"),
    ("to_unixtime(timestamp '1970-01-01 00:00:01.500')", "1.5"),
    ("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z"),
    ("date_trunc('hour', from_unixtime(1700000000))", "2023-11-14 22:00:00.000 UTC"),
    (
        "date_trunc('day', timestamp '2012-10-31 01:00 UTC' AT TIME ZONE 'America/Los_Angeles')",
        "2012-10-30 00:00:00.000 America/Los_Angeles",
    ),
    ("date_add('day', -1, TIMESTAMP '2020-03-01 00:00:00 UTC')", "2020-02-29 00:00:00.000 UTC"),
    ("date_diff('hour', TIMESTAMP '2020-03-01 00:00:00 UTC', TIMESTAMP '2020-03-02 00:00:00 UTC')", "24"),
    ("date_format(from_unixtime(0), '%Y')", "1970"),
    ("format_datetime(from_unixtime(0), 'yyyy-MM-dd''T''HH:mm:ssZZ')", "1970-01-01T00:00:00+00:00"),
    ("parse_datetime('2022-10-20 05:10', 'yyyy-MM-dd HH:mm')", "2022-10-20 05:10:00.000 UTC"),
    ("cast(from_unixtime(0) as varchar)", "1970-01-01 00:00:00.000 UTC"),
    ("cast(from_unixtime(0) as timestamp)", "1970-01-01 00:00:00.000"),
    ("cast(from_unixtime(0, 'Asia/Tokyo') as timestamp)", "1970-01-01 09:00:00.000"),
    ("cast(from_unixtime(0, 'Asia/Tokyo') as date)", "1970-01-01"),
    ("hour(from_unixtime(0, 'Asia/Tokyo'))", "9"),
    ("timezone_hour(from_unixtime(0, 'Asia/Tokyo'))", "9"),
    ("from_unixtime(0) = from_unixtime(0, 'Asia/Tokyo')", "true"),
    ("current_timezone()", "UTC"),
    ("typeof(now())", "timestamp(3) with time zone"),
    ("typeof(current_date)", "date"),
    ("typeof(current_timestamp)", "timestamp(3) with time zone"),
    ("date_diff('day', current_date, date_add('day', 3, current_date))", "3"),
]

FAILURES = [
    ("from_iso8601_timestamp('x')", 'INVALID_FUNCTION_ARGUMENT: Invalid format: "x"'),
    ("from_unixtime(0, 'Mars/Olympus')", "INVALID_FUNCTION_ARGUMENT"),
    ("timestamp '2012-10-31 01:00 Mars/Olympus'", "INVALID_FUNCTION_ARGUMENT: 'Mars/Olympus' is not a valid time zone"),
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
