"""The days of a daily, weekly and monthly report."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.reports.period import Period

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
editions = st.sampled_from(["daily", "weekly", "monthly"])


@given(edition=editions, day=days)
def test_a_day_is_in_the_period_that_every_of_its_days_names(edition, day):
    period = Period.of(edition, day)
    assert period.first <= day <= period.last
    assert Period.of(edition, period.first) == Period.of(edition, period.last) == period
    assert Period.of_key(edition, period.key) == period


@given(edition=editions, day=days)
def test_the_period_before_ends_the_day_before(edition, day):
    period = Period.of(edition, day)
    assert period.before.last == period.first - timedelta(days=1)
    assert period.baseline_first == period.first - timedelta(days=28)


@given(day=days)
def test_a_week_has_seven_days_from_monday_and_a_month_all_of_its_own(day):
    week, month = Period.of("weekly", day), Period.of("monthly", day)
    assert (week.first.weekday(), (week.last - week.first).days) == (0, 6)
    assert (month.first.day, month.last.day) == (1, calendar.monthrange(day.year, day.month)[1])
    assert (month.first.month, month.last.month) == (day.month, day.month)


@pytest.mark.parametrize(
    ("edition", "words"),
    [("daily", "5 November 2026"), ("weekly", "week of 2 November 2026"), ("monthly", "November 2026")],
)
def test_people_s_words(edition, words):
    assert Period.of_key(edition, "2026-11-05").words == words


def test_a_month_may_be_written_without_a_day_for_the_monthly_report_only():
    assert Period.of_key("monthly", "2024-02").last == date(2024, 2, 29)
    for edition in ("daily", "weekly"):
        with pytest.raises(ValueError, match="2024-02"):
            Period.of_key(edition, "2024-02")


@pytest.mark.parametrize(
    "key", ["", "today", "20261105", "2026-W45-4", "2026-11-31", "2026-13", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_day_is_refused(key):
    with pytest.raises(ValueError):  # noqa: PT011 - some texts are refused by Python, with its words
        Period.of_key("monthly", key)
