"""Reports to render: every section of the repository, with rows of a test's choosing or plausible ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flowlogs.reports.findings import Allowlist, findings_of
from flowlogs.reports.period import Period
from flowlogs.reports.report import Report
from flowlogs.reports.results import Row, SectionResult
from flowlogs.reports.sections import FINDING_COLUMNS, Section, read_sections

SECTIONS_FOLDER = Path(__file__).parents[4] / "include" / "sql" / "reports"
PAGE_URL = "https://reports.example/lake/reports/rejected_traffic/daily/dt%3D2026-11-22/index.html"
DAY = date(2026, 11, 22)

_PORTS = ("22", "23", "443", "445", "3389", "5432", "8080", "51234")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def section(name: str = "things", **changes: Any) -> Section:
    """A section of a name and a number, unless told otherwise."""
    values: dict[str, Any] = {
        "name": name, "title": f"Section {name}", "group": "traffic", "order": 10,
        "description": "What it means and what to do about it.",
        "columns": {"what": {"label": "What"}, "flows": {"label": "Flows", "kind": "number"}},
    }  # fmt: skip
    return Section.model_validate({**values, **changes})


def detection(name: str = "scans", severity: str = "high", **columns: str) -> Section:
    """A detection with further columns by kind: `detection(dstport="port")`."""
    kinds = {"who": "address", "first_seen": "time", "last_seen": "time", "amount": "number", **columns}
    names = dict.fromkeys([*FINDING_COLUMNS, *columns])
    described = {column: {"label": column.capitalize(), "kind": kinds.get(column, "text")} for column in names}
    return section(name, group="detections", severity=severity, columns=described)


def row(**values: str | None) -> dict[str, str | None]:
    """A finding's row."""
    usual: dict[str, str | None] = {
        "who": "203.0.113.9", "what": "10.0.0.5:22", "first_seen": "2026-11-22 12:00:00.000",
        "last_seen": "2026-11-22 12:05:00.000", "amount": "12",
    }  # fmt: skip
    return {**usual, **values}


def totals(rejected: str = "34567", accepted: str = "120000", before: str | None = "30000") -> SectionResult:
    """The real totals section's answer."""
    columns = ("action", "flows", "packets", "bytes", "flows_before", "change", "flows_week_before", "week_change")
    rows = [
        dict(zip(columns, (action, flows, "9", "123456789", before, None, None, None), strict=True))
        for action, flows in (("ACCEPT", accepted), ("REJECT", rejected))
    ]
    return SectionResult(real_section("totals"), rows)


def coverage(*statuses: str, limit: int = 100) -> SectionResult:
    """The real coverage section's answer, a row for each status."""
    described = real_section("coverage")
    rows = [dict.fromkeys(described.columns) | {"status": status, "dt": "2026-11-22"} for status in statuses]
    return SectionResult(described, rows, limit=limit)


def report(
    *results: SectionResult, allowlist: Allowlist | None = None, continuing: Sequence[str] = (), **changes: Any
) -> Report:
    """A report of these results."""
    allowlist = allowlist or Allowlist()
    found, allowed = findings_of(results, allowlist, frozenset(continuing))
    values: dict[str, Any] = {
        "period": Period.of("daily", DAY), "environment": "sample", "run_id": "scheduled__2026-11-22",
        "generated_at": datetime(2026, 11, 23, 2, 15, tzinfo=UTC), "results": results, "found": found,
        "allowed": allowed, "allowlist": allowlist, "page_url": PAGE_URL,
    }  # fmt: skip
    return Report(**{**values, **changes})


def real_section(name: str) -> Section:
    """A section of the repository."""
    return next(found for found in real_sections() if found.name == name)


@cache
def real_sections() -> tuple[Section, ...]:
    """All sections of the repository."""
    return read_sections(SECTIONS_FOLDER)


