"""Resources: what may be created, changed and deleted, and what QuickSight answers to it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_aws.aws_json import ServiceError
from tests.unit.local_aws.quicksight import sample_dashboard as sample
from tests.unit.local_aws.quicksight.conftest import QuickSight, Results, started

SOURCE_ARN = "arn:aws:quicksight:us-east-1:000000000000:datasource/athena"
NAMESPACE = "arn:aws:quicksight:us-east-1:000000000000:namespace/default"


@pytest.fixture
def arn(quicksight: QuickSight) -> str:
    """The ARN of the sample's data set."""
    quicksight.results.columns, quicksight.results.table = list(sample.COLUMNS), list(sample.rows(2))
    made = quicksight.call("create_data_set", **sample.data_set("SELECT 1", SOURCE_ARN))
    quicksight.ended(sample.SET, made["IngestionId"])
    return str(made["Arn"])


def dashboard(
    quicksight: QuickSight, definition: dict[str, Any], operation: str = "create_dashboard", **more: Any
) -> dict[str, Any]:
    return quicksight.call(operation, DashboardId="d", Name="D", Definition=definition, **more)


def test_versions_of_a_dashboard(quicksight: QuickSight, arn: str) -> None:
    created = dashboard(quicksight, sample.definition(arn))
    assert created["VersionArn"].endswith(":dashboard/d/version/1")
    changed = sample.definition(arn)
    changed["Sheets"] = changed["Sheets"][:1]
    changed["FilterGroups"].pop()
    dashboard(quicksight, changed, "update_dashboard", VersionDescription="one sheet")
    shown = quicksight.call("describe_dashboard", DashboardId="d")["Dashboard"]
    assert shown["Version"]["VersionNumber"] == 1, "an update is not published by itself"
    assert shown["Version"]["DataSetArns"] == [arn]
    quicksight.call("update_dashboard_published_version", DashboardId="d", VersionNumber=2)
    shown = quicksight.call("describe_dashboard", DashboardId="d")["Dashboard"]
    assert [sheet["Name"] for sheet in shown["Version"]["Sheets"]] == ["Traffic"]
    assert quicksight.call("describe_dashboard_definition", DashboardId="d")["Definition"] == changed
    assert quicksight.call("describe_dashboard_definition", DashboardId="d", VersionNumber=1)[
        "Definition"
    ] == sample.definition(arn)
    listed = quicksight.call("list_dashboard_versions", DashboardId="d")["DashboardVersionSummaryList"]
    assert [(one["VersionNumber"], one["Description"]) for one in listed] == [(1, None), (2, "one sheet")]
    with pytest.raises(ServiceError, match="version 2 of dashboard d is published"):
        quicksight.call("delete_dashboard", DashboardId="d", VersionNumber=2)
    quicksight.call("delete_dashboard", DashboardId="d", VersionNumber=1)
    with pytest.raises(ServiceError, match="has no version 1"):
        quicksight.call("describe_dashboard", DashboardId="d", VersionNumber=1)
    quicksight.call("delete_dashboard", DashboardId="d")
    assert dashboard(quicksight, changed)["VersionArn"].endswith("/version/1")


def test_what_is_still_being_made_cannot_be_changed_or_published(tmp_path: Path, results: Results) -> None:
    quicksight = started(tmp_path / "slow", results, settle_seconds=3600.0)
    quicksight.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    made = quicksight.call("create_data_set", **sample.data_set("SELECT 1", SOURCE_ARN))
    dashboard(quicksight, sample.definition(made["Arn"]))
    assert (
        quicksight.call("describe_dashboard", DashboardId="d")["Dashboard"]["Version"]["Status"]
        == "CREATION_IN_PROGRESS"
    )
    for call in (
        lambda: dashboard(quicksight, sample.definition(made["Arn"]), "update_dashboard"),
        lambda: quicksight.call("update_dashboard_published_version", DashboardId="d", VersionNumber=1),
        lambda: quicksight.call("update_data_source", DataSourceId="athena", Name="B"),
    ):
        with pytest.raises(ServiceError, match=r"ConflictException.*being created"):
            call()
    quicksight.operations.close()


