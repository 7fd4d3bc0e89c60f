"""The fields of a visual's wells: what each is in SQL, what it is called, how its values are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local_aws.quicksight.page.formats import Format, short, shown
from local_aws.quicksight.page.sources import Source, Sources, Undrawable
from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.functions import function
from local_aws.quicksight.preparation.terms import InvalidExpression, Term, text_literal

PERIOD_CODES = {
    "YEAR": "YYYY", "QUARTER": "Q", "MONTH": "MM", "WEEK": "WK", "DAY": "DD", "HOUR": "HH", "MINUTE": "MI", "SECOND": "SS",
    "MILLISECOND": "MS",
}  # fmt: skip
"""Periods of the expressions' date functions, by TimeGranularity."""

_AGGREGATES = {
    "SUM": ("sum", "Sum"), "AVERAGE": ("avg", "Average"), "MIN": ("min", "Min"), "MAX": ("max", "Max"), "COUNT": ("count", "Count"),
    "DISTINCT_COUNT": ("distinct_count", "Count Distinct"), "VAR": ("var", "Variance"), "VARP": ("varp", "Variance"),
    "STDEV": ("stdev", "Standard deviation"), "STDEVP": ("stdevp", "Standard deviation"), "MEDIAN": ("median", "Median"),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A dimension or measure of a visual."""

    id: str
    source: Source
    column: str
    """Name of the column or calculated field."""
    label: str
    term: Term
    format: Format
    granularity: str | None = None

    @property
    def is_bytes(self) -> bool:
        """Whether values are sizes in bytes, which are shown with their unit when there is no format."""
        counts = self.label.endswith(("(Count)", "(Count Distinct)"))
        return self.column.lower().endswith("bytes") and not counts

    @property
    def is_date(self) -> bool:
        """Whether values are points in time."""
        return self.term.type == "DATETIME"

    def shown(self, value: object) -> str:
        """A value as text."""
        return shown(value, self.format, granularity=self.granularity, is_bytes=self.is_bytes)

    def name(self, value: object) -> str:
        """The name of an item of a dimension; numbers come as text where others are taken together."""
        if isinstance(value, str) and self.term.type in ("INTEGER", "DECIMAL"):
            try:
                return self.shown(int(value) if self.term.type == "INTEGER" else float(value))
            except ValueError:
                return value
        return value if isinstance(value, str) else self.shown(value)

    def short(self, value: float) -> str:
        """A number as the text of a tick."""
        return short(value, self.format, is_bytes=self.is_bytes)


class Fields:
    """Reads the field wells of a definition's visuals."""

    def __init__(self, sources: Sources, definition: Mapping[str, Any]) -> None:
        self._sources = sources
        self._formats = {
            (one["Column"].get("DataSetIdentifier"), one["Column"]["ColumnName"]): _opened(
                one.get("FormatConfiguration", {})
            )
            for one in definition.get("ColumnConfigurations", [])
        }

    def dimensions(self, wells: Mapping[str, Any], name: str) -> list[Field]:
        """The dimensions of a well."""
        return [self.dimension(one) for one in wells.get(name, [])]

    def measures(self, wells: Mapping[str, Any], name: str) -> list[Field]:
        """The measures of a well; calculated measures are read on the data set of the others."""
        well: Sequence[Mapping[str, Any]] = wells.get(name, [])
        known = [self._measure(one, None) for one in well if "CalculatedMeasureField" not in one]
        source = known[0].source if known else next(iter(self._sources), None)
        return [self._measure(one, source) for one in well]

    def dimension(self, entry: Mapping[str, Any]) -> Field:
        """A DimensionField; a date is cut to its granularity."""
        ((kind, body),) = entry.items()
        found = self._column(body)
        if kind == "DateDimensionField":
            granularity = body.get("DateGranularity", "DAY")
            period = Term(text_literal(PERIOD_CODES[granularity]), "STRING")
            return replace(found, term=function("truncDate", [period, found.term]), granularity=granularity)
        return found

    def column(self, body: Mapping[str, Any]) -> Field:
        """An unaggregated field (of a table)."""
        return self._column(body)

    def aggregated(
        self, column: Mapping[str, Any], aggregation: Mapping[str, Any] | str | None, field_id: str = ""
    ) -> Field:
        """A column with an aggregation, as filters and sorts name them."""
        return self._aggregated(self._column({"FieldId": field_id, "Column": column}), aggregation)

    def _measure(self, entry: Mapping[str, Any], source: Source | None) -> Field:
        ((kind, body),) = entry.items()
        if kind == "CalculatedMeasureField":
            if source is None:
                raise Undrawable("a calculated measure needs a data set")
            term = compiled(body["Expression"], source.term)
            return Field(body["FieldId"], source, body["FieldId"], body["Expression"], term, {})
        return self._aggregated(self._column(body), body.get("AggregationFunction"))

    def _aggregated(self, found: Field, aggregation: Mapping[str, Any] | str | None) -> Field:
        if found.term.aggregate:
            return found
        name = _aggregation_name(aggregation) or ("SUM" if found.term.is_number else "COUNT")
        rule, word = _AGGREGATES[name]
        term = function(rule, [found.term])
        granularity = found.granularity or ("DAY" if term.type == "DATETIME" else None)
        keeps_format = name not in ("COUNT", "DISTINCT_COUNT") or _has_number_format(found.format)
        format_ = found.format if keeps_format else {}
        return replace(found, term=term, label=f"{found.column} ({word})", granularity=granularity, format=format_)

    def _column(self, body: Mapping[str, Any]) -> Field:
        column = body["Column"]
        source = self._sources.source(column.get("DataSetIdentifier", ""))
        name = column["ColumnName"]
        try:
            term = source.term(name)
        except InvalidExpression as error:
            raise Undrawable(str(error)) from error
        format_ = _opened(body.get("FormatConfiguration", {})) or self._formats.get((source.identifier, name), {})
        return Field(body.get("FieldId", name), source, name, name, term, format_)


def labelled(fields: Sequence[Field], options: Sequence[Mapping[str, Any]]) -> list[Field]:
    """The fields with the CustomLabel of their FieldOptions or axis labels; hidden ones are left out."""
    by_id = {one["FieldId"]: one for one in options if "FieldId" in one}
    found = []
    for one in fields:
        option = by_id.get(one.id, {})
        if option.get("Visibility") != "HIDDEN":
            found.append(replace(one, label=option.get("CustomLabel", one.label)))
    return found


def axis_label(options: Mapping[str, Any] | None, default: str) -> str | None:
    """The label of an axis: CustomLabel, the field's, or None when hidden."""
    options = options or {}
    if options.get("Visibility") == "HIDDEN":
        return None
    for one in options.get("AxisLabelOptions", []):
        if label := one.get("CustomLabel"):
            return str(label)
    return default


def relabelled(fields: Sequence[Field], options: Mapping[str, Any] | None) -> list[Field]:
    """Measures with the custom labels of a chart's axis or colour options that name their fields."""
    labels = {
        one["ApplyTo"]["FieldId"]: one["CustomLabel"]
        for one in (options or {}).get("AxisLabelOptions", [])
        if "ApplyTo" in one and "CustomLabel" in one
    }
    return [replace(one, label=labels.get(one.id, one.label)) for one in fields]


def _aggregation_name(aggregation: Mapping[str, Any] | str | None) -> str | None:
    if aggregation is None or isinstance(aggregation, str):
        return aggregation
    for name in ("SimpleNumericalAggregation", "CategoricalAggregationFunction", "DateAggregationFunction"):
        if name in aggregation:
            return str(aggregation[name])
    if "NumericalAggregationFunction" in aggregation:
        return _aggregation_name(aggregation["NumericalAggregationFunction"])
    raise Undrawable(f"the aggregation {', '.join(aggregation)} is not known to the local QuickSight")


def _opened(configuration: Mapping[str, Any]) -> Format:
    """A FormatConfiguration without its outer layers."""
    for name in ("NumberFormatConfiguration", "StringFormatConfiguration", "DateTimeFormatConfiguration"):
        if name in configuration:
            configuration = configuration[name]
    if set(configuration) == {"FormatConfiguration"}:
        configuration = configuration["FormatConfiguration"]
    if set(configuration) == {"NumericFormatConfiguration"}:
        configuration = configuration["NumericFormatConfiguration"]
    return configuration


def _has_number_format(format_: Format) -> bool:
    return any(name.endswith("DisplayFormatConfiguration") for name in format_)
