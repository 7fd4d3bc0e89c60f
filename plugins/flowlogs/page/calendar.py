"""The calendar: a cell a day, and which days need a look and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flowlogs.page.digest import DayDigest, Reason
from flowlogs.page.states import COMPLETE, NO_RESULT, RUNNING, STATE_OF_CODE, State


@dataclass(frozen=True)
class Day:
    """A day of the calendar.

    Attributes:
        state: the worst state of its targets; `no result` when it is not in the ledger.
        is_running: whether a run works on it; the state is then the one before.
        failed_run: whether the latest run of a day that is not in the ledger failed.
    """

    day: date
    digest: DayDigest | None
    is_running: bool = False
    failed_run: bool = False

    @property
    def name(self) -> str:
        """`YYYY-MM-DD`."""
        return self.day.isoformat()

    @property
    def state(self) -> State:
        """What its cell shows."""
        if self.digest is None:
            return RUNNING if self.is_running else NO_RESULT
        return STATE_OF_CODE[self.digest.worst]

    @property
    def targets(self) -> int:
        """Targets of the day; 0 when it is not in the ledger."""
        return 0 if self.digest is None else len(self.digest.targets)

    @property
    def not_complete(self) -> int:
        """Targets that are missing or late."""
        return 0 if self.digest is None else self.digest.not_complete

    @property
    def needs_a_look(self) -> bool:
        """Whether targets are missing or late, or the day is not in the ledger and nothing works on it."""
        return self.not_complete > 0 or self.state == NO_RESULT

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is not complete."""
        return () if self.digest is None else self.digest.reasons

    def in_words(self) -> str:
        """What a cell says when it is pointed at or read aloud."""
        if self.digest is None:
            words = "a run works on it" if self.is_running else ("the run failed" if self.failed_run else "no result")
            return f"{self.name}: {words}"
        counts = self.digest.counts
        parts = [
            f"{counts[code]:,} {STATE_OF_CODE[code].name}"
            for code in STATE_OF_CODE
            if code in counts and code != COMPLETE.code
        ]
        complete = f"{counts.get(COMPLETE.code, 0):,} of {self.targets:,} targets complete"
        return f"{self.name}: {', '.join([complete, *parts])}{'; a run works on it' if self.is_running else ''}"


def calendar(
    digests: Mapping[str, DayDigest],
    *,
    today: date,
    days: int,
    running: frozenset[str] = frozenset(),
    failed: frozenset[str] = frozenset(),
) -> list[Day]:
    """So many days up to yesterday, the oldest first; none before the first day of the ledger, of which nothing is known.

    Today is the last one when the ledger or a run has it; days to come, which only a mistaken run has, are left out.

    Args:
        digests: the ledger, by day.
        today: the UTC day.
        days: how many days at most.
        running: days that runs work on.
        failed: days whose latest run failed.
    """
    known = [day for day in map(date.fromisoformat, (*digests, *running)) if day <= today]
    if not known:
        return []
    last = max(today - timedelta(days=1), *known)
    first = max(min(known), last - timedelta(days=days - 1))
    found = []
    for back in range((last - first).days, -1, -1):
        day = last - timedelta(days=back)
        name = day.isoformat()
        found.append(Day(day, digests.get(name), name in running, name in failed))
    return found


def by_month(days: list[Day]) -> list[tuple[str, dict[int, Day]]]:
    """The newest month first: its name, and its days by day of the month."""
    months = [
        (f"{month:%b %Y}", {day.day.day: day for day in some})
        for month, some in groupby(days, key=lambda day: day.day.replace(day=1))
    ]
    return months[::-1]