def full_report() -> Report:
    """Every section of the repository, with plausible rows; some without, one without an answer."""
    dice = random.Random(7)
    results = []
    for number, described in enumerate(real_sections()):
        sql = (SECTIONS_FOLDER / f"{described.name}.sql").read_text()
        scanned = dice.randint(10**5, 10**9)
        results.append(
            SectionResult(described, _rows(described, dice, number), sql, f"q-{number}", scanned, scanned * 5e-12)
        )
    results[-2] = SectionResult(results[-2].section, error="its query failed; see the task run_sections")
    allowlist = Allowlist(cidrs=("203.0.113.1/32", "198.51.100.0/28"), ports=(8080,))
    first, _ = findings_of(results, allowlist)
    return report(*results, allowlist=allowlist, continuing=[f.identity for f in first if dice.random() < 0.3])


def _rows(described: Section, dice: random.Random, number: int) -> list[Row]:
    name = described.name
    if name == "totals":
        return list(totals().rows)
    if name == "rejects_by_hour":
        weights = {"22": 90, "23": 160, "443": 40, "445": 120, "3389": 60, "5432": 20, "8080": 18, "other": 80}
        busy = [0.6 + 0.4 * (8 <= hour <= 18) + 2.2 * (hour == 15) for hour in range(24)]
        return [
            {"hour": str(hour), "port": port, "flows": str(int(weight * busy[hour] * dice.uniform(0.6, 1.4)))}
            for hour in range(24)
            for port, weight in weights.items()
        ]
    if name == "reject_heatmap":
        return [
            {
                "weekday": day, "hour": str(hour), "flows": "400", "days": "4",
                "flows_per_day": str(round(dice.uniform(20, 60) + 300 * (hour == 3) + 90 * (8 < hour < 18), 1)),
            }
            for day in _WEEKDAYS
            for hour in range(24)
        ]  # fmt: skip
    count = (0, 2, 9, 1)[number % 4] if described.is_detection else (4, 38, 12)[number % 3]
    figures = sorted((dice.randint(1, 50_000) for _ in range(count)), reverse=True)
    rows = []
    for position, figure in enumerate(figures):
        values = {c: _value(c, column.kind, dice, position, figure) for c, column in described.columns.items()}
        if name == "coverage":
            values["status"] = ("missing", "partial")[position] if position < 2 else "complete"
        rows.append(values)
    return rows


def _value(column: str, kind: str, dice: random.Random, position: int, figure: int) -> str | None:
    if column in ("flows", "amount", "rejected_flows") and kind == "number":
        return str(figure)
    if column == "first_seen":
        return f"2026-11-22 {position % 12:02d}:04:{dice.randint(10, 59)}.000"
    if column == "port" and kind == "text":
        return dice.choice(_PORTS)
    texts = {
        "aws_account": "111122223333", "aws_region": "eu-central-1", "source": "network", "what": "10.0.7.21:22",
        "flow_direction": "ingress", "reject_reason": "BPA", "reason": "no file by 02:00 UTC", "status": "complete",
        "action": "REJECT", "ports": "22, 23, 80, 443, 445, 1433, 3306, 3389, 5432, 6379, 8080, 9200",
        "sample_line": "2 111122223333 eni-0a1b2c3d4e5f60718 " + "x" * 260,
        "sample_file": "s3://network-flow-logs/AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/11/22/" + "a" * 80,
    }  # fmt: skip
    by_kind: Mapping[str, str | None] = {
        "number": str(dice.randint(1, 5000)), "bytes": str(dice.randint(10, 10**10)), "day": "2026-11-22",
        "share": str(dice.uniform(-1, 3)), "time": f"2026-11-22 1{position % 10}:02:03.000",
        "address": f"203.0.113.{position}" if position % 5 else f"2001:db8:85a3:1:2:8a2e:370:{position + 4096:x}",
        "port": dice.choice(_PORTS), "protocol": dice.choice(("6", "17", "1", "132")),
        "interface": f"eni-0{dice.randint(16**15, 16**16 - 1):x}", "text": texts.get(column, f"text {position}"),
    }  # fmt: skip
    return by_kind[kind]
