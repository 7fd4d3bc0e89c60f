"""The visuals of a sheet: each read from its definition, its rows selected, and handed to what draws its type."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import duckdb

from local_aws.quicksight.definitions import visual_of
from local_aws.quicksight.page.bars import bar_chart
from local_aws.quicksight.page.drawing import Drawing, Task
from local_aws.quicksight.page.fields import Fields
from local_aws.quicksight.page.filters import Filters
from local_aws.quicksight.page.grids import heat_map, pivot_table, table
from local_aws.quicksight.page.kpis import kpi
from local_aws.quicksight.page.lines import line_chart
from local_aws.quicksight.page.pies import pie_chart
from local_aws.quicksight.page.selection import Selection
from local_aws.quicksight.page.sources import Sources, Undrawable
from local_aws.quicksight.page.svg import Colours
from local_aws.quicksight.preparation.terms import InvalidExpression

log = logging.getLogger(__name__)

_DRAWN = {
    "KPIVisual": kpi,
    "BarChartVisual": bar_chart,
    "LineChartVisual": line_chart,
    "PieChartVisual": pie_chart,
    "TableVisual": table,
    "PivotTableVisual": pivot_table,
    "HeatMapVisual": heat_map,
}


@dataclass
class Shown:
    """A visual for the template."""

    id: str
    title: str | None
    subtitle: str | None
    kind: str
    drawing: Drawing | None = None
    problem: str | None = None
    notes: list[str] = field(default_factory=list)


def shown(
    visual: Mapping[str, Any],
    sheet_id: str,
    sources: Sources,
    fields: Fields,
    filters: Filters,
    *,
    width: int,
    height: int,
) -> Shown:
    """A visual, drawn; or what keeps it from being drawn."""
    kind, body = visual_of(dict(visual))
    result = Shown(body["VisualId"], _text_of(body.get("Title")), _text_of(body.get("Subtitle")), kind)
    draw = _DRAWN.get(kind)
    if draw is None:
        result.problem = f"The local QuickSight does not draw visuals of the type {kind}."
        return result
    configuration = body.get("ChartConfiguration", {})
    try:
        source = sources.source(_data_set_of(configuration))
        applied = filters.applied(source, sheet_id, body["VisualId"])
        result.notes = applied.notes
        selection = Selection(sources, fields, source.view, applied.where)
        task = Task(
            configuration, fields, selection, _colours(configuration), width, height, body.get("VisualContentAltText")
        )
        result.drawing = draw(task)
        result.notes = [*applied.notes, *result.drawing.notes]
    except (Undrawable, InvalidExpression) as error:
        result.problem = f"It cannot be drawn: {error}"
    except duckdb.Error as error:
        result.problem = f"It cannot be drawn: {str(error).splitlines()[0]}"
    except Exception as error:
        log.exception("visual %s", body["VisualId"])
        result.problem = f"It cannot be drawn: {type(error).__name__}: {error}"
    return result


def plain_text(rich: str) -> str:
    """The text of a rich text, without its markup."""
    lines = re.sub(r"<br\s*/?>|</(?:p|div|block|li)>", "\n", rich)
    return unescape(re.sub(r"<[^>]+>", "", lines)).strip()


def _text_of(label: Mapping[str, Any] | None) -> str | None:
    if label is None or label.get("Visibility") == "HIDDEN":
        return None
    format_ = label.get("FormatText", {})
    return format_.get("PlainText") or (plain_text(format_["RichText"]) if "RichText" in format_ else None)


def _data_set_of(configuration: Mapping[str, Any]) -> str:
    wells = configuration.get("FieldWells", {})
    stack: list[Any] = [wells]
    while stack:
        one = stack.pop()
        if isinstance(one, Mapping):
            if "DataSetIdentifier" in one:
                return str(one["DataSetIdentifier"])
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    raise Undrawable("it has no fields")


def _colours(configuration: Mapping[str, Any]) -> Colours:
    """The colours that the definition gives to values of fields, or to measures."""
    given = {}
    for one in configuration.get("VisualPalette", {}).get("ColorMap", []):
        element = one.get("Element", {})
        name = element.get("FieldValue") or element.get("FieldId")
        if name and re.fullmatch(r"#[0-9A-Fa-f]{6}", one.get("Color", "")):
            given[name] = one["Color"]
    return Colours(given)
