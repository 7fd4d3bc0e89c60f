"""Charts of sections as SVG text, to stand in the page: matplotlib draws, the page's style colours.

Text and lines have `currentColor`, series the page's variables `--c0`, `--c1`, …, so that they are read in light and in
dark. Without the page's style the series have the colours of Okabe and Ito, which people who see colours differently
can tell apart. A pointer that rests on a bar or a cell is told its value.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from flowlogs.reports.results import Row, SectionResult, number
from flowlogs.reports.sections import Chart, Column
from flowlogs.reports.values import shown, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE: Final = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#7f4fa3",
    "#5f9e3a",
)
_REST = "#999999"
"""Of the series `other`, which is no series of its own."""
_INK = "#010203"
"""Stands for `currentColor` while matplotlib draws."""
_PAPER = "#040506"
"""Stands for the page's ground."""
_HEAT = "#070809"
_COLOURS: Final = {
    _INK: "currentColor",
    _PAPER: "var(--card, #fff)",
    _HEAT: f"var(--heat, {PALETTE[0]})",
    **{colour: f"var(--c{position}, {colour})" for position, colour in enumerate(PALETTE)},
}
_BARS_AT_MOST = 12
_LABEL = 34
_ROW_OF_TEXT = 110
"""Characters that stand side by side in a chart."""
_PALEST = 0.05
"""Opacity of a heat map's cell without anything."""
_STYLE: Final = {
    "svg.hashsalt": "flowlogs", "svg.fonttype": "none", "text.parse_math": False, "font.family": "sans-serif",
    "font.size": 9.5, "text.color": _INK, "axes.edgecolor": _INK, "axes.labelcolor": _INK, "xtick.color": _INK,
    "ytick.color": _INK,
}  # fmt: skip


class _Values:
    """What a pointer is told: a text for each drawn part, by the part's id."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def of(self, artist: Any, *parts: str) -> None:
        """Name a drawn part by what it shows."""
        name = f"v{len(self.texts)}"
        artist.set_gid(name)
        self.texts[name] = ", ".join(parts)


def chart_svg(result: SectionResult) -> str | None:
    """A section's chart; None when it has none, or no rows."""
    chart = result.section.chart
    if chart is None or not result.rows:
        return None
    from matplotlib import style
    from matplotlib.figure import Figure

    columns = result.section.columns
    draw = {"bars": _bars, "stacked_bars": _stacked_bars, "line": _lines, "heatmap": _heatmap}[chart.type]
    # Defaults first: a matplotlibrc of the machine must not change the page.
    with style.context(["default", _STYLE]):
        figure = Figure(figsize=(9.4, _height(chart, result.rows)), layout="constrained")
        values = _Values()
        draw(figure.add_subplot(), chart, result.rows, columns, values)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _standing_in_page(file.getvalue(), result, values.texts)


def _height(chart: Chart, rows: Sequence[Row]) -> float:
    if chart.type == "bars":
        return 0.62 + 0.27 * min(len(rows), _BARS_AT_MOST)
    if chart.type == "heatmap":
        return 0.95 + 0.3 * len({row[chart.series] if chart.series else None for row in rows})
    return 3.5


def _bars(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Mapping[str, Column], values: _Values) -> None:
    """Horizontal bars, the largest first, whose names have room."""
    top = rows[:_BARS_AT_MOST]
    names = [_label(row[chart.x], columns[chart.x]) for row in top]
    figures = [_label(row[chart.y], columns[chart.y]) for row in top]
    bars = axes.barh(range(len(top)), [number(row[chart.y]) for row in top], color=PALETTE[0], height=0.7)
    for bar, name, figure in zip(bars, names, figures, strict=True):
        values.of(bar, name, figure)
    axes.bar_label(bars, figures, padding=4, fontsize=9)
    axes.set_yticks(range(len(top)), names)
    axes.invert_yaxis()
    axes.set_xlabel(columns[chart.y].label)
    axes.margins(x=0.14, y=0.02)
    axes.xaxis.set_major_formatter(_ticks(columns[chart.y]))
    _open(axes, grid="x")


