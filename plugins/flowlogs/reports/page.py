"""The report's page: one HTML file that needs no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from flowlogs.include_folder import INCLUDE
from flowlogs.reports.charts import chart_svg
from flowlogs.reports.findings import Finding
from flowlogs.reports.report import Report, Traffic
from flowlogs.reports.results import SectionResult
from flowlogs.reports.values import bytes_in_units, cost, count, exact_bytes, shown, visible, visible_lines

TEMPLATES: Final = INCLUDE / "templates"
ROWS_AT_ONCE: Final = 25
"""Rows of a table that are shown at first."""
FINDINGS_AT_ONCE: Final = 5
"""Findings of a detection that are shown at first."""
GROUP_TITLES: Final = {
    "traffic": "What was rejected",
    "detections": "Detections",
    "health": "The health of the logs",
}
_SPAN: Final = {"daily": "day", "weekly": "week", "monthly": "month"}


def page_html(report: Report, csv_folder: str) -> str:
    """The page; `csv_folder` is where the sections' CSV files stand from it, ending in a slash."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown, "visible": visible, "visible_lines": visible_lines, "count": count, "bytes": bytes_in_units,
        "exact_bytes": exact_bytes, "change": _change, "cost": cost, "plural": _plural,
    }  # fmt: skip

    def chart(result: SectionResult) -> Markup | None:
        drawn = chart_svg(result)
        return None if drawn is None else Markup(drawn)  # noqa: S704 - charts escapes what it draws

    template = environment.get_template("report.html.j2")
    return template.render(
        report=report,
        csv_folder=csv_folder,
        chart=chart,
        group_titles=GROUP_TITLES,
        rows_at_once=ROWS_AT_ONCE,
        findings_at_once=FINDINGS_AT_ONCE,
        by_detection=_by_detection,
        evidence=_evidence,
        kept_out=Counter(finding.detection for finding in report.allowed),
        span=_SPAN[report.period.edition],
        numeric=("number", "bytes", "share"),
        unbroken=("time", "day", "port", "protocol", "address", "interface"),
    )


def _change(traffic: Traffic, span: str) -> str:
    if traffic.change is None:
        return f"no figures of the {span} before"
    return f"{traffic.change:+,.0%} to the {span} before"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _by_detection(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one severity, by detection; the detections with new ones first."""
    ordered = sorted(findings, key=lambda finding: finding.detection)
    groups = [list(group) for _, group in groupby(ordered, key=lambda finding: finding.detection)]
    return sorted(groups, key=lambda group: all(finding.status != "new" for finding in group))


def _evidence(report: Report, finding: Finding) -> list[tuple[str, Any]]:
    """Labels and values of a finding's further columns."""
    section = next(result.section for result in report.results if result.section.name == finding.detection)
    return [
        (section.columns[name].label, shown(value, section.columns[name].kind))
        for name, value in finding.evidence.items()
        if value not in (None, "")
    ]
