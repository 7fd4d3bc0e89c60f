"""The pages: what each visual shows of the rows, filtered by the definition and by what a reader chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_aws.quicksight.page.dashboards import Dashboards
from local_aws.quicksight.page.formats import dated, shown, size
from local_aws.quicksight.page.svg import ticks
from tests.unit.local_aws.quicksight import sample_dashboard as sample
from tests.unit.local_aws.quicksight.conftest import QuickSight, Results, started

SOURCE_ARN = "arn:aws:quicksight:us-east-1:000000000000:datasource/athena"
ROWS = list(sample.rows(3))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """The page of a dashboard with the sample's definition, changed by a test."""
    folder = tmp_path_factory.mktemp("pages")
    quicksight = started(folder / "state", Results(folder, list(sample.COLUMNS), ROWS))
    quicksight.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    made = quicksight.call("create_data_set", **sample.data_set("SELECT 1", SOURCE_ARN))
    quicksight.ended(sample.SET, made["IngestionId"])

    def drawn(query: str = "", change: Callable[[dict[str, Any]], object] = lambda definition: None) -> str:
        definition = sample.definition(made["Arn"])
        change(definition)
        quicksight.call("create_dashboard", DashboardId="sample", Name="Sample <dashboard>", Definition=definition)
        html = Dashboards(quicksight.operations).dashboard("sample", query)
        quicksight.call("delete_dashboard", DashboardId="sample")
        assert html is not None
        return html

    yield drawn
    quicksight.operations.close()


def part(html: str, visual_id: str) -> str:
    found = re.search(rf'<section[^>]* id="{visual_id}">(.*?)</section>', html, re.DOTALL)
    assert found, visual_id
    return found[1]


def flows(**wanted: object) -> int:
    names = list(sample.COLUMNS)
    return sum(
        int(str(row[6])) for row in ROWS if all(row[names.index(name)] == value for name, value in wanted.items())
    )


def test_every_type_is_drawn_and_unknown_ones_are_named(page: Callable[..., str]) -> None:
    html = page()
    assert "cannot be drawn" not in html
    assert "does not draw visuals of the type WordCloudVisual" in part(html, "words")
    assert html.count('<svg class="chart wide') == 4
    assert "Sample &lt;dashboard&gt;" in html
    assert f"{len(ROWS):,} rows, refreshed" in html


def test_sums_of_a_table_with_its_total(page: Callable[..., str]) -> None:
    table = part(page(), "table")
    assert f"{flows(account='444455556666'):,}" in table
    assert f'<td class="number">{flows():,}</td>' in table
    assert '<th scope="col" class="number">Flows</th>' in table


def test_a_reader_s_choices(page: Callable[..., str]) -> None:
    table = part(page("f.region=eu-west-1&f.action=REJECT"), "table")
    assert f"{flows(region='eu-west-1', action='REJECT'):,}" in table
    assert "us-east-1" not in table
    day = ROWS[0][0]
    html = page(f"f.day.from={day}&f.day.to={day}")
    assert f"{flows(day=day):,}" in part(html, "table")
    assert 'value="2026-11-01"' in html
    assert 'href="?sheet=ports&amp;f.day.from=2026-11-01&amp;f.day.to=2026-11-01"' in html, "kept on other sheets"


def test_filters_of_selected_visuals(page: Callable[..., str]) -> None:
    html = page()
    assert f">{flows(port=22, action='REJECT', day=ROWS[0][0])}<" in part(html, "heat"), "rejects only"
    assert f"{flows(action='ACCEPT'):,}" not in part(html, "heat")


def test_the_top_of_another_sheet(page: Callable[..., str]) -> None:
    ranked = sorted({row[5] for row in ROWS}, key=lambda port: -flows(port=port))
    html = page("sheet=ports")
    table = part(html, "ports-table")
    assert [
        int(found.replace(",", "")) for found in re.findall(r"<tr><td class=\"number\">([\d,]+)</td>", table)
    ] == ranked[:3]
    assert "Three ports with the most flows." in html


