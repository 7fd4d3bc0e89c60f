"""The shipped dashboard passes every check; and each check finds what it is for."""

from __future__ import annotations

import copy
import json

import botocore.session
import pytest
import yaml

from flowlogs.quicksight.checks import data_set_problems, definition_problems
from flowlogs.quicksight.dashboard_files import FILE, read_dashboard
from flowlogs.quicksight.data_sets import DefinitionError, data_set_files, read_data_set
from flowlogs.quicksight.definition import definition
from flowlogs.quicksight_schema import schema_problems
from tests.unit.flowlogs.quicksight.deployments import dashboard

COLUMNS = {name: file.types for name, file in data_set_files().items()}
SHIPPED = dashboard().dashboard.body["Definition"]


@pytest.fixture(scope="module")
def model():
    return botocore.session.get_session().get_service_model("quicksight")


@pytest.fixture
def shipped():
    return copy.deepcopy(SHIPPED)


def test_the_shipped_files_pass_our_checks():
    assert dashboard().problems == ()


def test_every_request_passes_the_schema(model):
    rules = [{"group": "payments", "accounts": ["111122223333"]}]
    owner = "arn:aws:quicksight:us-east-1:111122223333:group/default/network"
    wanted = dashboard(row_level_security=rules, owners=[owner], viewers=[owner.replace("network", "all")])
    words = {"data source": "DataSource", "data set": "DataSet"}
    for resource in wanted.resources:
        name = words.get(resource.kind, resource.kind.capitalize())
        assert schema_problems(model, f"Create{name}", resource.request()) == []
        assert schema_problems(model, f"Update{name}", resource.update()) == []
    for properties in wanted.refresh_properties:
        assert schema_problems(model, "PutDataSetRefreshProperties", properties.request()) == []
    for schedule in wanted.refresh_schedules:
        assert schema_problems(model, "CreateRefreshSchedule", schedule.request()) == []


def test_what_the_issue_asks_to_be_shown_is_there():
    names = [sheet["Name"] for sheet in SHIPPED["Sheets"]]
    assert names == ["Overview", "Sources and destinations", "Rejects", "Interfaces", "Coverage"]
    for sheet in SHIPPED["Sheets"]:
        controls = {control["CrossSheet"]["SourceFilterId"] for control in sheet["FilterControls"]}
        assert controls == {"day", "account", "region"} | ({"action"} if sheet["Name"] != "Coverage" else set())
        for visual in sheet["Visuals"]:
            ((_, body),) = visual.items()
            assert body["Title"]["FormatText"]["PlainText"]
            assert body["Subtitle"]["FormatText"]["PlainText"]


def visual(broken, sheet=0, number=0):
    ((_, body),) = broken["Sheets"][sheet]["Visuals"][number].items()
    return body


def unknown_column(broken):
    visual(broken)["ChartConfiguration"]["FieldWells"]["Values"][0]["NumericalMeasureField"]["Column"]["ColumnName"] = (
        "x"
    )


def wrong_type(broken):
    values = visual(broken)["ChartConfiguration"]["FieldWells"]["Values"]
    values[0]["NumericalMeasureField"]["Column"]["ColumnName"] = "srcaddr"


def aggregate_as_dimension(broken):
    wells = visual(broken, number=4)["ChartConfiguration"]["FieldWells"]["LineChartAggregatedFieldWells"]
    wells["Colors"][0]["CategoricalDimensionField"]["Column"]["ColumnName"] = "rejected_share"


def undeclared_data_set(broken):
    broken["DataSetIdentifierDeclarations"].pop()


def unknown_in_expression(broken):
    broken["CalculatedFields"][0]["Expression"] = "sum({flws})"


def filter_of_wrong_type(broken):
    broken["FilterGroups"][0]["Filters"][0]["TimeRangeFilter"]["Column"]["ColumnName"] = "account"


def repeated_id(broken):
    visual(broken, number=1)["VisualId"] = visual(broken)["VisualId"]


def bad_id(broken):
    broken["FilterGroups"][0]["FilterGroupId"] = "by day"


def repeated_field(broken):
    wells = visual(broken)["ChartConfiguration"]["FieldWells"]
    wells["Values"].append(wells["Values"][0])


def sort_by_nothing(broken):
    sorting = visual(broken)["ChartConfiguration"]["SortConfiguration"]["TrendGroupSort"]
    sorting[0]["FieldSort"]["FieldId"] = "gone"


def control_of_nothing(broken):
    broken["Sheets"][0]["FilterControls"][0]["CrossSheet"]["SourceFilterId"] = "gone"


def scope_of_nothing(broken):
    scope = broken["FilterGroups"][-1]["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"]
    scope[0]["VisualIds"] = ["gone"]


def elements(broken):
    return broken["Sheets"][0]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]


def out_of_the_grid(broken):
    elements(broken)[1]["ColumnIndex"] = 30


