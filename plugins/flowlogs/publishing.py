"""Which partitions of the lake's tables a run's folders become, and which folders they replace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flowlogs.curation import kinds_of, run_prefix
from flowlogs.settings import Lake
from flowlogs.sources import Source
from flowlogs.targets import Target

SUPERSEDED: Final = "superseded/"
"""Where notes stand of the folders that nothing points at any more, until they are removed."""


@dataclass(frozen=True, slots=True)
class LakePartition:
    """A partition of a table of the lake, and the folder that it is to show."""

    table: str
    values: tuple[str, ...]
    location: str


def record_partitions(lake: Lake, source: Source, target: Target, day: str, run: str) -> Iterator[LakePartition]:
    """The partitions that show what one run wrote of a target, with rows in them or not."""
    folder = _target_folder(lake, "flow_records", day, run, target)
    keys = (day, target.account, target.region, source.name)
    for action in kinds_of(source):
        yield LakePartition("flow_records", (*keys, action), f"{folder}kind={action}/")
    yield LakePartition("flow_gaps", keys, f"{folder}kind=GAP/")
    yield LakePartition("flow_quarantine", keys, f"{folder}kind=QUARANTINE/")


def summary_partitions(lake: Lake, source: Source, target: Target, day: str, run: str) -> Iterator[LakePartition]:
    """The partitions that show a target's summary, with rows in them or not."""
    folder = _target_folder(lake, "flow_daily", day, run, target)
    for action in kinds_of(source):
        values = (day, target.account, target.region, source.name, action)
        yield LakePartition("flow_daily", values, f"{folder}action={action}/")


def _target_folder(lake: Lake, table: str, day: str, run: str, target: Target) -> str:
    prefix = f"{lake.prefix}{run_prefix(table, day, run)}"
    return f"s3://{lake.bucket}/{prefix}aws_account={target.account}/aws_region={target.region}/"


@dataclass(frozen=True, slots=True)
class Note:
    """Run folders of a day that a later run replaced: to be removed when no reader can be in them any more."""

    table: str
    day: str
    prefixes: tuple[str, ...]
    replaced_at: datetime

    def key(self, lake: Lake, run: str) -> str:
        """Where the note stands; the name begins with its time."""
        return f"{lake.prefix}{SUPERSEDED}{self.replaced_at:%Y%m%dT%H%M%SZ}_{self.table}_{self.day}_{run}.json"

    def to_json(self) -> str:
        """The note's text."""
        return json.dumps(
            {
                "table": self.table,
                "day": self.day,
                "prefixes": list(self.prefixes),
                "replaced_at": self.replaced_at.isoformat(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Note:
        """The note of a text."""
        values: dict[str, Any] = json.loads(text)
        return cls(
            table=values["table"],
            day=values["day"],
            prefixes=tuple(values["prefixes"]),
            replaced_at=datetime.fromisoformat(values["replaced_at"]),
        )


def unreferenced(prefixes: Sequence[str], bucket: str, locations: Sequence[str]) -> list[str]:
    """The prefixes that none of the partitions' locations lies in."""
    return [
        prefix
        for prefix in prefixes
        if not any(location.startswith(f"s3://{bucket}/{prefix}") for location in locations)
    ]