def test_items_beyond_a_limit_are_taken_together(page: Callable[..., str]) -> None:
    bars = part(page(), "bars")
    ranked = sorted({row[5] for row in ROWS}, key=lambda port: -flows(port=port))
    other = sum(flows(port=port, action="REJECT") for port in ranked[6:])
    assert f"<title>Other, REJECT: {other:,}</title>" in bars
    assert f"<title>{ranked[0]:,}, ACCEPT: {flows(port=ranked[0], action='ACCEPT'):,}</title>" in bars
    assert "port: 6 of 8 shown" in bars
    assert "--c:#C23B5A" in bars


def test_a_calculated_share(page: Callable[..., str]) -> None:
    assert f"{flows(action='REJECT') / flows():.1%}" in part(page(), "kpi-rejects")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        ({"NumericRangeFilter": {"FilterId": "x", "Column": sample.column("port"), "NullOption": "NON_NULLS_ONLY", "RangeMinimum": {"StaticValue": 443}, "IncludeMinimum": True, "RangeMaximum": {"StaticValue": 3306}}}, {443, 1433}),
        ({"NumericEqualityFilter": {"FilterId": "x", "Column": sample.column("port"), "NullOption": "NON_NULLS_ONLY", "MatchOperator": "EQUALS", "Value": 53}}, {53}),
        ({"CategoryFilter": {"FilterId": "x", "Column": sample.column("service"), "Configuration": {"CustomFilterConfiguration": {"MatchOperator": "STARTS_WITH", "CategoryValue": "remote", "NullOption": "NON_NULLS_ONLY"}}}}, {22, 3389}),
        ({"CategoryFilter": {"FilterId": "x", "Column": sample.column("service"), "Configuration": {"CustomFilterListConfiguration": {"MatchOperator": "DOES_NOT_EQUAL", "CategoryValues": ["other", "dns"], "NullOption": "NON_NULLS_ONLY"}}}}, {443, 22, 3389}),
    ],
)  # fmt: skip
def test_filters(page: Callable[..., str], one: dict[str, Any], expected: set[int]) -> None:
    def change(definition: dict[str, Any]) -> None:
        group = {
            "FilterGroupId": "x",
            "Filters": [one],
            "ScopeConfiguration": {"AllSheets": {}},
            "CrossDataset": "SINGLE_DATASET",
        }
        definition["FilterGroups"] = [group]
        definition["Sheets"][0]["FilterControls"] = []

    table = part(page("sheet=ports", change), "ports-table")
    assert {
        int(found.replace(",", "")) for found in re.findall(r"<tr><td class=\"number\">([\d,]+)</td>", table)
    } == expected


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        ({"TimeRangeFilter": {"FilterId": "x", "Column": sample.column("day"), "NullOption": "NON_NULLS_ONLY", "IncludeMinimum": True, "RangeMinimumValue": {"StaticValue": 1793577600}, "TimeGranularity": "DAY"}}, 2),
        ({"TimeRangeFilter": {"FilterId": "x", "Column": sample.column("day"), "NullOption": "NON_NULLS_ONLY", "RangeMaximumValue": {"RollingDate": {"Expression": "parseDate('2026-11-02', 'yyyy-MM-dd')"}}}}, 1),
        ({"TimeEqualityFilter": {"FilterId": "x", "Column": sample.column("day"), "Value": 1793577600, "TimeGranularity": "DAY"}}, 1),
        ({"RelativeDatesFilter": {"FilterId": "x", "Column": sample.column("day"), "NullOption": "NON_NULLS_ONLY", "AnchorDateConfiguration": {"AnchorOption": "NOW"}, "TimeGranularity": "YEAR", "RelativeDateType": "LAST", "RelativeDateValue": 50}}, None),
    ],
)  # fmt: skip
def test_filters_of_time(page: Callable[..., str], one: dict[str, Any], rows: int | None) -> None:
    def change(definition: dict[str, Any]) -> None:
        group = {
            "FilterGroupId": "x",
            "Filters": [one],
            "ScopeConfiguration": {"AllSheets": {}},
            "CrossDataset": "SINGLE_DATASET",
        }
        definition["FilterGroups"] = [group]
        definition["Sheets"][0]["FilterControls"] = []

    html = page("", change)
    assert "cannot be drawn" not in html
    assert "filter x:" not in html
    if rows is not None:
        assert len(re.findall(r"<circle", part(html, "line"))) == 2 * 2 * rows, "wide and narrow, two actions"


