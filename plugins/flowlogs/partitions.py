"""The raw tables' partitions of a day: which there must be, where, and in which statements they are added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from flowlogs.settings import Settings
from flowlogs.sources import Source

LONGEST_STATEMENT_BYTES = 262_144
"""Athena's quota "query string length"."""

_ROOM_FOR_SYNTAX = 400
"""Bytes for the words around a partition's values (120 are used) or before the first (60)."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One target's day in its raw table."""

    dt: str
    aws_account: str
    aws_region: str
    location: str

    @property
    def values(self) -> list[str]:
        """The values in the order of the table's partition keys."""
        return [self.dt, self.aws_account, self.aws_region]


@dataclass(frozen=True, slots=True)
class Batch:
    """Partitions of a source's table that one statement adds: targets `first` up to, not including, `last`."""

    source: str
    table: str
    first: int
    last: int

    def to_json(self) -> dict[str, object]:
        """As the parameters of a mapped task."""
        return asdict(self)


def expected_partitions(source: Source, day: date, first: int = 0, last: int | None = None) -> Iterator[Partition]:
    """The partitions of a source's targets (a slice of them), in the settings' order."""
    for target in source.targets()[first:last]:
        location = source.partition_location(target, day)
        yield Partition(day.isoformat(), target.account, target.region, location)


def batches(settings: Settings, day: date, longest: int = LONGEST_STATEMENT_BYTES) -> list[Batch]:
    """Few statements that together add every partition of a day, each within Athena's limit.

    Raises:
        ValueError: when not even one partition fits.
    """
    return [
        batch
        for source in settings.sources
        for table in source.file_tables
        for batch in _batches(source, table, day, longest)
    ]


def _batches(source: Source, table: str, day: date, longest: int) -> Iterator[Batch]:
    first, size = 0, _ROOM_FOR_SYNTAX
    partitions = list(expected_partitions(source, day))
    for position, partition in enumerate(partitions):
        needed = _ROOM_FOR_SYNTAX // 2 + sum(len(value.encode()) for value in (*partition.values, partition.location))
        if size + needed > longest and position > first:
            yield Batch(source.name, table, first, position)
            first, size = position, _ROOM_FOR_SYNTAX
        if size + needed > longest:
            raise ValueError(f"a statement of {longest} bytes has no room for the partition at {partition.location}")
        size += needed
    yield Batch(source.name, table, first, len(partitions))


@dataclass(frozen=True, slots=True)
class Differences:
    """How a table's partitions differ from those expected."""

    missing: Sequence[Partition]
    elsewhere: Sequence[tuple[Partition, str]]
    """Partitions that stand at another location, and that location."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.elsewhere)

    def in_words(self, at_most: int = 20) -> str:
        """What is wrong, partition by partition, cut with the number of the rest."""
        lines = [f"{'/'.join(partition.values)} is missing" for partition in self.missing]
        lines += [
            f"{'/'.join(partition.values)} is at {location}, not at {partition.location}"
            for partition, location in self.elsewhere
        ]
        rest = len(lines) - at_most
        return "\n".join([*lines[:at_most], *([f"… and {rest} more"] if rest > 0 else [])])
