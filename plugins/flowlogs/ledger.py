"""The ledger `flow_runs`: one row a day and target, written when the day was processed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from datetime import UTC, date, datetime

from flowlogs.targets import Target

BYTES_PER_TB = 10**12
"""Athena bills by the terabyte of 10^12 bytes, 10 MB a query at least (Athena pricing)."""

BILLED_AT_LEAST = 10_000_000


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """The files of a target's day."""

    objects: int = 0
    bytes: int = 0
    newest: datetime | None = None
    """LastModified of the newest."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """What the files of a target's day hold."""

    records: int = 0
    nodata: int = 0
    skipdata: int = 0
    unparsable: int = 0
    outside_day: int = 0
    accepted: int = 0
    rejected: int = 0
    without_action: int = 0
    """Records of a format without action, or that lack it."""

    @property
    def curated(self) -> int:
        """The valid records among them."""
        return self.accepted + self.rejected + self.without_action

    def __add__(self, other: RowCount) -> RowCount:
        return RowCount(*(mine + theirs for mine, theirs in zip(_numbers(self), _numbers(other), strict=True)))


def _numbers(count: RowCount) -> tuple[int, ...]:
    return astuple(count)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row, with the columns of `include/sql/tables/flow_runs.sql`."""

    source: str
    account: str
    region: str
    status: str
    reason: str
    objects: int
    bytes: int
    newest_object: str | None
    records: int
    nodata: int
    skipdata: int
    unparsable: int
    outside_day: int
    bytes_scanned: int
    cost_usd: float
    run_id: str
    recorded_at: str
    curated: int
    accepted: int
    rejected: int
    revision: int = 1
    """How many times the target's day was curated with other files than before: 1 for the first."""
    objects_before: int | None = None
    records_before: int | None = None
    """Files and lines before the last revision; None for the first."""

    @property
    def target(self) -> Target:
        """The target that it is about."""
        return Target(self.source, self.account, self.region)

    @property
    def files(self) -> tuple[int, int, str | None]:
        """What tells one state of the target's files from another: number, size, newest."""
        return self.objects, self.bytes, self.newest_object


def ledger_row(
    target: Target,
    *,
    status: str,
    reason: str,
    files: ObjectCount,
    rows: RowCount,
    scanned: int,
    cost_usd: float,
    run_id: str,
    recorded_at: datetime,
    before: LedgerRow | None = None,
) -> LedgerRow:
    """The row of one target. `scanned` and `cost_usd` are the target's share of its source's queries; `before` is the
    target's row of the run before, by which it is told whether other files make this a revision.
    """
    row = LedgerRow(
        source=target.source,
        account=target.account,
        region=target.region,
        status=status,
        reason=reason,
        objects=files.objects,
        bytes=files.bytes,
        newest_object=None if files.newest is None else _utc_text(files.newest),
        records=rows.records,
        nodata=rows.nodata,
        skipdata=rows.skipdata,
        unparsable=rows.unparsable,
        outside_day=rows.outside_day,
        bytes_scanned=scanned,
        cost_usd=cost_usd,
        run_id=run_id,
        recorded_at=_utc_text(recorded_at),
        curated=rows.curated,
        accepted=rows.accepted,
        rejected=rows.rejected,
    )
    return row if before is None else _revised(row, before)


def _revised(row: LedgerRow, before: LedgerRow) -> LedgerRow:
    if row.files == before.files:
        return replace(
            row,
            revision=before.revision,
            objects_before=before.objects_before,
            records_before=before.records_before,
        )
    return replace(row, revision=before.revision + 1, objects_before=before.objects, records_before=before.records)


def rows_of(text: str) -> list[LedgerRow]:
    """The rows of a file of the ledger. Columns that it does not have yet are as of a first run.

    Raises:
        ValueError: for a text that is something else.
    """
    names = {field.name for field in fields(LedgerRow)}
    try:
        values = [json.loads(line) for line in text.splitlines() if line]
        return [LedgerRow(**{name: row[name] for name in row if name in names}) for row in values]
    except (TypeError, ValueError) as error:
        raise ValueError(f"not rows of the ledger: {error}") from error


def changed(row: LedgerRow, found: ObjectCount) -> bool:
    """Whether a target's files are others than those that its row of the ledger was made of."""
    newest = None if found.newest is None else _utc_text(found.newest)
    return row.files != (found.objects, found.bytes, newest)


def json_lines(rows: Iterable[LedgerRow]) -> str:
    """The rows as the table's files hold them."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)


def run_folder(ledger_prefix: str, day: date, run_id: str, try_number: int) -> str:
    """Key prefix of what one try of one run writes: never another's, so that a partition can be swapped to it."""
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", run_id).strip("-")
    return f"{ledger_prefix}dt={day}/run={safe}-{try_number}/"


def cost_usd(bytes_scanned: int, price_per_tb_usd: float) -> float:
    """What a query that scanned so many bytes costs."""
    return max(bytes_scanned, BILLED_AT_LEAST) / BYTES_PER_TB * price_per_tb_usd if bytes_scanned else 0.0


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """A whole number divided in proportion to weights, so that the parts add up to it (largest remainders)."""
    whole = sum(weights)
    if not whole:
        return [total // len(weights) + (1 if n < total % len(weights) else 0) for n in range(len(weights))]
    parts = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for position in remainders[: total - sum(parts)]:
        parts[position] += 1
    return parts


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
