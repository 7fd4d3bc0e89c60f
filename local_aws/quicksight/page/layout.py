"""Where the elements of a sheet are: QuickSight's grid of 36 columns, or pixels of a free-form layout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = 36
PAGE_WIDTH = 1240
"""Width of the page's content on a wide screen, in pixels."""

ROW_PIXELS = 34
"""Height of a row of the grid."""

_HEADING_PIXELS = 92
"""What the padding, the title and a legend of a visual take of its height."""


@dataclass(frozen=True)
class Place:
    """The place of an element in the grid; rows and columns from 0."""

    column: int = 0
    column_span: int = COLUMNS
    row: int = 0
    row_span: int = 9

    @property
    def width(self) -> int:
        """Width of a picture there, in pixels."""
        return max(200, int(PAGE_WIDTH * self.column_span / COLUMNS) - 46)

    @property
    def height(self) -> int:
        """Height of a picture there, in pixels."""
        return max(150, self.row_span * ROW_PIXELS - _HEADING_PIXELS)


def places(sheet: Mapping[str, Any]) -> dict[str, Place]:
    """The place of each element, by its id. Elements that a layout does not name follow in their order."""
    found: dict[str, Place] = {}
    for layout in sheet.get("Layouts", []):
        ((kind, body),) = layout["Configuration"].items()
        reached = 0
        for element in body.get("Elements", []):
            if kind == "GridLayout":
                column, row = element.get("ColumnIndex"), element.get("RowIndex")
                place = Place(column or 0, element["ColumnSpan"], reached if row is None else row, element["RowSpan"])
            elif kind == "FreeFormLayout":
                place = _of_pixels(element)
            else:
                continue
            reached = max(reached, place.row + place.row_span)
            found[element["ElementId"]] = place
    return found | _following(sheet, found)


def _following(sheet: Mapping[str, Any], found: Mapping[str, Place]) -> dict[str, Place]:
    """Places of the elements that have none: texts across, visuals two side by side."""
    row = max((place.row + place.row_span for place in found.values()), default=0)
    more: dict[str, Place] = {}
    for box in sheet.get("TextBoxes", []):
        if box["SheetTextBoxId"] not in found:
            more[box["SheetTextBoxId"]] = Place(0, COLUMNS, row, 2)
            row += 2
    visuals = [body["VisualId"] for visual in sheet.get("Visuals", []) for body in visual.values()]
    half = COLUMNS // 2
    for number, visual_id in enumerate(one for one in visuals if one not in found):
        more[visual_id] = Place(half * (number % 2), half, row + 10 * (number // 2), 10)
    return more


def _of_pixels(element: Mapping[str, Any]) -> Place:
    x, y, width, height = (
        float(re.sub(r"[^0-9.-]", "", element[name]) or 0)
        for name in ("XAxisLocation", "YAxisLocation", "Width", "Height")
    )
    unit = 1600 / COLUMNS
    column = min(COLUMNS - 1, round(x / unit))
    return Place(
        column,
        max(1, min(COLUMNS - column, round(width / unit))),
        round(y / ROW_PIXELS),
        max(1, round(height / ROW_PIXELS)),
    )
