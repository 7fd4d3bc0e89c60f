"""Logs that come when their day was curated already: the DAGs, whole, on a local AWS."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from flowlogs.hooks.ledger import LedgerHook
from flowlogs.ledger import LedgerRow
from flowlogs.settings import Settings, load_settings
from flowlogs.targets import Target
from tests.conftest import ROOT, LocalAws
from tests.integration.airflow_process import Airflow, Run, running_airflow
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]

ACCOUNTS = ("111122223333", "222233334444", "333344445555")
FIRST, SECOND, THIRD = (Target("network", account, "us-east-1") for account in ACCOUNTS)
DAY = "2026-11-03"
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


@dataclass
class Pipeline:
    """A bucket of flow logs, the pipeline that reads it, and its lake."""

    aws: LocalAws
    bucket: str
    airflow: Airflow
    settings: Settings

    def deliver(self, target: Target, time_of_day: str, rejects: int, day_of_file: str = DAY) -> None:
        """Put a file with so many records, as AWS delivers it."""
        year, month, day = day_of_file.split("-")
        start = 1_793_664_000 + 60  # of the day, UTC
        lines = [
            f"2 {target.account} eni-0a1b2c3d 203.0.113.{n % 250} 10.0.0.1 40000 23 6 1 40 {start} {start + 60} REJECT OK"
            for n in range(rejects)
        ]
        stamp = f"{year}{month}{day}T{time_of_day}Z"
        self.aws.client("s3").put_object(
            Bucket=self.bucket,
            Key=f"AWSLogs/{target.account}/vpcflowlogs/{target.region}/{year}/{month}/{day}/"
            f"{target.account}_vpcflowlogs_{target.region}_fl-0a1b2c3d_{stamp}_{rejects:08x}.log.gz",
            Body=gzip.compress("\n".join([HEADER, *lines, ""]).encode()),
        )

    def curate(self, **conf: Any) -> Run:
        time.sleep(
            1.1
        )  # S3 tells the time of an object in seconds; files of the second in which they are read are late
        return self.airflow.run("flow_logs_daily", **{"day": DAY, **conf})

    def ledger(self) -> dict[Target, LedgerRow]:
        return LedgerHook.of(self.settings).day(DAY)

    def rejects(self) -> dict[str, int]:
        """Flows in the summary by account, as a reader of the lake counts them."""
        athena = self.aws.client("athena")
        query = athena.start_query_execution(
            QueryString=f"SELECT aws_account, sum(flows) FROM flow_daily WHERE dt = '{DAY}' GROUP BY 1",
            QueryExecutionContext={"Database": self.settings.athena.database},
            ResultConfiguration={"OutputLocation": self.settings.athena.output_location},
        )["QueryExecutionId"]
        while athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] != "SUCCEEDED":
            time.sleep(0.02)
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1:]
        return {account["VarCharValue"]: int(flows["VarCharValue"]) for account, flows in (row["Data"] for row in rows)}


def forget_column(aws: LocalAws, database: str, table: str, column: str) -> None:
    glue = aws.client("glue")
    found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    storage = found["StorageDescriptor"]
    columns = [entry for entry in storage["Columns"] if entry["Name"] != column]
    kept = {key: found[key] for key in ("Name", "PartitionKeys", "TableType", "Parameters")}
    glue.update_table(DatabaseName=database, TableInput={**kept, "StorageDescriptor": {**storage, "Columns": columns}})


@pytest.fixture(scope="module")
def pipeline(local_aws, tmp_path_factory) -> Iterator[Pipeline]:
    """A day of three targets, curated."""
    folder = tmp_path_factory.mktemp("late")
    bucket, lake = local_aws.bucket("logs"), local_aws.bucket("lake")
    file = folder / "flowlogs.yaml"
    file.write_text(
        yaml.safe_dump(
            section(
                sources=[source(bucket=bucket, accounts=list(ACCOUNTS), table="late_flow_logs")],
                lake={"bucket": lake},
                arrival={"quiet_minutes": 0.00001},  # the files are as young as the test
                athena={
                    "output_location": f"s3://{lake}/athena/", "work_group": "late", "database": "late",
                    "poll_seconds": 1,
                },
            )
        )
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOWLOGS_CONFIG", str(file))
        patch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        environ = {**local_aws.connection, "FLOWLOGS_CONFIG": str(file)}
        dag_files = [ROOT / "dags" / f"{name}.py" for name in ("flow_logs_setup", "flow_logs_daily", "late_arrivals")]
        with running_airflow(folder / "airflow", dag_files, environ) as airflow:
            found = Pipeline(local_aws, bucket, airflow, load_settings())
            for target, rejects in ((FIRST, 3), (SECOND, 4)):
                found.deliver(target, "2355", rejects)
            found.deliver(THIRD, "2355", 5)
            assert airflow.run("flow_logs_setup").state == "success"
            forget_column(local_aws, "late", "flow_runs", "revision")
            again = airflow.run("flow_logs_setup")  # the ledger of an older release
            assert again.returned("add_lake_columns") == [["table flow_runs: column revision is missing"]]
            assert found.curate().state == "success"
            yield found


def test_a_late_file_is_taken_up_once_and_nothing_else_is_curated_again(pipeline):
    assert pipeline.rejects() == dict(zip(ACCOUNTS, (3, 4, 5), strict=True))
    assert {row.revision for row in pipeline.ledger().values()} == {1}
    nothing = pipeline.airflow.run("late_arrivals", day=DAY, window_days=2)
    assert nothing.state == "success"
    assert nothing.returned("find_late_days") == [[]]

    pipeline.deliver(SECOND, "1200", 10)
    before = pipeline.ledger()
    found = pipeline.airflow.run("late_arrivals", day="2026-11-12")  # nine days late, with the settings' window
    (run,) = found.returned("find_late_days")[0]
    assert run["conf"] == {"day": DAY, "targets": [str(SECOND)]}
    assert found.states("curate_late_targets") == ["success"]
    again = pipeline.airflow.run("late_arrivals", day="2026-11-12")
    assert again.returned("find_late_days") == [[run]], "the same find makes the same run"
    assert again.states("curate_late_targets") == ["skipped"]

    rerun = pipeline.curate(**run["conf"])
    assert rerun.state == "success"
    assert len(rerun.states("write_records")) == 1
    after = pipeline.ledger()
    assert (after[FIRST], after[THIRD]) == (before[FIRST], before[THIRD])
    revised = after[SECOND]
    assert (revised.revision, revised.objects_before, revised.records_before) == (2, 1, 4)
    assert (revised.objects, revised.records, revised.rejected) == (2, 14, 14)
    assert pipeline.rejects() == dict(zip(ACCOUNTS, (3, 14, 5), strict=True))
    assert pipeline.airflow.run("late_arrivals", day=DAY).returned("find_late_days") == [[]]


def test_targets_that_are_none_and_days_that_were_never_curated_are_refused(pipeline):
    unknown = pipeline.airflow.run("flow_logs_daily", day=DAY, targets=["network/999999999999/us-east-1"])
    assert unknown.state == "failed"
    assert "the settings have no target network/999999999999/us-east-1" in unknown.log
    for target in (FIRST, SECOND, THIRD):
        pipeline.deliver(target, "2355", 1, "2026-11-01")
    never = pipeline.airflow.run("flow_logs_daily", day="2026-11-01", targets=[str(FIRST)])
    assert never.state == "failed"
    assert "2026-11-01 is not in the ledger: run the whole day first" in never.log
    assert pipeline.rejects() == dict(zip(ACCOUNTS, (3, 14, 5), strict=True))
