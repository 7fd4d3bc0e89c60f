"""The days that an edition of the report is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final, Literal

Edition = Literal["daily", "weekly", "monthly"]

BASELINE_DAYS: Final = 28
"""Days before an edition that it is compared with."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days `first` to `last`, both included."""

    edition: Edition
    first: date
    last: date

    @classmethod
    def of(cls, edition: Edition, day: date) -> Period:
        """The day, the week (from Monday) or the month that a day is in."""
        if edition == "daily":
            return cls(edition, day, day)
        if edition == "weekly":
            monday = day - timedelta(days=day.weekday())
            return cls(edition, monday, monday + timedelta(days=6))
        first = day.replace(day=1)
        return cls(edition, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    @classmethod
    def of_key(cls, edition: Edition, key: str) -> Period:
        """The period of a partition key or a parameter: a day `YYYY-MM-DD`; of the monthly edition also `YYYY-MM`.

        Raises:
            ValueError: for a text that is neither, or so near to the calendar's ends that nothing is before or after.
        """
        if edition == "monthly" and re.fullmatch(r"\d{4}-\d{2}", key):
            key = f"{key}-01"
        day = date.fromisoformat(key)
        if day.isoformat() != key:
            raise ValueError(f"{key!r} is no day as it must be written: {day}")
        if not MINYEAR < day.year < MAXYEAR:
            raise ValueError(f"{key!r} is at the calendar's end")
        return cls.of(edition, day)

    @property
    def key(self) -> str:
        """Its first day, by which it is named."""
        return self.first.isoformat()

    @property
    def baseline_first(self) -> date:
        """The first day of what it is compared with."""
        return self.first - timedelta(days=BASELINE_DAYS)

    @property
    def before(self) -> Period:
        """The period of the same length in the calendar before it."""
        return Period.of(self.edition, self.first - timedelta(days=1))

    @property
    def words(self) -> str:
        """As people call it: `22 November 2026`, `week of 16 November 2026`, `November 2026`."""
        if self.edition == "daily":
            return f"{self.first.day} {self.first:%B %Y}"
        return f"week of {self.first.day} {self.first:%B %Y}" if self.edition == "weekly" else f"{self.first:%B %Y}"
