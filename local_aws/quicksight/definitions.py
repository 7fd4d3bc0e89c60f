"""Definitions of analyses, dashboards and templates: what they refer to must be there.

QuickSight tells some faults at once (InvalidParameterValueException) and others by a version whose creation failed,
with Errors: data sets that are missing, and columns that a data set does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from local_aws.quicksight.errors import invalid_value

ColumnsOf = Callable[[str], set[str] | None]
"""The column names of the data set with an ARN; None when there is no such data set."""

_CONTROLS = "FilterControls"


def check(definition: dict[str, Any]) -> None:
    """Refuse a definition that contradicts itself.

    Raises:
        ServiceError: InvalidParameterValueException naming an id that is there twice, or that names nothing.
    """
    declared = [one.get("Identifier") or one.get("Placeholder") for one in declarations(definition)]
    _once(declared, "the data set identifier")
    for identifier, column in column_references(definition):
        if identifier not in declared:
            raise invalid_value(
                f"the column {column!r} is of the data set {identifier!r}, which is not in DataSetIdentifierDeclarations"
            )
    sheets = definition.get("Sheets", [])
    _once([sheet["SheetId"] for sheet in sheets], "the SheetId")
    filters = {one["FilterId"]: group for group in definition.get("FilterGroups", []) for one in filters_of(group)}
    _once([group["FilterGroupId"] for group in definition.get("FilterGroups", [])], "the FilterGroupId")
    _once(
        [one["FilterId"] for group in definition.get("FilterGroups", []) for one in filters_of(group)], "the FilterId"
    )
    for sheet in sheets:
        _check_sheet(sheet, set(filters))
    for group in definition.get("FilterGroups", []):
        _check_scope(group, sheets)


def errors(definition: dict[str, Any], columns_of: ColumnsOf) -> list[dict[str, Any]]:
    """What is missing that the definition refers to, as the API's Errors."""
    found: list[dict[str, Any]] = []
    calculated = {(one.get("DataSetIdentifier"), one["Name"]) for one in definition.get("CalculatedFields", [])}
    columns: dict[str, set[str]] = {}
    for declaration in definition.get("DataSetIdentifierDeclarations", []):
        there = columns_of(declaration["DataSetArn"])
        if there is None:
            message = f"Data set {declaration['DataSetArn']} was not found"
            found.append({"Type": "DATA_SET_NOT_FOUND", "Message": message})
        else:
            columns[declaration["Identifier"]] = there
    missing = {
        (identifier, column)
        for identifier, column in column_references(definition)
        if identifier in columns and column not in columns[identifier] and (identifier, column) not in calculated
    }
    for identifier, column in sorted(missing):
        message = f"Column {column} was not found in the data set {identifier}"
        found.append({"Type": "COLUMN_REPLACEMENT_MISSING", "Message": message})
    return found


def declarations(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """The data sets that a definition declares: of a template, placeholders for them."""
    found: list[dict[str, Any]] = (
        definition.get("DataSetIdentifierDeclarations") or definition.get("DataSetConfigurations") or []
    )
    return found


def visual_of(visual: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A visual's type, such as BarChartVisual, and its body."""
    ((kind, body),) = visual.items()
    return kind, body


def filters_of(group: dict[str, Any]) -> list[dict[str, Any]]:
    """The filters of a group, each with its type as `kind`."""
    return [{"kind": kind, **body} for one in group["Filters"] for kind, body in one.items()]


def column_references(value: Any) -> Iterator[tuple[str, str]]:
    """Every (DataSetIdentifier, ColumnName) in a definition."""
    if isinstance(value, dict):
        if "DataSetIdentifier" in value and "ColumnName" in value:
            yield value["DataSetIdentifier"], value["ColumnName"]
        for one in value.values():
            yield from column_references(one)
    elif isinstance(value, list):
        for one in value:
            yield from column_references(one)


def _check_sheet(sheet: dict[str, Any], filter_ids: set[str]) -> None:
    visuals = [visual_of(visual)[1] for visual in sheet.get("Visuals", [])]
    elements = {
        *(body["VisualId"] for body in visuals),
        *(box["SheetTextBoxId"] for box in sheet.get("TextBoxes", [])),
        *(image["SheetImageId"] for image in sheet.get("Images", [])),
    }
    controls = []
    for name in (_CONTROLS, "ParameterControls"):
        for control in sheet.get(name, []):
            ((_, body),) = control.items()
            controls.append(body.get("FilterControlId") or body["ParameterControlId"])
            source = body.get("SourceFilterId")
            if source is not None and source not in filter_ids:
                raise invalid_value(
                    f"the control {controls[-1]!r} has the SourceFilterId {source!r}, which is no filter"
                )
    _once([body["VisualId"] for body in visuals], f"in the sheet {sheet['SheetId']!r} the VisualId")
    _once(controls, f"in the sheet {sheet['SheetId']!r} the control's id")
    for body in visuals:
        _once(
            [*_field_ids(body.get("ChartConfiguration", {}).get("FieldWells", {}))],
            f"in the visual {body['VisualId']!r} the FieldId",
        )
    for layouts, known in (
        (sheet.get("Layouts", []), elements | {*controls}),
        (sheet.get("SheetControlLayouts", []), {*controls}),
    ):
        for element in _layout_elements(layouts):
            if element not in known:
                raise invalid_value(
                    f"the layout of the sheet {sheet['SheetId']!r} names the element {element!r}, which it does not have"
                )


def _check_scope(group: dict[str, Any], sheets: list[dict[str, Any]]) -> None:
    visuals = {
        sheet["SheetId"]: {visual_of(one)[1]["VisualId"] for one in sheet.get("Visuals", [])} for sheet in sheets
    }
    scope = group["ScopeConfiguration"].get("SelectedSheets", {})
    for one in scope.get("SheetVisualScopingConfigurations", []):
        if one["SheetId"] not in visuals:
            raise invalid_value(
                f"the filter group {group['FilterGroupId']!r} is for the sheet {one['SheetId']!r}, which is not there"
            )
        if missing := set(one.get("VisualIds", [])) - visuals[one["SheetId"]]:
            raise invalid_value(
                f"the filter group {group['FilterGroupId']!r} is for the visual {min(missing)!r}, which is not there"
            )


def _field_ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "FieldId" in value:
            yield value["FieldId"]
        for one in value.values():
            yield from _field_ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _field_ids(one)


def _layout_elements(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "ElementId" in value:
            yield value["ElementId"]
        for one in value.values():
            yield from _layout_elements(one)
    elif isinstance(value, list):
        for one in value:
            yield from _layout_elements(one)


def _once(ids: list[Any], what: str) -> None:
    if repeated := sorted({str(one) for one in ids if ids.count(one) > 1}):
        raise invalid_value(f"{what} {repeated[0]!r} is there more than once")
