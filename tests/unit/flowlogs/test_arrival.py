"""Whether a target's day is complete, judged from the newest file of each of its flow logs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.arrival import NewestFile, day_end, end_window, judge, newest
from flowlogs.settings import Arrival

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
SETTINGS = Arrival(quiet_minutes=15, day_end_grace_minutes=15)
A, B = "fl-0000000a", "fl-0000000b"


def at_end(*, came_before_midnight: float = 0) -> NewestFile:
    """A flow log's newest file: named 23:55, delivered minutes before midnight (negative: after)."""
    return NewestFile(MIDNIGHT - timedelta(minutes=5), MIDNIGHT - timedelta(minutes=came_before_midnight))


def judged(expected, found, *, minutes_after_midnight=60.0, arrival=SETTINGS, at_least=None):
    now = MIDNIGHT + timedelta(minutes=minutes_after_midnight)
    verdict = judge(expected, found, day=DAY, arrival=arrival, now=now, at_least=at_least)
    return None if verdict is None else (verdict.status, verdict.reason)


@pytest.mark.parametrize(
    ("expected", "found", "verdict"),
    [
        pytest.param({A, B}, {A: at_end(), B: at_end()}, None, id="all of the day before reached the end"),
        pytest.param(set(), {A: at_end()}, None, id="first day ever"),
        pytest.param({A}, {A: at_end(), B: at_end()}, None, id="a flow log that is new, and reached the end"),
        pytest.param(
            {A}, {A: at_end(), B: None}, ("partial", f"{B} has no file since 23:45"), id="one that is new, and did not"
        ),
        pytest.param(
            {A, B}, {A: None, B: None}, ("partial", f"{A}, {B} has no file since 23:45"), id="none at the day's end"
        ),
        pytest.param(
            {A, B},
            {A: at_end()},
            ("partial", f"no file of {B}, which wrote the day before"),
            id="one of the day before is missing",
        ),
        pytest.param(
            {B, A},
            {},
            ("missing", f"no file of the day; the day before had {A}, {B}"),
            id="nothing, where there was something",
        ),
        pytest.param(
            set(), {}, ("missing", "no file of the day, nor of the day before"), id="nothing, as on the day before"
        ),
    ],
)
def test_a_day_is_complete_when_every_flow_log_reached_its_end(expected, found, verdict):
    assert judged(expected, found) == verdict


@pytest.mark.parametrize(
    ("minutes_after_midnight", "verdict"),
    [
        (0, ("partial", "files came 0 minutes ago")),
        (10, ("partial", "files came 10 minutes ago")),
        (14.9, ("partial", "files came 15 minutes ago")),
        (15, None),
        (600, None),
    ],
)
def test_nothing_may_have_come_for_the_quiet_minutes(minutes_after_midnight, verdict):
    """The file that came last decides, whichever flow log it is of."""
    found = {A: at_end(came_before_midnight=30), B: at_end(came_before_midnight=0)}
    assert judged({A, B}, found, minutes_after_midnight=minutes_after_midnight) == verdict


def test_a_clock_behind_that_of_s3_makes_no_negative_minutes():
    assert judged({A}, {A: at_end(came_before_midnight=-3)}, minutes_after_midnight=0) == (
        "partial",
        "files came 0 minutes ago",
    )


@pytest.mark.parametrize(
    ("at_least", "verdict"),
    [(1, None), (2, None), (3, ("partial", f"2 of 3 flow logs have files: {A}, {B}"))],
)
def test_the_number_of_flow_logs_can_be_set(at_least, verdict):
    assert judged(set(), {B: at_end(), A: at_end()}, at_least=at_least) == verdict


def test_without_any_file_the_set_number_is_told():
    assert judged(set(), {}, at_least=2) == ("missing", "no file of the day; 2 flow logs are expected")


@pytest.mark.parametrize(
    ("grace", "since"),
    [(0, MIDNIGHT), (15, datetime(2026, 11, 22, 23, 45, tzinfo=UTC)), (90, datetime(2026, 11, 22, 22, 30, tzinfo=UTC))],
)
def test_the_window_in_which_a_flow_log_has_reached_the_days_end(grace, since):
    assert end_window(DAY, Arrival(day_end_grace_minutes=grace)) == since


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 22), MIDNIGHT),
        (date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        (date(2028, 2, 28), datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_utc(day, end):
    assert day_end(day) == end


MOMENTS = st.integers(0, 10**6).map(lambda minutes: MIDNIGHT - timedelta(minutes=minutes))


@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1))
def test_the_newest_file_carries_the_last_name_and_the_last_delivery(files):
    """They need not be of one file: a late file with an old name still means that the day is not quiet."""
    found = newest(iter(files))
    assert found is not None
    assert (found.time, found.modified) == (
        sorted(time for time, _ in files)[-1],
        sorted(modified for _, modified in files)[-1],
    )


def test_without_files_there_is_no_newest():
    assert newest([]) is None
