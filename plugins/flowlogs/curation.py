"""The curated day: which statements write it, where, and how their SQL names targets, columns and folders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Final

from flowlogs.fields import FIELDS, curated_columns
from flowlogs.settings import Settings
from flowlogs.sources import Source
from flowlogs.targets import Target

PARTITIONS_A_STATEMENT: Final = 100
"""CTAS, INSERT INTO and UNLOAD write at most so many partitions (Athena's service quotas)."""

KINDS: Final = ("ACCEPT", "REJECT", "NONE", "GAP", "QUARANTINE")
"""What a raw line is: a record by its action, a record without traffic, or no record."""

_RECORDS_AT_ONCE: Final = PARTITIONS_A_STATEMENT // len(KINDS)
"""Targets of an UNLOAD of records, which writes a partition for each of their kinds."""

_SUMMARIES_AT_ONCE: Final = PARTITIONS_A_STATEMENT // 3
"""Targets of an UNLOAD of summaries, which writes a partition for each action, or for NONE."""

_STATEMENTS_OF_CHOSEN: Final = 100
"""Statements at most for chosen targets of a source that are no neighbours; each is billed for 10 MB at least."""

_TRINO_TYPES: Final = {"int": "integer", "bigint": "bigint", "string": "varchar"}


@dataclass(frozen=True, slots=True)
class Part:
    """Targets of one source that one statement curates: `first` up to, not including, `last`."""

    source: str
    first: int
    last: int
    day: str

    def to_json(self) -> dict[str, object]:
        """As the parameters of a mapped task."""
        return asdict(self)


def record_parts(settings: Settings, day: date, targets: AbstractSet[Target] = frozenset()) -> list[Part]:
    """The statements that write the records of the day, or of some targets of it, each within Athena's limit of
    partitions.
    """
    return list(_parts(settings, day, targets, _RECORDS_AT_ONCE))


def summary_parts(settings: Settings, day: date, targets: AbstractSet[Target] = frozenset()) -> list[Part]:
    """The statements that write the summary of the day, or of some targets of it, each within Athena's limit of
    partitions.
    """
    return list(_parts(settings, day, targets, _SUMMARIES_AT_ONCE))


def _parts(settings: Settings, day: date, targets: AbstractSet[Target], at_once: int) -> Iterator[Part]:
    for source in settings.sources:
        numbers = [n for n, target in enumerate(source.targets()) if not targets or target in targets]
        spans = list(_runs_of(numbers, at_once))
        if len(spans) > _STATEMENTS_OF_CHOSEN:  # so scattered that their neighbours are cheaper than more statements
            last = len(source.targets())
            spans = [(n, min(n + at_once, last)) for n in sorted({number - number % at_once for number in numbers})]
        for first, last in spans:
            yield Part(source.name, first, last, day.isoformat())


def _runs_of(numbers: Sequence[int], at_once: int) -> Iterator[tuple[int, int]]:
    """Neighbours together, so many at most: first, and the one after the last."""
    for _, neighbours in groupby(enumerate(numbers), lambda numbered: numbered[1] - numbered[0]):
        run = [number for _, number in neighbours]
        for start in range(0, len(run), at_once):
            some = run[start : start + at_once]
            yield some[0], some[-1] + 1


def run_name(run_id: str, source: Source, first: int, last: int, try_number: int) -> str:
    """Name of the folder that one try of one statement writes: never another's. It tells the targets."""
    return f"{_digest(run_id)}-{source.name}-{first}-{last}-{_targets_digest(source, first, last)}-{try_number}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A run's folder, and the targets whose statement wrote it."""

    run: str
    source: Source
    targets: tuple[Target, ...]
    first: int
    last: int

    @classmethod
    def of(cls, run: str, settings: Settings) -> Folder:
        """The folder of a name.

        Raises:
            ValueError: for a name that is no run's, and when the settings have other targets now.
        """
        found = _NAME.fullmatch(run)
        if found is None:
            raise ValueError(f"{run} is no folder of a run")
        source, first, last = settings.source(found[1]), int(found[2]), int(found[3])
        if _targets_digest(source, first, last) != found[4]:
            raise ValueError(f"the targets of {source.name} changed since {run} was written: run the day again")
        return cls(run, source, source.targets()[first:last], first, last)


def _targets_digest(source: Source, first: int, last: int) -> str:
    return _digest(" ".join(map(str, source.targets()[first:last])))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def run_prefix(table: str, day: str, run: str) -> str:
    """Where a run's folder stands under the lake's prefix."""
    return f"{table}/dt={day}/run={run}/"


_NAME = re.compile(r"[0-9a-f]{12}-([a-z][a-z0-9_]*)-(\d+)-(\d+)-([0-9a-f]{12})-\d+")
_RUN = re.compile(r"/dt=(\d{4}-\d{2}-\d{2})/run=([a-z0-9_-]+)/")


def run_of(uri: str) -> str:
    """The run's name in the URI of a file that it wrote.

    Raises:
        ValueError: for a URI that is no such file's.
    """
    found = _RUN.search(uri)
    if found is None:
        raise ValueError(f"{uri} is no file of a run")
    return found[2]


def of_targets(targets: Sequence[Target]) -> str:
    """An SQL condition on the partition columns that holds for these targets alone."""
    ordered = sorted((target.account, target.region) for target in targets)
    by_account = {account: tuple(region for _, region in pairs) for account, pairs in groupby(ordered, lambda t: t[0])}
    accounts_of: dict[tuple[str, ...], list[str]] = {}
    for account, regions in by_account.items():
        accounts_of.setdefault(regions, []).append(account)
    conditions = [
        f"(aws_account IN ({_texts(accounts)}) AND aws_region IN ({_texts(regions)}))"
        for regions, accounts in accounts_of.items()
    ]
    return conditions[0] if len(conditions) == 1 else "(" + " OR ".join(conditions) + ")"


def _texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def record_columns(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Columns and Hive types of `flow_records`: every known field, and those that sources declare; action aside."""
    declared = {field.name: field for source in settings.sources for field in source.fields}
    fields = {**FIELDS, **declared}
    return curated_columns(field for name, field in fields.items() if name != "action")


def kinds_of(source: Source) -> tuple[str, ...]:
    """The actions that partitions of the source's records can have."""
    has_action = any(field.name == "action" for field in source.fields)
    return ("ACCEPT", "REJECT", "NONE") if has_action else ("NONE",)


def trino_type(hive_type: str) -> str:
    """Trino's name of a Hive type."""
    return _TRINO_TYPES[hive_type]


def quoted(column: str) -> str:
    """A column's name quoted for Trino."""
    return f'"{column}"'
