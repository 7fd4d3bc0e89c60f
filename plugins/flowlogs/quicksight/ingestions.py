"""Ingestions of a data set as QuickSight lists them: which read what, what is left of the day's quota."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, Self

IngestionType = Literal["FULL_REFRESH", "INCREMENTAL_REFRESH"]
"""What can be asked for (API reference, CreateIngestion)."""

FULL: Final[IngestionType] = "FULL_REFRESH"
INCREMENTAL: Final[IngestionType] = "INCREMENTAL_REFRESH"

REFRESHES_A_DAY: Final = {"enterprise": 32, "standard": 8}
"""Ingestions of a data set that may be asked for in any 24 hours, by edition (API reference, CreateIngestion)."""

_QUOTA_PERIOD = timedelta(hours=24)
_UNDER_WAY = frozenset({"INITIALIZED", "QUEUED", "RUNNING"})
_IN_VAIN = frozenset({"FAILED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class Ingestion:
    """An ingestion of a data set.

    Attributes:
        id: unique for the data set; our own tell run, try and definition, see `IngestionName`.
        status: INITIALIZED, QUEUED, RUNNING, COMPLETED, FAILED or CANCELLED.
        type: what was asked for; INITIAL_INGESTION and EDIT follow a change of the data set, and read all.
        source: MANUAL when asked for through the API or the console, SCHEDULED.
        created: when it was asked for (UTC).
        rows, dropped, total: rows it brought, rows it could not, rows of the data set afterwards; None until it ended.
        seconds: that it took; None until it ended.
        error_type: of IngestionErrorType; empty when it has not failed.
        error: QuickSight's words.
    """

    id: str
    status: str
    type: str
    source: str
    created: datetime
    rows: int | None = None
    dropped: int | None = None
    total: int | None = None
    seconds: int | None = None
    error_type: str = ""
    error: str = ""

    @classmethod
    def of(cls, shape: Mapping[str, Any]) -> Self:
        """From the API's Ingestion."""
        told, error = shape.get("RowInfo", {}), shape.get("ErrorInfo", {})
        return cls(
            id=shape["IngestionId"],
            status=shape["IngestionStatus"],
            type=shape.get("RequestType", FULL),
            source=shape.get("RequestSource", "MANUAL"),
            created=shape["CreatedTime"],
            rows=told.get("RowsIngested"),
            dropped=told.get("RowsDropped"),
            total=told.get("TotalRowsInDataset"),
            seconds=shape.get("IngestionTimeInSeconds"),
            error_type=error.get("Type", ""),
            error=error.get("Message", ""),
        )

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.status in _UNDER_WAY

    @property
    def is_in_vain(self) -> bool:
        """Whether it ended without rows."""
        return self.status in _IN_VAIN

    @property
    def reads_all(self) -> bool:
        """Whether it reads every day, not only those of the look-back window."""
        return self.type != INCREMENTAL


@dataclass(frozen=True, slots=True)
class IngestionName:
    """What the ids of our ingestions say: for which run, of which definition of the data set.

    The id of the first try is `{run}-{definition}-{data set}-1`, and the number counts up: QuickSight takes an id once.
    """

    run: str
    """Digest of the Airflow run's id."""
    definition: str
    """Digest of the data set's definition."""
    data_set: str
    """The data set's name in the definition of the dashboard."""

    @classmethod
    def of(cls, run_id: str, definition: Mapping[str, Any], data_set: str) -> Self:
        """The name for a run.

        Args:
            run_id: Airflow's.
            definition: what the data set is made of.
            data_set: its name in the definition of the dashboard.
        """
        return cls(_digest(run_id, 12), definition_digest(definition), data_set)

    @property
    def stem(self) -> str:
        """What the ids of all tries begin with."""
        return f"{self.run}-{self.definition}-{self.data_set}-"


def definition_digest(definition: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits that change with the query or the columns of a data set."""
    return _digest(repr([definition.get("PhysicalTableMap"), definition.get("LogicalTableMap")]), 8)


def definition_of(ingestion_id: str) -> str | None:
    """The digest in an id of ours; None of an id that others gave."""
    parts = ingestion_id.split("-")
    is_ours = len(parts) >= 4 and len(parts[0]) == 12 and len(parts[1]) == 8 and parts[-1].isdigit()
    return parts[1] if is_ours else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ingestion that a data set needs, if any.

    Attributes:
        days: the days that were published and that no ingestion has read, oldest first.
        type: how they are read; None when nothing is to be done.
        reason: why so, in words.
    """

    days: tuple[str, ...]
    type: IngestionType | None
    reason: str


def wanted_ingestion(
    published: Mapping[str, datetime],
    listed: Sequence[Ingestion],
    *,
    now: datetime,
    first_reread: Callable[[datetime], date],
    definition: str,
    has_incremental: bool,
) -> Wanted:
    """What brings the published days into a data set.

    A day counts as read when an ingestion that reads it was asked for after the day was published, and has not failed:
    one that runs is waited for by whoever asked. So days that are published together share one ingestion, and a day
    whose ingestion failed is read by the next.

    Args:
        published: when each day was published last (UTC), by day.
        listed: the data set's ingestions, the newest first.
        now: the time (UTC).
        first_reread: the first day that an incremental refresh reads that is asked for at a time.
        definition: the digest of the data set's definition now.
        has_incremental: whether the edition has incremental refreshes.
    """
    good = [one for one in listed if not one.is_in_vain]
    newest_full = next((one for one in good if one.reads_all), None)
    if newest_full is None:
        return Wanted(tuple(sorted(published)), FULL, "it has never been loaded")
    read_with = definition_of(newest_full.id)
    if read_with is not None and read_with != definition:
        return Wanted(tuple(sorted(published)), FULL, "its query or its columns have changed since it was loaded")
    days = tuple(
        day
        for day, moment in sorted(published.items())
        if not any(
            one.created > moment and (one.reads_all or day >= first_reread(one.created).isoformat()) for one in good
        )
    )
    if not days:
        return Wanted((), None, "it has every published day")
    if not has_incremental:
        return Wanted(days, FULL, "the edition has no incremental refresh")
    first = first_reread(now).isoformat()
    if days[0] < first:
        return Wanted(days, FULL, f"{days[0]} is before {first}, where an incremental refresh begins")
    return Wanted(days, INCREMENTAL, f"no day before {first} changed")


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a data set's ingestions of the last 24 hours.

    Attributes:
        used: those that were asked for.
        limit: those that the edition allows.
        reserve: those that are left to people.
        next_possible: when the pipeline may ask again (UTC); None when it may now.
    """

    used: int
    limit: int
    reserve: int
    next_possible: datetime | None


def quota(listed: Iterable[Ingestion], now: datetime, limit: int, reserve: int) -> Quota:
    """What is left: scheduled ingestions, and those that follow an edit, are not counted."""
    asked = sorted(
        one.created
        for one in listed
        if one.source == "MANUAL" and one.type in (FULL, INCREMENTAL) and one.created > now - _QUOTA_PERIOD
    )
    ours = max(1, limit - reserve)
    next_possible = None if len(asked) < ours else asked[-ours] + _QUOTA_PERIOD
    return Quota(len(asked), limit, reserve, next_possible)


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
