"""The report's page: one HTML file that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flowlogs.reports.charts import chart_svg
from flowlogs.reports.findings import Finding
from flowlogs.reports.report import Report, Traffic
from flowlogs.reports.results import SectionResult
from flowlogs.reports.values import bytes_in_units, count, shown, visible

TEMPLATES: Final = Path(__file__).parents[3] / "include" / "templates"
ROWS_AT_ONCE: Final = 15
"""Rows of a table that are shown at first."""
GROUP_TITLES: Final = {
    "traffic": "What was rejected",
    "detections": "Detections",
    "health": "The health of the logs",
}


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
        "shown": shown, "visible": visible, "count": count, "bytes": bytes_in_units, "change": _change, "cost": _cost,
    }  # fmt: skip

    def chart(result: SectionResult) -> Markup | None:
        drawn = chart_svg(result)
        return None if drawn is None else Markup(drawn)  # noqa: S704 - matplotlib escapes what it draws

    template = environment.get_template("report.html.j2")
    return template.render(
        report=report,
        csv_folder=csv_folder,
        chart=chart,
        group_titles=GROUP_TITLES,
        rows_at_once=ROWS_AT_ONCE,
        evidence=_evidence,
        numeric=("number", "bytes", "share"),
    )


def _change(traffic: Traffic) -> str:
    return "no figures to compare with" if traffic.change is None else f"{traffic.change:+.0%} to before"


def _cost(usd: float) -> str:
    return f"${usd:.2f}" if usd >= 0.01 else "under 1 cent"


def _evidence(report: Report, finding: Finding) -> list[tuple[str, Any]]:
    """Labels and values of a finding's further columns."""
    section = next(result.section for result in report.results if result.section.name == finding.detection)
    return [
        (section.columns[name].label, shown(value, section.columns[name].kind))
        for name, value in finding.evidence.items()
        if value not in (None, "")
    ]
