"""Is a target's day of flow logs complete? Decided per flow log from its newest files alone.

A flow log writes a file every five minutes, the last of a day at its end, and those with nothing to say come as
NODATA records; so a flow log that reached the day's end has delivered the day, but for files that come late. A target
is complete when every flow log of the day before, and every other one seen, reached the day's end, and no file of
its end is younger than `quiet_minutes`. Where the settings name the number of flow logs (`expected_flow_logs`), it
stands for those of the day before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flowlogs.coverage import MISSING, PARTIAL, Incomplete
from flowlogs.settings import Arrival


@dataclass(frozen=True, slots=True)
class NewestFile:
    """The newest file of a flow log among those at the day's end."""

    time: datetime
    """The time in its name, UTC."""
    modified: datetime
    """When the last of the files at the day's end came."""


def day_end(day: date) -> datetime:
    """The midnight (UTC) that ends a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def end_window(day: date, arrival: Arrival) -> datetime:
    """A flow log with a file of this time (UTC) or later has reached the day's end."""
    return day_end(day) - timedelta(minutes=arrival.day_end_grace_minutes)


def newest(files: Iterable[tuple[datetime, datetime]]) -> NewestFile | None:
    """The newest of a flow log's files, given as (time in the name, LastModified); None without files."""
    found = list(files)
    if not found:
        return None
    return NewestFile(max(time for time, _ in found), max(modified for _, modified in found))


def judge(
    expected: Collection[str],
    at_end: Mapping[str, NewestFile | None],
    *,
    day: date,
    arrival: Arrival,
    now: datetime,
    at_least: int | None = None,
) -> Incomplete | None:
    """Why a target's day is not complete; None when it is.

    Args:
        expected: flow logs with files on the day before.
        at_end: each flow log with files on the day -> its newest file at the day's end, None when there is none.
        day: the day.
        arrival: the settings.
        now: the time, UTC.
        at_least: how many flow logs there must be.
    """
    if not at_end:
        if at_least is not None:
            known = f"; {at_least} flow logs are expected"
        else:
            known = f"; the day before had {', '.join(sorted(expected))}" if expected else ", nor of the day before"
        return Incomplete(MISSING, f"no file of the day{known}")
    absent = sorted(set(expected) - set(at_end))
    if absent:
        return Incomplete(PARTIAL, f"no file of {', '.join(absent)}, which wrote the day before")
    if at_least is not None and len(at_end) < at_least:
        return Incomplete(PARTIAL, f"{len(at_end)} of {at_least} flow logs have files: {', '.join(sorted(at_end))}")
    short = sorted(flow_log for flow_log, file in at_end.items() if file is None)
    if short:
        return Incomplete(PARTIAL, f"{', '.join(short)} has no file since {end_window(day, arrival):%H:%M}")
    last = max(file.modified for file in at_end.values() if file is not None)
    quiet = now - last
    if quiet < timedelta(minutes=arrival.quiet_minutes):
        return Incomplete(PARTIAL, f"files came {max(0, quiet.total_seconds() / 60):.0f} minutes ago")
    return None
