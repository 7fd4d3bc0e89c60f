"""What the settings want: names, editions, people, refreshes; and how what is there differs."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowlogs.quicksight.permissions import OWNER_ACTIONS, VIEWER_ACTIONS, Permissions
from flowlogs.quicksight.refreshes import first_day_reread
from tests.unit.flowlogs.quicksight.deployments import ACCOUNT, dashboard, settings

ARN = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:"
OWNER, VIEWER = f"{ARN}group/default/network", f"{ARN}user/default/somebody@example.com"
EVERYBODY = f"{ARN}namespace/default"


def test_names_begin_with_the_environment():
    wanted = dashboard()
    assert [(one.kind, one.id) for one in wanted.resources] == [
        ("data source", "prod-flowlogs-athena"),
        ("folder", "prod-flowlogs"),
        ("data set", "prod-flowlogs-traffic"),
        ("data set", "prod-flowlogs-coverage"),
        ("analysis", "prod-flowlogs"),
        ("dashboard", "prod-flowlogs"),
    ]
    assert all(one.request()["Tags"] == [{"Key": "flowlogs", "Value": "prod"}] for one in wanted.resources)


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_of_the_partition(region, partition):
    wanted = dashboard(region)
    assert wanted.dashboard.arn == f"arn:{partition}:quicksight:{region}:{ACCOUNT}:dashboard/prod-flowlogs"


def test_the_standard_edition_does_without():
    wanted = dashboard(edition="standard")
    assert wanted.folder is None
    assert wanted.refresh_properties == ()
    assert len(wanted.refresh_schedules) == 2


def test_never_a_full_refresh():
    assert dashboard(full_refresh=None).refresh_schedules == ()


def test_row_level_security():
    rules = [{"group": "payments", "accounts": ["111122223333", "222233334444"]}, {"user": "auditor"}]
    wanted = dashboard(row_level_security=rules)
    sql = wanted.access.body["PhysicalTableMap"]["rules"]["CustomSql"]["SqlQuery"]
    assert "CAST('111122223333,222233334444' AS varchar)" in sql
    assert "(CAST(NULL AS varchar), CAST('auditor' AS varchar), CAST(NULL AS varchar))" in sql
    for one in wanted.data_sets.values():
        assert one.body["RowLevelPermissionDataSet"]["Arn"] == wanted.access.arn


def test_the_query_has_the_settings_in_it():
    sql = dashboard(history_days=30, max_rows_per_day=500).data_sets["traffic"].body["PhysicalTableMap"]["query"]
    assert "date_add('day', -30, current_date)" in sql["CustomSql"]["SqlQuery"]
    assert "<= 500" in sql["CustomSql"]["SqlQuery"]
    assert "{{" not in sql["CustomSql"]["SqlQuery"]


@given(
    now=st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + passed),
    days=st.integers(1, 30),
)
def test_an_incremental_refresh_reads_the_newest_days_again(now, days):
    """At any time of the day after the newest one with data."""
    newest = now.date() - timedelta(days=1)
    first = first_day_reread(settings(look_back_days=days), now)
    at_midnight = now.time() == datetime.min.time()
    assert first == newest - timedelta(days=days - 1) - timedelta(days=at_midnight)


def test_the_first_day_reread():
    assert first_day_reread(settings(), datetime(2026, 11, 24, 1, tzinfo=UTC)) == date(2026, 11, 21)


def described(resource):
    """What QuickSight says of a resource, with what it adds."""
    actual = copy.deepcopy(dict(resource.body))
    for table in actual.get("PhysicalTableMap", {}).values():
        for column in table["CustomSql"]["Columns"]:
            column["Id"] = f"id-{column['Name']}"
    for sheet in actual.get("Definition", {}).get("Sheets", []):
        sheet["ParameterControls"] = []
        for visual in sheet["Visuals"]:
            ((_, body),) = visual.items()
            body |= {"Actions": [], "ColumnHierarchies": []}
            body["ChartConfiguration"]["Tooltip"] = {"TooltipVisibility": "VISIBLE"}
    return {**actual, "Arn": resource.arn, "CreatedTime": datetime(2026, 11, 1, tzinfo=UTC), "Status": "x"}


@pytest.mark.parametrize("kind", ["data source", "data set", "folder", "analysis", "dashboard"])
def test_what_quicksight_adds_is_no_difference(kind):
    for resource in dashboard().resources:
        if resource.kind == kind:
            assert resource.differences(described(resource)) == []


def sheets(actual):
    return actual["Definition"]["Sheets"]


def another_title(actual):
    sheets(actual)[0]["Visuals"][0]["KPIVisual"]["Title"]["FormatText"]["PlainText"] = "Mine"


def visual_gone(actual):
    sheets(actual)[1]["Visuals"].pop(0)


def sheet_more(actual):
    sheets(actual).append({**sheets(actual)[0], "SheetId": "mine"})


def other_order(actual):
    sheets(actual).reverse()


def hidden_legend(actual):
    sheets(actual)[0]["Visuals"][5]["LineChartVisual"]["ChartConfiguration"]["Legend"] = {"Visibility": "HIDDEN"}


def moved(actual):
    sheets(actual)[0]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"][1]["ColumnSpan"] = 18


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (another_title, "Definition.Sheets[overview].Visuals[flows].KPIVisual.Title.FormatText.PlainText is Mine, "
         "expected Flows"),
        (visual_gone, "Definition.Sheets[talkers].Visuals lacks top-sources"),
        (sheet_more, "Definition.Sheets has mine besides"),
        (other_order, "Definition.Sheets is in another order"),
        (hidden_legend, "ChartConfiguration.Legend is {'Visibility': 'HIDDEN'}, expected nothing"),
        (moved, "Elements[flows].ColumnSpan is 18, expected 9"),
    ],
)  # fmt: skip
def test_edits_by_hand_are_told(edit, told):
    resource = dashboard().dashboard
    actual = described(resource)
    edit(actual)
    (found,) = resource.differences(actual)
    assert told in found


def test_another_query_is_told_in_short():
    resource = dashboard().data_sets["traffic"]
    actual = described(resource)
    actual["PhysicalTableMap"]["query"]["CustomSql"]["SqlQuery"] = "SELECT 1"
    (found,) = resource.differences(actual)
    assert found.startswith("PhysicalTableMap.query.CustomSql.SqlQuery is SELECT 1, expected WITH daily AS (")
    assert len(found) < 200


def permissions(kind, owners=(), viewers=()):
    return Permissions.of(kind, settings(owners=list(owners), viewers=list(viewers)).quicksight)


def test_owners_and_viewers():
    grants = permissions("dashboard", [OWNER], [OWNER, VIEWER, EVERYBODY]).grants
    assert {principal: len(actions) for principal, actions in grants.items()} == {OWNER: 8, VIEWER: 3, EVERYBODY: 3}
    assert set(permissions("data set", [OWNER], [VIEWER]).grants) == {OWNER}
    assert set(permissions("folder", [OWNER], [VIEWER, EVERYBODY]).grants) == {OWNER, VIEWER}


def test_actions_fit_into_a_grant():
    """A grant has 20 actions at most."""
    assert all(0 < len(actions) <= 20 for of in (OWNER_ACTIONS, VIEWER_ACTIONS) for actions in of.values())


def test_what_to_grant_and_revoke():
    wanted = permissions("dashboard", [OWNER], [VIEWER])
    viewer = list(wanted.grants[VIEWER])
    actual = [
        {"Principal": OWNER, "Actions": viewer},
        {"Principal": VIEWER, "Actions": [*viewer, "quicksight:DeleteDashboard"]},
        {"Principal": EVERYBODY, "Actions": viewer},
        {"Principal": f"{ARN}group/default/robots", "Actions": ["quicksight:DescribeDashboard"]},
    ]
    grant, revoke = wanted.changes(actual)
    assert [one["Principal"] for one in grant] == [OWNER]
    assert set(grant[0]["Actions"]) == set(wanted.grants[OWNER]) - set(viewer)
    assert revoke == [
        {"Principal": VIEWER, "Actions": ["quicksight:DeleteDashboard"]},
        {"Principal": EVERYBODY, "Actions": sorted(viewer)},
    ]
    assert wanted.differences(actual)[0].startswith("group/default/network lacks UpdateDashboard, ")
    assert wanted.changes(wanted.request()) == ([], [])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"owners": [EVERYBODY]}, "data sets belong to users and groups"),
        ({"owners": ["somebody"]}, "owners"),
        ({"look_back_days": 91}, "longer than history_days 90"),
        ({"edition": "standard", "row_level_security": [{"user": "a"}]}, "needs the edition enterprise"),
        ({"row_level_security": [{"user": "a", "group": "b"}]}, "a group or a user, and not both"),
        ({"row_level_security": [{"user": "a"}, {"user": "a"}]}, "names 'a' twice"),
        ({"row_level_security": [{"user": "a'; DROP"}]}, "pattern"),
        ({"max_rows_per_day": 99}, "100"),
        ({"full_refresh": {"time": "24:00"}}, "pattern"),
    ],
)
def test_settings_that_are_wrong(change, told):
    with pytest.raises(ValidationError, match=told):
        settings(**change)
