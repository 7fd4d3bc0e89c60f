"""What is old enough to be removed: which tables' days, from which day back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flowlogs.settings import Settings


@dataclass(frozen=True, slots=True)
class OldDays:
    """The days of a table before `before`, which are not kept any longer."""

    table: str
    before: str
    with_files: bool
    """Whether the files of the days are the pipeline's own, and go too."""


def old_days(settings: Settings, today: date) -> Iterator[OldDays]:
    """What the settings do not keep of the tables. `today` is not over; a table keeps so many days before it."""
    keep = settings.retention
    for source in settings.sources:
        for table in source.file_tables:
            yield from _before(table, today, keep.raw_partition_days, with_files=False)
    for table in ("flow_records", "flow_gaps", "flow_quarantine"):
        yield from _before(table, today, keep.record_days, with_files=True)
    yield from _before("flow_daily", today, keep.summary_days, with_files=True)
    yield from _before("flow_runs", today, keep.ledger_days, with_files=True)


def _before(table: str, today: date, days: int | None, *, with_files: bool) -> Iterator[OldDays]:
    if days is not None:
        yield OldDays(table, (today - timedelta(days=days)).isoformat(), with_files)
