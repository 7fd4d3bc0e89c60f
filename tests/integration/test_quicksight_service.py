"""QuickSight of the local AWS over a real table: boto3, restarts, and Airflow's own operator and sensor."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import LocalAws, free_port
from tests.unit.local_aws.quicksight import sample_dashboard as sample

pytestmark = pytest.mark.integration

ACCOUNT = "000000000000"
ENDED = ("COMPLETED", "FAILED", "CANCELLED")
TODAY = datetime.now(UTC).date()


class Lab:
    """A local AWS whose ingestions wait for little, with a table of two columns, `day` and `n`."""

    def __init__(self, server: LocalAws) -> None:
        self.server = server
        self.bucket = server.bucket("quicksight")
        self.athena = server.client("athena")
        self.quicksight = server.client("quicksight")
        output = {"OutputLocation": f"s3://{self.bucket}/results/"}
        self.athena.create_work_group(Name="dashboards", Configuration={"ResultConfiguration": output})
        self.put_day(10, 3)
        self.put_day(2, 4)
        self.query("CREATE DATABASE lab")
        self.query(
            "CREATE EXTERNAL TABLE lab.numbers (day date, n bigint) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
            f" LOCATION 's3://{self.bucket}/numbers/'"
        )
        parameters = {"AthenaParameters": {"WorkGroup": "dashboards"}}
        self.source = self.call(
            "create_data_source", DataSourceId="athena", Name="A", Type="ATHENA", DataSourceParameters=parameters
        )["Arn"]

    def put_day(self, back: int, rows: int) -> None:
        """The day's object, with that many rows."""
        lines = "".join(f"{TODAY - timedelta(days=back)},{number}\n" for number in range(rows))
        self.server.client("s3").put_object(Bucket=self.bucket, Key=f"numbers/{back}.csv", Body=lines.encode())

    def query(self, sql: str) -> list[Any]:
        """Run a statement as any client does; its rows."""
        started = self.athena.start_query_execution(QueryString=sql, WorkGroup="dashboards")
        while (state := self.execution(started["QueryExecutionId"])["Status"]["State"]) in ("QUEUED", "RUNNING"):
            time.sleep(0.02)
        assert state == "SUCCEEDED", sql
        rows: list[Any] = self.athena.get_query_results(**started_id(started))["ResultSet"]["Rows"]
        return rows

    def execution(self, query_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        return found

    def call(self, operation: str, **arguments: Any) -> Any:
        return getattr(self.quicksight, operation)(AwsAccountId=ACCOUNT, **arguments)

    def data_set(self, name: str, sql: str = "SELECT day, n FROM lab.numbers") -> dict[str, Any]:
        """A data set on the table, with its first ingestion, ended."""
        columns = [{"Name": "day", "Type": "DATETIME"}, {"Name": "n", "Type": "INTEGER"}]
        custom = {"DataSourceArn": self.source, "Name": "q", "SqlQuery": sql, "Columns": columns}
        created = self.call(
            "create_data_set",
            DataSetId=name,
            Name=name,
            ImportMode="SPICE",
            PhysicalTableMap={"p": {"CustomSql": custom}},
            Tags=[{"Key": "team", "Value": "lab"}],
        )
        return self.ended(name, created["IngestionId"])

    def ended(self, name: str, ingestion_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.call("describe_ingestion", DataSetId=name, IngestionId=ingestion_id)[
                "Ingestion"
            ]
            if found["IngestionStatus"] in ENDED:
                return found
            time.sleep(0.02)
        raise AssertionError(found)

    def fault(self, **fault: Any) -> None:
        request = urllib.request.Request(
            f"{self.server.endpoint_url}/_quicksight/faults", data=json.dumps(fault).encode()
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


def started_id(started: dict[str, Any]) -> dict[str, str]:
    return {"QueryExecutionId": started["QueryExecutionId"]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    environ = {"LOCAL_AWS_QUICKSIGHT_QUEUE_SECONDS": "0.05", "LOCAL_AWS_QUICKSIGHT_SETTLE_SECONDS": "0"}
    server = LocalAws(tmp_path_factory.mktemp("quicksight") / "data", free_port(), environ)
    server.start()
    yield Lab(server)
    server.stop()


@pytest.fixture
def airflow_connection(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lab.server.connection.items():
        monkeypatch.setenv(name, value)


def test_rows_in_spice_are_athenas(lab: Lab) -> None:
    ingestion = lab.data_set("count")
    ((count,),) = [
        [one["VarCharValue"] for one in row["Data"]] for row in lab.query("SELECT count(*) FROM lab.numbers")[1:]
    ]
    assert ingestion["RowInfo"] == {"RowsIngested": int(count), "RowsDropped": 0, "TotalRowsInDataset": int(count)}
    assert ingestion["RequestType"] == "INITIAL_INGESTION"
    data_set = lab.call("describe_data_set", DataSetId="count")["DataSet"]
    assert data_set["ConsumedSpiceCapacityInBytes"] == ingestion["IngestionSizeInBytes"] > 0
    ran = lab.athena.list_query_executions(WorkGroup="dashboards")["QueryExecutionIds"]
    assert "SELECT day, n FROM lab.numbers" in {lab.execution(one)["Query"] for one in ran}, (
        "in the work group's history"
    )
    assert lab.quicksight.list_tags_for_resource(ResourceArn=data_set["Arn"])["Tags"] == [
        {"Key": "team", "Value": "lab"}
    ]


def test_an_incremental_refresh_reads_and_replaces_the_window(lab: Lab) -> None:
    lab.data_set("recent")
    window = {"LookbackWindow": {"ColumnName": "day", "Size": 4, "SizeUnit": "DAY"}}
    properties = {"RefreshConfiguration": {"IncrementalRefresh": window}}
    lab.call("put_data_set_refresh_properties", DataSetId="recent", DataSetRefreshProperties=properties)
    assert (
        lab.call("describe_data_set_refresh_properties", DataSetId="recent")["DataSetRefreshProperties"] == properties
    )
    lab.put_day(10, 30)
    lab.put_day(2, 5)
    lab.put_day(1, 6)
    try:
        lab.call("create_ingestion", DataSetId="recent", IngestionId="inc", IngestionType="INCREMENTAL_REFRESH")
        assert lab.ended("recent", "inc")["RowInfo"] == {"RowsIngested": 11, "RowsDropped": 0, "TotalRowsInDataset": 14}
        lab.call("create_ingestion", DataSetId="recent", IngestionId="full")
        assert lab.ended("recent", "full")["RowInfo"]["TotalRowsInDataset"] == 41, (
            "the old day's rows with the full one"
        )
    finally:
        lab.put_day(10, 3)
        lab.put_day(2, 4)
        lab.server.client("s3").delete_object(Bucket=lab.bucket, Key="numbers/1.csv")


@pytest.mark.parametrize(
    ("sql", "error_type", "message"),
    [
        ("SELECT day, n FROM lab.gone", "SQL_TABLE_NOT_FOUND", "TABLE_NOT_FOUND"),
        ("SELECT day, m AS n FROM lab.numbers", "SQL_EXCEPTION", "COLUMN_NOT_FOUND"),
        ("SELECT day FROM lab.numbers", "SQL_SCHEMA_MISMATCH_ERROR", "does not return n"),
        ("SELECT day, n / 0 AS n FROM lab.numbers", "SQL_EXCEPTION", "DIVISION_BY_ZERO"),
    ],
)
def test_failures_have_quicksights_types(lab: Lab, sql: str, error_type: str, message: str) -> None:
    name = f"bad-{abs(hash(sql))}"
    ingestion = lab.data_set(name, sql)
    assert (ingestion["IngestionStatus"], ingestion["ErrorInfo"]["Type"]) == ("FAILED", error_type)
    assert message in ingestion["ErrorInfo"]["Message"]


def test_quota_cancel_and_faults_over_the_wire(lab: Lab) -> None:
    lab.data_set("refused")
    lab.fault(kind="quota", data_set="refused")
    with pytest.raises(lab.quicksight.exceptions.LimitExceededException) as refused:
        lab.call("create_ingestion", DataSetId="refused", IngestionId="one")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    lab.fault(kind="throttle", data_set="refused", operation="CreateIngestion", times=9)
    impatient = lab.server.client("quicksight", config=no_retries())
    with pytest.raises(ClientError, match="ThrottlingException"):
        impatient.create_ingestion(AwsAccountId=ACCOUNT, DataSetId="refused", IngestionId="one")
    request = urllib.request.Request(f"{lab.server.endpoint_url}/_quicksight/faults", method="DELETE")
    urllib.request.urlopen(request).close()
    lab.fault(kind="stuck_queued", data_set="refused")
    lab.call("create_ingestion", DataSetId="refused", IngestionId="one")
    lab.call("cancel_ingestion", DataSetId="refused", IngestionId="one")
    assert lab.ended("refused", "one")["IngestionStatus"] == "CANCELLED"
    with pytest.raises(lab.quicksight.exceptions.ResourceExistsException):
        lab.call("create_ingestion", DataSetId="refused", IngestionId="one")


def no_retries() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1})


def test_pages_of_boto3(lab: Lab) -> None:
    lab.data_set("paged")
    for number in range(3):
        lab.call("create_ingestion", DataSetId="paged", IngestionId=f"i{number}")
    pages = lab.quicksight.get_paginator("list_ingestions").paginate(
        AwsAccountId=ACCOUNT, DataSetId="paged", PaginationConfig={"PageSize": 2}
    )
    ids = [[one["IngestionId"] for one in page["Ingestions"]] for page in pages]
    assert [ids[0], ids[1][:1], len(ids)] == [["i2", "i1"], ["i0"], 2]


@pytest.mark.usefixtures("airflow_connection")
def test_airflows_own_operator_and_sensor(lab: Lab) -> None:
    from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
    from airflow.providers.amazon.aws.sensors.quicksight import QuickSightSensor

    lab.data_set("airflow")
    refresh = QuickSightCreateIngestionOperator(
        task_id="refresh", data_set_id="airflow", ingestion_id="waited", waiter_delay=1, aws_conn_id="aws_default"
    )
    assert refresh.execute({})["IngestionId"] == "waited"
    assert lab.ended("airflow", "waited")["IngestionStatus"] == "COMPLETED"
    wait = QuickSightSensor(task_id="wait", data_set_id="airflow", ingestion_id="waited")
    assert wait.poke({}) is True
    lab.fault(kind="ingestion_error", data_set="airflow", error_type="PERMISSION_DENIED", message="no access to S3")
    lab.call("create_ingestion", DataSetId="airflow", IngestionId="denied")
    lab.ended("airflow", "denied")
    with pytest.raises(RuntimeError, match="no access to S3"):
        QuickSightSensor(task_id="wait", data_set_id="airflow", ingestion_id="denied").poke({})


@pytest.mark.usefixtures("airflow_connection")
def test_airflows_own_operator_and_sensor_deferred(lab: Lab) -> None:
    from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
    from airflow.providers.amazon.aws.sensors.quicksight import QuickSightSensor
    from airflow.sdk.exceptions import TaskDeferred

    lab.data_set("deferred")
    refresh = QuickSightCreateIngestionOperator(
        task_id="refresh", data_set_id="deferred", ingestion_id="later", waiter_delay=1, deferrable=True
    )
    wait = QuickSightSensor(
        task_id="wait", data_set_id="deferred", ingestion_id="later", poke_interval=1, deferrable=True
    )
    for task in (refresh, wait):
        with pytest.raises(TaskDeferred) as deferred:
            task.execute({})
        event = asyncio.run(first_event(deferred.value.trigger))
        assert event.payload == {"status": "success", "ingestion_id": "later"}
        task.execute_complete({}, event=event.payload)
    assert lab.ended("deferred", "later")["IngestionStatus"] == "COMPLETED"


async def first_event(trigger: Any) -> Any:
    """The event of a trigger that runs to its end, as in the triggerer."""
    (event,) = [event async for event in trigger.run()]
    return event


def test_everything_survives_a_restart(lab: Lab) -> None:
    before = lab.data_set("kept")
    arn = lab.call("describe_data_set", DataSetId="kept")["DataSet"]["Arn"]
    schedule = {
        "ScheduleId": "s",
        "RefreshType": "FULL_REFRESH",
        "ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": "05:00"},
    }
    lab.call("create_refresh_schedule", DataSetId="kept", Schedule=schedule)
    definition = {
        "DataSetIdentifierDeclarations": [{"Identifier": "traffic", "DataSetArn": arn}],
        "Sheets": [{"SheetId": "s", "Name": "Sheet", "Visuals": [
            sample.visual("KPIVisual", "kpi", "Numbers", {"FieldWells": {"Values": [sample.total("n", "n", "COUNT")]}}),
        ]}],
    }  # fmt: skip
    lab.call("create_dashboard", DashboardId="kept", Name="Kept", Definition=definition)
    lab.fault(kind="stuck_queued", data_set="kept")
    lab.call("create_ingestion", DataSetId="kept", IngestionId="over-the-restart")
    lab.server.kill()
    lab.server.start()
    assert lab.ended("kept", "over-the-restart")["RowInfo"] == before["RowInfo"]
    assert lab.ended("kept", before["IngestionId"]) == before
    shown = lab.call("describe_dashboard_definition", DashboardId="kept")
    assert (shown["ResourceStatus"], shown["Definition"]) == ("CREATION_SUCCESSFUL", definition)
    schedules = lab.call("list_refresh_schedules", DataSetId="kept")["RefreshSchedules"]
    assert schedules[0]["ScheduleFrequency"] == schedule["ScheduleFrequency"]
    with urllib.request.urlopen(f"{lab.server.endpoint_url}/_quicksight/kept") as page:
        assert f'<span class="figure">{before["RowInfo"]["RowsIngested"]}</span>' in page.read().decode()
