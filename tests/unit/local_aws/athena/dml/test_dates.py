"""Dates, times and intervals: functions, patterns, arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("date '2012-08-08' + interval '2' day", "2012-08-10"),
    ("timestamp '2012-08-08 01:00' + interval '29' hour", "2012-08-09 06:00:00.000"),
    ("timestamp '2012-10-31 01:00' + interval '1' month", "2012-11-30 01:00:00.000"),
    ("interval '2' day + interval '3' hour", "2 03:00:00.000"),
    ("interval '3' year + interval '5' month", "3-5"),
    ("date '2012-08-08' - interval '2' day", "2012-08-06"),
    ("timestamp '2012-08-08 01:00' - interval '29' hour", "2012-08-06 20:00:00.000"),
    ("timestamp '2012-10-31 01:00' - interval '1' month", "2012-09-30 01:00:00.000"),
    ("interval '2' day - interval '3' hour", "1 21:00:00.000"),
    ("interval '3' year - interval '5' month", "2-7"),
    ("from_iso8601_date('2020-05-11')", "2020-05-11"),
    ("from_iso8601_date('2020-W10')", "2020-03-02"),
    ("from_iso8601_date('2020-123')", "2020-05-02"),
    ("to_iso8601(date '2020-05-11')", "2020-05-11"),
    ("to_iso8601(timestamp '2020-05-11 11:15:05.055')", "2020-05-11T11:15:05.055"),
    ("to_milliseconds(interval '1' day)", "86400000"),
    ("date_trunc('millisecond', timestamp '2001-08-22 03:04:05.321')", "2001-08-22 03:04:05.321"),
    ("date_trunc('second', timestamp '2001-08-22 03:04:05.321')", "2001-08-22 03:04:05.000"),
    ("date_trunc('minute', timestamp '2001-08-22 03:04:05.321')", "2001-08-22 03:04:00.000"),
    ("date_trunc('hour', timestamp '2001-08-22 03:04:05.321')", "2001-08-22 03:00:00.000"),
    ("date_trunc('day', timestamp '2001-08-22 03:04:05.321')", "2001-08-22 00:00:00.000"),
    ("date_trunc('week', timestamp '2001-08-22 03:04:05.321')", "2001-08-20 00:00:00.000"),
    ("date_trunc('month', timestamp '2001-08-22 03:04:05.321')", "2001-08-01 00:00:00.000"),
    ("date_trunc('quarter', timestamp '2001-08-22 03:04:05.321')", "2001-07-01 00:00:00.000"),
    ("date_trunc('year', timestamp '2001-08-22 03:04:05.321')", "2001-01-01 00:00:00.000"),
    ("date_trunc('month', date '2001-08-22')", "2001-08-01"),
    ("date_add('second', 86, TIMESTAMP '2020-03-01 00:00:00')", "2020-03-01 00:01:26.000"),
    ("date_add('hour', 9, TIMESTAMP '2020-03-01 00:00:00')", "2020-03-01 09:00:00.000"),
    ("date_add('day', -28, date '2026-11-10')", "2026-10-13"),
    ("date_add('month', 1, date '2020-01-31')", "2020-02-29"),
    ("date_diff('second', TIMESTAMP '2020-03-01 00:00:00', TIMESTAMP '2020-03-02 00:00:00')", "86400"),
    ("date_diff('day', DATE '2020-03-01', DATE '2020-03-02')", "1"),
    ("date_diff('millisecond', TIMESTAMP '2020-06-01 12:30:45.000', TIMESTAMP '2020-06-02 12:30:45.123')", "86400123"),
    ("date_diff('day', timestamp '2020-03-01 23:00:00', timestamp '2020-03-02 01:00:00')", "0"),
    ("date_diff('day', timestamp '2020-03-02 01:00:00', timestamp '2020-03-01 23:00:00')", "0"),
    ("date_diff('day', timestamp '2020-03-03 01:00:00', timestamp '2020-03-01 23:00:00')", "-1"),
    ("date_diff('month', date '2020-01-15', date '2020-03-14')", "1"),
    ("date_diff('year', date '2019-06-01', date '2020-05-31')", "0"),
    ("date_diff('week', date '2020-06-01', date '2020-06-14')", "1"),
    ("date_diff('hour', timestamp '2020-03-01 00:59:59', timestamp '2020-03-01 01:00:00')", "0"),
    ("last_day_of_month(date '2020-02-11')", "2020-02-29"),
    ("date_format(timestamp '2022-10-20 05:10:00', '%m-%d-%Y %H')", "10-20-2022 05"),
    ("date_format(timestamp '2022-10-20 05:10:00.123', '%Y-%m-%d %H:%i:%s.%f')", "2022-10-20 05:10:00.123000"),
    (
        "date_format(timestamp '2022-01-02 15:04:05', '%a %b %c %e %k %l %M %p %W %j %y %%')",
        "Sun Jan 1 2 15 3 January PM Sunday 002 22 %",
    ),
    ("date_format(timestamp '2022-01-02 15:04:05', '%T %r %h %I %v %x %S')", "15:04:05 03:04:05 PM 03 03 52 2021 05"),
    ("date_parse('2022/10/20/05', '%Y/%m/%d/%H')", "2022-10-20 05:00:00.000"),
    ("date_parse('10/Nov/2026:13:55:36', '%d/%b/%Y:%H:%i:%s')", "2026-11-10 13:55:36.000"),
    ("date_parse('2026-11-10 01:02:03.5', '%Y-%m-%d %H:%i:%s.%f')", "2026-11-10 01:02:03.500"),
    ("format_datetime(timestamp '2022-10-20 05:10:00', 'yyyy-MM-dd HH:mm:ss')", "2022-10-20 05:10:00"),
    ("format_datetime(timestamp '2022-10-20 15:10:00', 'EEEE, MMM d, yyyy h:mm a')", "Thursday, Oct 20, 2022 3:10 PM"),
    (
        "format_datetime(timestamp '2022-10-02 15:10:00.045', 'E e D yy M MMMM H k K SSS ''at''')",
        "Sun 7 275 22 10 October 15 15 3 045 at",
    ),
    ("date('2022-11-20')", "2022-11-20"),
    ("date(timestamp '2022-11-20 12:00:00')", "2022-11-20"),
    ("cast('2022-11-20' as date)", "2022-11-20"),
    ("cast('2022-11-20 01:02:03' as timestamp)", "2022-11-20 01:02:03.000"),
    ("cast('2022-11-20' as timestamp)", "2022-11-20 00:00:00.000"),
    ("cast(date '2022-11-20' as varchar)", "2022-11-20"),
    ("cast(timestamp '2022-11-20 01:02:03' as varchar)", "2022-11-20 01:02:03"),
    ("extract(year from timestamp '2022-10-20 05:10:00')", "2022"),
    ("extract(dow from date '2026-11-15')", "7"),
    ("extract(day_of_week from date '2026-11-15')", "7"),
    ("extract(week from date '2021-01-01')", "53"),
    ("extract(hour from timestamp '2022-10-20 05:10:00')", "5"),
    ("day(date '2022-10-20')", "20"),
    ("day_of_month(date '2022-10-20')", "20"),
    ("dow(date '2026-11-15')", "7"),
    ("doy(date '2022-02-01')", "32"),
    ("day_of_year(date '2022-02-01')", "32"),
    ("week(date '2021-01-01')", "53"),
    ("week_of_year(date '2021-01-01')", "53"),
    ("year_of_week(date '2021-01-01')", "2020"),
    ("yow(date '2021-01-01')", "2020"),
    ("month(date '2022-10-20')", "10"),
    ("quarter(date '2022-10-20')", "4"),
    ("year(date '2022-10-20')", "2022"),
    ("hour(timestamp '2022-10-20 05:10:00')", "5"),
    ("minute(timestamp '2022-10-20 05:10:00')", "10"),
    ("second(timestamp '2022-10-20 05:10:09.5')", "9"),
    ("millisecond(timestamp '2022-10-20 05:10:09.5')", "500"),
    ("date '2020-01-01' < timestamp '2020-01-01 00:00:01'", "true"),
    ("date '2020-01-02' - date '2020-01-01'", "1 00:00:00.000"),
    ("timestamp '2020-01-02 00:00:00' - timestamp '2020-01-01 12:00:00'", "0 12:00:00.000"),
    ("sequence(date '2026-11-08', date '2026-11-10')", "[2026-11-08, 2026-11-09, 2026-11-10]"),
    ("sequence(date '2026-01-31', date '2026-03-31', interval '1' month)", "[2026-01-31, 2026-02-28, 2026-03-31]"),
    (
        "sequence(timestamp '2026-11-10 00:00:00', timestamp '2026-11-10 02:00:00', interval '1' hour)",
        "[2026-11-10 00:00:00.000, 2026-11-10 01:00:00.000, 2026-11-10 02:00:00.000]",
    ),
    ("typeof(localtimestamp)", "timestamp(3)"),
    ("time '01:00' + interval '3' hour", "04:00:00.000"),
]

FAILURES = [
    ("cast('x' as date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: x"),
    ("date_trunc('fortnight', date '2026-11-10')", "INVALID_FUNCTION_ARGUMENT"),
    ("date_add('day', 1, '2026-11-10')", "TYPE_MISMATCH"),
    ("day_of_week('2026-11-10')", "FUNCTION_NOT_FOUND"),
    ("date_parse('2026', '%Y-%m')", "INVALID_FUNCTION_ARGUMENT"),
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
