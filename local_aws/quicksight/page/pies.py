"""Pie and donut charts."""

from __future__ import annotations

import math

from local_aws.quicksight.page.drawing import Drawing, Task, twice
from local_aws.quicksight.page.selection import OTHER, Sort, limit_of
from local_aws.quicksight.page.sources import Undrawable
from local_aws.quicksight.page.svg import Canvas, legend

DEFAULT_SLICES = 10
_HOLES = {"SMALL": 0.78, "MEDIUM": 0.62, "LARGE": 0.45, "WHOLE": 0.0}
"""Part of the radius that is left open, by the thickness of the arc."""


def pie_chart(task: Task) -> Drawing:
    """A PieChartVisual; a donut unless its arc is WHOLE."""
    wells = task.wells("PieChartAggregatedFieldWells")
    categories = task.fields.dimensions(wells, "Category")[:1]
    measures = task.fields.measures(wells, "Values")
    if not measures:
        raise Undrawable("it has no values")
    measure = measures[0]
    sorts = task.selection.sorts(
        task.sorting.get("CategorySort"), [*categories, *measures], [Sort(measure.term.sql, True)]
    )
    limits = {one.id: limit_of(task.sorting.get("CategoryItemsLimit"), DEFAULT_SLICES) for one in categories}
    rows, cut = task.selection.grouped(
        categories, measures if not categories else measures[:1], sorts=sorts, limits=limits
    )
    if categories:
        slices = {categories[0].name(row[0]): float(row[1] or 0) for row in rows}
    else:
        slices = {one.label: float(value or 0) for one, value in zip(measures, rows[0], strict=True)}
    slices = {name: value for name, value in slices.items() if value > 0}
    if not slices:
        return Drawing(empty=True)
    ordered = sorted(slices, key=lambda name: (name == OTHER and bool(cut), -slices[name]))
    total = sum(slices.values())
    hole = _HOLES[task.configuration.get("DonutOptions", {}).get("ArcOptions", {}).get("ArcThickness", "WHOLE")]
    center = task.configuration.get("DonutOptions", {}).get("DonutCenterOptions", {}).get("LabelVisibility", "VISIBLE")

    def draw(canvas: Canvas) -> None:
        x, y = canvas.width / 2, canvas.height / 2
        radius = min(canvas.width, canvas.height) / 2 - 26
        angle = -math.pi / 2
        for number, name in enumerate(ordered):
            share = slices[name] / total
            said = f"{name}: {measure.shown(slices[name])} ({share:.1%})"
            path = _arc(x, y, radius, radius * hole, angle, angle + share * 2 * math.pi)
            canvas.add("path", d=path, title=said, fill_rule="evenodd", **task.colours.of(name, number))
            if share >= 0.04:
                middle = angle + share * math.pi
                anchor = "start" if math.cos(middle) > 0.15 else "end" if math.cos(middle) < -0.15 else "middle"
                canvas.text(
                    x + (radius + 8) * math.cos(middle),
                    y + (radius + 12) * math.sin(middle) + 4,
                    f"{share:.0%}",
                    anchor=anchor,
                    class_="value",
                )
            angle += share * 2 * math.pi
        if hole and center == "VISIBLE":
            canvas.text(x, y + 6, measure.short(total), anchor="middle", class_="center")

    names = [
        {**one, "name": f"{one['name']}  {measure.shown(slices[one['name']])}"} for one in legend(ordered, task.colours)
    ]
    return Drawing(
        twice(task, f"Pie chart of {measure.label}", draw),
        legend=names if task.has_legend else [],
        legend_title=categories[0].label if categories else None,
        notes=[f"{one.label}: {limits[one.id].items} of {cut[one.id]:,} shown" for one in categories if one.id in cut],
    )


def _arc(x: float, y: float, outer: float, inner: float, begin: float, end: float) -> str:
    if end - begin >= 2 * math.pi - 1e-6:
        circles = [_circle(x, y, outer)] + ([_circle(x, y, inner)] if inner else [])
        return " ".join(circles)
    large = 1 if end - begin > math.pi else 0

    def at(radius: float, angle: float) -> str:
        return f"{x + radius * math.cos(angle):.2f} {y + radius * math.sin(angle):.2f}"

    if not inner:
        return f"M {x:.2f} {y:.2f} L {at(outer, begin)} A {outer:.2f} {outer:.2f} 0 {large} 1 {at(outer, end)} Z"
    return (
        f"M {at(outer, begin)} A {outer:.2f} {outer:.2f} 0 {large} 1 {at(outer, end)} "
        f"L {at(inner, end)} A {inner:.2f} {inner:.2f} 0 {large} 0 {at(inner, begin)} Z"
    )


def _circle(x: float, y: float, radius: float) -> str:
    return (
        f"M {x - radius:.2f} {y:.2f} a {radius:.2f} {radius:.2f} 0 1 0 {2 * radius:.2f} 0 "
        f"a {radius:.2f} {radius:.2f} 0 1 0 {-2 * radius:.2f} 0 Z"
    )
