"""Retention: what is too old goes, with its files, and nothing else; a dry run removes nothing."""

from __future__ import annotations

import pytest
import yaml

from flowlogs import retention_tasks
from flowlogs.hooks.partitions import PartitionHook
from flowlogs.settings import load_settings
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]

TABLES = (
    "network_logs",
    "network_logs_lines",
    "flow_records",
    "flow_gaps",
    "flow_quarantine",
    "flow_daily",
    "flow_runs",
)
DAYS = [f"2026-11-{day:02}" for day in range(1, 11)]
LAST = DAYS[-1]


@pytest.fixture
def lake(local_aws, database, monkeypatch, tmp_path):
    """Ten days of every table: four partitions a day of the records, a file in each; reports; a query's result."""
    bucket, logs = local_aws.bucket("lake"), local_aws.bucket("logs")
    s3, glue = local_aws.client("s3"), local_aws.client("glue")
    file = tmp_path / "flowlogs.yaml"
    kept = {
        "dry_run": False, "raw_partition_days": 9, "record_days": 3, "summary_days": 6, "report_days": 2,
        "query_result_days": 400,
    }  # fmt: skip
    file.write_text(
        yaml.safe_dump(
            section(
                athena={"database": database, "output_location": f"s3://{bucket}/athena/"},
                lake={"bucket": bucket, "prefix": "lake/"},
                sources=[source(bucket=logs, table="network_logs")],
                retention=kept,
            )
        )
    )
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(file))
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
    settings = load_settings()
    hook = PartitionHook()
    for table in (*settings.sources[0].file_tables, *TABLES[2:]):
        place = f"s3://{bucket}/lake/{table}/"
        storage = {"Columns": [{"Name": "n", "Type": "bigint"}], "Location": place, "SerdeInfo": {}}
        keys = [{"Name": name, "Type": "string"} for name in ("dt", "n")]
        glue.create_table(
            DatabaseName=database, TableInput={"Name": table, "PartitionKeys": keys, "StorageDescriptor": storage}
        )
        count = 4 if table == "flow_records" else 1
        shown = {(day, str(n)): f"{place}dt={day}/run=a/{n}/" for day in DAYS for n in range(count)}
        hook.show(database, table, shown)
        for location in shown.values():
            s3.put_object(Bucket=bucket, Key=f"{location.removeprefix(f's3://{bucket}/')}part-0", Body=b"x")
    for day in DAYS:
        s3.put_object(Bucket=bucket, Key=f"lake/reports/rejected_traffic/daily/dt={day}/index.html", Body=b"x")
    s3.put_object(Bucket=bucket, Key="athena/1.csv", Body=b"x")
    return settings


def days_left(settings, table: str) -> list[str]:
    return list(PartitionHook().days_before(settings.athena.database, table, "2026-12-01"))


def keys(local_aws, settings, prefix: str) -> set[str]:
    pages = local_aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.lake.bucket, Prefix=prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def test_a_dry_run_says_what_a_run_then_removes_and_nothing_else_goes(local_aws, lake):
    raw, lines = lake.sources[0].file_tables
    before = keys(local_aws, lake, "")
    told = retention_tasks.remove_old_days.function(LAST, {"dry_run": True})
    assert told["flow_records"] == {"days": 7, "partitions": 28, "files": 28}
    assert keys(local_aws, lake, "") == before
    assert days_left(lake, "flow_records") == DAYS

    assert retention_tasks.remove_old_days.function(LAST, {"dry_run": None}) == told
    assert days_left(lake, "flow_records") == days_left(lake, "flow_gaps") == DAYS[7:]
    assert days_left(lake, "flow_daily") == DAYS[4:]
    assert days_left(lake, raw) == days_left(lake, lines) == DAYS[1:]
    assert days_left(lake, "flow_runs") == DAYS
    left = {key.split("dt=")[1][:10] for key in keys(local_aws, lake, "lake/flow_records/")}
    assert sorted(left) == DAYS[7:]
    assert len(keys(local_aws, lake, f"lake/{raw}/")) == len(DAYS), "files of raw tables are not the pipeline's"
    assert retention_tasks.remove_old_days.function(LAST, {"dry_run": False})["flow_records"]["partitions"] == 0


def test_reports_and_results_of_queries(local_aws, lake):
    assert retention_tasks.remove_old_reports.function(LAST, {"dry_run": None}) == {
        "daily": 8,
        "weekly": 0,
        "monthly": 0,
    }
    assert len(keys(local_aws, lake, "lake/reports/")) == 2
    assert retention_tasks.remove_old_query_results.function(LAST, {"dry_run": None}) == 0
    assert retention_tasks.remove_old_query_results.function("2030-01-01", {"dry_run": None}) == 1
    assert keys(local_aws, lake, "athena/") == set()
