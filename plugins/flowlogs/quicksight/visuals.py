"""Visuals of the sheets' files as QuickSight's definitions write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowlogs.quicksight.dashboard_files import (
    Bars,
    DashboardFile,
    DimensionName,
    Donut,
    HeatMap,
    Kpi,
    Lines,
    Pivot,
    Table,
    Visual,
)
from flowlogs.quicksight.fields import Field, Fields


def visual(wanted: Visual, fields: Fields, dashboard: DashboardFile) -> dict[str, Any]:
    """The API's Visual.

    Args:
        wanted: as the sheet's file has it.
        fields: of this visual.
        dashboard: for the colours of values.

    Raises:
        DefinitionError: for a field that is not there, or cannot be used so.
    """
    match wanted:
        case Kpi():
            kind, configuration = "KPIVisual", _kpi(wanted, fields)
        case Lines():
            kind, configuration = "LineChartVisual", _lines(wanted, fields, dashboard)
        case Bars():
            kind, configuration = "BarChartVisual", _bars(wanted, fields, dashboard)
        case Donut():
            kind, configuration = "PieChartVisual", _donut(wanted, fields, dashboard)
        case Table():
            kind, configuration = "TableVisual", _table(wanted, fields)
        case Pivot():
            kind, configuration = "PivotTableVisual", _pivot(wanted, fields)
        case HeatMap():
            kind, configuration = "HeatMapVisual", _heat_map(wanted, fields)
    return {
        kind: {
            "VisualId": wanted.id,
            "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": wanted.title}},
            "Subtitle": {"Visibility": "VISIBLE", "FormatText": {"PlainText": wanted.subtitle}},
            "ChartConfiguration": configuration,
            "VisualContentAltText": f"{wanted.title}. {wanted.subtitle}"[:1024],
        }
    }


def _kpi(wanted: Kpi, fields: Fields) -> dict[str, Any]:
    value = fields.measure(wanted.value)
    trends = [fields.dimension(wanted.trend)] if wanted.trend else []
    configuration: dict[str, Any] = {
        "FieldWells": {
            "Values": [value.entry],
            "TargetValues": [],
            "TrendGroups": [trend.entry for trend in trends],
        }
    }
    if trends:
        configuration |= {
            "SortConfiguration": {"TrendGroupSort": [trends[0].sorted(descending=False)]},
            "KPIOptions": {
                "Comparison": {"ComparisonMethod": "PERCENT_DIFFERENCE"},
                "PrimaryValueDisplayType": "ACTUAL",
                "SecondaryValue": {"Visibility": "VISIBLE"},
                "TrendArrows": {"Visibility": "VISIBLE"},
                "Sparkline": {"Visibility": "VISIBLE", "Type": "LINE", "TooltipVisibility": "VISIBLE"},
            },
        }
    return configuration


def _lines(wanted: Lines, fields: Fields, dashboard: DashboardFile) -> dict[str, Any]:
    x, y, colours = fields.dimension(wanted.x), fields.measure(wanted.y), _optional(fields, wanted.colour)
    return {
        "FieldWells": {
            "LineChartAggregatedFieldWells": {
                "Category": [x.entry],
                "Values": [y.entry],
                "Colors": [colour.entry for colour in colours],
            }
        },
        "SortConfiguration": {"CategorySort": [x.sorted(descending=False)]},
        "Type": "LINE",
        "XAxisLabelOptions": _axis(x),
        "PrimaryYAxisLabelOptions": _axis(y),
        **_coloured(colours, dashboard),
    }


def _bars(wanted: Bars, fields: Fields, dashboard: DashboardFile) -> dict[str, Any]:
    category, value = fields.dimension(wanted.category), fields.measure(wanted.value)
    colours = _optional(fields, wanted.colour)
    by_value = wanted.top is not None
    sorting: dict[str, Any] = {
        "CategorySort": [value.sorted(descending=True) if by_value else category.sorted(descending=False)]
    }
    if wanted.top is not None:
        sorting["CategoryItemsLimit"] = {
            "ItemsLimit": wanted.top,
            "OtherCategories": "INCLUDE" if wanted.others else "EXCLUDE",
        }
    arrangement = "STACKED_PERCENT" if wanted.shares else "STACKED" if colours else "CLUSTERED"
    return {
        "FieldWells": {
            "BarChartAggregatedFieldWells": {
                "Category": [category.entry],
                "Values": [value.entry],
                "Colors": [colour.entry for colour in colours],
            }
        },
        "SortConfiguration": sorting,
        "Orientation": "VERTICAL" if wanted.upright else "HORIZONTAL",
        "BarsArrangement": arrangement,
        "CategoryLabelOptions": _axis(category),
        "ValueLabelOptions": _axis(value),
        **({"ColorLabelOptions": _axis(colours[0])} if colours else {}),
        **_coloured(colours, dashboard),
    }


def _donut(wanted: Donut, fields: Fields, dashboard: DashboardFile) -> dict[str, Any]:
    category, value = fields.dimension(wanted.category), fields.measure(wanted.value)
    return {
        "FieldWells": {
            "PieChartAggregatedFieldWells": {
                "Category": [category.entry],
                "Values": [value.entry],
                "SmallMultiples": [],
            }
        },
        "SortConfiguration": {
            "CategorySort": [value.sorted(descending=True)],
            "CategoryItemsLimit": {"ItemsLimit": wanted.top, "OtherCategories": "INCLUDE"},
        },
        "DonutOptions": {"ArcOptions": {"ArcThickness": "MEDIUM"}},
        "CategoryLabelOptions": _axis(category),
        "ValueLabelOptions": _axis(value),
        **_coloured([category], dashboard),
    }


def _table(wanted: Table, fields: Fields) -> dict[str, Any]:
    rows = [fields.dimension(name) for name in wanted.rows]
    values = [fields.measure(name) for name in wanted.values]
    return {
        "FieldWells": {
            "TableAggregatedFieldWells": {
                "GroupBy": [row.entry for row in rows],
                "Values": [value.entry for value in values],
            }
        },
        "SortConfiguration": {"RowSort": [values[wanted.sort].sorted(descending=True)]},
        "FieldOptions": {
            "SelectedFieldOptions": _labels([*rows, *values]),
            "Order": [field.id for field in (*rows, *values)],
        },
    }


def _pivot(wanted: Pivot, fields: Fields) -> dict[str, Any]:
    rows = [fields.dimension(name) for name in wanted.rows]
    columns = [fields.dimension(name) for name in wanted.columns]
    values = [fields.measure(name) for name in wanted.values]
    return {
        "FieldWells": {
            "PivotTableAggregatedFieldWells": {
                "Rows": [row.entry for row in rows],
                "Columns": [column.entry for column in columns],
                "Values": [value.entry for value in values],
            }
        },
        "TableOptions": {"MetricPlacement": "COLUMN", "RowsLayout": "TABULAR"},
        "TotalOptions": {
            "RowSubtotalOptions": {"TotalsVisibility": "HIDDEN"},
            "RowTotalOptions": {"TotalsVisibility": "VISIBLE"},
            "ColumnTotalOptions": {"TotalsVisibility": "HIDDEN"},
        },
        "FieldOptions": {"SelectedFieldOptions": _labels([*rows, *columns, *values])},
    }


def _heat_map(wanted: HeatMap, fields: Fields) -> dict[str, Any]:
    rows, columns = fields.dimension(wanted.rows), fields.dimension(wanted.columns)
    value = fields.measure(wanted.value)
    by_value = [value.sorted(descending=True)]
    return {
        "FieldWells": {
            "HeatMapAggregatedFieldWells": {
                "Rows": [rows.entry],
                "Columns": [columns.entry],
                "Values": [value.entry],
            }
        },
        "SortConfiguration": {
            "HeatMapRowSort": [rows.sorted(descending=False)] if wanted.in_order else by_value,
            "HeatMapColumnSort": [columns.sorted(descending=False)] if wanted.in_order else by_value,
            "HeatMapRowItemsLimitConfiguration": {"ItemsLimit": wanted.top_rows, "OtherCategories": "EXCLUDE"},
            "HeatMapColumnItemsLimitConfiguration": {"ItemsLimit": wanted.top_columns, "OtherCategories": "EXCLUDE"},
        },
        "RowLabelOptions": _axis(rows),
        "ColumnLabelOptions": _axis(columns),
    }


def _optional(fields: Fields, name: DimensionName | None) -> list[Field]:
    return [] if name is None else [fields.dimension(name)]


def _axis(field: Field) -> dict[str, Any]:
    """The API's ChartAxisLabelOptions: the field's label."""
    applied = {"FieldId": field.id, "Column": field.column}
    return {"Visibility": "VISIBLE", "AxisLabelOptions": [{"CustomLabel": field.label, "ApplyTo": applied}]}


def _labels(fields: Sequence[Field]) -> list[dict[str, str]]:
    """Headings of a table's columns."""
    return [{"FieldId": field.id, "CustomLabel": field.label, "Visibility": "VISIBLE"} for field in fields]


def _coloured(colours: Sequence[Field], dashboard: DashboardFile) -> dict[str, Any]:
    """The legend, and the colours that the dashboard gives to the values of a field."""
    configuration: dict[str, Any] = {}
    for field in colours:
        title = {"Visibility": "VISIBLE", "CustomLabel": field.label}
        configuration["Legend"] = {"Visibility": "VISIBLE", "Title": title}
        if values := dashboard.colours.get(field.column["ColumnName"]):
            mapped = [
                {"Element": {"FieldId": field.id, "FieldValue": value}, "Color": colour}
                for value, colour in values.items()
            ]
            configuration["VisualPalette"] = {"ColorMap": mapped}
    return configuration
