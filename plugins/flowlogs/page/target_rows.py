"""Targets by days: one row a target, pages of rows, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final, Literal

from flowlogs.page.calendar import Day
from flowlogs.page.states import MISSING_DAY, NO_RESULT, NOT_COMPLETE, RUNNING, STATE_OF_CODE, State

PAGE: Final = 25

Order = Literal["worst", "name"]

_OUTSIDE: Final = "-"
"""A target that the day does not have."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row that a target was in the same state; None for days that do not have the target."""

    state: State | None
    first: date
    days: int

    @property
    def last(self) -> date:
        """The last of them."""
        return self.first + timedelta(days=self.days - 1)

    def in_words(self) -> str:
        """What it says when it is pointed at or read aloud."""
        what = "not a target" if self.state is None else self.state.name
        return f"{self.first}: {what}" if self.days == 1 else f"{self.first} to {self.last}, {self.days} days: {what}"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target over the days.

    Attributes:
        not_complete: days that it was missing or late, or that have no result.
    """

    target: str
    codes: str
    not_complete: int
    first: date

    @property
    def stretches(self) -> list[Stretch]:
        """Its days, those in the same state together."""
        found = []
        start = self.first
        for code, some in groupby(self.codes):
            days = len(list(some))
            found.append(Stretch(STATE_OF_CODE.get(code), start, days))
            start += timedelta(days=days)
        return found


@dataclass(frozen=True, slots=True)
class TargetPage:
    """Some rows of all that match."""

    rows: Sequence[TargetRow]
    matching: int
    targets: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, 1 at least."""
        return max(1, -(-self.matching // PAGE))


def target_rows(days: Sequence[Day], running: Mapping[str, frozenset[str] | None]) -> list[TargetRow]:
    """One row for each target of any of the days, in the order of their names.

    Args:
        days: days of the calendar, in a row.
        running: of each day that runs work on, the targets that they work on; None for all.
    """
    if not days:
        return []
    targets = _all_targets(days)
    columns = [_column(day, targets, running) for day in days]
    text = "".join(columns)
    count = len(targets)
    rows = []
    for position, target in enumerate(targets):
        codes = text[position::count]
        rows.append(TargetRow(target, codes, sum(codes.count(code) for code in NOT_COMPLETE), days[0].day))
    return rows


def page_of(
    rows: Sequence[TargetRow], *, text: str = "", order: Order = "worst", only_problems: bool = False, page: int = 1
) -> TargetPage:
    """A page of the rows whose target holds all words of `text`; worst first is by days not complete, missing before late."""
    words = text.lower().split()
    found = [
        row
        for row in rows
        if all(word in row.target for word in words) and not (only_problems and row.not_complete == 0)
    ]
    if order == "worst":
        found.sort(key=lambda row: (-row.not_complete, -row.codes.count(MISSING_DAY.code), row.target))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    return TargetPage(found[(page - 1) * PAGE : page * PAGE], len(found), len(rows), page)


def _all_targets(days: Sequence[Day]) -> tuple[str, ...]:
    lists = {id(day.digest.targets): day.digest.targets for day in days if day.digest is not None}
    some = list(lists.values())
    return some[0] if len(some) == 1 else tuple(sorted({target for one in some for target in one}))


def _column(day: Day, targets: tuple[str, ...], running: Mapping[str, frozenset[str] | None]) -> str:
    if day.digest is None:
        codes = NO_RESULT.code * len(targets)
    elif day.digest.targets == targets:
        codes = day.digest.codes
    else:
        state_of = dict(zip(day.digest.targets, day.digest.codes, strict=True))
        codes = "".join(state_of.get(target, _OUTSIDE) for target in targets)
    if day.name not in running:
        return codes
    some = running[day.name]
    if some is None:
        return RUNNING.code * len(targets)
    return "".join(RUNNING.code if target in some else code for target, code in zip(targets, codes, strict=True))
