"""The periods that an alarm looks at: sliding by minutes, the running minute as soon as it has data."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.alarms.datapoints import Datapoint, Periods

MINUTE = 1_779_624_000
ABOVE, BELOW = "GreaterThanOrEqualToThreshold", "LessThanThreshold"


def total(points: list[dict[str, Any]]) -> tuple[float, float]:
    return sum(point["Value"] for point in points), len(points)


def sums(points: dict[float, float], now: float, periods: Periods, count: int = 2) -> list[tuple[int, float | None]]:
    """(beginning after MINUTE, sum) of the newest periods; `points`: seconds after MINUTE -> value."""
    stored = [{"Timestamp": MINUTE + second, "Value": value} for second, value in points.items()]
    found = periods.datapoints(stored, count, MINUTE + now, total)
    return [(one.start - MINUTE, one.value) for one in found]


def test_periods_slide_by_minutes():
    attempts, periods = {0: 3.0}, Periods(300, ABOVE, "Sum")
    assert sums(attempts, 1, periods) == [(-240, 3.0), (-540, None)]
    assert sums(attempts, 299, periods) == [(-60, 3.0), (-360, None)]
    assert sums(attempts, 359, periods) == [(0, 3.0), (-300, None)]
    assert sums(attempts, 360, periods) == [(60, None), (-240, 3.0)]


def test_the_running_minute_counts_when_it_has_data():
    periods = Periods(60, ABOVE, "Sum")
    assert sums({-60: 1.0}, 30, periods) == [(-60, 1.0), (-120, None)]
    assert sums({-60: 1.0, 0: 2.0, 29: 4.0}, 30, periods) == [(0, 6.0), (-60, 1.0)]
    assert sums({-60: 1.0, 60: 8.0}, 30, periods) == [(-60, 1.0), (-120, None)]  # the future does not


@pytest.mark.parametrize(
    ("comparison", "statistic", "waits"),
    [
        (ABOVE, "Sum", False),
        (ABOVE, "Average", False),
        (ABOVE, "Minimum", True),
        (BELOW, "Sum", True),
        (BELOW, "Maximum", True),
        (BELOW, "SampleCount", True),
        (BELOW, "Minimum", False),
        (BELOW, "Average", False),
    ],
)
def test_what_more_data_may_undo_waits_for_the_end_of_the_minute(comparison, statistic, waits):
    periods = Periods(60, comparison, statistic)
    newest = sums({0: 2.0}, 30, periods)[0]
    assert newest == ((-60, None) if waits else (0, 2.0))


def test_high_resolution_periods_slide_by_themselves():
    assert sums({0: 1.0, 10: 2.0}, 25, Periods(10, ABOVE, "Sum")) == [(10, 2.0), (0, 1.0)]
    assert sums({0: 1.0, 20: 2.0}, 25, Periods(10, ABOVE, "Sum")) == [(20, 2.0), (10, None)]


def test_points_without_a_statistic_are_no_data():
    periods = Periods(60, ABOVE, "p99")
    point = {"Timestamp": MINUTE, "Value": -1.0}
    assert periods.datapoints([point], 1, MINUTE + 1, lambda points: None) == [Datapoint(MINUTE, None, 0)]
