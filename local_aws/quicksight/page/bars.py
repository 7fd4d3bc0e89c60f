"""Bar charts: vertical or horizontal, clustered, stacked, or stacked to 100 percent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.quicksight.page.drawing import Drawing, Task, twice
from local_aws.quicksight.page.fields import Field, axis_label, relabelled
from local_aws.quicksight.page.selection import OTHER, Sort, limit_of
from local_aws.quicksight.page.sources import Undrawable
from local_aws.quicksight.page.svg import CHARACTER, Canvas, legend, scale, ticks

DEFAULT_CATEGORIES = 24
DEFAULT_GROUPS = 10


@dataclass(frozen=True)
class _Bars:
    """Categories in their order, series in theirs, and the value of each pair."""

    categories: list[str]
    series: list[str]
    values: dict[tuple[str, str], float]
    measure: Field
    stacked: bool
    percent: bool


def bar_chart(task: Task) -> Drawing:
    """A BarChartVisual."""
    wells = task.wells("BarChartAggregatedFieldWells")
    categories = task.fields.dimensions(wells, "Category")[:1]
    colours = task.fields.dimensions(wells, "Colors")[:1]
    measures = relabelled(task.fields.measures(wells, "Values"), task.configuration.get("ValueLabelOptions"))
    if not measures:
        raise Undrawable("it has no values")
    sorting = task.sorting
    default = (
        [Sort(categories[0].term.sql, False)]
        if categories and categories[0].is_date
        else [Sort(measures[0].term.sql, True)]
    )
    by_category = task.selection.sorts(sorting.get("CategorySort"), [*categories, *colours, *measures], default)
    limits = {one.id: limit_of(sorting.get("CategoryItemsLimit"), DEFAULT_CATEGORIES) for one in categories}
    limits |= {one.id: limit_of(sorting.get("ColorItemsLimit"), DEFAULT_GROUPS) for one in colours}
    dimensions = [*categories, *colours]
    if categories and categories[0].is_date:
        limits.pop(categories[0].id)
    by_colour = task.selection.sorts(
        sorting.get("ColorSort"), [*colours, *measures], [Sort(measures[0].term.sql, True)]
    )
    item_sorts = {one.id: by_colour for one in colours}
    rows, cut = task.selection.grouped(dimensions, measures, sorts=by_category, limits=limits, item_sorts=item_sorts)
    if not rows:
        return Drawing(empty=True)
    order = _order(task, categories, by_category, rows, 0)
    series = _order(task, colours, by_colour, rows, len(categories)) if colours else [one.label for one in measures]
    bars = _read(
        rows, categories, colours, measures, order, series, str(task.configuration.get("BarsArrangement", "CLUSTERED"))
    )
    horizontal = task.configuration.get("Orientation", "HORIZONTAL") == "HORIZONTAL"
    axis = axis_label(task.configuration.get("ValueLabelOptions"), measures[0].label if len(measures) == 1 else "")
    category_axis = axis_label(
        task.configuration.get("CategoryLabelOptions"), categories[0].label if categories else ""
    )

    def draw(canvas: Canvas) -> None:
        (_horizontal if horizontal else _vertical)(canvas, task, bars, axis, category_axis)

    has_legend = len(series) > 1 and task.has_legend
    title = axis_label(task.configuration.get("ColorLabelOptions"), colours[0].label) if colours else None
    label = f"Bar chart of {measures[0].label} by {categories[0].label if categories else 'nothing'}"
    return Drawing(
        twice(task, label, draw),
        legend=legend(series, task.colours) if has_legend else [],
        legend_title=title,
        notes=[f"{one.label}: {limits[one.id].items} of {cut[one.id]:,} shown" for one in dimensions if one.id in cut],
    )


def _order(
    task: Task, dimensions: Sequence[Field], sorts: Sequence[Sort], rows: Sequence[tuple[Any, ...]], at: int
) -> list[str]:
    """The items that the rows have, in the order asked for; those beyond the limit last."""
    if not dimensions:
        return ["Total"]
    there = {dimensions[0].name(row[at]) for row in rows}
    items = [dimensions[0].name(value) for value in task.selection.order_of(dimensions[0], sorts)]
    return [item for item in dict.fromkeys(items) if item in there] + [
        item for item in [OTHER] if item in there and item not in items
    ]


def _read(
    rows: Sequence[tuple[Any, ...]], categories: Sequence[Field], colours: Sequence[Field], measures: Sequence[Field],
    order: list[str], series: list[str], arrangement: str,
) -> _Bars:  # fmt: skip
    values: dict[tuple[str, str], float] = {}
    at = len(categories) + len(colours)
    for row in rows:
        category = categories[0].name(row[0]) if categories else "Total"
        for number, measure in enumerate(measures):
            if colours and number:
                break  # with a colour QuickSight draws one measure
            name = colours[0].name(row[len(categories)]) if colours else measure.label
            values[category, name] = float(row[at + number] or 0)
    percent = arrangement == "STACKED_PERCENT"
    if percent:
        for category in order:
            total = sum(values.get((category, name), 0) for name in series) or 1
            values |= {
                (category, name): values[category, name] / total for name in series if (category, name) in values
            }
    return _Bars(order, series, values, measures[0], arrangement != "CLUSTERED", percent)


def _domain(bars: _Bars) -> list[float]:
    if bars.percent:
        return [0, 0.25, 0.5, 0.75, 1]
    if bars.stacked:
        sums = [
            sum(max(0, bars.values.get((category, name), 0)) for name in bars.series) for category in bars.categories
        ]
        return ticks(min(0, *bars.values.values(), 0), max(sums))
    values = [*bars.values.values(), 0]
    return ticks(min(values), max(values))


def _tick(bars: _Bars, value: float) -> str:
    return f"{value:.0%}" if bars.percent else bars.measure.short(value)


def _said(bars: _Bars, category: str, name: str, value: float) -> str:
    shown = f"{value:.1%}" if bars.percent else bars.measure.shown(value)
    return f"{category}, {name}: {shown}" if len(bars.series) > 1 else f"{category}: {shown}"


def _horizontal(canvas: Canvas, task: Task, bars: _Bars, axis: str | None, category_axis: str | None) -> None:
    longest = max(len(category) for category in bars.categories)
    left = min(max(40.0, longest * CHARACTER + 10), canvas.width * 0.38)
    top, bottom, right = 6.0, 34.0 if axis else 22.0, 54.0
    needed = len(bars.categories) * (15 if bars.stacked or len(bars.series) == 1 else 8 * len(bars.series) + 5)
    canvas.height = max(canvas.height, needed + top + bottom)
    domain = _domain(bars)
    if canvas.width < 400:
        domain = ticks(domain[0], domain[-1], 3) if not bars.percent else [0, 0.5, 1]
    x = scale((domain[0], domain[-1]), (left, canvas.width - right))
    floor = canvas.height - bottom
    for value in domain:
        canvas.add("line", x1=x(value), x2=x(value), y1=top, y2=floor, class_="grid")
        canvas.text(x(value), floor + 14, _tick(bars, value), anchor="middle")
    step = (floor - top) / len(bars.categories)
    thick = min(step * 0.72, 34)
    for row, category in enumerate(bars.categories):
        middle = top + step * (row + 0.5)
        canvas.text(left - 6, middle + 4, category, anchor="end", room=left - 8)
        reached = 0.0
        for number, name in enumerate(bars.series):
            if (category, name) not in bars.values:
                continue
            value = bars.values[category, name]
            begin = reached if bars.stacked else 0.0
            height = thick if bars.stacked else thick / len(bars.series)
            y = middle - thick / 2 + (0 if bars.stacked else number * height)
            low, high = sorted((x(begin), x(begin + value)))
            canvas.add("rect", x=low, y=y, width=max(high - low, 0.5), height=max(height - 0.6, 0.5), rx=1.5,
                       title=_said(bars, category, name, value), **task.colours.of(name, number))  # fmt: skip
            reached += value
        if len(bars.series) == 1 and not bars.percent:
            canvas.text(
                x(max(0, reached or bars.values.get((category, bars.series[0]), 0))) + 5,
                middle + 4,
                bars.measure.short(bars.values.get((category, bars.series[0]), 0)),
                class_="value",
            )
    if axis:
        canvas.text((left + canvas.width - right) / 2, canvas.height - 4, axis, anchor="middle", class_="axis")


def _vertical(canvas: Canvas, task: Task, bars: _Bars, axis: str | None, category_axis: str | None) -> None:
    domain = _domain(bars)
    left = max(len(_tick(bars, value)) for value in domain) * CHARACTER + 12
    longest = max(len(category) for category in bars.categories)
    step = (canvas.width - left - 8) / len(bars.categories)
    slanted = longest * CHARACTER > step - 4
    every = max(1, -(-18 // max(1, int(step)))) if slanted else 1
    room = min(longest * CHARACTER, 110) if slanted else 14
    bottom = (room * 0.75 + 12 if slanted else 20) + (16 if category_axis else 0)
    top = 20.0 if axis else 8.0
    floor = canvas.height - bottom
    y = scale((domain[0], domain[-1]), (floor, top))
    for value in domain:
        canvas.add("line", x1=left, x2=canvas.width - 8, y1=y(value), y2=y(value), class_="grid")
        canvas.text(left - 6, y(value) + 4, _tick(bars, value), anchor="end")
    if axis:
        canvas.text(2, 11, axis, class_="axis")
    thick = min(step * 0.74, 56)
    for column, category in enumerate(bars.categories):
        middle = left + step * (column + 0.5)
        if column % every == 0:
            if slanted:
                shown = category if len(category) * CHARACTER <= room else f"{category[: int(room / CHARACTER) - 1]}…"
                canvas.add_slanted(middle + 4, floor + 12, shown)
            else:
                canvas.text(middle, floor + 15, category, anchor="middle")
        reached = 0.0
        for number, name in enumerate(bars.series):
            if (category, name) not in bars.values:
                continue
            value = bars.values[category, name]
            begin = reached if bars.stacked else 0.0
            width = thick if bars.stacked else thick / len(bars.series)
            x = middle - thick / 2 + (0 if bars.stacked else number * width)
            high, low = sorted((y(begin), y(begin + value)))
            canvas.add("rect", x=x, y=high, width=max(width - 0.6, 0.5), height=max(low - high, 0.5), rx=1.5,
                       title=_said(bars, category, name, value), **task.colours.of(name, number))  # fmt: skip
            reached += value
    if category_axis:
        canvas.text((left + canvas.width) / 2, canvas.height - 3, category_axis, anchor="middle", class_="axis")
