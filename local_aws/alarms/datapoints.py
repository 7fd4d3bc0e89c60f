"""A metric's points as the data points that an alarm looks at: one value for each of its periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Point = dict[str, Any]
"""A published value as MiniStack keeps it: Timestamp (epoch seconds), Value, Count, Unit."""

_LOWER = frozenset({"LessThanThreshold", "LessThanOrEqualToThreshold"})
_NEVER_FALLS = frozenset({"Sum", "SampleCount", "Maximum"})


@dataclass(frozen=True)
class Datapoint:
    """One period of an alarm: when it began (epoch seconds), and its statistic; None where there is no data."""

    start: int
    value: float | None
    sample_count: float = 0


@dataclass(frozen=True)
class Periods:
    """The periods that an alarm looks at, and what of them may not be complete yet.

    `length` in seconds; `comparison` and `statistic` as in PutMetricAlarm.
    """

    length: int
    comparison: str
    statistic: str

    def datapoints(
        self,
        points: Iterable[Point],
        count: int,
        now: float,
        value: Callable[[list[Point]], tuple[float, float] | None],
    ) -> list[Datapoint]:
        """The newest `count` data points, the newest first.

        The newest period ends with the last whole minute, so that periods slide by minutes, as CloudWatch's
        do. When data of the running minute is there it ends with that one: what cannot be undone by more
        data is not waited for. `value` makes (statistic, number of samples) of a period's points.
        """
        points = list(points)
        end = self._end(points, now)
        by_period: list[list[Point]] = [[] for _ in range(count)]
        for point in points:
            age = math.ceil((end - point["Timestamp"]) / self.length) - 1
            if 0 <= age < count:
                by_period[age].append(point)
        datapoints = []
        for age, inside in enumerate(by_period):
            found = value(inside) if inside else None
            statistic, samples = found if found is not None else (None, 0)
            datapoints.append(Datapoint(int(end - (age + 1) * self.length), statistic, samples))
        return datapoints

    def _end(self, points: list[Point], now: float) -> int:
        step = 60 if self.length % 60 == 0 else self.length
        complete = int(now // step) * step
        if self._more_data_may_undo():
            return complete
        running = any(complete <= point["Timestamp"] < complete + step for point in points)
        return complete + step if running else complete

    def _more_data_may_undo(self) -> bool:
        """Whether a breach seen in half a period may be none at its end: a small sum grows."""
        if self.comparison in _LOWER:
            return self.statistic in _NEVER_FALLS
        return self.statistic == "Minimum"
