"""The filter controls of a sheet, as parts of one form whose fields stand in the page's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from local_aws.quicksight.page.choices import Choices
from local_aws.quicksight.page.fields import Fields
from local_aws.quicksight.page.filters import Filters
from local_aws.quicksight.page.selection import Selection
from local_aws.quicksight.page.sources import Sources, Undrawable
from local_aws.quicksight.preparation.terms import InvalidExpression

MOST_VALUES = 500
"""Values that a list offers."""

_DATES = ("TimeRangeFilter", "RelativeDatesFilter")


@dataclass
class Control:
    """A control for the template: `kind` is values, days, day, range or text; `name` its field in the form."""

    title: str
    kind: str
    name: str
    values: list[str] = field(default_factory=list)
    chosen: Sequence[str] = ()
    first: str = ""
    last: str = ""
    several: bool = False
    note: str = ""


def controls(
    sheet: Mapping[str, Any], sources: Sources, fields: Fields, filters: Filters, choices: Choices, parameters: Mapping[str, Sequence[Any]]
) -> list[Control]:  # fmt: skip
    """The controls of a sheet that can be drawn, in their order."""
    found = []
    for one in sheet.get("FilterControls", []):
        ((kind, body),) = one.items()
        source_filter = filters.by_id(body["SourceFilterId"])
        if source_filter is not None:
            found.append(_of_filter(kind, body, source_filter, sources, fields, choices))
    for one in sheet.get("ParameterControls", []):
        ((kind, body),) = one.items()
        found.append(_of_parameter(kind, body, sources, fields, choices, parameters))
    return found


def _of_filter(
    kind: str, body: Mapping[str, Any], one: Mapping[str, Any], sources: Sources, fields: Fields, choices: Choices
) -> Control:
    default = one.get("DefaultFilterControlConfiguration", {})
    column = one.get("Column", {}).get("ColumnName", one["FilterId"])
    title = body.get("Title") or default.get("Title") or column
    name = f"f.{one['FilterId']}"
    if one["kind"] in _DATES:
        first, last = choices.bounds(one["FilterId"])
        span = _days(one, sources, fields)
        return Control(title, "days", name, first=first or "", last=last or "", note=span)
    if one["kind"] == "TimeEqualityFilter":
        return Control(title, "day", name, first=next(iter(choices.of_filter(one["FilterId"])), ""))
    if one["kind"] == "NumericRangeFilter":
        first, last = choices.bounds(one["FilterId"])
        return Control(title, "range", name, first=first or "", last=last or "")
    chosen = choices.of_filter(one["FilterId"])
    if kind in ("TextField", "TextArea") or one["kind"] == "NumericEqualityFilter":
        return Control(title, "text", name, first=next(iter(chosen), ""))
    selectable = body.get("SelectableValues", {}).get("Values")
    options = default.get("ControlOptions", {})
    type_ = body.get("Type") or next((inner.get("Type") for inner in options.values()), None)
    values = list(selectable) if selectable else _values(one, sources, fields)
    return Control(title, "values", name, values, chosen, several=type_ != "SINGLE_SELECT")


def _of_parameter(
    kind: str, body: Mapping[str, Any], sources: Sources, fields: Fields, choices: Choices, parameters: Mapping[str, Sequence[Any]]
) -> Control:  # fmt: skip
    name = body["SourceParameterName"]
    chosen = [str(value) for value in parameters.get(name, [])]
    form_name = f"p.{name}"
    if kind in ("Dropdown", "List"):
        selectable = body.get("SelectableValues", {})
        values = selectable.get("Values") or []
        if not values and "LinkToDataSetColumn" in selectable:
            values = _values({"Column": selectable["LinkToDataSetColumn"], "FilterId": name}, sources, fields)
        return Control(
            body["Title"], "values", form_name, list(values), chosen, several=body.get("Type") == "MULTI_SELECT"
        )
    if kind == "DateTimePicker":
        return Control(body["Title"], "day", form_name, first=next(iter(choices.of_parameter(name)), ""))
    return Control(body["Title"], "text", form_name, first=next(iter(chosen), ""))


def _values(one: Mapping[str, Any], sources: Sources, fields: Fields) -> list[str]:
    """The values that a column has, whatever else is filtered."""
    try:
        found = fields.column({"FieldId": one["FilterId"], "Column": one["Column"]})
        values = Selection(sources, fields, found.source.view, "true").order_of(found, [], MOST_VALUES)
    except (Undrawable, InvalidExpression):
        return []
    return [str(value) for value in values if value is not None]


def _days(one: Mapping[str, Any], sources: Sources, fields: Fields) -> str:
    """From when to when the column has values."""
    try:
        found = fields.column({"FieldId": one["FilterId"], "Column": one["Column"]})
        ((first, last),) = sources.rows(f"SELECT min({found.term.sql}), max({found.term.sql}) FROM {found.source.view}")
    except (Undrawable, InvalidExpression):
        return ""
    days = [f"{value:%Y-%m-%d}" for value in (first, last) if isinstance(value, (date, datetime))]
    return " to ".join(days)
