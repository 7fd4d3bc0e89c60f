"""What the last check of the alarms found, from the state that `alarm_health` keeps in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowlogs.health.findings import Finding
from flowlogs.page.freshness import ReadsLake
from flowlogs.reports.sections import SEVERITIES
from flowlogs.settings import Settings


@dataclass(frozen=True, slots=True)
class AlarmHealth:
    """The findings that stand, the worst first. `checked_at` is None where no check has run: not set up."""

    checked_at: datetime | None
    findings: Sequence[Finding] = ()
    page_url: str = ""
    problem: str = ""


def alarm_health(settings: Settings, lake: ReadsLake) -> AlarmHealth:
    """The last check that was told."""
    from flowlogs.alarm_health_files import MEMORY, AlarmHealthFiles
    from flowlogs.health.memory import Memory

    text = lake.read(f"alarm_health/{MEMORY}")
    if text is None:
        return AlarmHealth(None)
    url = AlarmHealthFiles(settings).page_url()
    try:
        memory = Memory.from_json(text.decode())
    except ValueError as error:
        return AlarmHealth(None, page_url=url, problem=str(error))
    findings = sorted(memory.findings, key=lambda one: (SEVERITIES.index(one.severity), one.title, one.subject))
    return AlarmHealth(memory.checked_at, findings, url)