def on_another(broken):
    elements(broken)[2]["ColumnIndex"] = elements(broken)[1]["ColumnIndex"]


def without_place(broken):
    elements(broken).pop()


def place_of_nothing(broken):
    elements(broken)[-1]["ElementId"] = "gone"


def too_many_sheets(broken):
    broken["Sheets"] += [{**copy.deepcopy(broken["Sheets"][0]), "SheetId": f"s{number}"} for number in range(16)]


def too_many_visuals(broken):
    broken["Sheets"][0]["Visuals"] += [copy.deepcopy(broken["Sheets"][0]["Visuals"][0]) for _ in range(76)]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (unknown_column, "flows: the data set traffic has no column 'x'"),
        (wrong_type, "flows: srcaddr is STRING, which a NumericalMeasureField cannot be of"),
        (aggregate_as_dimension, "flows-by-day: rejected_share is an aggregate"),
        (undeclared_data_set, "data set 'coverage' is not declared"),
        (unknown_in_expression, "calculated field rejected_share: the data set traffic has no column 'flws'"),
        (filter_of_wrong_type, "day: account is STRING, which a TimeRangeFilter cannot be of"),
        (repeated_id, "element 'flows' is there 2 times"),
        (bad_id, "FilterGroupId 'by day' is no identifier"),
        (repeated_field, "flows: the field 'flows.flows.sum' is there 2 times"),
        (sort_by_nothing, "flows: names the field 'gone'"),
        (control_of_nothing, "overview-day: there is no filter 'gone'"),
        (scope_of_nothing, "is for ['gone']"),
        (out_of_the_grid, "flows: reaches beyond the 36 columns"),
        (on_another, "rejected: lies on flows"),
        (without_place, "accounts-and-regions: has no place"),
        (place_of_nothing, "overview: the layout names 'gone'"),
        (too_many_sheets, "21 sheets; QuickSight has 20 at most"),
        (too_many_visuals, "visuals; a sheet has 75 at most"),
    ],
)
def test_what_is_wrong_is_found(shipped, breaks, told):
    breaks(shipped)
    assert any(told in problem for problem in definition_problems(shipped, COLUMNS))


def test_calculated_fields_use_columns_before_them():
    file = data_set_files()["traffic"]
    field = file.calculated["port"].model_copy(update={"expression": "{servce}"})
    broken = file.model_copy(update={"calculated": {**file.calculated, "port": field}})
    assert data_set_problems("traffic", broken) == [
        "data set traffic: port uses {servce}, which is no column before it"
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"folder": "Nowhere"}, "folder 'Nowhere' is not one of"),
        ({"type": "TEXT"}, "traffic.yaml"),
        ({"description": ""}, "description"),
    ],
)
def test_a_data_set_file_that_is_wrong(tmp_path, change, told):
    content = yaml.safe_load((FILE.parent / "data_sets" / "traffic.yaml").read_text())
    content["columns"]["day"] |= change
    path = tmp_path / "traffic.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(DefinitionError, match=told):
        read_data_set(path)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ({"value": "flws"}, "flows: the data set traffic has no 'flws'"),
        ({"value": {"field": "srcaddr", "by": "sum"}}, "sum of srcaddr, which is STRING; use count, distinct"),
        ({"trend": "rejected_share"}, "rejected_share is an aggregate"),
        ({"kind": "gauge"}, "overview.yaml"),
    ],
)
def test_a_sheet_that_is_wrong(tmp_path, sheet, told):
    (tmp_path / "sheets").mkdir()
    content = yaml.safe_load(FILE.read_text())
    (tmp_path / "dashboard.yaml").write_text(yaml.safe_dump({**content, "sheets": ["overview"]}))
    overview = yaml.safe_load((FILE.parent / "sheets" / "overview.yaml").read_text())
    overview["visuals"] = [overview["visuals"][0] | sheet]
    (tmp_path / "sheets" / "overview.yaml").write_text(yaml.safe_dump(overview))
    with pytest.raises(DefinitionError, match=told):
        definition(read_dashboard(tmp_path / "dashboard.yaml"), data_set_files(), dict.fromkeys(COLUMNS, "arn"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ImportMode": "FAST"}, "ImportMode is 'FAST'; it is one of SPICE, DIRECT_QUERY"),
        ({"Name": "x" * 129}, "Name is 129 long; at most 128"),
        ({"AwsAccountId": "1"}, "AwsAccountId is '1', which does not match|Invalid length"),
        ({"Nmae": "x"}, "Unknown parameter"),
    ],
)
def test_a_request_that_is_wrong(model, change, told):
    request = {**dashboard().data_sets["traffic"].request(), **change}
    (problem, *_) = schema_problems(model, "CreateDataSet", request)
    assert any(one in problem for one in told.split("|"))


def test_the_definition_is_json():
    assert json.loads(json.dumps(SHIPPED)) == SHIPPED
