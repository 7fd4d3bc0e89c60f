"""A small dashboard with every visual type that is drawn, on one data set of traffic; and that data set's requests."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ACCOUNT = "000000000000"
SET = "traffic"
COLUMNS = {
    "day": "DATETIME",
    "account": "STRING",
    "region": "STRING",
    "action": "STRING",
    "destination": "STRING",
    "port": "INTEGER",
    "flows": "INTEGER",
    "bytes": "INTEGER",
}


def rows(days: int = 14) -> Iterator[tuple[object, ...]]:
    """The rows of the data set, the same each time."""
    dice = random.Random(5)
    for number in range(days):
        day = date(2026, 11, 1) + timedelta(days=number)
        for account, region in (
            ("111122223333", "us-east-1"),
            ("111122223333", "eu-west-1"),
            ("444455556666", "us-east-1"),
        ):
            for port in (22, 53, 80, 443, 1433, 3306, 3389, 8443):
                for action in ("ACCEPT", "REJECT"):
                    flows = dice.randrange(1, 400 if action == "ACCEPT" else 90) * (1 + number % 7)
                    destination = f"10.{len(region)}.{port % 7}.{dice.randrange(4, 9)}"
                    yield (day, account, region, action, destination, port, flows, flows * dice.randrange(300, 90_000))


def write_csv(file: Path, columns: list[str], table: list[tuple[object, ...]]) -> None:
    """A result file as Athena writes it: every value quoted, NULL empty."""
    with file.open("w", newline="") as opened:
        lines = csv.writer(opened, quoting=csv.QUOTE_ALL, lineterminator="\n")
        lines.writerow(columns)
        for row in table:
            opened.write(",".join("" if one is None else '"' + str(one).replace('"', '""') + '"' for one in row) + "\n")


def data_set(sql: str, data_source_arn: str, name: str = SET, **more: Any) -> dict[str, Any]:
    """Arguments of CreateDataSet."""
    columns = [{"Name": one, "Type": type_} for one, type_ in COLUMNS.items()]
    custom = {"DataSourceArn": data_source_arn, "Name": "traffic", "SqlQuery": sql, "Columns": columns}
    service = "ifelse({port} = 443, 'https', {port} = 53, 'dns', in({port}, [22, 3389]), 'remote access', 'other')"
    transforms = [
        {
            "CreateColumnsOperation": {
                "Columns": [{"ColumnName": "service", "ColumnId": "service", "Expression": service}]
            }
        },
        {"TagColumnOperation": {"ColumnName": "flows", "Tags": [{"ColumnDescription": {"Text": "Flow log records"}}]}},
    ]
    return {
        "DataSetId": name,
        "Name": "Traffic of the sample",
        "ImportMode": "SPICE",
        "PhysicalTableMap": {"traffic": {"CustomSql": custom}},
        "LogicalTableMap": {
            "traffic": {"Alias": "traffic", "Source": {"PhysicalTableId": "traffic"}, "DataTransforms": transforms}
        },
        **more,
    }


def column(name: str) -> dict[str, str]:
    return {"DataSetIdentifier": "traffic", "ColumnName": name}


def category(field_id: str, name: str) -> dict[str, Any]:
    return {"CategoricalDimensionField": {"FieldId": field_id, "Column": column(name)}}


def number(field_id: str, name: str) -> dict[str, Any]:
    return {"NumericalDimensionField": {"FieldId": field_id, "Column": column(name)}}


def day(field_id: str) -> dict[str, Any]:
    return {"DateDimensionField": {"FieldId": field_id, "Column": column("day"), "DateGranularity": "DAY"}}


def total(field_id: str, name: str, aggregation: str = "SUM", **more: Any) -> dict[str, Any]:
    function = {"SimpleNumericalAggregation": aggregation}
    return {
        "NumericalMeasureField": {"FieldId": field_id, "Column": column(name), "AggregationFunction": function, **more}
    }


def visual(
    kind: str, visual_id: str, title: str, configuration: dict[str, Any], subtitle: str | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "VisualId": visual_id,
        "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": title}},
        "ChartConfiguration": configuration,
    }
    if subtitle:
        body["Subtitle"] = {"FormatText": {"RichText": f"<visual-subtitle>{subtitle}</visual-subtitle>"}}
    return {kind: body}


def wells(name: str, **fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"FieldWells": {name: fields}}


ACTION_COLOURS = {
    "ColorMap": [
        {"Element": {"FieldId": "action", "FieldValue": "ACCEPT", "DataPathType": {}}, "Color": "#2B9A66"},
        {"Element": {"FieldId": "action", "FieldValue": "REJECT", "DataPathType": {}}, "Color": "#C23B5A"},
    ]
}


def traffic_visuals() -> list[dict[str, Any]]:
    """One of each type."""
    by_day = {
        "FieldWells": {"Values": [total("b", "bytes")], "TargetValues": [], "TrendGroups": [day("d")]},
        "KPIOptions": {"Comparison": {"ComparisonMethod": "PERCENT_DIFFERENCE"}},
    }
    descending = [{"FieldSort": {"FieldId": "f", "Direction": "DESC"}}]
    return [
        visual("KPIVisual", "kpi-bytes", "Bytes", by_day, "newest day against the day before"),
        visual("KPIVisual", "kpi-rejects", "Rejected share", {"FieldWells": {"Values": [total("r", "reject_share", FormatConfiguration={"FormatConfiguration": {"PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}})]}}),
        visual("LineChartVisual", "line", "Flows by day", {
            **wells("LineChartAggregatedFieldWells", Category=[day("d")], Values=[total("f", "flows")], Colors=[category("action", "action")]),
            "VisualPalette": ACTION_COLOURS,
        }),
        visual("BarChartVisual", "bars", "Flows by port and action", {
            **wells("BarChartAggregatedFieldWells", Category=[number("p", "port")], Values=[total("f", "flows")], Colors=[category("action", "action")]),
            "Orientation": "VERTICAL", "BarsArrangement": "STACKED", "VisualPalette": ACTION_COLOURS,
            "SortConfiguration": {"CategorySort": descending, "CategoryItemsLimit": {"ItemsLimit": 6, "OtherCategories": "INCLUDE"}},
        }),
        visual("BarChartVisual", "top", "Top destinations", {
            **wells("BarChartAggregatedFieldWells", Category=[category("dst", "destination")], Values=[total("b", "bytes")]),
            "Orientation": "HORIZONTAL",
        }, "by bytes"),
        visual("PieChartVisual", "donut", "Bytes by service", {
            **wells("PieChartAggregatedFieldWells", Category=[category("s", "service")], Values=[total("b", "bytes")]),
            "DonutOptions": {"ArcOptions": {"ArcThickness": "MEDIUM"}},
        }),
        visual("TableVisual", "table", "Accounts and regions", {
            **wells("TableAggregatedFieldWells", GroupBy=[category("a", "account"), category("r", "region")], Values=[total("f", "flows"), total("b", "bytes")]),
            "SortConfiguration": {"RowSort": descending},
            "FieldOptions": {"SelectedFieldOptions": [{"FieldId": "f", "CustomLabel": "Flows"}, {"FieldId": "b", "CustomLabel": "Bytes"}]},
            "TotalOptions": {"TotalsVisibility": "VISIBLE", "CustomLabel": "All"},
        }),
        visual("PivotTableVisual", "pivot", "Flows by service and action", wells(
            "PivotTableAggregatedFieldWells", Rows=[category("s", "service")], Columns=[category("action", "action")], Values=[total("f", "flows")],
        )),
        visual("HeatMapVisual", "heat", "Rejects by port and day", wells(
            "HeatMapAggregatedFieldWells", Rows=[number("p", "port")], Columns=[day("d")], Values=[total("f", "flows")],
        )),
        visual("WordCloudVisual", "words", "Words", wells("WordCloudAggregatedFieldWells", GroupBy=[category("s", "service")], Size=[total("f", "flows")])),
    ]  # fmt: skip


_PLACES = {
    "kpi-bytes": (0, 9, 0, 6), "kpi-rejects": (9, 9, 0, 6), "line": (18, 18, 0, 12), "donut": (0, 18, 6, 12), "bars": (18, 18, 12, 12),
    "top": (0, 18, 18, 12), "table": (18, 18, 24, 8), "pivot": (0, 18, 30, 8), "heat": (0, 36, 38, 12), "words": (18, 18, 32, 6),
}  # fmt: skip


def definition(data_set_arn: str) -> dict[str, Any]:
    """The Definition of the dashboard: two sheets, filters with controls on the first, rejects only on the heat map."""
    traffic = {
        "SheetId": "traffic",
        "Name": "Traffic",
        "Title": "Traffic",
        "Description": "What was accepted and rejected.",
        "Visuals": traffic_visuals(),
        "FilterControls": [
            {"DateTimePicker": {"FilterControlId": "c-day", "Title": "Day", "SourceFilterId": "day", "Type": "DATE_RANGE"}},
            {"Dropdown": {"FilterControlId": "c-account", "Title": "Account", "SourceFilterId": "account", "Type": "MULTI_SELECT"}},
            {"Dropdown": {"FilterControlId": "c-region", "Title": "Region", "SourceFilterId": "region", "Type": "MULTI_SELECT"}},
            {"List": {"FilterControlId": "c-action", "Title": "Action", "SourceFilterId": "action", "Type": "SINGLE_SELECT"}},
        ],
        "Layouts": [{"Configuration": {"GridLayout": {"Elements": [
            {"ElementId": one, "ElementType": "VISUAL", "ColumnIndex": column_, "ColumnSpan": columns, "RowIndex": row, "RowSpan": rows_}
            for one, (column_, columns, row, rows_) in _PLACES.items()
        ]}}}],
    }  # fmt: skip
    second = {
        "SheetId": "ports",
        "Name": "Ports",
        "Visuals": [
            visual("TableVisual", "ports-table", "Busiest ports", {
                **wells("TableAggregatedFieldWells", GroupBy=[number("p", "port")], Values=[total("f", "flows")]),
                "SortConfiguration": {"RowSort": [{"FieldSort": {"FieldId": "f", "Direction": "DESC"}}]},
            }),
        ],
        "TextBoxes": [{"SheetTextBoxId": "hint", "Content": "<text-box>Three ports with the <b>most</b> flows.</text-box>"}],
    }  # fmt: skip
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": "traffic", "DataSetArn": data_set_arn}],
        "Sheets": [traffic, second],
        "CalculatedFields": [
            {"DataSetIdentifier": "traffic", "Name": "reject_share", "Expression": "sumIf({flows}, {action} = 'REJECT') / sum({flows})"}
        ],
        "FilterGroups": [
            _group("g-day", {"TimeRangeFilter": {"FilterId": "day", "Column": column("day"), "NullOption": "NON_NULLS_ONLY", "TimeGranularity": "DAY"}}),
            *(_group(f"g-{name}", _all_values(name)) for name in ("account", "region", "action")),
            _group("g-rejects", {"CategoryFilter": {"FilterId": "rejects", "Column": column("action"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "EQUALS", "CategoryValues": ["REJECT"]}}}},
                   {"SelectedSheets": {"SheetVisualScopingConfigurations": [{"SheetId": "traffic", "Scope": "SELECTED_VISUALS", "VisualIds": ["heat"]}]}}),
            _group("g-top", {"TopBottomFilter": {"FilterId": "top-ports", "Column": column("port"), "Limit": 3, "AggregationSortConfigurations": [
                {"Column": column("flows"), "SortDirection": "DESC", "AggregationFunction": {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "SUM"}}}]}},
                   {"SelectedSheets": {"SheetVisualScopingConfigurations": [{"SheetId": "ports", "Scope": "ALL_VISUALS"}]}}),
        ],
    }  # fmt: skip


def _group(group_id: str, one: dict[str, Any], scope: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "FilterGroupId": group_id,
        "Filters": [one],
        "ScopeConfiguration": scope or {"AllSheets": {}},
        "CrossDataset": "SINGLE_DATASET",
        "Status": "ENABLED",
    }


def _all_values(name: str) -> dict[str, Any]:
    configuration = {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}
    return {
        "CategoryFilter": {
            "FilterId": name,
            "Column": column(name),
            "Configuration": {"FilterListConfiguration": configuration},
        }
    }
