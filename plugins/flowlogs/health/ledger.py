"""The ledger of findings, the table `alarm_findings`: what changed with each check, and each day what stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from flowlogs.health.findings import Changes, Finding

TABLE = "alarm_findings"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One row, with the columns of `include/sql/tables/alarm_findings.sql`."""

    checked_at: str
    change: str
    finding_id: str
    rule: str
    link: str
    severity: str
    subject: str
    title: str
    explanation: str
    remedy: str
    alarms: int
    first_seen: str
    run_id: str


def finding_rows(changes: Changes, at: datetime, run_id: str, *, with_standing: bool) -> Iterator[FindingRow]:
    """The rows of a check: what is new, worse, resolved, and with the first check of a day what stands as before."""
    told = [("new", changes.new), ("worse", changes.worse), ("resolved", changes.resolved)]
    for change, findings in [*told, *([("standing", changes.same)] if with_standing else [])]:
        for finding in findings:
            yield _row(finding, change, at, run_id)


def _row(finding: Finding, change: str, at: datetime, run_id: str) -> FindingRow:
    return FindingRow(
        checked_at=_utc_text(at),
        change=change,
        finding_id=finding.id,
        rule=finding.rule,
        link=finding.link,
        severity=finding.severity,
        subject=finding.subject,
        title=finding.title,
        explanation=finding.explanation,
        remedy=finding.remedy,
        alarms=len(finding.alarms),
        first_seen=_utc_text(finding.since),
        run_id=run_id,
    )


def json_lines(rows: Iterable[FindingRow]) -> str:
    """The rows as the table's files hold them."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)


def day_folder(table_prefix: str, day: date) -> str:
    """Key prefix of a day's rows; every check adds a file of its own."""
    return f"{table_prefix}dt={day}/"


def file_name(at: datetime, run_id: str) -> str:
    """The file of one check: the same when its task runs again."""
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", run_id).strip("-")
    return f"{at:%H%M%S}_{safe}.json"


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
