"""Our own checks of data sets and definitions: what QuickSight's schema cannot say, and would tell only when it is too late.

The schema itself (names, types, patterns, greatest lengths) is checked by `flowlogs.quicksight_schema` against botocore's
model of the service.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowlogs.quicksight.data_sets import ColumnType, DataSetFile

MOST_SHEETS: Final = 20
MOST_VISUALS: Final = 75
"""Of a sheet. Both as the API's model has them (SheetDefinition, AnalysisDefinition)."""

GRID_COLUMNS: Final = 36
MOST_EXPRESSION: Final = 4096
"""Characters of a calculated field of a data set (CalculatedColumn)."""

_ID: Final = re.compile(r"[\w\-]{1,512}")
_NAME: Final = re.compile(r"\{([^{}]+)\}")
_TEXT: Final = re.compile(r"'[^']*'")
_NUMBERS: Final = frozenset({"INTEGER", "DECIMAL"})

_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "DateDimensionField": frozenset({"DATETIME"}),
    "CategoricalDimensionField": frozenset({"STRING"}),
    "NumericalDimensionField": _NUMBERS,
    "DateMeasureField": frozenset({"DATETIME"}),
    "CategoricalMeasureField": frozenset({"STRING"}),
    "NumericalMeasureField": _NUMBERS,
    "CategoryFilter": frozenset({"STRING"}),
    "NumericRangeFilter": _NUMBERS,
    "NumericEqualityFilter": _NUMBERS,
    "TimeRangeFilter": frozenset({"DATETIME"}),
    "TimeEqualityFilter": frozenset({"DATETIME"}),
    "RelativeDatesFilter": frozenset({"DATETIME"}),
}
"""The types of columns that fields and filters can be of."""


def data_set_problems(name: str, data_set: DataSetFile) -> list[str]:
    """What is wrong with a data set's calculated fields: names of columns that are not there, or not yet."""
    problems = []
    known = set(data_set.columns)
    for field, column in data_set.calculated.items():
        for used in _names(column.expression):
            if used not in known:
                problems.append(f"data set {name}: {field} uses {{{used}}}, which is no column before it")
        if len(column.expression) > MOST_EXPRESSION:
            problems.append(
                f"data set {name}: the expression of {field} has {len(column.expression)} characters; "
                f"{MOST_EXPRESSION} are allowed"
            )
        known.add(field)
    return problems


def definition_problems(definition: Mapping[str, Any], columns: Mapping[str, Mapping[str, ColumnType]]) -> list[str]:
    """What is wrong with the definition of an analysis or dashboard.

    Args:
        definition: the API's AnalysisDefinition or DashboardVersionDefinition.
        columns: of each data set, by its identifier in the definition, the types of the columns.
    """
    calculated = {
        (field["DataSetIdentifier"], field["Name"]): field["Expression"]
        for field in definition.get("CalculatedFields", [])
    }
    return [
        *_wrong_columns(definition, columns, calculated),
        *_wrong_expressions(calculated, columns),
        *_repeated_ids(definition),
        *_wrong_references(definition),
        *_wrong_layouts(definition),
        *_beyond_limits(definition),
    ]


def _wrong_columns(
    definition: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, ColumnType]],
    calculated: Mapping[tuple[str, str], str],
) -> Iterator[str]:
    declared = {one["Identifier"] for one in definition["DataSetIdentifierDeclarations"]}
    for kind, where, column in _columns(definition, "", "the definition"):
        data_set, name = column["DataSetIdentifier"], column["ColumnName"]
        if data_set not in declared or data_set not in columns:
            yield f"{where}: data set {data_set!r} is not declared"
            continue
        if (data_set, name) in calculated:
            if kind.endswith("DimensionField"):
                yield f"{where}: {name} is an aggregate, which tells no rows apart"
            continue
        type_ = columns[data_set].get(name)
        if type_ is None:
            yield f"{where}: the data set {data_set} has no column {name!r}"
        elif kind in _TYPES and type_ not in _TYPES[kind]:
            yield f"{where}: {name} is {type_}, which a {kind} cannot be of"