def test_a_missing_data_set_or_column_fails_the_version(quicksight: QuickSight, arn: str) -> None:
    dashboard(quicksight, sample.definition(arn.replace("traffic", "gone")))
    version = quicksight.call("describe_dashboard", DashboardId="d")["Dashboard"]["Version"]
    assert version["Status"] == "CREATION_FAILED"
    assert version["Errors"][0]["Type"] == "DATA_SET_NOT_FOUND"
    with pytest.raises(ServiceError, match="is CREATION_FAILED"):
        quicksight.call("update_dashboard_published_version", DashboardId="d", VersionNumber=1)
    without = sample.definition(arn)
    without["CalculatedFields"] = []
    dashboard(quicksight, without, "update_dashboard")
    version = quicksight.call("describe_dashboard", DashboardId="d", VersionNumber=2)["Dashboard"]["Version"]
    assert [one["Message"] for one in version["Errors"]] == [
        "Column reject_share was not found in the data set traffic"
    ]
    dashboard(quicksight, without, "update_dashboard", ValidationStrategy={"Mode": "LENIENT"})
    assert (
        quicksight.call("describe_dashboard", DashboardId="d", VersionNumber=3)["Dashboard"]["Version"]["Errors"]
        is None
    )


def _twice(definition: dict[str, Any]) -> None:
    definition["Sheets"][0]["Visuals"].append(definition["Sheets"][0]["Visuals"][0])


def _no_filter(definition: dict[str, Any]) -> None:
    definition["Sheets"][0]["FilterControls"][0]["DateTimePicker"]["SourceFilterId"] = "gone"


def _no_element(definition: dict[str, Any]) -> None:
    definition["Sheets"][0]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"][0]["ElementId"] = "gone"


def _no_sheet(definition: dict[str, Any]) -> None:
    definition["FilterGroups"][-1]["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"][0][
        "SheetId"
    ] = "gone"


def _undeclared(definition: dict[str, Any]) -> None:
    definition["DataSetIdentifierDeclarations"][0]["Identifier"] = "other"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_twice, "the VisualId 'kpi-bytes' is there more than once"),
        (_no_filter, "the control 'c-day' has the SourceFilterId 'gone'"),
        (_no_element, "names the element 'gone'"),
        (_no_sheet, "is for the sheet 'gone'"),
        (_undeclared, "is of the data set 'traffic', which is not in DataSetIdentifierDeclarations"),
    ],
)
def test_definitions_that_contradict_themselves(
    quicksight: QuickSight, arn: str, spoil: Callable[[dict[str, Any]], None], message: str
) -> None:
    definition = copy.deepcopy(sample.definition(arn))
    spoil(definition)
    with pytest.raises(ServiceError, match=message):
        dashboard(quicksight, definition)


def test_analysis_deleted_and_restored(quicksight: QuickSight, arn: str) -> None:
    quicksight.call("create_analysis", AnalysisId="a", Name="A", Definition=sample.definition(arn))
    quicksight.call("update_analysis", AnalysisId="a", Name="B", Definition=sample.definition(arn))
    shown = quicksight.call("describe_analysis", AnalysisId="a")["Analysis"]
    assert (shown["Name"], shown["Status"]) == ("B", "UPDATE_SUCCESSFUL")
    quicksight.call("delete_analysis", AnalysisId="a")
    assert quicksight.call("describe_analysis", AnalysisId="a")["Analysis"]["Status"] == "DELETED"
    quicksight.call("restore_analysis", AnalysisId="a")
    quicksight.call("delete_analysis", AnalysisId="a", ForceDeleteWithoutRecovery=True)
    with pytest.raises(ServiceError, match="analysis a is not found"):
        quicksight.call("describe_analysis", AnalysisId="a")


def test_a_dashboard_from_a_template(quicksight: QuickSight, arn: str) -> None:
    definition = sample.definition(arn)
    definition["DataSetConfigurations"] = [{"Placeholder": "traffic"}]
    del definition["DataSetIdentifierDeclarations"]
    template = quicksight.call("create_template", TemplateId="t", Name="T", Definition=definition)
    references = [{"DataSetPlaceholder": "traffic", "DataSetArn": arn}]
    entity = {"SourceTemplate": {"Arn": template["Arn"], "DataSetReferences": references}}
    quicksight.call("create_dashboard", DashboardId="d", Name="D", SourceEntity=entity)
    shown = quicksight.call("describe_dashboard_definition", DashboardId="d")
    assert shown["Errors"] is None
    assert shown["Definition"] == sample.definition(arn) | {"Sheets": shown["Definition"]["Sheets"]}