def test_a_filter_that_cannot_be_applied_is_said(page: Callable[..., str]) -> None:
    def change(definition: dict[str, Any]) -> None:
        inner = {"CategoryInnerFilter": {"Column": sample.column("port"), "Configuration": {}}}
        one = {
            "NestedFilter": {
                "FilterId": "nested",
                "Column": sample.column("action"),
                "IncludeInnerSet": True,
                "InnerFilter": inner,
            }
        }
        definition["FilterGroups"][1]["Filters"] = [one]
        definition["Sheets"][0]["FilterControls"] = []

    assert "filter nested: a NestedFilter is not applied by the local QuickSight" in part(page("", change), "table")


def test_a_data_set_without_rows(quicksight: QuickSight) -> None:
    from local_aws.quicksight.failures import IngestionFailed

    quicksight.results.failure = IngestionFailed("SQL_TABLE_NOT_FOUND", "Table <gone>")
    made = quicksight.call("create_data_set", **sample.data_set("SELECT 1", SOURCE_ARN))
    quicksight.ended(sample.SET, made["IngestionId"])
    quicksight.call("create_dashboard", DashboardId="sample", Name="Sample", Definition=sample.definition(made["Arn"]))
    pages = Dashboards(quicksight.operations)
    html = pages.dashboard("000000000000/us-east-1/sample", "") or ""
    assert "SQL_TABLE_NOT_FOUND: Table &lt;gone&gt;" in part(html, "line")
    assert "SQL_TABLE_NOT_FOUND" in pages.listing()
    assert pages.dashboard("none", "") is None


@pytest.mark.parametrize(
    ("value", "format_", "expected"),
    [
        (1234567, {}, "1,234,567"),
        (1234.5, {}, "1,234.50"),
        (None, {"NullValueFormatConfiguration": {"NullString": "none"}}, "none"),
        (1234567, {"NumberDisplayFormatConfiguration": {"NumberScale": "AUTO"}}, "1.2M"),
        (1234567, {"NumberDisplayFormatConfiguration": {"NumberScale": "THOUSANDS", "DecimalPlacesConfiguration": {"DecimalPlaces": 0}}}, "1,235K"),
        (12.345, {"NumberDisplayFormatConfiguration": {"Suffix": " GB", "DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}, "12.3 GB"),
        (0.1234, {"PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}, "12.3%"),
        (1234.5, {"NumberDisplayFormatConfiguration": {"SeparatorConfiguration": {"DecimalSeparator": "COMMA", "ThousandsSeparator": {"Symbol": "DOT"}}}}, "1.234,50"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, format_: dict[str, Any], expected: str) -> None:
    assert shown(value, format_) == expected


def test_sizes_dates_and_ticks() -> None:
    from datetime import UTC, datetime

    assert [size(value) for value in (0, 999, 1500, 123_456_789, 2e15)] == ["0 B", "999 B", "1.5 KB", "123 MB", "2 PB"]
    assert dated(datetime(2026, 11, 5, 7, 8, tzinfo=UTC), "MMM D, YYYY HH:mm") == "Nov 5, 2026 07:08"
    assert ticks(0, 94) == [0, 20, 40, 60, 80, 100]
    assert ticks(0, 0)[0] == 0
