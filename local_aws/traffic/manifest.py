"""What was written, for counts that do not trust the reader: totals by day and target, planted incidents,
late files, defects.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

import numpy as np

from .incidents import Planted
from .network import THREAT_LIST
from .plan import TrafficPlan
from .records import NODATA, OK, SKIPDATA, Records


@dataclass(slots=True)
class DayTotals:
    """What lies under one target's prefix of one day.

    `files` and `size` (bytes) count all objects. `records` are those of the files without a defect:
    `ok`, `nodata` and `skipdata` by log-status, `accepted` and `rejected` by action, the sums of their
    `packets` and `bytes`, and how many start on another day (`outside_day`). `defective_records` are the
    records in files with a defect, which the other numbers leave out.
    """

    day: str
    account: str
    region: str
    flow_log_ids: tuple[str, ...]
    files: int = 0
    size: int = 0
    records: int = 0
    ok: int = 0
    nodata: int = 0
    skipdata: int = 0
    accepted: int = 0
    rejected: int = 0
    packets: int = 0
    bytes: int = 0
    outside_day: int = 0
    defective_records: int = 0

    def count(self, records: Records, midnight: int) -> None:
        """Add the records of a file; `midnight` is the day's first second."""
        ok = records.status == OK
        self.records += len(records)
        self.ok += int(ok.sum())
        self.nodata += int((records.status == NODATA).sum())
        self.skipdata += int((records.status == SKIPDATA).sum())
        self.accepted += int((ok & records.accepted).sum())
        self.rejected += int((ok & ~records.accepted).sum())
        self.packets += int(records.packets.sum())
        self.bytes += int(records.bytes.sum())
        outside = (records.start < midnight) | (records.start >= midnight + 86_400)
        self.outside_day += int(np.count_nonzero(outside))

    def add(self, other: DayTotals) -> None:
        """Add the numbers of another part of the same day and target."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NUMBERS = tuple(name for name in DayTotals.__dataclass_fields__ if DayTotals.__dataclass_fields__[name].default == 0)
"""The counted fields of DayTotals."""


@dataclass(frozen=True, slots=True)
class LateFile:
    """A file that AWS would deliver late: its key, and when (ISO time)."""

    key: str
    delivered: str


@dataclass(frozen=True, slots=True)
class DefectiveFile:
    """A file with a defect: how many record lines it has, how often the defect occurs, and how many records
    cannot be read as they should.
    """

    defect: str
    key: str
    records: int
    occurrences: int
    spoilt: int


@dataclass(slots=True)
class Manifest:
    """The whole account of a run."""

    plan: TrafficPlan
    totals: list[DayTotals] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    late: list[LateFile] = field(default_factory=list)
    defects: list[DefectiveFile] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of one of NUMBERS over all days and targets."""
        return sum(getattr(totals, name) for totals in self.totals)

    def as_json(self) -> str:
        """The account as JSON: the `plan`; the `totals` of all days and targets, and of each of `days`; what was
        `planted`, near misses included, and the `threat_list` that the planted incidents refer to; `late` files;
        files with `defects`.
        """
        account = {
            "plan": asdict(self.plan),
            "totals": {name: self.total(name) for name in NUMBERS},
            "days": [asdict(totals) for totals in self.totals],
            "planted": [asdict(incident) for incident in self.planted],
            "threat_list": THREAT_LIST,
            "late": [asdict(file) for file in self.late],
            "defects": [asdict(file) for file in self.defects],
        }
        return json.dumps(account, indent=1, default=str) + "\n"
