"""The report: its numbers, findings and sections, which page, messages and summary are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from flowlogs.reports.findings import Allowlist, Finding
from flowlogs.reports.period import Period
from flowlogs.reports.results import SectionResult, number
from flowlogs.reports.sections import GROUPS, SEVERITIES, Group, Severity


@dataclass(frozen=True)
class Traffic:
    """Flows of one action, and how they changed."""

    flows: float = 0.0
    packets: float = 0.0
    bytes: float = 0.0
    before: float | None = None
    """Flows of the period before; None when there were none."""

    @property
    def change(self) -> float | None:
        """By which share of before the flows grew; None without a before."""
        return self.flows / self.before - 1 if self.before else None


@dataclass(frozen=True)
class Report:
    """One edition of the rejected-traffic report."""

    period: Period
    environment: str
    run_id: str
    generated_at: datetime
    results: Sequence[SectionResult]
    found: Sequence[Finding] = ()
    allowed: Sequence[Finding] = ()
    allowlist: Allowlist = field(default_factory=Allowlist)
    page_url: str = ""

    @property
    def title(self) -> str:
        """As the page and the messages begin."""
        return f"Rejected traffic, {self.period.words}"

    @cached_property
    def traffic(self) -> Mapping[str, Traffic]:
        """Accepted and rejected traffic, by action."""
        found = {"ACCEPT": Traffic(), "REJECT": Traffic()}
        for row in self._rows("totals"):
            found[row.get("action") or ""] = Traffic(
                number(row.get("flows")), number(row.get("packets")), number(row.get("bytes")),
                number(row["flows_before"]) if row.get("flows_before") else None,
            )  # fmt: skip
        return found

    @property
    def is_counted(self) -> bool:
        """Whether the totals were asked for and answered: without them, no traffic is not the same as none seen."""
        return self._answer("totals") is not None

    @cached_property
    def coverage(self) -> Counter[str]:
        """Days of targets by status."""
        return Counter(row.get("status") or "unknown" for row in self._rows("coverage"))

    @property
    def not_complete(self) -> Sequence[Mapping[str, str | None]]:
        """Days of targets that are not complete, with the reason."""
        return [row for row in self._rows("coverage") if row.get("status") != "complete"]

    @property
    def coverage_words(self) -> str:
        """How many days of targets are complete: `23 of 24`; `unknown` without an answer."""
        answer = self._answer("coverage")
        if answer is None or not answer.rows:
            return "unknown"
        complete, missing = self.coverage["complete"], len(self.not_complete)
        if not answer.is_cut:
            return f"{complete} of {self.coverage.total()}"
        # The rows that are not complete come first: when there are complete ones too, none of them is cut off.
        return f"all but {missing}{'' if complete else ' or more'}" if missing else "all"

    @property
    def quarantined(self) -> float:
        """Lines that are no record."""
        return sum(number(row.get("lines")) for row in self._rows("quarantined"))

    @cached_property
    def by_severity(self) -> Mapping[Severity, Sequence[Finding]]:
        """Findings, the most severe first; severities without any are left out."""
        grouped = {severity: [f for f in self.found if f.severity == severity] for severity in SEVERITIES}
        return {severity: findings for severity, findings in grouped.items() if findings}

    @property
    def new(self) -> Sequence[Finding]:
        """Findings that the period before did not have."""
        return [finding for finding in self.found if finding.status == "new"]

    @property
    def findings_are_cut(self) -> bool:
        """Whether a detection may have found more than it was asked for."""
        return any(result.is_cut for result in self.results if result.section.is_detection)

    @property
    def detections(self) -> int:
        """How many detections have an answer."""
        return sum(result.section.is_detection and result.error is None for result in self.results)

    @property
    def groups(self) -> Mapping[Group, Sequence[SectionResult]]:
        """Sections in the order of the page."""
        return {group: [result for result in self.results if result.section.group == group] for group in GROUPS}

    @property
    def failed(self) -> Sequence[SectionResult]:
        """Sections without an answer."""
        return [result for result in self.results if result.error is not None]

    @property
    def bytes_scanned(self) -> int:
        """What the sections' queries scanned."""
        return sum(result.bytes_scanned for result in self.results)

    @property
    def cost_usd(self) -> float:
        """What that cost."""
        return sum(result.cost_usd for result in self.results)

    def _answer(self, name: str) -> SectionResult | None:
        return next((r for r in self.results if r.section.name == name and r.error is None), None)

    def _rows(self, name: str) -> Sequence[Mapping[str, str | None]]:
        answer = self._answer(name)
        return () if answer is None else answer.rows
