"""A day of the ledger in a thousandth of its size: one letter a target, sums, and why what is not complete isn't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Final

from flowlogs.ledger import LedgerRow
from flowlogs.page.states import NOT_COMPLETE, WORST_FIRST, state_of

REASONS_KEPT: Final = 5


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over targets; the columns of `flow_runs`."""

    objects: int = 0
    bytes: int = 0
    records: int = 0
    curated: int = 0
    accepted: int = 0
    rejected: int = 0
    nodata: int = 0
    skipdata: int = 0
    unparsable: int = 0
    outside_day: int = 0
    bytes_scanned: int = 0
    cost_usd: float = 0.0

    @classmethod
    def of(cls, rows: Iterable[LedgerRow]) -> Totals:
        """The sums of rows."""
        rows = list(rows)
        return cls(**{field.name: sum(getattr(row, field.name) for row in rows) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some targets are not complete, in the words of the ledger."""

    code: str
    text: str
    targets: int
    example: str


@dataclass(frozen=True)
class DayDigest:
    """A day.

    Attributes:
        day: `YYYY-MM-DD`.
        targets: `source/account/region`, sorted; the same tuple for days with the same targets.
        codes: the state of each target, one letter each (`flowlogs.page.states`).
        totals: sums over the targets.
        reasons: why targets are not complete, the most common first.
        recorded_at: when the newest row was written (UTC).
        run_id: the Airflow run that wrote it.
    """

    day: str
    targets: tuple[str, ...]
    codes: str
    totals: Totals
    reasons: tuple[Reason, ...]
    recorded_at: str
    run_id: str

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Targets by the code of their state."""
        return Counter(self.codes)

    @property
    def not_complete(self) -> int:
        """Targets that are missing or late."""
        return sum(self.counts.get(code, 0) for code in NOT_COMPLETE)

    @property
    def worst(self) -> str:
        """The code of the worst state of a target."""
        return min(self.counts, key=WORST_FIRST.index)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the names of the targets."""
        values = asdict(self)
        del values["targets"]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any], targets: tuple[str, ...]) -> DayDigest:
        """The digest that `to_json` wrote.

        Raises:
            ValueError: when it is something else.
        """
        try:
            found = cls(
                **{
                    **values,
                    "targets": targets,
                    "totals": Totals(**values["totals"]),
                    "reasons": tuple(Reason(**reason) for reason in values["reasons"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a digest of a day: {error!r}") from error
        if len(found.codes) != len(targets) or not set(found.codes) <= set(WORST_FIRST):
            raise ValueError(f"not a digest of a day: {found.day} has other states than targets")
        return found


def newest_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """One row a target, sorted by target: the one that was recorded last; of equals the one that comes last."""
    newest: dict[str, LedgerRow] = {}
    for row in rows:
        key = str(row.target)
        if key not in newest or row.recorded_at >= newest[key].recorded_at:
            newest[key] = row
    return [newest[key] for key in sorted(newest)]


def digest(day: str, rows: Sequence[LedgerRow]) -> DayDigest | None:
    """The digest of a day's rows; None when there is none."""
    rows = newest_rows(rows)
    if not rows:
        return None
    last = max(rows, key=lambda row: row.recorded_at)
    return DayDigest(
        day=day,
        targets=tuple(str(row.target) for row in rows),
        codes="".join(state_of(row).code for row in rows),
        totals=Totals.of(rows),
        reasons=_reasons(rows),
        recorded_at=last.recorded_at,
        run_id=last.run_id,
    )


def _reasons(rows: Sequence[LedgerRow]) -> tuple[Reason, ...]:
    found: dict[tuple[str, str], list[LedgerRow]] = {}
    for row in rows:
        code = state_of(row).code
        if code in NOT_COMPLETE:
            found.setdefault((code, row.reason or row.status), []).append(row)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Reason(code, text[:300], len(some), str(some[0].target)) for (code, text), some in ordered[:REASONS_KEPT]
    )