def test_permissions_are_for_who_exists(quicksight: QuickSight, arn: str) -> None:
    group = quicksight.call("create_group", Namespace="default", GroupName="readers")["Group"]["Arn"]
    quicksight.call(
        "register_user",
        Namespace="default",
        UserName="ann",
        Email="a@b.c",
        UserRole="READER",
        IdentityType="QUICKSIGHT",
    )
    quicksight.call("create_group_membership", Namespace="default", GroupName="readers", MemberName="ann")
    assert quicksight.call("list_user_groups", Namespace="default", UserName="ann")["GroupList"][0]["Arn"] == group
    read, write = "quicksight:DescribeDataSet", "quicksight:UpdateDataSet"
    grant = [{"Principal": group, "Actions": [read, write]}, {"Principal": NAMESPACE, "Actions": [read]}]
    quicksight.call("update_data_set_permissions", DataSetId="traffic", GrantPermissions=grant)
    quicksight.call(
        "update_data_set_permissions", DataSetId="traffic", RevokePermissions=[{"Principal": group, "Actions": [write]}]
    )
    found = quicksight.call("describe_data_set_permissions", DataSetId="traffic")["Permissions"]
    assert found == [{"Principal": group, "Actions": [read]}, {"Principal": NAMESPACE, "Actions": [read]}]
    with pytest.raises(ServiceError, match="is not part of the same account, or does not exist"):
        quicksight.call(
            "update_data_set_permissions",
            DataSetId="traffic",
            GrantPermissions=[{"Principal": f"{group}x", "Actions": [read]}],
        )


def test_folders(quicksight: QuickSight, arn: str) -> None:
    folder = quicksight.call("create_folder", FolderId="f", Name="F")["Arn"]
    quicksight.call("create_folder_membership", FolderId="f", MemberType="DATASET", MemberId="traffic")
    dashboard(quicksight, sample.definition(arn), FolderArns=[folder])
    members = quicksight.call("list_folder_members", FolderId="f")["FolderMemberList"]
    assert {one["MemberId"] for one in members} == {"traffic", "d"}
    assert quicksight.call("list_folders_for_resource", ResourceArn=arn)["Folders"] == [folder]
    with pytest.raises(ServiceError, match="is not empty"):
        quicksight.call("delete_folder", FolderId="f")
    quicksight.call("delete_dashboard", DashboardId="d")
    quicksight.call("delete_folder_membership", FolderId="f", MemberType="DATASET", MemberId="traffic")
    quicksight.call("delete_folder", FolderId="f")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PhysicalTableMap": {}}, "PhysicalTableMap has 0 tables"),
        (
            {"LogicalTableMap": {"l": {"Alias": "l", "Source": {"PhysicalTableId": "gone"}}}},
            "must be a table of PhysicalTableMap",
        ),
        ({"DataPrepConfiguration": {"SourceTableMap": {}}}, "the local QuickSight has LogicalTableMap only"),
        ({"FieldFolders": {"f": {"columns": ["gone"]}}}, "f names gone"),
        (
            {"RowLevelPermissionDataSet": {"Arn": "arn:gone", "PermissionPolicy": "GRANT_ACCESS"}},
            "arn:gone .* is not found",
        ),
    ],
)
def test_data_sets_that_cannot_be(quicksight: QuickSight, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ServiceError, match=message):
        quicksight.call("create_data_set", **{**sample.data_set("SELECT 1", SOURCE_ARN), **change})


