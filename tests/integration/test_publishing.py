"""Publishing by swapping: partitions by the hundred, a reader meanwhile, and the clean-up of what was replaced."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from flowlogs import cleanup_tasks
from flowlogs.hooks.partitions import PartitionHook
from flowlogs.hooks.queries import QueriesHook, bytes_scanned
from flowlogs.publishing import Note
from flowlogs.settings import load_settings
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]

TARGETS = 120
"""More than one of Glue's batches of 100."""
DAY = "2026-11-22"


@pytest.fixture
def lake(local_aws, database, monkeypatch, tmp_path):
    """A bucket, and settings that name it and the test's database."""
    bucket = local_aws.bucket("lake")
    file = tmp_path / "flowlogs.yaml"
    athena = {"database": database, "work_group": "primary", "output_location": f"s3://{bucket}/athena/"}
    file.write_text(yaml.safe_dump(section(athena=athena, lake={"bucket": bucket}, sources=[source()])))
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(file))
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
    return load_settings().lake


@pytest.fixture
def summary(local_aws, database, lake):
    """A table of one number a target."""
    local_aws.client("glue").create_table(
        DatabaseName=database,
        TableInput={
            "Name": "flow_daily",
            "PartitionKeys": [{"Name": name, "Type": "string"} for name in ("dt", "account")],
            "StorageDescriptor": {
                "Columns": [{"Name": "flows", "Type": "bigint"}],
                "Location": f"s3://{lake.bucket}/flow_daily/",
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
            },
        },
    )
    return database, "flow_daily"


def written(local_aws, lake, run: str) -> dict[tuple[str, ...], str]:
    """A run's folders, one row a target; and the partitions that show them."""
    s3 = local_aws.client("s3")
    shown = {}
    for target in range(TARGETS):
        folder = f"flow_daily/dt={DAY}/run={run}/account={target:012d}/"
        s3.put_object(Bucket=lake.bucket, Key=f"{folder}a.csv", Body=b"7\n")
        shown[DAY, f"{target:012d}"] = f"s3://{lake.bucket}/{folder}"
    return shown


def test_partitions_are_made_moved_and_left_alone(local_aws, summary, lake):
    hook = PartitionHook()
    first, second = written(local_aws, lake, "one"), written(local_aws, lake, "two")
    for shown in (first, first, second, {**second, (DAY, "new"): f"s3://{lake.bucket}/new/"}):
        hook.show(*summary, shown)
        assert hook.locations(*summary, list(shown)) == shown
    assert sorted(hook.locations_of_day(*summary, DAY)) == sorted(
        {**second, (DAY, "new"): f"s3://{lake.bucket}/new/"}.values()
    )


def test_whoever_reads_while_partitions_move_sees_each_target_once(local_aws, summary, lake):
    hook, queries = PartitionHook(), QueriesHook()
    runs = [written(local_aws, lake, "one"), written(local_aws, lake, "two")]
    hook.show(*summary, runs[0])
    seen: list[list[dict[str, str]]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            query = queries.run_query(
                "SELECT count(*) AS n, sum(flows) AS flows, count(DISTINCT account) AS targets FROM flow_daily",
                {"Database": summary[0]},
                {"OutputLocation": f"s3://{lake.bucket}/athena/"},
            )
            while queries.check_query_status(query) not in ("SUCCEEDED", "FAILED", "CANCELLED"):
                time.sleep(0.01)
            seen.append(queries.result(query))

    reader = threading.Thread(target=read)
    reader.start()
    turn, deadline = 0, time.monotonic() + 60
    while len(seen) < 8 and time.monotonic() < deadline:
        turn += 1
        hook.show(*summary, runs[turn % 2])
    stop.set()
    reader.join()
    assert turn >= 8
    assert len(seen) >= 8
    whole = [{"n": str(TARGETS), "flows": str(7 * TARGETS), "targets": str(TARGETS)}]
    assert [answer for answer in seen if answer != whole] == []


def test_replaced_folders_are_removed_after_the_grace_period(local_aws, summary, lake):
    s3 = local_aws.client("s3")
    PartitionHook().show(*summary, written(local_aws, lake, "new"))
    written(local_aws, lake, "old")
    written(local_aws, lake, "recent")
    now = datetime.now(UTC)

    def note(run: str, age_hours: float) -> None:
        found = Note("flow_daily", DAY, (f"flow_daily/dt={DAY}/run={run}/",), now - timedelta(hours=age_hours))
        s3.put_object(Bucket=lake.bucket, Key=found.key(lake, run), Body=found.to_json().encode())

    note("old", lake.grace_hours + 1)
    note("recent", lake.grace_hours - 1)
    note("new", lake.grace_hours + 1)  # it was replaced, and then shown again
    removed = cleanup_tasks.remove_replaced_runs.function()
    assert removed == {"notes": 2, "folders": 1, "objects": TARGETS}
    prefixes = s3.list_objects_v2(Bucket=lake.bucket, Prefix=f"flow_daily/dt={DAY}/", Delimiter="/")["CommonPrefixes"]
    assert [found["Prefix"].split("run=")[1] for found in prefixes] == ["new/", "recent/"]
    assert cleanup_tasks.remove_replaced_runs.function() == {"notes": 0, "folders": 0, "objects": 0}


def test_what_athena_says_of_ended_queries(local_aws, summary, lake):
    queries = QueriesHook()
    where = {"OutputLocation": f"s3://{lake.bucket}/athena/"}
    PartitionHook().show(*summary, written(local_aws, lake, "one"))
    ids = [
        queries.run_query(f"SELECT {n} AS n, flows FROM flow_daily", {"Database": summary[0]}, where) for n in range(60)
    ]
    for query in ids:
        while queries.check_query_status(query) not in ("SUCCEEDED", "FAILED"):
            time.sleep(0.02)
    executions = queries.executions(ids)
    assert [execution["QueryExecutionId"] for execution in executions] == ids
    assert all(bytes_scanned(execution) == 2 * TARGETS for execution in executions)
    assert queries.input_rows(ids[0]) == TARGETS
    assert queries.result(ids[59])[0] == {"n": "59", "flows": "7"}
    with pytest.raises(LookupError, match="does not know the queries 00000000-0000-0000-0000-000000000000"):
        queries.executions([*ids, "00000000-0000-0000-0000-000000000000"])
