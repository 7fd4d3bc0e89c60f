"""What passes between a visual and what draws its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.quicksight.page.fields import Fields
from local_aws.quicksight.page.selection import Selection
from local_aws.quicksight.page.svg import Canvas, Colours

NARROW = 340
"""Width of the pictures for phones, in pixels."""


@dataclass(frozen=True)
class Task:
    """A visual to be drawn: its ChartConfiguration, its rows, and the room that it has in pixels."""

    configuration: Mapping[str, Any]
    fields: Fields
    selection: Selection
    colours: Colours
    width: int
    height: int
    alt: str | None = None

    def wells(self, name: str) -> Mapping[str, Any]:
        """The aggregated field wells of that name."""
        found: Mapping[str, Any] = self.configuration.get("FieldWells", {}).get(name, {})
        return found

    @property
    def sorting(self) -> Mapping[str, Any]:
        """The SortConfiguration."""
        found: Mapping[str, Any] = self.configuration.get("SortConfiguration", {})
        return found

    @property
    def has_legend(self) -> bool:
        """Whether a legend is wanted."""
        return bool(self.configuration.get("Legend", {}).get("Visibility", "VISIBLE") == "VISIBLE")


@dataclass
class Grid:
    """A table: header cells, rows of cells, a row of totals."""

    header: list[str]
    rows: list[list[Cell]]
    total: list[Cell] | None = None


@dataclass
class Cell:
    """One cell: its text, whether it is a number or a heading, and for heat maps how strong it is (0 to 1)."""

    text: str
    number: bool = False
    heading: bool = False
    strength: float | None = None


@dataclass
class Drawing:
    """A drawn visual: pictures for wide and narrow screens, or a grid, or a KPI; and what is to be said of it."""

    pictures: list[str] = field(default_factory=list)
    grid: Grid | None = None
    kpi: dict[str, Any] | None = None
    legend: list[dict[str, str]] = field(default_factory=list)
    legend_title: str | None = None
    notes: list[str] = field(default_factory=list)
    empty: bool = False


def twice(task: Task, label: str, draw: Callable[[Canvas], None]) -> list[str]:
    """A picture for wide screens and one for phones, of which the style sheet shows one."""
    wide, narrow = Canvas(task.width, task.height), Canvas(NARROW, max(220.0, min(task.height, 300)))
    for canvas in (wide, narrow):
        draw(canvas)
    said = task.alt or label
    # A picture that grew by its many bars is scrolled; others shrink a little where a legend needs the room.
    grown = " grown" if wide.height > task.height else ""
    return [wide.picture(said, f"chart wide{grown}"), narrow.picture(said, "chart narrow")]
