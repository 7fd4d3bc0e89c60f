"""KPIs: one number, compared with its target or with the period before, and how it went."""

from __future__ import annotations

from typing import Any

from local_aws.quicksight.page.drawing import Drawing, Task
from local_aws.quicksight.page.fields import Field
from local_aws.quicksight.page.selection import Sort
from local_aws.quicksight.page.sources import Undrawable
from local_aws.quicksight.page.svg import Canvas, scale


def kpi(task: Task) -> Drawing:
    """A KPIVisual: with a trend group the newest period is the value, the one before it is compared."""
    wells = task.configuration.get("FieldWells", {})
    values = task.fields.measures(wells, "Values")
    targets = task.fields.measures(wells, "TargetValues")
    trends = task.fields.dimensions(wells, "TrendGroups")[:1]
    if not values:
        raise Undrawable("it has no value")
    measure = values[0]
    rows, _ = task.selection.grouped(
        trends, [measure, *targets[:1]], sorts=[Sort(one.term.sql, False) for one in trends]
    )
    rows = [row for row in rows if row[len(trends)] is not None]
    if not rows:
        return Drawing(kpi={"value": measure.shown(None), "label": measure.label}, empty=True)
    newest = rows[-1]
    value = newest[len(trends)]
    shown: dict[str, Any] = {"value": _plain(measure, value), "label": measure.label}
    options = task.configuration.get("KPIOptions", {})
    if targets:
        shown |= _compared(task, measure, value, newest[-1], f"target {_plain(targets[0], newest[-1])}")
    elif trends and len(rows) > 1:
        before = rows[-2]
        shown |= _compared(
            task, measure, value, before[1], f"{trends[0].shown(before[0])}: {_plain(measure, before[1])}"
        )
    if trends:
        shown["period"] = trends[0].shown(newest[0])
    if trends and len(rows) > 2 and options.get("Sparkline", {}).get("Visibility", "VISIBLE") == "VISIBLE":
        shown["sparkline"] = _sparkline([float(row[1]) for row in rows])
    return Drawing(kpi=shown)


def _plain(measure: Field, value: object) -> str:
    if isinstance(value, (int, float)) and not measure.format and not measure.is_bytes and abs(value) >= 1e6:
        return measure.short(float(value))
    return measure.shown(value)


def _compared(task: Task, measure: Field, value: Any, other: Any, than: str) -> dict[str, Any]:
    if other is None or not isinstance(value, (int, float)) or not isinstance(other, (int, float)):
        return {}
    method = (
        task.configuration.get("KPIOptions", {}).get("Comparison", {}).get("ComparisonMethod", "PERCENT_DIFFERENCE")
    )
    difference = value - other
    if method == "DIFFERENCE":
        change = (
            f"{difference:+,.0f}"
            if not measure.is_bytes
            else f"{'+' if difference >= 0 else '-'}{measure.shown(abs(difference))}"
        )
    elif not other:
        change = "-"
    elif method == "PERCENT":
        change = f"{value / other:.0%}"
    else:
        change = f"{difference / other:+.1%}"
    return {
        "change": change,
        "direction": "up" if difference > 0 else "down" if difference < 0 else "same",
        "than": than,
    }


def _sparkline(values: list[float]) -> str:
    canvas = Canvas(240, 36)
    x = scale((0, len(values) - 1), (3, canvas.width - 3))
    y = scale((min(values), max(values)), (canvas.height - 4, 4))
    points = " ".join(f"{x(number):.1f},{y(value):.1f}" for number, value in enumerate(values))
    canvas.add("polyline", points=points, class_="mark s0 line")
    canvas.add("circle", cx=x(len(values) - 1), cy=y(values[-1]), r=3, class_="mark s0 dot")
    return canvas.picture("Trend", "sparkline")