def test_row_level_security(quicksight: QuickSight, arn: str) -> None:
    rules = sample.data_set("SELECT 1", SOURCE_ARN, "rules")
    custom = rules["PhysicalTableMap"]["traffic"]["CustomSql"]
    row_level = {"PermissionPolicy": "GRANT_ACCESS", "FormatVersion": "VERSION_1"}
    with pytest.raises(ServiceError, match="has no column UserName, GroupName"):
        quicksight.call(
            "update_data_set",
            **sample.data_set("SELECT 1", SOURCE_ARN),
            RowLevelPermissionDataSet={"Arn": arn, **row_level},
        )
    custom["Columns"] = [{"Name": "GroupName", "Type": "STRING"}, {"Name": "account", "Type": "STRING"}]
    rules["LogicalTableMap"]["traffic"].pop("DataTransforms")
    rules_arn = quicksight.call("create_data_set", **rules)["Arn"]
    quicksight.call(
        "update_data_set",
        **sample.data_set("SELECT 1", SOURCE_ARN),
        RowLevelPermissionDataSet={"Arn": rules_arn, **row_level},
    )
    with pytest.raises(ServiceError, match="holds the row-level permissions of traffic"):
        quicksight.call("delete_data_set", DataSetId="rules")


def test_a_data_source_in_a_work_group_that_is_missing(quicksight: QuickSight) -> None:
    parameters = {"AthenaParameters": {"WorkGroup": "missing"}}
    quicksight.call("create_data_source", DataSourceId="b", Name="B", Type="ATHENA", DataSourceParameters=parameters)
    shown = quicksight.call("describe_data_source", DataSourceId="b")["DataSource"]
    assert (shown["Status"], shown["ErrorInfo"]["Message"]) == ("CREATION_FAILED", "WorkGroup missing is not found.")


def test_refresh_schedules(quicksight: QuickSight, arn: str) -> None:
    def create(number: int, **frequency: Any) -> None:
        schedule = {"ScheduleId": f"s{number}", "RefreshType": "FULL_REFRESH", "ScheduleFrequency": frequency}
        quicksight.call("create_refresh_schedule", DataSetId="traffic", Schedule=schedule)

    with pytest.raises(ServiceError, match="TimeOfTheDay is missing"):
        create(0, Interval="DAILY")
    with pytest.raises(ServiceError, match=r"DayOfWeek is missing"):
        create(0, Interval="WEEKLY", TimeOfTheDay="05:00")
    with pytest.raises(ServiceError, match="only supported for incremental"):
        create(0, Interval="MINUTE15")
    with pytest.raises(ServiceError, match="'Mars/Base' is not known"):
        create(0, Interval="HOURLY", Timezone="Mars/Base")
    for number in range(5):
        create(number, Interval="DAILY", TimeOfTheDay=f"0{number}:00", Timezone="UTC")
    with pytest.raises(ServiceError, match="LimitExceededException"):
        create(5, Interval="DAILY", TimeOfTheDay="05:00")
    quicksight.call("delete_refresh_schedule", DataSetId="traffic", ScheduleId="s0")
    listed = quicksight.call("list_refresh_schedules", DataSetId="traffic")["RefreshSchedules"]
    assert [one["ScheduleId"] for one in listed] == ["s1", "s2", "s3", "s4"]
    assert listed[0]["Arn"].endswith(":dataset/traffic/refresh-schedule/s1")
    incremental = {
        "ScheduleId": "i",
        "RefreshType": "INCREMENTAL_REFRESH",
        "ScheduleFrequency": {"Interval": "MINUTE15"},
    }
    with pytest.raises(ServiceError, match="PreconditionNotMetException"):
        quicksight.call("create_refresh_schedule", DataSetId="traffic", Schedule=incremental)


def test_the_standard_edition_has_no_folders_or_incremental_refresh(tmp_path: Path, results: Results) -> None:
    quicksight = started(tmp_path / "standard", results, edition="STANDARD")
    assert quicksight.call("describe_account_subscription")["AccountInfo"]["Edition"] == "STANDARD"
    quicksight.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    quicksight.call("create_data_set", **sample.data_set("SELECT 1", SOURCE_ARN))
    for call in (
        lambda: quicksight.call("create_folder", FolderId="f", Name="F"),
        lambda: quicksight.call(
            "create_ingestion", DataSetId="traffic", IngestionId="i", IngestionType="INCREMENTAL_REFRESH"
        ),
    ):
        with pytest.raises(ServiceError, match="UnsupportedUserEditionException"):
            call()
    quicksight.operations.close()
