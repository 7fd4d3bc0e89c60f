"""The dashboard as a team edits it: `include/quicksight/dashboard.yaml` and the sheets in `include/quicksight/sheets/`.

They are written in a few words of our own, because QuickSight's definition of the same takes thousands of lines;
`visuals.py` and `definition.py` spell them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flowlogs.include_folder import INCLUDE
from flowlogs.quicksight.data_sets import ColumnType, DefinitionError

FILE: Final = INCLUDE / "quicksight" / "dashboard.yaml"

Id = Annotated[str, Field(pattern=r"^[\w\-]+$", max_length=512)]
"""QuickSight's identifiers (API reference, ShortRestrictiveResourceId)."""

Colour = Annotated[str, Field(pattern=r"^#[A-F0-9]{6}$")]
Aggregation = Literal["sum", "average", "min", "max", "count", "distinct"]
Granularity = Literal["hour", "day", "week", "month"]
FieldFormat = Literal["count", "decimal", "percent", "day", "time"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shown(_Part):
    """How a field is called and shown, wherever it stands."""

    label: str = Field(min_length=1)
    format: FieldFormat | None = None


class CalculatedField(_Part):
    """A field that is made from aggregates, in the analysis."""

    data_set: str
    expression: str = Field(min_length=1, max_length=32_000)
    type: ColumnType


class DayFilter(_Part):
    """Days from and to, the last ones at first."""

    kind: Literal["days"]
    data_set: str
    column: str
    title: str
    last: int = Field(gt=0)
    every_data_set: bool = True


class ChoiceFilter(_Part):
    """Values of a column to choose from, all at first."""

    kind: Literal["choice"]
    data_set: str
    column: str
    title: str
    every_data_set: bool = True
    """Whether it also filters the other data sets that have such a column."""
    after: Id | None = None
    """The filter whose choice narrows the values that are offered."""


class Measure(_Part):
    """A number: a field and how its values are added up."""

    field: str
    by: Aggregation = Field(default="sum")
    label: str | None = None
    format: FieldFormat | None = None


class Dimension(_Part):
    """What a visual tells apart; dates are cut to hours, days, weeks or months."""

    field: str
    each: Granularity = "day"


MeasureName = str | Measure
DimensionName = str | Dimension


class AtLeast(_Part):
    """A condition on a number."""

    at_least: float


class _Visual(_Part):
    id: Id
    title: str = Field(min_length=1, max_length=512)
    subtitle: str = Field(min_length=1, max_length=1024)
    at: tuple[int, int, int, int]
    """Place in the grid of 36 columns: column, row, columns wide, rows high."""
    where: Mapping[str, tuple[str, ...] | AtLeast] = Field(default_factory=dict)
    """Values that fields must have in this visual, whatever readers choose."""


class Kpi(_Visual):
    """One number; with `trend`, that of the newest period, compared with the one before it."""

    kind: Literal["kpi"]
    value: MeasureName
    trend: DimensionName | None = None


class Lines(_Visual):
    """One line for each value of `colour`."""

    kind: Literal["lines"]
    x: DimensionName
    y: MeasureName
    colour: DimensionName | None = None


class Bars(_Visual):
    """Bars, in parts by `colour`."""

    kind: Literal["bars"]
    category: DimensionName
    value: MeasureName
    colour: DimensionName | None = None
    upright: bool = False
    shares: bool = False
    """Every bar of the same length, its parts as shares of it."""
    top: int | None = None
    """Bars at most, the longest first."""
    others: bool = False
    """Whether the rest are a bar of their own."""


class Donut(_Visual):
    """Parts of a whole."""

    kind: Literal["donut"]
    category: DimensionName
    value: MeasureName
    top: int = 8


class Table(_Visual):
    """A row for each combination of `rows`, sorted by the value `sort`, largest first."""

    kind: Literal["table"]
    rows: tuple[DimensionName, ...]
    values: tuple[MeasureName, ...]
    sort: int = 0
    """Position of the value in `values` that rows are sorted by."""


class Pivot(_Visual):
    """A table with columns made of values."""

    kind: Literal["pivot"]
    rows: tuple[DimensionName, ...]
    columns: tuple[DimensionName, ...] = ()
    values: tuple[MeasureName, ...]


class HeatMap(_Visual):
    """A table of coloured cells; a dimension keeps its largest, dates all."""

    kind: Literal["heat_map"]
    rows: DimensionName
    columns: DimensionName
    value: MeasureName
    top_rows: int = 20
    top_columns: int = 20
    in_order: bool = False
    """Rows and columns by name, not by value."""


Visual = Annotated[Kpi | Lines | Bars | Donut | Table | Pivot | HeatMap, Field(discriminator="kind")]


class Sheet(_Part):
    """A sheet: controls above, an introduction, visuals in a grid."""

    id: Id
    name: str
    description: str = Field(min_length=1, max_length=1024)
    data_set: str
    filters: tuple[Id, ...]
    introduction: str
    """What a newcomer needs to know; stands on top, in three rows of the grid."""
    visuals: tuple[Visual, ...]


class DashboardFile(_Part):
    """`include/quicksight/dashboard.yaml` with the sheets that it names."""

    name: str = Field(min_length=1, max_length=128)
    data_sets: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    filters: Mapping[Id, DayFilter | ChoiceFilter]
    calculated: Mapping[str, CalculatedField] = Field(default_factory=dict)
    fields: Mapping[str, Shown] = Field(default_factory=dict)
    colours: Mapping[str, Mapping[str, Colour]] = Field(default_factory=dict)
    """Colours of a field's values, the same in every visual."""


@cache
def read_dashboard(path: Path = FILE) -> DashboardFile:
    """The dashboard's files, read once a process.

    Raises:
        DefinitionError: naming the file and what is wrong in it.
    """
    content = _read(path)
    names = content.get("sheets", [])
    sheets = []
    for name in names:
        file = path.parent / "sheets" / f"{name}.yaml"
        try:
            sheets.append(Sheet.model_validate(_read(file)))
        except ValidationError as error:
            raise DefinitionError(f"sheets/{file.name}: {error}") from error
    try:
        return DashboardFile.model_validate({**content, "sheets": sheets})
    except ValidationError as error:
        raise DefinitionError(f"{path.name}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error
    if not isinstance(content, dict):
        raise DefinitionError(f"{path.name}: is no mapping of keys to values")
    return content
