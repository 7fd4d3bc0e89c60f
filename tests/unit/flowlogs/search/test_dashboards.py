"""The dashboard's file, and the saved objects that are made of it."""

from __future__ import annotations

import json

import pytest

from flowlogs.search.dashboards import DashboardError, dashboard_id, ndjson, read_dashboard, saved_objects
from flowlogs.search.fields import FIELDS
from flowlogs.search_settings import Search

TYPES = {field.name: field.type for field in FIELDS}
PANEL = "{name: a, title: A, of: rejected, chart: metric, sum: flowlogs.flows, width: 12}"


@pytest.fixture(params=["opensearch", "elasticsearch"])
def objects(request):
    return saved_objects(read_dashboard(), Search(server=request.param, prefix="network"))


def of_type(objects, kind):
    return [one for one in objects if one["type"] == kind]


def test_every_reference_is_to_an_object_before_it(objects):
    seen = set()
    for one in objects:
        assert {(ref["type"], ref["id"]) for ref in one["references"]} <= seen, one["id"]
        seen.add((one["type"], one["id"]))
    assert len(seen) == len(objects)


def test_index_patterns_are_the_aliases(objects):
    titles = [one["attributes"]["title"] for one in of_type(objects, "index-pattern")]
    assert titles == ["network-findings", "network-rejected", "network-daily"]


def test_panels_fill_the_grid_without_covering_each_other(objects):
    (dashboard,) = of_type(objects, "dashboard")
    assert dashboard["id"] == dashboard_id(Search(prefix="network")) == "network-dashboard"
    covered = set()
    panels = json.loads(dashboard["attributes"]["panelsJSON"])
    for panel in panels:
        grid = panel["gridData"]
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & covered
        assert max(x for x, _ in cells) < 48
        covered |= cells
    assert [panel["panelRefName"] for panel in panels] == [ref["name"] for ref in dashboard["references"]]
    assert len(panels) == len(read_dashboard().panels)


def test_aggregations_are_of_fields_that_can_be_aggregated_so(objects):
    for one in of_type(objects, "visualization"):
        state = json.loads(one["attributes"]["visState"])
        for aggregation in state["aggs"]:
            kind, field = aggregation["type"], aggregation["params"].get("field")
            allowed = {
                "sum": {"integer", "long", "double"}, "date_histogram": {"date"}, "terms": {"keyword", "ip", "integer", "long"},
            }  # fmt: skip
            assert kind == "count" or TYPES[field] in allowed[kind], (state["title"], field)
        schemas = [aggregation["schema"] for aggregation in state["aggs"]]
        assert schemas[0] == "metric"


def test_no_document_of_many_records_is_counted(objects):
    for one in of_type(objects, "visualization"):
        counts = [a for a in json.loads(one["attributes"]["visState"])["aggs"] if a["type"] == "count"]
        if counts:
            assert one["references"][0]["id"] == "network-findings"


def test_the_file_for_import_is_a_line_an_object(objects):
    assert [json.loads(line) for line in ndjson(objects).splitlines()] == objects


@pytest.mark.parametrize(
    ("panel", "problem"),
    [
        (PANEL.replace("flowlogs.flows", "flowlogs.flow"), "no field 'flowlogs.flow'; is it flowlogs.flows?"),
        (PANEL.replace("flowlogs.flows", "source.ip"), "source.ip is no number"),
        (PANEL.replace(" sum: flowlogs.flows,", ""), "name the field to sum"),
        (PANEL.replace("width: 12", "width: 12, by: [{field: message, size: 5}]"), "message cannot be split by"),
        (PANEL.replace("metric", "list"), "columns are for the chart list"),
        (f"{PANEL}, {PANEL}", "the name a stands twice"),
        (", ".join(PANEL.replace("name: a", f"name: {name}") for name in "abcde"), "a, b, c, d, e are 60 wide"),
        (PANEL.replace("chart: metric", "chart: gauge"), "rows.0.panels.0.chart"),
    ],
)
def test_what_is_wrong_is_named(panel, problem):
    text = f"{{title: T, description: D, from: now-7d, rows: [{{height: 8, panels: [{panel}]}}]}}"
    with pytest.raises(DashboardError, match=r"dashboard\.yaml: ") as caught:
        read_dashboard(text)
    assert problem in str(caught.value)