def _columns(value: Any, kind: str, where: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Every column that is named, with the kind of field or filter around it and the visual or filter it is in."""
    if isinstance(value, Mapping):
        where = next((f"{value[key]}" for key in ("VisualId", "FilterId") if key in value), where)
        for key, one in value.items():
            if key in ("Column", "ColumnToMatch", "SortBy") and isinstance(one, Mapping) and "ColumnName" in one:
                yield kind, where, one
            else:
                yield from _columns(one, key if key in _TYPES else kind, where)
    elif isinstance(value, list):
        for one in value:
            yield from _columns(one, kind, where)


def _wrong_expressions(
    calculated: Mapping[tuple[str, str], str], columns: Mapping[str, Mapping[str, ColumnType]]
) -> Iterator[str]:
    for (data_set, name), expression in calculated.items():
        for used in _names(expression):
            if used not in columns.get(data_set, {}) and (data_set, used) not in calculated:
                yield f"calculated field {name}: the data set {data_set} has no column {used!r}"


def _names(expression: str) -> list[str]:
    return _NAME.findall(_TEXT.sub("''", expression))


def _repeated_ids(definition: Mapping[str, Any]) -> Iterator[str]:
    found: Counter[tuple[str, str]] = Counter()
    for kind, identifier in _ids(definition):
        if not _ID.fullmatch(identifier):
            yield f"{kind} {identifier!r} is no identifier; use up to 512 letters, digits, _ and -"
        # Elements of sheets share one list of ids: layouts name them without saying what they are.
        found["element" if kind in ("VisualId", "SheetTextBoxId", "FilterControlId") else kind, identifier] += 1
    for (kind, identifier), count in found.items():
        if count > 1:
            yield f"{kind} {identifier!r} is there {count} times"
    for sheet in definition.get("Sheets", []):
        for visual_id, body in _visuals(sheet):
            for field, count in Counter(_field_ids(body["ChartConfiguration"]["FieldWells"])).items():
                if count > 1:
                    yield f"{visual_id}: the field {field!r} is there {count} times"


def _ids(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key in ("SheetId", "VisualId", "SheetTextBoxId", "FilterControlId", "FilterId", "FilterGroupId"):
                if "Scope" not in value:
                    yield key, one
            else:
                yield from _ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)


def _wrong_references(definition: Mapping[str, Any]) -> Iterator[str]:
    """Sort orders, colours, controls and scopes that name what is not there."""
    filters = {identifier for kind, identifier in _ids(definition) if kind == "FilterId"}
    of_sheets = {sheet["SheetId"]: dict(_visuals(sheet)) for sheet in definition.get("Sheets", [])}
    for sheet in definition.get("Sheets", []):
        for visual_id, body in of_sheets[sheet["SheetId"]].items():
            configuration = dict(body["ChartConfiguration"])
            there = set(_field_ids(configuration.pop("FieldWells")))
            for field in sorted(set(_field_ids(configuration)) - there):
                yield f"{visual_id}: names the field {field!r}, which it does not have"
        controls = [next(iter(control.values())) for control in sheet.get("FilterControls", [])]
        ids = {control["FilterControlId"] for control in controls}
        for control in controls:
            if control["SourceFilterId"] not in filters:
                yield f"{control['FilterControlId']}: there is no filter {control['SourceFilterId']!r}"
            for source in control.get("CascadingControlConfiguration", {}).get("SourceControls", []):
                if source["SourceSheetControlId"] not in ids:
                    yield f"{control['FilterControlId']}: the sheet has no control {source['SourceSheetControlId']!r}"
    for group in definition.get("FilterGroups", []):
        scopes = group["ScopeConfiguration"].get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", [])
        for scope in scopes:
            missing = set(scope.get("VisualIds", [])) - set(of_sheets.get(scope["SheetId"], {}))
            if missing or scope["SheetId"] not in of_sheets:
                yield f"{group['FilterGroupId']}: is for {sorted(missing) or scope['SheetId']}, which is not there"


def _field_ids(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "FieldId":
                yield one
            else:
                yield from _field_ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _field_ids(one)


def _visuals(sheet: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for visual in sheet.get("Visuals", []):
        ((_, body),) = visual.items()
        yield body["VisualId"], body


def _wrong_layouts(definition: Mapping[str, Any]) -> Iterator[str]:
    """Elements that have no place, are not there, reach out of the grid, or lie on each other."""
    for sheet in definition.get("Sheets", []):
        elements = {visual_id for visual_id, _ in _visuals(sheet)}
        elements |= {box["SheetTextBoxId"] for box in sheet.get("TextBoxes", [])}
        taken: dict[tuple[int, int], str] = {}
        placed = set()
        for element in sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]:
            name = element["ElementId"]
            if name not in elements:
                yield f"{sheet['SheetId']}: the layout names {name!r}, which the sheet does not have"
            placed.add(name)
            if element["ColumnIndex"] + element["ColumnSpan"] > GRID_COLUMNS:
                yield f"{name}: reaches beyond the {GRID_COLUMNS} columns of the grid"
            cells = [
                (element["ColumnIndex"] + column, element["RowIndex"] + row)
                for column in range(element["ColumnSpan"])
                for row in range(element["RowSpan"])
            ]
            for below in sorted({taken[cell] for cell in cells if cell in taken}):
                yield f"{name}: lies on {below}"
            taken |= dict.fromkeys(cells, name)
        for name in sorted(elements - placed):
            yield f"{name}: has no place in the layout"


def _beyond_limits(definition: Mapping[str, Any]) -> Iterator[str]:
    sheets = definition.get("Sheets", [])
    if len(sheets) > MOST_SHEETS:
        yield f"{len(sheets)} sheets; QuickSight has {MOST_SHEETS} at most"
    for sheet in sheets:
        count = len(sheet.get("Visuals", []))
        if count > MOST_VISUALS:
            yield f"{sheet['SheetId']}: {count} visuals; a sheet has {MOST_VISUALS} at most"