def _stacked_bars(
    axes: Axes, chart: Chart, rows: Sequence[Row], columns: Mapping[str, Column], values: _Values
) -> None:
    places, names, table = _by_series(chart, rows, columns)
    bottom = [0.0] * len(places)
    for name, colour in _coloured(names):
        heights = [table.get((name, place), 0.0) for place in places]
        bars = axes.bar(
            range(len(places)), heights, bottom=bottom, color=colour, edgecolor=_PAPER, linewidth=0.5, width=0.84
        )
        for bar, place, height in zip(bars, places, heights, strict=True):
            values.of(bar, f"{columns[chart.x].label} {place}", name, _figure(height, columns[chart.y]))
        bottom = [low + high for low, high in zip(bottom, heights, strict=True)]
    _finish_series(axes, chart, places, names, columns)


def _lines(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Mapping[str, Column], values: _Values) -> None:
    places, names, table = _by_series(chart, rows, columns)
    markers = "osD^vPX*"
    for position, (name, colour) in enumerate(_coloured(names)):
        heights = [table.get((name, place), 0.0) for place in places]
        (line,) = axes.plot(heights, color=colour, marker=markers[position % len(markers)], markersize=4)
        values.of(line, name)
    axes.set_ylim(bottom=0)
    _finish_series(axes, chart, places, names, columns)


def _heatmap(axes: Axes, chart: Chart, rows: Sequence[Row], columns: Mapping[str, Column], values: _Values) -> None:
    """Cells of one colour, the more the less transparent: pale on white paper, dim on dark."""
    from matplotlib.patches import Patch, Rectangle

    places, names, table = _by_series(chart, rows, columns)
    highest = max(table.values(), default=0.0) or 1.0

    def opacity(value: float) -> float:
        return _PALEST + (1 - _PALEST) * max(0.0, value) / highest

    for across, place in enumerate(places):
        for down, name in enumerate(names):
            value = table.get((name, place), 0.0)
            cell = Rectangle((across, down), 0.94, 0.9, facecolor=_HEAT, alpha=round(opacity(value), 3), linewidth=0)
            values.of(cell, f"{name} {place}", _figure(value, columns[chart.y]))
            axes.add_patch(cell)
    axes.set_xlim(-0.1, len(places))
    axes.set_ylim(len(names), -0.1)
    axes.set_xticks([position + 0.47 for position in range(len(places))], places, fontsize=8.5)
    axes.set_yticks([position + 0.45 for position in range(len(names))], names)
    axes.set_xlabel(columns[chart.x].label)
    steps = [highest * share for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    keys = [Patch(facecolor=_HEAT, alpha=round(opacity(step), 3), linewidth=0) for step in steps]
    _legend(axes, keys, [_figure(float(f"{step:.3g}"), columns[chart.y]) for step in steps], columns[chart.y].label)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)


def _coloured(names: Sequence[str]) -> list[tuple[str, str]]:
    """Series with their colours."""
    own = [name for name in names if name != "other"]
    return [(name, _REST if name == "other" else PALETTE[own.index(name) % len(PALETTE)]) for name in names]


