"""Which targets of a day have other files now than when they were curated, and the run that takes them up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flowlogs.ledger import LedgerRow, ObjectCount, changed
from flowlogs.targets import Target


@dataclass(frozen=True, slots=True)
class LateDay:
    """A day with targets whose files changed."""

    day: str
    targets: tuple[Target, ...]
    fingerprint: str
    """Tells these files from others, so that the same find makes the same run."""

    def trigger(self, found_on: str) -> dict[str, Any]:
        """The run of `flow_logs_daily` that takes the targets up, as TriggerDagRunOperator wants it.

        Its name is the same however often it is asked for on a day, and another the day after: what failed is tried
        again once a day.
        """
        return {
            "trigger_run_id": f"late__{self.day}__found_{found_on}_{self.fingerprint}",
            "conf": {"day": self.day, "targets": [str(target) for target in self.targets]},
        }


def window(last: date, days: int) -> list[date]:
    """So many days up to the last."""
    return [last - timedelta(days=back) for back in range(days)][::-1]


def late_day(
    day: date, rows: Mapping[Target, LedgerRow], found: Mapping[Target, ObjectCount], targets: Sequence[Target]
) -> LateDay | None:
    """The targets of a curated day whose files are others than in the ledger; None when there is none.

    Args:
        day: a day that is in the ledger.
        rows: its rows.
        found: the files that are there now.
        targets: those of the settings. One that the ledger does not have is late when it has files.
    """
    late = tuple(
        target
        for target in targets
        if (changed(rows[target], found[target]) if target in rows else found[target].objects > 0)
    )
    if not late:
        return None
    files = " ".join(f"{target} {found[target]}" for target in late)
    return LateDay(day.isoformat(), late, hashlib.sha256(files.encode()).hexdigest()[:12])
