"""The definition of the analysis and the dashboard: sheets, filters with their controls, the layout in a grid.

    PYTHONPATH=plugins python -m flowlogs.quicksight.definition

checks it, and writes it as JSON, in the shape of the Definition of DescribeAnalysisDefinition.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from flowlogs.quicksight.checks import data_set_problems, definition_problems
from flowlogs.quicksight.dashboard_files import (
    AtLeast,
    ChoiceFilter,
    DashboardFile,
    DayFilter,
    Sheet,
    Visual,
    read_dashboard,
)
from flowlogs.quicksight.data_sets import DataSetFile, DefinitionError, data_set_files
from flowlogs.quicksight.fields import Fields
from flowlogs.quicksight.visuals import visual

COLUMNS: Final = 36
"""Columns of the grid (API reference, GridLayoutElement)."""

INTRODUCTION_ROWS: Final = 3
_WIDTH: Final = "1600px"


def definition(
    dashboard: DashboardFile, data_sets: Mapping[str, DataSetFile], arns: Mapping[str, str]
) -> dict[str, Any]:
    """The API's AnalysisDefinition, which is a DashboardVersionDefinition too.

    Args:
        dashboard: the files that say what stands where.
        data_sets: the columns.
        arns: the ARN of each data set.

    Raises:
        DefinitionError: naming what does not fit together.
    """
    return {
        "DataSetIdentifierDeclarations": [
            {"Identifier": name, "DataSetArn": arns[name]} for name in dashboard.data_sets
        ],
        "Sheets": [_sheet(sheet, dashboard, data_sets) for sheet in dashboard.sheets],
        "CalculatedFields": [
            {"DataSetIdentifier": field.data_set, "Name": name, "Expression": field.expression}
            for name, field in dashboard.calculated.items()
        ],
        "FilterGroups": [
            *(_filter_group(name, wanted) for name, wanted in dashboard.filters.items()),
            *(group for sheet in dashboard.sheets for group in _visual_filters(sheet)),
        ],
        "AnalysisDefaults": {
            "DefaultNewSheetConfiguration": {
                "InteractiveLayoutConfiguration": {"Grid": {"CanvasSizeOptions": _canvas()}},
                "SheetContentType": "INTERACTIVE",
            }
        },
    }


def _sheet(sheet: Sheet, dashboard: DashboardFile, data_sets: Mapping[str, DataSetFile]) -> dict[str, Any]:
    introduction = f"{sheet.id}-introduction"
    elements = [_element(introduction, "TEXT_BOX", (0, 0, COLUMNS, INTRODUCTION_ROWS))]
    elements += [_element(one.id, "VISUAL", _below_introduction(one.at)) for one in sheet.visuals]
    visuals = [visual(one, Fields(one.id, sheet.data_set, dashboard, data_sets), dashboard) for one in sheet.visuals]
    for name in sheet.filters:
        if name not in dashboard.filters:
            raise DefinitionError(f"{sheet.id}: no filter {name!r}; there are {', '.join(dashboard.filters)}")
    return {
        "SheetId": sheet.id,
        "Name": sheet.name,
        "Title": sheet.name,
        "Description": sheet.description,
        "ContentType": "INTERACTIVE",
        "TextBoxes": [{"SheetTextBoxId": introduction, "Content": _text_box(sheet.introduction)}],
        "Visuals": visuals,
        "FilterControls": [_control(sheet, name, dashboard) for name in sheet.filters],
        "Layouts": [
            {"Configuration": {"GridLayout": {"Elements": elements, "CanvasSizeOptions": _canvas()}}}
        ],
        "SheetControlLayouts": [
            {
                "Configuration": {
                    "GridLayout": {
                        "Elements": [
                            {
                                "ElementId": _control_id(sheet, name),
                                "ElementType": "FILTER_CONTROL",
                                "ColumnSpan": 2,
                                "RowSpan": 1,
                            }
                            for name in sheet.filters
                        ]
                    }
                }
            }
        ],
    }  # fmt: skip


def _canvas() -> dict[str, Any]:
    return {"ScreenCanvasSizeOptions": {"ResizeOption": "FIXED", "OptimizedViewPortWidth": _WIDTH}}


def _below_introduction(at: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    column, row, wide, high = at
    return column, row + INTRODUCTION_ROWS, wide, high


def _element(element_id: str, kind: str, at: tuple[int, int, int, int]) -> dict[str, Any]:
    column, row, wide, high = at
    return {
        "ElementId": element_id,
        "ElementType": kind,
        "ColumnIndex": column,
        "ColumnSpan": wide,
        "RowIndex": row,
        "RowSpan": high,
    }


def _text_box(text: str) -> str:
    return f"<text-box>{escape(' '.join(text.split()))}</text-box>"


def _control_id(sheet: Sheet, name: str) -> str:
    return f"{sheet.id}-{name}"


def _control(sheet: Sheet, name: str, dashboard: DashboardFile) -> dict[str, Any]:
    """A control of a filter that holds on every sheet: what it looks like stands in the filter."""
    control: dict[str, Any] = {"FilterControlId": _control_id(sheet, name), "SourceFilterId": name}
    wanted = dashboard.filters[name]
    if isinstance(wanted, ChoiceFilter) and wanted.after in sheet.filters:
        first = dashboard.filters[wanted.after]
        control["CascadingControlConfiguration"] = {
            "SourceControls": [
                {"SourceSheetControlId": _control_id(sheet, wanted.after), "ColumnToMatch": _column(first)}
            ]
        }
    return {"CrossSheet": control}


def _column(wanted: DayFilter | ChoiceFilter) -> dict[str, str]:
    return {"DataSetIdentifier": wanted.data_set, "ColumnName": wanted.column}


def _filter_group(name: str, wanted: DayFilter | ChoiceFilter) -> dict[str, Any]:
    if isinstance(wanted, DayFilter):
        options: dict[str, Any] = {
            "DefaultDateTimePickerOptions": {
                "Type": "DATE_RANGE",
                "DisplayOptions": {"DateTimeFormat": "YYYY/MM/DD"},
            }
        }
        since = f"addDateTime(-{wanted.last}, 'DD', truncDate('DD', now()))"
        filter_ = {
            "TimeRangeFilter": {
                "FilterId": name,
                "Column": _column(wanted),
                "IncludeMinimum": True,
                "IncludeMaximum": True,
                "RangeMinimumValue": {"RollingDate": {"Expression": since}},
                "RangeMaximumValue": {"RollingDate": {"Expression": "truncDate('DD', now())"}},
                "NullOption": "NON_NULLS_ONLY",
                "TimeGranularity": "DAY",
                "DefaultFilterControlConfiguration": {"Title": wanted.title, "ControlOptions": options},
            }
        }
    else:
        options = {
            "DefaultDropdownOptions": {
                "Type": "MULTI_SELECT",
                "DisplayOptions": {"SelectAllOptions": {"Visibility": "VISIBLE"}},
            }
        }
        filter_ = {
            "CategoryFilter": {
                "FilterId": name,
                "Column": _column(wanted),
                "Configuration": {
                    "FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}
                },
                "DefaultFilterControlConfiguration": {"Title": wanted.title, "ControlOptions": options},
            }
        }
    return {
        "FilterGroupId": f"{name}-group",
        "Filters": [filter_],
        "ScopeConfiguration": {"AllSheets": {}},
        "Status": "ENABLED",
        "CrossDataset": "ALL_DATASETS" if wanted.every_data_set else "SINGLE_DATASET",
    }


def _visual_filters(sheet: Sheet) -> Iterator[dict[str, Any]]:
    for one in sheet.visuals:
        for field, condition in one.where.items():
            yield {
                "FilterGroupId": f"{one.id}-{field}-group",
                "Filters": [_visual_filter(sheet, one, field, condition)],
                "ScopeConfiguration": {
                    "SelectedSheets": {
                        "SheetVisualScopingConfigurations": [
                            {"SheetId": sheet.id, "Scope": "SELECTED_VISUALS", "VisualIds": [one.id]}
                        ]
                    }
                },
                "Status": "ENABLED",
                "CrossDataset": "SINGLE_DATASET",
            }


def _visual_filter(sheet: Sheet, one: Visual, field: str, condition: tuple[str, ...] | AtLeast) -> dict[str, Any]:
    common = {
        "FilterId": f"{one.id}-{field}",
        "Column": {"DataSetIdentifier": sheet.data_set, "ColumnName": field},
    }
    if isinstance(condition, AtLeast):
        least = {"StaticValue": condition.at_least}
        bounds = {"IncludeMinimum": True, "RangeMinimum": least, "NullOption": "NON_NULLS_ONLY"}
        return {"NumericRangeFilter": {**common, **bounds}}
    configuration = {
        "MatchOperator": "CONTAINS",
        "CategoryValues": list(condition),
        "NullOption": "NON_NULLS_ONLY",
    }
    return {"CategoryFilter": {**common, "Configuration": {"FilterListConfiguration": configuration}}}


def main() -> int:
    """Write the shipped definition as JSON to stdout; or what is wrong with it to stderr."""
    files, data_sets = read_dashboard(), data_set_files()
    example = {name: f"arn:aws:quicksight:REGION:ACCOUNT:dataset/{name}" for name in files.data_sets}
    made = definition(files, data_sets, example)
    problems = definition_problems(made, {name: data_sets[name].types for name in files.data_sets})
    problems += [text for name, file in data_sets.items() for text in data_set_problems(name, file)]
    sys.stderr.writelines(f"{text}\n" for text in problems)
    json.dump(made, sys.stdout, indent=1)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