def _by_series(
    chart: Chart, rows: Sequence[Row], columns: Mapping[str, Column]
) -> tuple[list[str], list[str], dict[tuple[str, str], float]]:
    """Places along x, names of the series, and the value of each series and place."""

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
    if chart.x == "hour" and set(places) <= set(map(str, range(24))):
        places = [str(hour) for hour in range(24)]
    elif all(re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", place) for place in places):
        places.sort(key=float)
    elif columns[chart.x].kind in ("day", "time"):
        places.sort()
    return places, names, table


def _finish_series(
    axes: Axes, chart: Chart, places: Sequence[str], names: Sequence[str], columns: Mapping[str, Column]
) -> None:
    from matplotlib.patches import Patch

    axes.set_xticks(range(len(places)), places, fontsize=8.5 if len(places) > 12 else 9.5)
    if sum(map(len, places)) > _ROW_OF_TEXT:
        axes.tick_params("x", rotation=40)
    axes.set_xlabel(columns[chart.x].label)
    axes.set_ylabel(columns[chart.y].label)
    axes.yaxis.set_major_formatter(_ticks(columns[chart.y]))
    axes.margins(x=0.01)
    if chart.series:
        keys = [*axes.lines] if axes.lines else [Patch(facecolor=colour) for _, colour in _coloured(names)]
        _legend(axes, keys, names)
    _open(axes, grid="y")


def _legend(axes: Axes, keys: Sequence[Any], names: Sequence[str], title: str | None = None) -> None:
    # matplotlib leaves out labels that begin with an underscore.
    labels = [f"\u200a{name}" if name.startswith("_") else name for name in names]
    axes.legend(
        keys, labels, title=title, alignment="left", loc="lower left", bbox_to_anchor=(0, 1.01), borderaxespad=0.2,
        ncols=max(1, min(9, len(names), _ROW_OF_TEXT // (max(map(len, names)) + 4))), frameon=False, fontsize=9, title_fontsize=9, handlelength=0.9, handleheight=0.9,
        columnspacing=1.2, handletextpad=0.5, borderpad=0,
    )  # fmt: skip


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

    return FuncFormatter(lambda value, _: _figure(float(value), column))


def _figure(value: float, column: Column) -> str:
    return shown(repr(value), column.kind)


def _label(value: str | None, column: Column) -> str:
    text = shown(value, column.kind)
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def _standing_in_page(svg: str, result: SectionResult, values: Mapping[str, str]) -> str:
    """The drawing alone, in the page's colours and font, scaled by the page, named for those who cannot see it."""
    section = result.section
    inner = svg[svg.index("<svg") :]
    size = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', inner)
    assert size is not None, "matplotlib writes a viewBox"
    inner = inner[inner.index(">") + 1 :]
    inner = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", inner, flags=re.DOTALL)
    # Only tags are changed: what labels say stands between them, escaped.
    inner = re.sub(r"<[^>]*>", lambda tag: _tag(tag[0], section.name, values), inner)
    name = f"chart-{section.name}"
    return (
        f'<svg class="chart" role="img" aria-labelledby="{name} {name}-about" viewBox="0 0 {size[1]} {size[2]}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}">{escape(section.title)}</title>'
        f'<desc id="{name}-about">{escape(visible(_about(result)))}</desc>{inner.strip()}'
    )


def _tag(tag: str, name: str, values: Mapping[str, str]) -> str:
    told = re.fullmatch(r'<g id="(v[0-9]+)">', tag)
    # Ids of several drawings in one page must differ.
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', tag)
    tag = re.sub(r'(href="|url\()#', rf"\1#{name}-", tag)
    tag = re.sub(r"font-family: [^;\"]*;? ?", "", tag)
    tag = re.sub(r"#[0-9a-f]{6}\b", lambda colour: _COLOURS.get(colour[0], colour[0]), tag)
    return f"{tag}<title>{escape(values[told[1]])}</title>" if told else tag


def _about(result: SectionResult) -> str:
    """What the chart shows, and its largest value."""
    chart, columns = result.section.chart, result.section.columns
    assert chart is not None, "only drawn sections are told of"
    kind = {"bars": "Bars", "stacked_bars": "Stacked bars", "line": "Lines", "heatmap": "A heat map"}[chart.type]
    largest = max(result.rows, key=lambda row: number(row[chart.y]))
    where = [_label(largest[name], columns[name]) for name in (chart.series, chart.x) if name]
    by = " and ".join(columns[name].label.lower() for name in (chart.x, chart.series) if name)
    figure = _label(largest[chart.y], columns[chart.y])
    return f"{kind} of {columns[chart.y].label.lower()} by {by}. The largest is {figure}: {', '.join(where)}."
