"""When refresh schedules are due."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_STEPS = {"MINUTE15": timedelta(minutes=15), "MINUTE30": timedelta(minutes=30), "HOURLY": timedelta(hours=1)}
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True)
class Schedule:
    """When one schedule is due: an interval, and the time of day in a time zone where it needs one."""

    interval: str
    zone: ZoneInfo
    hour: int
    minute: int
    weekday: int | None
    """0 is Monday; for WEEKLY."""
    day: int | None
    """Of the month; None is its last. For MONTHLY."""
    start_after: datetime

    @classmethod
    def of(cls, schedule: dict[str, Any]) -> Schedule:
        """From the API's RefreshSchedule.

        Raises: ValueError for a time or day that is missing or wrong.
        """
        frequency = schedule["ScheduleFrequency"]
        interval, on = frequency["Interval"], frequency.get("RefreshOnDay", {})
        time_of_day = frequency.get("TimeOfTheDay")
        if time_of_day is None and interval in ("DAILY", "WEEKLY", "MONTHLY"):
            raise ValueError(f"TimeOfTheDay is missing, which Interval {interval} needs")
        if time_of_day is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time_of_day):
            raise ValueError(f"TimeOfTheDay is {time_of_day!r}; it is expressed as HH:MM")
        if interval == "WEEKLY" and on.get("DayOfWeek") not in _DAYS:
            raise ValueError("RefreshOnDay.DayOfWeek is missing, which Interval WEEKLY needs")
        if interval == "MONTHLY" and "DayOfMonth" not in on:
            raise ValueError("RefreshOnDay.DayOfMonth is missing, which Interval MONTHLY needs")
        hour, minute = map(int, (time_of_day or "00:00").split(":"))
        day = on.get("DayOfMonth")
        return cls(
            interval,
            ZoneInfo(frequency.get("Timezone", "UTC")),
            hour,
            minute,
            _DAYS.index(on["DayOfWeek"]) if interval == "WEEKLY" else None,
            None if day in (None, "LAST_DAY_OF_MONTH") else int(day),
            datetime.fromtimestamp(schedule.get("StartAfterDateTime", 0), UTC),
        )

    def due(self, after: datetime, until: datetime) -> bool:
        """Whether it is due in the time behind `after`, up to `until`."""
        last = self.latest(until)
        return last > after and last > self.start_after

    def latest(self, until: datetime) -> datetime:
        """The latest moment up to `until` at which it was due."""
        local = until.astimezone(self.zone)
        if (step := _STEPS.get(self.interval)) is not None:
            past_hour = local.replace(minute=0, second=0, microsecond=0)
            return past_hour + step * ((local - past_hour) // step)
        day = local.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        while day > local or not self._is_day(day):
            day -= timedelta(days=1)
        return day

    def _is_day(self, day: datetime) -> bool:
        if self.interval == "WEEKLY":
            return day.weekday() == self.weekday
        if self.interval == "MONTHLY":
            return day.day == (self.day or calendar.monthrange(day.year, day.month)[1])
        return True
