"""The dashboard's set-up against the local QuickSight."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.quicksight.data_sets import data_set_files
from flowlogs.quicksight.wanted import wanted
from flowlogs.quicksight_setup import QuickSightSetup, SetupError
from flowlogs.quicksight_setup_tasks import set_up_quicksight
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section

pytestmark = pytest.mark.integration

REGION = "us-east-1"
PAUSE = 0.05


class Deployment:
    """One environment in the local QuickSight."""

    def __init__(self, client, account_id, kind):
        self.client = client
        self.account_id = account_id
        self.environment = f"{kind}_{uuid.uuid4().hex[:8]}"

    def settings(self, **quicksight):
        values = section(
            environment=self.environment,
            athena={"output_location": "s3://lake/athena/", "work_group": "primary"},
            quicksight={"enabled": True, **quicksight},
        )
        return Settings.model_validate(values)

    def wanted(self, **quicksight):
        return wanted(self.settings(**quicksight), self.account_id, REGION)

    def apply(self, *, repair=True, what=None, **quicksight):
        setup = QuickSightSetup(self.client, what or self.wanted(**quicksight), repair=repair, wait=_wait)
        return setup.apply()

    def remove(self):
        return QuickSightSetup(self.client, self.wanted(), repair=True, wait=_wait).remove()

    def id(self, suffix=""):
        return f"{self.environment}-flowlogs{suffix}"

    def call(self, operation, **arguments):
        return getattr(self.client, operation)(AwsAccountId=self.account_id, **arguments)


def _wait(seconds):
    import time

    time.sleep(min(seconds, PAUSE))


@pytest.fixture(scope="module")
def client(local_aws):
    return local_aws.client("quicksight")


@pytest.fixture(scope="module")
def account_id(local_aws):
    return local_aws.client("sts").get_caller_identity()["Account"]


@pytest.fixture(scope="module")
def created(client, account_id):
    """The deployment that tests share, and the outcome of its first set-up."""
    deployment = Deployment(client, account_id, "prod")
    return deployment, deployment.apply()


@pytest.fixture
def deployment(created):
    """The shared deployment, as the definitions say: each test begins from there."""
    deployment, _ = created
    deployment.apply()
    return deployment


@pytest.fixture
def another(client, account_id):
    """A deployment of the test's own, not set up yet."""
    return Deployment(client, account_id, "staging")


@pytest.fixture(scope="module")
def people(client, account_id):
    """ARNs of a group of owners, and of viewers."""
    names = [f"{name}-{uuid.uuid4().hex[:6]}" for name in ("owners", "viewers")]
    return [
        client.create_group(AwsAccountId=account_id, Namespace="default", GroupName=name)["Group"]["Arn"]
        for name in names
    ]


def test_everything_is_created_once(created):
    deployment, first = created
    assert first.differences == ()
    assert len(first.created) == 6
    again = deployment.apply()
    assert (again.created, again.differences) == ((), ())


