"""The traffic generator and the sample flow logs, written to the S3 of a running local AWS."""

import json
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import psutil
import pytest

from flowlogs.fields import parse_log_format, raw_columns
from flowlogs.layout import parse_key
from flowlogs.settings import Settings, load_settings
from local_aws.traffic import FolderSink, S3Sink, TrafficPlan, write_traffic
from local_aws.traffic.__main__ import main
from quickstart import samples
from quickstart.environment import Addresses
from quickstart.progress import Step
from tests.conftest import LocalAws

pytestmark = pytest.mark.integration

DAY = date(2026, 11, 20)
DAYS = (DAY, DAY + timedelta(days=1))


@pytest.fixture(autouse=True)
def _credentials(local_aws, monkeypatch):
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)


def objects(local_aws: LocalAws, bucket: str) -> dict[str, bytes]:
    s3 = local_aws.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bucket_gets_the_same_bytes_as_a_folder(local_aws, tmp_path, workers):
    plan = TrafficPlan(days=DAYS, records_per_day=300, file_minutes=240, late_files=1, defects=("truncated-file",))
    bucket = local_aws.bucket("traffic")
    in_bucket = write_traffic(plan, S3Sink(bucket, local_aws.endpoint_url), workers=workers)
    in_folder = write_traffic(plan, FolderSink(tmp_path))
    assert in_bucket.as_json() == in_folder.as_json()
    assert objects(local_aws, bucket) == {
        str(file.relative_to(tmp_path)): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_bucket_that_is_missing_is_made(local_aws, region):
    bucket = f"{local_aws.bucket('traffic')}-new"
    arguments = ["--days", "2026-11-20", "--records-per-day", "50", "--file-minutes", "1440"]
    place = ["--bucket", bucket, "--bucket-region", region, "--endpoint-url", local_aws.endpoint_url]
    assert main([*arguments, *place]) == 0
    assert main([*arguments, *place]) == 0  # and found the second time
    assert len(objects(local_aws, bucket)) == 1


@pytest.fixture
def settings(local_aws, tmp_path) -> Settings:
    """The shipped settings with two sources of two targets each, in a bucket and a lake of the test's own."""
    bucket = local_aws.bucket("samples")
    changes = {
        f"FLOWLOGS__SOURCES__{source}__{key}": value
        for source in (0, 1)
        for key, value in {
            "BUCKET": bucket,
            "ACCOUNTS": '["111122223333"]',
            "REGIONS": '["us-east-1", "ap-northeast-2"]',
        }.items()
    }
    changes |= {
        "FLOWLOGS__LAKE__BUCKET": f"{bucket}-lake",
        "FLOWLOGS__ATHENA__OUTPUT_LOCATION": f"s3://{bucket}-answers/results/",
        "FLOWLOGS__SOURCES__1__EXCLUDE": '["*/us-east-1"]',
    }
    return load_settings(environ=changes)


@pytest.fixture
def load(local_aws, settings, tmp_path):
    """Load days of samples, and say what the step says about it."""

    def load_samples(days=DAYS, settings=settings) -> str:
        step = Step("sample flow logs")
        samples.load(settings, Addresses(local_aws.port, 0), days, tmp_path / "samples", step)
        return step.note

    return load_samples


def account_of(folder: Path, source: str, day: date) -> dict:
    return json.loads((folder / "samples" / source / f"{day}.json").read_text())


def test_samples_make_every_bucket_that_the_settings_name(local_aws, settings, load):
    load(DAYS[:1])
    there = {bucket["Name"] for bucket in local_aws.client("s3").list_buckets()["Buckets"]}
    bucket = settings.sources[0].bucket
    assert {bucket, f"{bucket}-lake", f"{bucket}-answers"} <= there


def test_samples_lie_where_each_source_expects_them(local_aws, settings, load, tmp_path):
    load()
    keys = [parse_key(key) for key in objects(local_aws, settings.sources[0].bucket)]
    for source in settings.sources:
        mine = [key for key in keys if key.folder.source_prefix == source.prefix]
        assert {(key.account, key.region) for key in mine} == {(t.account, t.region) for t in source.targets()}
        assert {(key.layout, key.file_format) for key in mine} == {(source.layout, source.file_format)}
        counted = Counter((key.account, key.region, key.day.isoformat()) for key in mine)
        accounts = [account_of(tmp_path, source.name, day) for day in DAYS]
        assert counted == {
            (total["account"], total["region"], total["day"]): total["files"]
            for account in accounts
            for total in account["totals"]
        }
        assert all(key.time.strftime("%H:%M") <= "23:55" for key in mine)
        assert {key.time.strftime("%H:%M") for key in mine} >= {"23:55"}


def test_each_day_has_the_flow_logs_of_the_day_before(local_aws, settings, load):
    load()
    keys = [parse_key(key) for key in objects(local_aws, settings.sources[0].bucket)]
    first, second = ({(key.account, key.region, key.flow_log_id) for key in keys if key.day == day} for day in DAYS)
    assert first == second


def test_days_that_are_there_are_not_written_again(local_aws, settings, load):
    assert load(DAYS[:1]).endswith("records of 2 source-days written")
    stamps = {
        entry["Key"]: entry["LastModified"]
        for entry in local_aws.client("s3").list_objects_v2(Bucket=settings.sources[0].bucket)["Contents"]
    }
    assert load(DAYS[:1]) == "2 source-days were there already"
    assert load(DAYS).endswith("records of 2 source-days written, 2 source-days were there already")
    for entry in local_aws.client("s3").list_objects_v2(Bucket=settings.sources[0].bucket)["Contents"]:
        assert stamps.get(entry["Key"], entry["LastModified"]) == entry["LastModified"]


def test_a_day_that_lost_a_file_is_written_again_with_the_same_bytes(local_aws, settings, load):
    load(DAYS)
    bucket = settings.sources[0].bucket
    before = objects(local_aws, bucket)
    lost = next(key for key in before if "/2026/11/21/" in key)
    local_aws.client("s3").delete_object(Bucket=bucket, Key=lost)
    assert load(DAYS).endswith("records of 1 source-days written, 3 source-days were there already")
    assert objects(local_aws, bucket) == before


def test_a_source_that_changed_is_written_again(load, settings):
    load(DAYS[:1])
    first, second = settings.sources
    changed = settings.model_copy(update={"sources": (first.model_copy(update={"prefix": "moved/"}), second)})
    assert load(DAYS[:1], changed).endswith("records of 1 source-days written, 1 source-days were there already")


def test_a_source_that_the_generator_cannot_write_is_named(load, settings):
    newer = settings.sources[0].model_copy(
        update={"log_format": "${version} ${moon-phase}", "extra_fields": {"moon-phase": "int"}}
    )
    newer.__dict__.pop("fields", None)
    with pytest.raises(RuntimeError, match=r"no sample flow logs for the source vpc_flow_logs: .*unknown field"):
        load(DAYS[:1], settings.model_copy(update={"sources": (newer,)}))


def test_generators_are_ended_when_loading_is_interrupted(load, monkeypatch):
    def generators() -> list[psutil.Process]:
        return [child for child in psutil.Process().children() if "local_aws.traffic" in child.cmdline()]

    def interrupted(running):
        while not generators():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(samples, "as_completed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(tuple(DAY + timedelta(days=i) for i in range(30)))
    assert generators() == []


SERDES = {
    "text": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '",
    "parquet": "STORED AS PARQUET",
}


@pytest.mark.parametrize("file_format", SERDES)
def test_athena_counts_what_the_manifest_says(local_aws, file_format):
    plan = TrafficPlan(days=(DAY,), file_format=file_format, records_per_day=3_000, file_minutes=240)
    bucket = local_aws.bucket("traffic")
    local_aws.client("s3").create_bucket(Bucket=f"{bucket}-answers")
    totals = write_traffic(plan, S3Sink(bucket, local_aws.endpoint_url)).totals[0]
    columns = ", ".join(
        f"`{name}` {kind}" for name, kind in raw_columns(parse_log_format(plan.log_format), file_format)
    )
    table = bucket.replace("-", "_")
    ask(
        local_aws,
        bucket,
        f"CREATE EXTERNAL TABLE default.{table} ({columns}) {SERDES[file_format]} "
        f"LOCATION 's3://{bucket}/AWSLogs/' TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    status, packets, size = (
        ("logstatus", "numpackets", "numbytes") if file_format == "text" else ("log_status", "packets", "bytes")
    )
    counted = ask(
        local_aws,
        bucket,
        f"SELECT count(*), count_if({status} = 'NODATA'), count_if({status} = 'SKIPDATA'), "
        f"count_if(action = 'REJECT'), sum({packets}), sum({size}) FROM default.{table}",
    )[1]
    expected = [totals.records, totals.nodata, totals.skipdata, totals.rejected, totals.packets, totals.bytes]
    assert counted == [str(number) for number in expected]


def ask(local_aws: LocalAws, bucket: str, sql: str) -> list[list[str]]:
    """The rows of an answer, its header first."""
    athena = local_aws.client("athena")
    query_id = athena.start_query_execution(
        QueryString=sql, ResultConfiguration={"OutputLocation": f"s3://{bucket}-answers/"}
    )["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"])["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.05)
    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]
