"""Line charts: one line for each value of the colour field, or for each measure; areas where asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_aws.quicksight.page.drawing import Drawing, Task, twice
from local_aws.quicksight.page.fields import Field, axis_label, relabelled
from local_aws.quicksight.page.selection import OTHER, Sort, limit_of
from local_aws.quicksight.page.sources import Undrawable
from local_aws.quicksight.page.svg import CHARACTER, Canvas, legend, scale, ticks

DEFAULT_LINES = 10
MOST_DOTS = 60


def line_chart(task: Task) -> Drawing:
    """A LineChartVisual."""
    wells = task.wells("LineChartAggregatedFieldWells")
    categories = task.fields.dimensions(wells, "Category")[:1]
    colours = task.fields.dimensions(wells, "Colors")[:1]
    measures = relabelled(task.fields.measures(wells, "Values"), task.configuration.get("PrimaryYAxisLabelOptions"))
    if not categories or not measures:
        raise Undrawable("a line chart needs a category and a value")
    category = categories[0]
    by_value = [Sort(measures[0].term.sql, True)]
    limits = {one.id: limit_of(task.sorting.get("ColorItemsLimitConfiguration"), DEFAULT_LINES) for one in colours}
    rows, cut = task.selection.grouped([*categories, *colours], measures, sorts=by_value, limits=limits)
    if not rows:
        return Drawing(empty=True)
    order = sorted({row[0] for row in rows if row[0] is not None})
    if not category.is_date:
        by_category = task.selection.sorts(
            task.sorting.get("CategorySort"), [*categories, *measures], [Sort(category.term.sql, False)]
        )
        there = set(order)
        order = [value for value in task.selection.order_of(category, by_category) if value in there]
    lines = _lines(rows, colours, measures)
    if colours:
        known = [colours[0].name(value) for value in task.selection.order_of(colours[0], by_value)]
        rank = {name: number for number, name in enumerate([*known, OTHER])}
        lines = dict(sorted(lines.items(), key=lambda line: rank.get(line[0], len(rank))))
    kind = task.configuration.get("Type", "LINE")
    axis = axis_label(
        task.configuration.get("PrimaryYAxisLabelOptions"), measures[0].label if len(measures) == 1 else ""
    )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, task, category, measures[0], order, lines, kind, axis)

    return Drawing(
        twice(task, f"Line chart of {measures[0].label} by {category.label}", draw),
        legend=legend(list(lines), task.colours) if len(lines) > 1 and task.has_legend else [],
        legend_title=colours[0].label if colours else None,
        notes=[f"{one.label}: {limits[one.id].items} of {cut[one.id]:,} shown" for one in colours if one.id in cut],
    )


def _lines(rows: list[tuple[Any, ...]], colours: list[Field], measures: list[Field]) -> dict[str, dict[Any, float]]:
    lines: dict[str, dict[Any, float]] = {}
    for row in rows:
        if row[0] is None:
            continue
        if colours:
            name = colours[0].name(row[1])
            lines.setdefault(name, {})[row[0]] = float(row[2] or 0)
        else:
            for number, measure in enumerate(measures):
                lines.setdefault(measure.label, {})[row[0]] = float(row[1 + number] or 0)
    return lines


def _draw(
    canvas: Canvas, task: Task, category: Field, measure: Field, order: list[Any], lines: dict[str, dict[Any, float]], kind: str, axis: str | None
) -> None:  # fmt: skip
    stacked = kind == "STACKED_AREA"
    floor_of = dict.fromkeys(order, 0.0)
    tops: dict[str, dict[Any, float]] = {}
    for name, line in lines.items():
        tops[name] = {
            at: line.get(at, 0) + floor_of[at] if stacked else value
            for at, value in (line if not stacked else floor_of).items()
        }
        if stacked:
            floor_of = dict(tops[name])
    every = [value for line in tops.values() for value in line.values()]
    domain = ticks(min(0, *every), max(every), 5 if canvas.width > 400 else 4)
    left = max(len(measure.short(value)) for value in domain) * CHARACTER + 12
    top, bottom, right = (20.0 if axis else 8.0), 22.0, 14.0
    floor = canvas.height - bottom
    y = scale((domain[0], domain[-1]), (floor, top))
    places = _places(order, left + 6, canvas.width - right)
    for value in domain:
        canvas.add("line", x1=left, x2=canvas.width - right, y1=y(value), y2=y(value), class_="grid")
        canvas.text(left - 6, y(value) + 4, measure.short(value), anchor="end")
    if axis:
        canvas.text(2, 11, axis, class_="axis")
    _ticks_of(canvas, category, order, places, floor)
    below = dict.fromkeys(order, 0.0)
    for number, (name, line) in enumerate(tops.items()):
        points = [
            (places[at], y(value), at, value) for at, value in sorted(line.items(), key=lambda one: places[one[0]])
        ]
        path = " ".join(f"{x:.1f},{height:.1f}" for x, height, _, _ in points)
        colour = task.colours.of(name, number)
        if kind != "LINE" and len(points) > 1:
            ground = [(places[at], y(below[at] if stacked else 0)) for _, _, at, _ in reversed(points)]
            edge = " ".join(f"{x:.1f},{height:.1f}" for x, height in ground)
            canvas.add("polygon", points=f"{path} {edge}", **{**colour, "class_": f"{colour['class_']} area"})
        canvas.add("polyline", points=path, **{**colour, "class_": f"{colour['class_']} line"})
        for x, height, at, _ in points if len(points) <= MOST_DOTS else []:
            own = lines[name].get(at, 0)
            said = (
                f"{category.shown(at)}, {name}: {measure.shown(own)}"
                if len(lines) > 1
                else f"{category.shown(at)}: {measure.shown(own)}"
            )
            canvas.add(
                "circle",
                cx=x,
                cy=height,
                r=3 if len(points) > 1 else 4,
                title=said,
                **{**colour, "class_": f"{colour['class_']} dot"},
            )
        below = line if stacked else below


def _places(order: list[Any], begin: float, end: float) -> dict[Any, float]:
    """Where each category is: dates by time, others in equal steps."""
    if len(order) == 1:
        return {order[0]: (begin + end) / 2}
    if all(isinstance(one, datetime) for one in order):
        x = scale((_seconds(order[0]), _seconds(order[-1])), (begin, end))
        return {one: x(_seconds(one)) for one in order}
    x = scale((0, max(1, len(order) - 1)), (begin, end))
    return {one: x(number) for number, one in enumerate(order)}


def _ticks_of(canvas: Canvas, category: Field, order: list[Any], places: dict[Any, float], floor: float) -> None:
    labels = {at: category.shown(at) for at in order}
    room = max(len(label) for label in labels.values()) * CHARACTER + 12
    reached = -room
    for at in order:
        x = min(max(places[at], room / 2 - 4), canvas.width - room / 2 + 8)
        if x - room / 2 >= reached:
            canvas.add("line", x1=places[at], x2=places[at], y1=floor, y2=floor + 4, class_="grid")
            canvas.text(x, floor + 16, labels[at], anchor="middle")
            reached = x + room / 2


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