def test_what_is_there_then(deployment):
    dashboard = deployment.call("describe_dashboard", DashboardId=deployment.id())["Dashboard"]
    assert dashboard["Version"]["Status"] == "CREATION_SUCCESSFUL"
    data_set = deployment.call("describe_data_set", DataSetId=deployment.id("-traffic"))["DataSet"]
    assert {column["Name"] for column in data_set["OutputColumns"]} == set(data_set_files()["traffic"].all_columns)
    assert all(column["Description"] for column in data_set["OutputColumns"])
    window = deployment.call("describe_data_set_refresh_properties", DataSetId=deployment.id("-traffic"))
    configuration = window["DataSetRefreshProperties"]["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]
    assert configuration == {"ColumnName": "day", "Size": 4, "SizeUnit": "DAY"}
    (schedule,) = deployment.call("list_refresh_schedules", DataSetId=deployment.id("-coverage"))["RefreshSchedules"]
    assert schedule["ScheduleFrequency"]["RefreshOnDay"] == {"DayOfWeek": "SUNDAY"}
    members = deployment.call("list_folder_members", FolderId=deployment.id())["FolderMemberList"]
    assert len(members) == 5
    tags = deployment.client.list_tags_for_resource(ResourceArn=dashboard["Arn"])["Tags"]
    assert tags == [{"Key": "flowlogs", "Value": deployment.environment}]


def edit_title(deployment):
    """What somebody does by hand: another title of the first visual."""
    described = deployment.call("describe_dashboard_definition", DashboardId=deployment.id())
    visual = described["Definition"]["Sheets"][0]["Visuals"][0]["KPIVisual"]
    visual["Title"]["FormatText"]["PlainText"] = "Mine"
    answer = deployment.call(
        "update_dashboard", DashboardId=deployment.id(), Name=described["Name"], Definition=described["Definition"]
    )
    version = int(answer["VersionArn"].rpartition("/")[2])
    while "PROGRESS" in deployment.call(
        "describe_dashboard", DashboardId=deployment.id(), VersionNumber=version
    )["Dashboard"]["Version"]["Status"]:  # fmt: skip
        _wait(PAUSE)
    deployment.call("update_dashboard_published_version", DashboardId=deployment.id(), VersionNumber=version)


def title(deployment):
    described = deployment.call("describe_dashboard_definition", DashboardId=deployment.id())
    return described["Definition"]["Sheets"][0]["Visuals"][0]["KPIVisual"]["Title"]["FormatText"]["PlainText"]


def test_an_edit_by_hand_is_reported_then_repaired(deployment):
    edit_title(deployment)
    found = deployment.apply(repair=False).differences
    assert len(found) == 2, "the publish options are gone too, as every update replaces all"
    assert "Sheets[overview].Visuals[flows].KPIVisual.Title.FormatText.PlainText is Mine, expected Flows" in found[0]
    assert title(deployment) == "Mine"
    assert deployment.apply().differences == found
    assert title(deployment) == "Flows"
    assert deployment.apply().differences == ()


def test_a_new_column_updates_the_data_set(deployment):
    before = deployment.wanted()
    traffic = before.data_sets["traffic"]
    query = traffic.body["PhysicalTableMap"]["query"]["CustomSql"]
    columns = [*query["Columns"], {"Name": "hops", "Type": "INTEGER"}]
    tables = {"query": {"CustomSql": {**query, "Columns": columns}}}
    more = replace(traffic, body={**traffic.body, "PhysicalTableMap": tables})
    after = replace(before, data_sets={**before.data_sets, "traffic": more})
    (found,) = deployment.apply(what=after).differences
    assert "lacks hops" in found
    data_set = deployment.call("describe_data_set", DataSetId=deployment.id("-traffic"))["DataSet"]
    assert "hops" in {column["Name"] for column in data_set["OutputColumns"]}
    assert deployment.apply(what=after).differences == ()


def test_settings_that_change(deployment):
    changed = {"look_back_days": 7, "history_days": 30, "full_refresh": {"day": "monday", "time": "06:30"}}
    found = deployment.apply(**changed).differences
    assert {text.split(": ")[0] for text in found} == {
        f"data set {deployment.id(name)}" for name in ("-traffic", "-coverage")
    }
    assert any("LookbackWindow.Size is 4, expected 8" in text for text in found)
    assert any("DayOfWeek is SUNDAY, expected MONDAY" in text for text in found)
    assert deployment.apply(**changed).differences == ()
    (gone, _) = deployment.apply(**{**changed, "full_refresh": None}).differences
    assert "is there, expected none" in gone


def test_environments_stand_side_by_side_and_are_removed_apart(deployment, another):
    another.apply()
    another.client.untag_resource(ResourceArn=another.wanted().data_source.arn, TagKeys=["flowlogs"])
    assert len(another.remove()) == 5, "all but the data source, which is not ours without its tag"
    with pytest.raises(another.client.exceptions.ResourceNotFoundException):
        another.call("describe_dashboard", DashboardId=another.id())
    assert another.remove() == ()
    outcome = deployment.apply()
    assert (outcome.created, outcome.differences) == ((), ())
    assert title(deployment) == "Flows"
    assert f"analysis {another.id()}, restored" in another.apply().created


def test_people_are_granted_and_revoked(deployment, people):
    owner, viewer = people
    deployment.apply(owners=[owner], viewers=[viewer])
    granted = deployment.call("describe_dashboard_permissions", DashboardId=deployment.id())["Permissions"]
    assert {one["Principal"]: len(one["Actions"]) for one in granted} == {owner: 8, viewer: 3}
    assert deployment.apply(owners=[owner], viewers=[viewer]).differences == ()
    reported = deployment.apply(owners=[owner], repair=False).differences
    assert len(reported) == 2, "the dashboard and the folder"
    deployment.apply(owners=[owner])
    granted = deployment.call("describe_dashboard_permissions", DashboardId=deployment.id())["Permissions"]
    assert [one["Principal"] for one in granted] == [owner]


def test_grants_of_other_shapes_stay(deployment, people):
    _, other = people
    grant = {"Principal": other, "Actions": ["quicksight:DescribeDashboard"]}
    deployment.call("update_dashboard_permissions", DashboardId=deployment.id(), GrantPermissions=[grant])
    assert deployment.apply().differences == ()


def test_row_level_security_on_and_off(deployment):
    rules = [{"group": "payments", "accounts": ["111122223333", "222233334444"]}, {"user": "auditor"}]
    outcome = deployment.apply(row_level_security=rules)
    assert outcome.created == (f"data set {deployment.id('-access')}",)
    traffic = deployment.call("describe_data_set", DataSetId=deployment.id("-traffic"))["DataSet"]
    assert traffic["RowLevelPermissionDataSet"]["Arn"].endswith(deployment.id("-access"))
    access = deployment.call("describe_data_set", DataSetId=deployment.id("-access"))["DataSet"]
    assert [column["Name"] for column in access["OutputColumns"]] == ["GroupName", "UserName", "account"]
    assert deployment.apply(row_level_security=rules).differences == ()
    found = deployment.apply().differences
    assert len(found) == 2
    assert all("RowLevelPermissionDataSet" in text for text in found)
    traffic = deployment.call("describe_data_set", DataSetId=deployment.id("-traffic"))["DataSet"]
    assert "RowLevelPermissionDataSet" not in traffic


def test_wrong_definitions_change_nothing(another):
    what = another.wanted()
    long = replace(what.dashboard, body={**what.dashboard.body, "Name": "x" * 2049})
    with pytest.raises(SetupError, match="at most 2048"):
        another.apply(what=replace(what, dashboard=long))
    with pytest.raises(another.client.exceptions.ResourceNotFoundException):
        another.call("describe_data_source", DataSourceId=another.id("-athena"))


def test_a_work_group_that_is_not_there_is_told(another):
    what = another.wanted()
    parameters = {"AthenaParameters": {"WorkGroup": "nowhere"}}
    source = replace(what.data_source, body={**what.data_source.body, "DataSourceParameters": parameters})
    with pytest.raises(SetupError, match=r"CREATION_FAILED.*nowhere"):
        another.apply(what=replace(what, data_source=source))
    assert any("CREATION_FAILED" in text for text in another.apply().differences)


@pytest.fixture
def as_task(another, airflow_connection, monkeypatch, tmp_path):
    """Runs the task of `flow_logs_setup` with the settings of a deployment; its result."""
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
    file = tmp_path / "flowlogs.yaml"
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(file))

    def run(*, repair=True, remove=False, **quicksight):
        values = section(
            environment=another.environment,
            athena={"output_location": "s3://lake/athena/", "work_group": "primary"},
            quicksight={"enabled": True, **quicksight},
        )
        file.write_text(yaml.safe_dump(values))
        return set_up_quicksight.function({"repair": repair, "remove_quicksight": remove})

    return run


def test_the_task(as_task, another):
    with pytest.raises(AirflowSkipException, match="enabled is false"):
        as_task(enabled=False)
    with pytest.raises(AirflowFailException, match="set that to false to remove"):
        as_task(remove=True)
    nobody = "arn:aws:quicksight:us-east-1:111122223333:group/default/nobody"
    with pytest.raises(AirflowFailException, match=r"see whether quicksight\.owners"):
        as_task(owners=[nobody])
    assert as_task() == []
    (told, _) = as_task(look_back_days=5, on_drift="report")
    assert "LookbackWindow.Size is 4, expected 6" in told
    assert len(as_task(look_back_days=5)) == 2, "only told before, so there still"
    assert f"deleted dashboard {another.id()}" in as_task(enabled=False, remove=True)
