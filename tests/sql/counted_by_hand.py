"""Flow log files counted in plain Python, from the documented format alone: nothing of the pipeline is used here."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet

INTEGERS = ("version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end")
LATEST_IN_SECONDS = 100_000_000_000
"""Times above are milliseconds: as seconds they are of the year 5138."""


@dataclass(frozen=True)
class Record:
    """A valid record, with `when` in UTC."""

    target: tuple[str, str, str]
    action: str
    srcaddr: str
    dstaddr: str
    dstport: int
    protocol: int
    packets: int
    bytes: int
    when: datetime


@dataclass
class Counted:
    """What files hold: valid records, and what else, by target."""

    records: list[Record] = field(default_factory=list)
    gaps: Counter[tuple[tuple[str, str, str], str]] = field(default_factory=Counter)
    """NODATA and SKIPDATA."""
    quarantined: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def rejects(self) -> list[Record]:
        return [record for record in self.records if record.action == "REJECT"]


def count_files(folder: Path, source: str, log_format: str, counted: Counted) -> None:
    """Add the files below a folder; account and region are in each file's name, as AWS writes it."""
    names = [name.strip("${}") for name in log_format.split()]
    for path in sorted(folder.rglob("*_vpcflowlogs_*")):
        account, _, region, *_ = path.name.split("_")
        target = (source, account, region)
        for values in _lines(path, names) if path.name.endswith(".gz") else _rows(path, names):
            _judge(values, target, counted)


def _lines(path: Path, names: Sequence[str]) -> Iterator[Mapping[str, str] | None]:
    """The lines after the header, by field; None for one with more or fewer fields, and for a header again."""
    body = path.read_bytes()
    text = gzip.decompress(body).decode() if body else ""
    lines = text.split("\n")
    for line in lines[1:-1] if lines[-1] == "" else lines[1:]:
        values = line.split(" ")
        is_record = len(values) == len(names) and values[0] != names[0]
        yield dict(zip(names, values, strict=True)) if is_record else None


def _rows(path: Path, names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """The rows of a Parquet file, its columns being named as the fields with _ for -."""
    if not path.stat().st_size:
        return
    for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
        values = {name: row.get(name.replace("-", "_")) for name in names}
        yield {name: "-" if value is None else str(value) for name, value in values.items()}


def _judge(values: Mapping[str, str] | None, target: tuple[str, str, str], counted: Counted) -> None:
    if values is None or any(values[name] != "-" and not _is_integer(values[name]) for name in INTEGERS):
        counted.quarantined[target] += 1
    elif values["log-status"] in ("NODATA", "SKIPDATA"):
        counted.gaps[target, values["log-status"]] += 1
    elif values["log-status"] != "OK" or values["action"] not in ("ACCEPT", "REJECT"):
        counted.quarantined[target] += 1
    else:
        start = int(values["start"])
        counted.records.append(
            Record(
                target=target,
                action=values["action"],
                srcaddr=values["srcaddr"],
                dstaddr=values["dstaddr"],
                dstport=int(values["dstport"]),
                protocol=int(values["protocol"]),
                packets=int(values["packets"]),
                bytes=int(values["bytes"]),
                when=datetime.fromtimestamp(start // 1000 if start > LATEST_IN_SECONDS else start, UTC),
            )
        )


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def sums(records: Sequence[Record]) -> tuple[int, int, int]:
    """Flows, packets and bytes."""
    return len(records), sum(one.packets for one in records), sum(one.bytes for one in records)


def grouped(records: Sequence[Record], *names: str) -> dict[tuple[object, ...], list[Record]]:
    """Records by the values of some of their fields."""
    found: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in records:
        found[tuple(getattr(record, name) for name in names)].append(record)
    return found


def distinct(records: Sequence[Record], name: str) -> int:
    """How many values a field has."""
    return len({getattr(record, name) for record in records})


def most_within(records: Sequence[Record], seconds: int) -> int:
    """The most records that begin within so many seconds."""
    times = sorted(record.when.timestamp() for record in records)
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
