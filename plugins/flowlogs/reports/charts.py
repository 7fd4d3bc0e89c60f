"""Charts of sections as SVG text, to stand in the page: matplotlib draws, the page's style colours.

Text and lines have `currentColor`, so that they are read in light and in dark. The colours of series are those of
Okabe and Ito, which people who see colours differently can tell apart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from flowlogs.reports.results import Row, SectionResult, number
from flowlogs.reports.sections import Chart, Column
from flowlogs.reports.values import shown, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALETTE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#999999",
    "#7f4fa3",
    "#5f9e3a",
)
_INK = "#010203"
"""Stands for `currentColor` while matplotlib draws."""
_BARS_AT_MOST = 12


def chart_svg(result: SectionResult) -> str | None:
    """A section's chart; None when it has none, or no rows."""
    chart = result.section.chart
    if chart is None or not result.rows:
        return None
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style = {
        "svg.hashsalt": "flowlogs", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
        "text.color": _INK, "axes.edgecolor": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    }  # fmt: skip
    with rc_context(style):  # type: ignore[arg-type]
        figure = Figure(figsize=(8.4, _height(chart, result.rows)), layout="constrained")
        axes = figure.add_subplot()
        columns = result.section.columns
        draw = {"bars": _bars, "stacked_bars": _stacked_bars, "line": _lines, "heatmap": _heatmap}[chart.type]
        draw(axes, chart, result.rows, columns)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _standing_in_page(file.getvalue(), result)


def _height(chart: Chart, rows: Sequence[Row]) -> float:
    if chart.type == "bars":
        return 0.7 + 0.3 * min(len(rows), _BARS_AT_MOST)
    return 3.2 if chart.type == "heatmap" else 3.6


def _bars(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Any) -> None:
    """Horizontal bars, the largest first, whose names have room."""
    top = rows[:_BARS_AT_MOST]
    names = [_label(row[chart.x], columns[chart.x]) for row in top]
    values = [number(row[chart.y]) for row in top]
    bars = axes.barh(range(len(top)), values, color=_PALETTE[0], height=0.72)
    axes.bar_label(bars, [shown(row[chart.y], columns[chart.y].kind) for row in top], padding=4, fontsize=9)
    axes.set_yticks(range(len(top)), names)
    axes.invert_yaxis()
    axes.set_xlabel(columns[chart.y].label)
    axes.margins(x=0.14)
    axes.xaxis.set_major_formatter(_ticks(columns[chart.y]))
    _open(axes, grid="x")


def _stacked_bars(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Any) -> None:
    places, names, table = _by_series(chart, rows, columns)
    bottom = [0.0] * len(places)
    for position, name in enumerate(names):
        heights = [table.get((name, place), 0.0) for place in places]
        axes.bar(
            range(len(places)), heights, bottom=bottom, color=_PALETTE[position % len(_PALETTE)], label=name, width=0.82
        )
        bottom = [low + high for low, high in zip(bottom, heights, strict=True)]
    _finish_series(axes, chart, places, names, columns)


def _lines(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Any) -> None:
    places, names, table = _by_series(chart, rows, columns)
    markers = "osD^vPX*"
    for position, name in enumerate(names):
        values = [table.get((name, place), 0.0) for place in places]
        axes.plot(
            values,
            color=_PALETTE[position % len(_PALETTE)],
            label=name,
            marker=markers[position % len(markers)],
            markersize=4,
        )
    axes.set_ylim(bottom=0)
    _finish_series(axes, chart, places, names, columns)


def _heatmap(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Any) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    places, names, table = _by_series(chart, rows, columns)
    values = [[table.get((name, place), 0.0) for place in places] for name in names]
    colours = LinearSegmentedColormap.from_list("rejects", ["#e8f1f8", "#56b4e9", "#0072b2", "#08306b"])
    mesh = axes.pcolormesh(values, cmap=colours, vmin=0, edgecolors="none", rasterized=False)
    axes.set_xticks([position + 0.5 for position in range(len(places))], places, fontsize=8)
    axes.set_yticks([position + 0.5 for position in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_xlabel(columns[chart.x].label)
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.01, aspect=14)
    bar.set_label(columns[chart.y].label)
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter(_ticks(columns[chart.y]))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)


def _by_series(
    chart: Chart, rows: Sequence[Row], columns: Any
) -> tuple[list[str], list[str], dict[tuple[str, str], float]]:
    """Places along x, names of the series, and the value of each place and series."""

    def place_of(row: Row) -> str:
        return _label(row[chart.x], columns[chart.x])

    def name_of(row: Row) -> str:
        return _label(row[chart.series], columns[chart.series]) if chart.series else columns[chart.y].label

    table: dict[tuple[str, str], float] = {}
    for row in rows:
        cell = (name_of(row), place_of(row))
        table[cell] = table.get(cell, 0.0) + number(row[chart.y])
    names = list(dict.fromkeys(map(name_of, rows)))
    places = list(dict.fromkeys(map(place_of, rows)))
    if chart.x == "hour":
        places = [str(hour) for hour in range(24)]
    elif all(place.replace(".", "", 1).isdigit() for place in places):
        places.sort(key=float)
    else:
        places = sorted(places) if columns[chart.x].kind in ("day", "time") else places
    return places, names, table


def _finish_series(axes: Axes, chart: Chart, places: Sequence[str], names: Sequence[str], columns: Any) -> None:
    axes.set_xticks(range(len(places)), places, fontsize=8 if len(places) > 12 else 10)
    axes.set_xlabel(columns[chart.x].label)
    axes.set_ylabel(columns[chart.y].label)
    axes.yaxis.set_major_formatter(_ticks(columns[chart.y]))
    axes.margins(x=0.01)
    if chart.series:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.01), ncols=min(6, len(names)), frameon=False, fontsize=9,
            handlelength=0.9, handleheight=0.9, columnspacing=1.2,
        )  # fmt: skip
    _open(axes, grid="y")


def _open(axes: Axes, grid: str) -> None:
    """No frame, a faint grid behind."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_alpha(0.3)
    axes.grid(axis=grid, alpha=0.14, color=_INK, linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _ticks(column: Column) -> Any:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: shown(repr(float(value)), column.kind))


def _label(value: str | None, column: Column) -> str:
    text = shown(value, column.kind).replace("$", r"\$")
    return text if len(text) <= 34 else f"{text[:33]}…"


def _standing_in_page(svg: str, result: SectionResult) -> str:
    """The drawing alone, with the page's colours, scaled by the page, named for those who cannot see it."""
    inner = svg[svg.index("<svg") :]
    inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.DOTALL).replace(_INK, "currentColor")
    # Ids of several drawings in one page must differ.
    ids = {found: f"{result.section.name}-{found}" for found in re.findall(r'\bid="([^"]+)"', inner)}
    inner = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{ids[m[1]]}"', inner)
    inner = re.sub(r'(href="|url\()#([^")]+)', lambda m: f"{m[1]}#{ids.get(m[2], m[2])}", inner)
    size = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', inner)
    assert size is not None, "matplotlib writes a viewBox"
    title = escape(f"{result.section.title}: {visible(result.section.description)}")
    body = inner[inner.index(">", inner.index("<svg")) + 1 :]
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {size[1]} {size[2]}" xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><title>{title}</title>{body}'
    )
