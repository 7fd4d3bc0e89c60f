"""Fields of visuals: a column or calculated field with its type, label and format, as QuickSight's definitions write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowlogs.quicksight.dashboard_files import (
    Aggregation,
    DashboardFile,
    Dimension,
    DimensionName,
    FieldFormat,
    Measure,
    MeasureName,
)
from flowlogs.quicksight.data_sets import ColumnType, DataSetFile, DefinitionError

_NUMERICAL: Final[Mapping[Aggregation, str]] = {
    "sum": "SUM", "average": "AVERAGE", "min": "MIN", "max": "MAX", "count": "COUNT", "distinct": "DISTINCT_COUNT",
}  # fmt: skip
_CATEGORICAL: Final[Mapping[Aggregation, str]] = {"count": "COUNT", "distinct": "DISTINCT_COUNT"}
_DATES: Final[Mapping[Aggregation, str]] = {**_CATEGORICAL, "min": "MIN", "max": "MAX"}
_COMMA: Final = {"ThousandsSeparator": {"Symbol": "COMMA", "Visibility": "VISIBLE"}}


@dataclass(frozen=True)
class Field:
    """A dimension or measure of one visual."""

    id: str
    column: dict[str, str]
    """The API's ColumnIdentifier."""
    label: str
    entry: dict[str, Any]
    """The API's DimensionField or MeasureField."""

    def sorted(self, *, descending: bool) -> dict[str, Any]:
        """The API's FieldSortOptions by this field."""
        return {"FieldSort": {"FieldId": self.id, "Direction": "DESC" if descending else "ASC"}}


class Fields:
    """The fields of one visual: what a sheet's file names, found among the columns of its data set."""

    def __init__(
        self, visual_id: str, data_set: str, dashboard: DashboardFile, data_sets: Mapping[str, DataSetFile]
    ) -> None:
        self._visual_id = visual_id
        self._data_set = data_set
        self._dashboard = dashboard
        if data_set not in data_sets:
            raise DefinitionError(f"{visual_id}: no data set {data_set!r}; there are {', '.join(data_sets)}")
        self._columns: dict[str, ColumnType] = data_sets[data_set].types
        self._made: dict[str, ColumnType] = {
            name: field.type for name, field in dashboard.calculated.items() if field.data_set == data_set
        }

    def dimension(self, name: DimensionName) -> Field:
        """A field that values are told apart by.

        Raises:
            DefinitionError: for a field that is not there, or an aggregate.
        """
        dimension = Dimension(field=name) if isinstance(name, str) else name
        if dimension.field in self._made:
            raise DefinitionError(f"{self._visual_id}: {dimension.field} is an aggregate, which tells no rows apart")
        type_ = self._type(dimension.field)
        column, field_id = self._column(dimension.field), f"{self._visual_id}.{dimension.field}"
        shown = self._dashboard.fields.get(dimension.field)
        label = shown.label if shown else dimension.field
        if type_ == "DATETIME":
            pattern = "MMM D, YYYY HH:mm" if dimension.each == "hour" else "MMM D, YYYY"
            entry = {
                "DateDimensionField": {
                    "FieldId": field_id,
                    "Column": column,
                    "DateGranularity": dimension.each.upper(),
                    "FormatConfiguration": {"DateTimeFormat": pattern},
                }
            }
        else:
            kind = "CategoricalDimensionField" if type_ == "STRING" else "NumericalDimensionField"
            entry = {kind: {"FieldId": field_id, "Column": column}}
        return Field(field_id, column, label, entry)

    def measure(self, name: MeasureName) -> Field:
        """A field whose values are added up, counted, or the like.

        Raises:
            DefinitionError: for a field that is not there, or one that cannot be added up so.
        """
        measure = Measure(field=name) if isinstance(name, str) else name
        type_ = self._type(measure.field)
        column, field_id = self._column(measure.field), f"{self._visual_id}.{measure.field}.{measure.by}"
        shown = self._dashboard.fields.get(measure.field)
        label = measure.label or (shown.label if shown else measure.field)
        format_ = measure.format or ("count" if measure.by in _CATEGORICAL else shown.format if shown else None)
        body: dict[str, Any] = {"FieldId": field_id, "Column": column}
        if measure.field in self._made:
            kind = "NumericalMeasureField"  # aggregated by its expression
        elif type_ == "STRING":
            kind = "CategoricalMeasureField"
            body["AggregationFunction"] = self._function(measure, type_, _CATEGORICAL)
        elif type_ == "DATETIME":
            kind = "DateMeasureField"
            body["AggregationFunction"] = self._function(measure, type_, _DATES)
        else:
            kind = "NumericalMeasureField"
            function = self._function(measure, type_, _NUMERICAL)
            body["AggregationFunction"] = {"SimpleNumericalAggregation": function}
        if format_ is not None:
            body["FormatConfiguration"] = _formatted(kind, format_)
        return Field(field_id, column, label, {kind: body})

    def _type(self, name: str) -> ColumnType:
        type_ = self._columns.get(name) or self._made.get(name)
        if type_ is None:
            raise DefinitionError(
                f"{self._visual_id}: the data set {self._data_set} has no {name!r}; there are "
                f"{', '.join([*self._columns, *self._made])}"
            )
        return type_

    def _column(self, name: str) -> dict[str, str]:
        return {"DataSetIdentifier": self._data_set, "ColumnName": name}

    def _function(self, measure: Measure, type_: ColumnType, functions: Mapping[Aggregation, str]) -> str:
        if measure.by not in functions:
            raise DefinitionError(
                f"{self._visual_id}: {measure.by} of {measure.field}, which is {type_}; use {', '.join(functions)}"
            )
        return functions[measure.by]


def _formatted(kind: str, format_: FieldFormat) -> dict[str, Any]:
    """The API's FormatConfiguration of a measure."""
    if kind == "DateMeasureField":
        return {"DateTimeFormat": "YYYY-MM-DD" if format_ == "day" else "YYYY-MM-DD HH:mm"}
    if format_ == "percent":
        numeric: dict[str, Any] = {
            "PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}
        }
    else:
        places = 2 if format_ == "decimal" else 0
        numeric = {
            "NumberDisplayFormatConfiguration": {
                "SeparatorConfiguration": _COMMA,
                "DecimalPlacesConfiguration": {"DecimalPlaces": places},
            }
        }
    if kind == "CategoricalMeasureField":
        return {"NumericFormatConfiguration": numeric}
    return {"FormatConfiguration": numeric}
