"""What is to be written: the plan of a run, checked when it is made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from .defects import DEFECTS
from .fields import DEFAULT_LOG_FORMAT, LogField, parse_log_format
from .regions import REGIONS
from .scenes import KINDS
from .seeding import digest

LAYOUTS = ("default", "hourly", "hive", "hive-hourly")
"""S3 layouts: AWS's default and Hive-compatible prefixes, each by day or by hour."""

FILE_FORMATS = ("text", "parquet")
DELIVERIES = ("all", "on-time", "late")

FEWEST_INTERFACES = 30
"""A horizontal scan reaches 25 interfaces or more."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One account and region."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


def each_target(accounts: Iterable[str], regions: Iterable[str]) -> tuple[Target, ...]:
    """Every account in every region."""
    regions = tuple(regions)
    return tuple(Target(account, region) for account in accounts for region in regions)


@dataclass(frozen=True)
class TrafficPlan:
    """A run of the generator. The same plan gives the same bytes, and each target's day is the same
    whatever other days and targets stand beside it.

    Where: each of `targets` (see `each_target`); `prefix` comes before `AWSLogs/` in the keys; `layout` and
    `file_format` are LAYOUTS and FILE_FORMATS; `log_format` is AWS's LogFormat.
    What: `records_per_day` is about how many records a target gets in a day; `interfaces` how many network
    interfaces it has (30 or more); `flow_logs` over how many flow log ids these are spread;
    `file_minutes` the time between two files of a flow log, `aggregation_seconds` 60 or 600.
    Incidents: the kinds in `incidents`, each on a target every `incident_every` days (reject spikes every
    29 days), or on exactly the days that `incident_days` gives for the kind.
    Delivery: `late_files` of a target's day arrive `lateness_minutes` after their time; `deliver` writes
    everything, what came on time, or the late files only.
    `defects`: one more file a flow log and day for each of these.

    Raises: ValueError, naming the argument, its value and what is allowed.
    """

    days: tuple[date, ...]
    targets: tuple[Target, ...] = (Target("123456789012", "us-east-1"),)
    prefix: str = ""
    layout: str = "default"
    file_format: str = "text"
    log_format: str = DEFAULT_LOG_FORMAT
    records_per_day: int = 20_000
    interfaces: int = 32
    flow_logs: int = 1
    file_minutes: int = 5
    aggregation_seconds: int = 600
    incidents: tuple[str, ...] = KINDS
    incident_every: int = 1
    incident_days: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    late_files: int = 0
    lateness_minutes: int = 180
    deliver: str = "all"
    defects: tuple[str, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("days: none given; name at least one day as YYYY-MM-DD")
        for target in self.targets:
            if not re.fullmatch(r"[0-9]{12}", target.account):
                raise ValueError(f"account {target.account!r}: an AWS account id has 12 digits")
            _one_of("region", target.region, REGIONS)
        if not self.targets:
            raise ValueError("targets: none given; name at least one account and one region")
        for name in ("days", "targets", "incidents", "defects"):
            values: tuple[object, ...] = getattr(self, name)
            twice = sorted(str(value) for value, times in Counter(values).items() if times > 1)
            if twice:
                raise ValueError(f"{name} {', '.join(twice)}: given twice; name each once")
        if not re.fullmatch(r"([A-Za-z0-9!_.*'()=+@-]+/)*", self.prefix):
            raise ValueError(f"prefix {self.prefix!r}: empty, or folders that each end with a slash, as in logs/vpc/")
        _one_of("layout", self.layout, LAYOUTS)
        _one_of("file format", self.file_format, FILE_FORMATS)
        _one_of("deliver", self.deliver, DELIVERIES)
        for kind in (*self.incidents, *self.incident_days):
            _one_of("incident", kind, KINDS)
        for defect in self.defects:
            _one_of("defect", defect, DEFECTS)
            if not DEFECTS[defect].possible_in(self.file_format):
                raise ValueError(f"defect {defect!r}: files in the format {self.file_format} cannot have it")
        _at_least("file minutes", self.file_minutes, 5)
        if 1440 % self.file_minutes or self.file_minutes % 5:
            raise ValueError(f"file minutes {self.file_minutes}: a multiple of 5 that divides a day, such as 5 or 60")
        if self.aggregation_seconds not in (60, 600):
            raise ValueError(f"aggregation seconds {self.aggregation_seconds}: AWS has 60 and 600")
        _at_least("records per day", self.records_per_day, 0)
        _at_least("interfaces", self.interfaces, FEWEST_INTERFACES)
        if self.interfaces > 2000:
            raise ValueError(f"interfaces {self.interfaces}: at most 2000 fit into the target's subnets")
        _at_least("flow logs", self.flow_logs, 1)
        _at_least("incident every", self.incident_every, 1)
        _at_least("late files", self.late_files, 0)
        _at_least("lateness minutes", self.lateness_minutes, 1)
        _at_least("seed", self.seed, 0)
        if self.late_files >= self.slots:
            raise ValueError(f"late files {self.late_files}: fewer than the {self.slots} files of a day")
        parse_log_format(self.log_format)

    @cached_property
    def fields(self) -> tuple[LogField, ...]:
        """The record's fields in order."""
        return parse_log_format(self.log_format)

    @property
    def slots(self) -> int:
        """Files of a flow log in a day."""
        return 1440 // self.file_minutes

    def slot_time(self, day: date, slot: int) -> datetime:
        """The time in the name of the day's file number `slot`. A file holds the records whose intervals
        ended in the `file_minutes` up to its time, so the day's first one, of 00:00 if files come every
        five minutes, holds the end of the day before; the last is always named 23:55.
        """
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight + timedelta(minutes=(slot + 1) * self.file_minutes - 5)

    def flow_log_ids(self, target: Target) -> tuple[str, ...]:
        """The target's flow logs, in the order of their ids."""
        stem = (self.seed, target.account, target.region, self.log_format, self.file_format, self.layout)
        return tuple(sorted(f"fl-0{digest(*stem, 'flow log', i).hex()[:16]}" for i in range(self.flow_logs)))


def _one_of(what: str, value: str, allowed: Mapping[str, object] | tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{what} {value!r}: known are {', '.join(allowed)}")


def _at_least(what: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{what} {value}: at least {least}")
