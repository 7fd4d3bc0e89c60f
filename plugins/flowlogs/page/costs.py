"""What each day cost: the queries of its pipeline (ledger) and of its report (summary)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowlogs.page.calendar import Day
from flowlogs.page.reported import Reported


@dataclass(frozen=True, slots=True)
class DayCost:
    """Bytes that Athena scanned for a day, and dollars."""

    day: str
    pipeline_bytes: int
    report_bytes: int
    pipeline_usd: float
    report_usd: float

    @property
    def bytes(self) -> int:
        """All that was scanned."""
        return self.pipeline_bytes + self.report_bytes

    @property
    def usd(self) -> float:
        """All that it cost."""
        return self.pipeline_usd + self.report_usd


def day_costs(days: Sequence[Day], reports: Mapping[str, Reported]) -> list[DayCost]:
    """The cost of each of the days; nothing for one that is not in the ledger and has no report."""
    found = []
    for day in days:
        totals = None if day.digest is None else day.digest.totals
        report = reports.get(day.name)
        found.append(
            DayCost(
                day.name,
                totals.bytes_scanned if totals else 0,
                report.bytes_scanned if report else 0,
                totals.cost_usd if totals else 0.0,
                report.cost_usd if report else 0.0,
            )
        )
    return found
