"""What the daily reports found and cost, from their `summary.json`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flowlogs.page.freshness import ReadsLake
from flowlogs.page.lake import AT_ONCE
from flowlogs.report_files import ReportFiles
from flowlogs.reports.period import Period
from flowlogs.reports.sections import SEVERITIES
from flowlogs.settings import Settings

KEPT_SECONDS: Final = 300.0
"""How long a summary is not read again. A report that was run again meanwhile is shown that much later."""

_LOOK_BACK: Final = 14
"""Days in which the latest report is looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a report."""

    severity: str
    title: str
    who: str
    what: str
    status: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A day's report: its findings, the most severe first and the new before the known."""

    day: str
    page_url: str
    findings: Sequence[Found]
    bytes_scanned: int
    cost_usd: float


class Reports:
    """Daily reports, kept for a while."""

    def __init__(self, settings: Settings, lake: ReadsLake) -> None:
        self._settings = settings
        self._lake = lake
        self._kept: dict[str, tuple[float, Reported | None]] = {}
        self._lock = threading.Lock()

    def files(self, day: str) -> ReportFiles:
        """Where a day's report stands."""
        return ReportFiles(self._settings, Period.of("daily", date.fromisoformat(day)))

    def of_day(self, day: str) -> Reported | None:
        """The report of a day; None when there is none, or none that can be read."""
        with self._lock:
            kept = self._kept.get(day)
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        key = self.files(day).summary_key().removeprefix(self._settings.lake.prefix)
        text = self._lake.read(key)
        found = None if text is None else _reported(day, self.files(day).page_url(), text)
        with self._lock:
            self._kept[day] = (time.monotonic(), found)
        return found

    def of_days(self, days: Sequence[str]) -> dict[str, Reported]:
        """The reports of those of the days that have one."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(self.of_day, days)
            return {day: one for day, one in zip(days, found, strict=True) if one is not None}

    def latest(self, days: Sequence[str]) -> Reported | None:
        """The report of the newest of the days that has one."""
        for day in sorted(days, reverse=True)[:_LOOK_BACK]:
            found = self.of_day(day)
            if found is not None:
                return found
        return None


def _reported(day: str, page_url: str, text: bytes) -> Reported | None:
    try:
        values: Mapping[str, Any] = json.loads(text)
        findings = [
            Found(str(f["severity"]), str(f["title"]), str(f["who"]), str(f["what"]), str(f["status"]))
            for f in values["findings"]
        ]
        findings.sort(key=lambda one: (_severity(one.severity), one.status != "new", one.title, one.who))
        return Reported(day, page_url, findings, int(values["bytes_scanned"] or 0), float(values["cost_usd"] or 0))
    except (ValueError, KeyError, TypeError):
        return None


def _severity(text: str) -> int:
    names: Sequence[str] = SEVERITIES
    return names.index(text) if text in names else len(names)
