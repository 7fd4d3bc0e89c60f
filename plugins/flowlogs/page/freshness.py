"""How fresh the dashboard's data is: what is noted in the lake when SPICE was refreshed.

Whoever refreshes a data set writes the note (`freshness_json` to the key `KEY` below `lake.prefix`) when the ingestion
has ended, well or not. So the page asks QuickSight nothing, and needs no rights there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from flowlogs.settings import Settings

KEY: Final = "quicksight/freshness.json"
"""Below `lake.prefix`."""


@dataclass(frozen=True, slots=True)
class DataSetFreshness:
    """A data set after its last ingestion.

    Attributes:
        name: as people know it.
        status: of the last ingestion, as QuickSight says it: COMPLETED, FAILED, ...
        refreshed_at: when the last ingestion that succeeded ended (UTC); None when none has.
        newest_day: the newest day that it holds (`YYYY-MM-DD`); None when unknown.
        rows: rows that it holds; None when unknown.
        problem: why the last ingestion failed, in words; empty when it did not.
    """

    name: str
    status: str
    refreshed_at: datetime | None
    newest_day: str | None
    rows: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The data sets, or why nothing is known of them."""

    is_set_up: bool
    data_sets: tuple[DataSetFreshness, ...] = ()
    problem: str = ""

    def behind(self, data_set: DataSetFreshness, newest_day: str | None) -> int | None:
        """Days that a data set is behind the newest day of the ledger; None when one of the days is unknown."""
        if data_set.newest_day is None or newest_day is None:
            return None
        return max(0, (date.fromisoformat(newest_day) - date.fromisoformat(data_set.newest_day)).days)


class ReadsLake(Protocol):
    """Reads objects of the lake by their key below `lake.prefix`; None for one that is not there."""

    def read(self, key: str) -> bytes | None:
        """An object's bytes."""


def spice_freshness(settings: Settings, lake: ReadsLake) -> Freshness:
    """How fresh SPICE is; `is_set_up` is False where the settings have no dashboard."""
    if not settings.quicksight.enabled:
        return Freshness(is_set_up=False)
    text = lake.read(KEY)
    if text is None:
        return Freshness(is_set_up=True)
    try:
        return Freshness(is_set_up=True, data_sets=_from_json(json.loads(text)))
    except (KeyError, TypeError, ValueError) as error:
        return Freshness(is_set_up=True, problem=f"{KEY} cannot be read: {error!r}")


def freshness_json(data_sets: Iterable[DataSetFreshness]) -> str:
    """The note's text."""
    return json.dumps(
        {
            "data_sets": [
                {**asdict(one), "refreshed_at": one.refreshed_at.isoformat() if one.refreshed_at else None}
                for one in data_sets
            ]
        },
        ensure_ascii=False,
        indent=1,
    )


def _from_json(values: Mapping[str, Any]) -> tuple[DataSetFreshness, ...]:
    found = []
    for one in values["data_sets"]:
        refreshed_at, newest_day = one["refreshed_at"], one["newest_day"]
        if newest_day is not None:
            date.fromisoformat(newest_day)
        moment = datetime.fromisoformat(refreshed_at) if refreshed_at else None
        found.append(DataSetFreshness(**{**one, "refreshed_at": moment}))
    return tuple(found)
