"""Each kind of failure that the runbook has, caused for real: what people are told, and what it advises.

Runs of the real DAGs meet the failure in a local AWS that enforces IAM, through a proxy that can refuse requests as AWS does;
the message is the one that the DAG's own callbacks publish. The table stands in docs/failures-tried.md; `UPDATE_DOCS=1`
writes it anew.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowlogs.notifications.remedies import REMEDIES, UNKNOWN, remedy_of
from tests.conftest import ROOT, LocalAws, free_port
from tests.integration.airflow_process import Airflow, Run, running_airflow
from tests.integration.curated_days import WORK_GROUP, CuratedDays
from tests.integration.dag_processor import DagProcessor, in_airflow
from tests.integration.meddler import Answer, Asked, Meddler
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.integration, pytest.mark.long]

RUNBOOK = ROOT / "docs" / "operating.md"
PAGE_IN_DOCS = ROOT / "docs" / "failures-tried.md"
ACCOUNT, REGION, BUCKET = "111122223333", "us-east-1", "flow-logs"
LAKE = "logs"
"""Where `CuratedDays` puts it."""
DAG_IDS = (
    "flow_logs_setup", "flow_logs_daily", "quicksight_refresh", "search_export", "alarm_drill", "flow_logs_watchdog",
)  # fmt: skip
DATABASE = "flowlogs"
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
SLOW_DAG = '''
from datetime import timedelta
from airflow.sdk import DAG
from flowlogs.dag_defaults import default_args, run_callbacks
from flowlogs.operators.athena import FlowLogsAthenaOperator
from flowlogs.settings import load_settings

settings = load_settings()
with DAG("slow_query", schedule=None, default_args=default_args(settings), **run_callbacks(settings)):
    FlowLogsAthenaOperator(
        task_id="ask", workgroup=settings.athena.work_group, patience=60, execution_timeout=timedelta(seconds=1),
        query="WITH n AS (SELECT x FROM UNNEST(sequence(1, 10000)) AS t(x)) "
        "SELECT sum(a.x * b.x % 7 + c.x) FROM n AS a, n AS b, n AS c",
    )
'''  # fmt: skip
"""The pipeline's operator under a limit that a test can wait for."""
_PREPARE = """
sys.path.append({root!r})
import flowlogs.dag_defaults
flowlogs.dag_defaults.SQL_FOLDER = {sql!r}

# Clients are made anew in each task; botocore's files are read once.
from botocore.loaders import Loader
from tests.integration.alarm_stack import ReadOnce
Loader.FILE_LOADER_CLASS = ReadOnce
"""


@dataclass
class World:
    """The pipeline, the AWS that it works in, and who is told."""

    aws: LocalAws
    airflow: Airflow
    meddler: Meddler
    queue: str
    sql: Path
    settings_file: Path

    @property
    def environ(self) -> dict[str, str]:
        """Of Airflow's processes."""
        return {**self.aws.connection, **self.connection(), "FLOWLOGS_CONFIG": str(self.settings_file)}

    @cached_property
    def dag_processor(self) -> DagProcessor:
        return DagProcessor(self.environ)

    def run(self, dag_id: str, environ: dict[str, str] | None = None, **conf: Any) -> Run:
        # What a run was given is gone from the environment after it, so each is given all of it.
        return self.airflow.run(dag_id, {**self.environ, **(environ or {})}, **conf)

    def deliver(self, day: str, *lines: str, compressed: bool = True) -> None:
        """Put the file of a day, as AWS delivers it; with other lines behind its records."""
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        start = int(at.timestamp())
        records = [
            f"2 {ACCOUNT} eni-0a1b2c3d 203.0.113.{n} 10.0.0.1 40000 22 6 1 40 {start} {start + 60} REJECT OK"
            for n in range(3)
        ]
        self.aws.client("s3").put_object(
            Bucket=BUCKET,
            Key=f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/{at:%Y/%m/%d}/"
            f"{ACCOUNT}_vpcflowlogs_{REGION}_fl-0a1b2c3d_{at:%Y%m%d}T2355Z_0a1b2c3d.log.gz",
            Body=gzip.compress("\n".join([HEADER, *records, *lines, ""]).encode(), 6 if compressed else 0),
        )

    def messages(self) -> list[dict[str, Any]]:
        """What the topic of failures was sent since the last look."""
        sqs = self.aws.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    def delete(self, prefix: str) -> None:
        """Delete the lake's objects under a prefix."""
        s3 = self.aws.client("s3")
        for one in s3.list_objects_v2(Bucket=LAKE, Prefix=prefix).get("Contents", []):
            s3.delete_object(Bucket=LAKE, Key=one["Key"])

    def connection(self, login: str = "test", password: str = "test") -> dict[str, str]:
        """The environment in which `aws_default` is somebody's."""
        extra = {"region_name": REGION, "endpoint_url": self.meddler.url}
        value = {"conn_type": "aws", "login": login, "password": password, "extra": extra}
        return {"AIRFLOW_CONN_AWS_DEFAULT": json.dumps(value)}

    def somebody_who_may_not(self, name: str, action: str, resource: str) -> dict[str, str]:
        """The connection of a user who may do everything but one thing."""
        iam = self.aws.client("iam")
        iam.create_user(UserName=name)
        statements = [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": action, "Resource": resource},
        ]
        iam.put_user_policy(
            UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return self.connection(key["AccessKeyId"], key["SecretAccessKey"])

    @contextlib.contextmanager
    def meddling(self, meddle: Callable[[Asked], Answer | None]) -> Iterator[None]:
        self.meddler.meddle = meddle
        yield
        self.meddler.meddle = lambda _: None


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("each_failure")
    aws = LocalAws(folder / "data", free_port(), {"AUTH": "true"})
    meddler = Meddler(aws.port)
    sql = folder / "sql"
    shutil.copytree(ROOT / "include" / "sql", sql)
    (folder / "slow_query.py").write_text(SLOW_DAG)
    aws.start()
    try:
        aws.client("s3").create_bucket(Bucket=BUCKET)
        topic, queue = topic_with_queue(aws)
        settings = section(
            sources=[source(bucket=BUCKET)],
            athena={"output_location": f"s3://{LAKE}/athena/", "work_group": WORK_GROUP, "poll_seconds": 1},
            lake={"bucket": LAKE},
            schedule={"retries": 0},
            arrival={"quiet_minutes": 0.00001, "poll_seconds": 1},  # the files are as young as the test
            notifications={"sns_topic_arn": topic},
        )
        (folder / "flowlogs.yaml").write_text(yaml.safe_dump(settings))
        dag_files = [*(ROOT / "dags" / f"{name}.py" for name in DAG_IDS), folder / "slow_query.py"]
        prepare = _PREPARE.format(root=str(ROOT), sql=str(sql))
        environ = {**aws.connection, "FLOWLOGS_CONFIG": str(folder / "flowlogs.yaml")}
        with running_airflow(folder / "airflow", dag_files, environ, prepare=prepare) as airflow:
            world = World(aws, airflow, meddler, queue, sql, folder / "flowlogs.yaml")
            with in_airflow(world.environ):
                tables = CuratedDays(aws, world.settings_file)
                tables.set_up("network")
                for name in ("flow_staging", "flow_runs"):
                    tables.rows(f"tables/{name}.sql")
            yield world
    finally:
        meddler.close()
        aws.kill()  # nothing of it is kept


def topic_with_queue(aws: LocalAws) -> tuple[str, str]:
    """A topic, and the URL of a queue that gets what it is sent."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    queue = sqs.create_queue(QueueName="failures")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


@dataclass(frozen=True)
class Cause:
    """A failure, and how it is caused."""

    kind: str
    what: str
    """For people."""
    subject: str
    """Of the message, behind the environment; `{day}` is the day."""
    error: str
    """What of the error the message says."""
    make: Callable[[World, str], Run | None]
    """Causes it, on a day of its own."""
    silent: bool
    """Nobody can be told, since the callbacks meet the same failure."""


CAUSES: list[Cause] = []


def cause(
    kind: str, what: str, *, subject: str, error: str, silent: bool = False
) -> Callable[[Callable[[World, str], Run | None]], Callable[[World, str], Run | None]]:
    def add(make: Callable[[World, str], Run | None]) -> Callable[[World, str], Run | None]:
        CAUSES.append(Cause(kind, what, subject, error, make, silent))
        return make

    return add


@cause(
    "the drill", "a drill of an alarm that does not exist",
    subject="alarm_drill failed: start_drill, report_drill",
    error="CloudWatch has no alarm 'nothing'; the settings' are test-flowlogs-ssh",
)  # fmt: skip
def drill_of_nothing(world: World, day: str) -> Run:
    rule = {"name": "ssh", "title": "SSH", "description": "See who.", "where": {"dstport": 22}, "threshold": 3}
    alarms = {"FLOWLOGS__ALARMS__LOG_GROUP": "/vpc/flow-logs", "FLOWLOGS__ALARMS__RULES": json.dumps([rule])}
    return world.run("alarm_drill", alarms, alarm="nothing")


@cause(
    "the dashboard's refresh", "the dashboard's data set is not there",
    subject="quicksight_refresh failed: plan_refresh",
    error="data set test-flowlogs-traffic is not found; run flow_logs_setup, which makes the data set",
)  # fmt: skip
def no_data_set(world: World, day: str) -> Run:
    return world.run("quicksight_refresh", {"FLOWLOGS__QUICKSIGHT__ENABLED": "true"}, refresh="full")


@cause(
    "the search export", "the search cluster does not answer",
    subject="search_export failed for {day}: plan_export",
    error="SearchError: GET /_index_template/flowlogs-findings: the cluster does not answer",
)  # fmt: skip
def no_search_cluster(world: World, day: str) -> Run:
    nowhere = {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": 9}
    environ = {"FLOWLOGS__SEARCH__ENABLED": "true", "AIRFLOW_CONN_SEARCH_DEFAULT": json.dumps(nowhere)}
    return world.run("search_export", environ, day=day)


@cause(
    "access denied", "Airflow's role may not read the catalog's partitions",
    subject="flow_logs_daily failed for {day}: register_partitions (2 times)",
    error="no-partitions is not authorized to perform: glue:BatchGetPartition",
)  # fmt: skip
def no_right_to_partitions(world: World, day: str) -> Run:
    world.deliver(day)
    somebody = world.somebody_who_may_not("no-partitions", "glue:BatchGetPartition", "*")
    return world.run("flow_logs_daily", somebody, day=day)


@cause(
    "access denied", "the flow logs' bucket is closed to Airflow's role",
    subject="flow_logs_setup failed: check_buckets",
    error=f"bucket {BUCKET} is closed to the role: grant it s3:ListBucket",
)  # fmt: skip
def closed_bucket(world: World, day: str) -> Run:
    return world.run(
        "flow_logs_setup", world.somebody_who_may_not("no-bucket", "s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    )


@cause(
    "credentials", "the connection that a setting names is not there",
    subject="flow_logs_watchdog failed: ",
    error="The conn_id `airflow_api` isn't defined",
)  # fmt: skip
def no_connection(world: World, day: str) -> Run:
    return world.run("flow_logs_watchdog", {"FLOWLOGS__WATCHDOG__AIRFLOW_CONN_ID": "airflow_api"})


@cause(
    "credentials", "all of Airflow has no credentials for AWS",
    subject="", error="NoCredentialsError: Unable to locate credentials", silent=True,
)  # fmt: skip
def no_credentials(world: World, day: str) -> Run:
    extra = {"region_name": REGION, "endpoint_url": world.meddler.url}
    nobody = {
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps({"conn_type": "aws", "extra": extra}),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return world.run("flow_logs_daily", nobody, day=day)


@cause(
    "throttled", "Athena takes no more queries, through all tries",
    subject="flow_logs_daily failed for {day}: register_partitions (2 times)",
    error="(ThrottlingException) when calling the StartQueryExecution operation (reached max retries: 6): Rate exceeded",
)  # fmt: skip
def throttled(world: World, day: str) -> Run:
    world.deliver(day)
    body = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()

    def refuse(asked: Asked) -> Answer | None:
        if asked.operation == "AmazonAthena.StartQueryExecution":
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, body
        return None

    with world.meddling(refuse):
        return world.run("flow_logs_daily", day=day)


@cause(
    "scan limit", "the day is larger than the work group's scan limit",
    subject="flow_logs_daily failed for {day}: write_records",
    error="CANCELLED: Query cancelled! : Bytes scanned limit was exceeded",
)  # fmt: skip
def day_over_the_scan_limit(world: World, day: str) -> Run:
    world.deliver(day, *["long " * 20_000] * 110, compressed=False)
    athena = world.aws.client("athena")
    athena.update_work_group(WorkGroup=WORK_GROUP, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000})
    run = world.run("flow_logs_daily", day=day)
    athena.update_work_group(WorkGroup=WORK_GROUP, ConfigurationUpdates={"RemoveBytesScannedCutoffPerQuery": True})
    return run


@cause(
    "logs are missing", "no file of the day until the deadline",
    subject="flow_logs_daily failed for {day}: wait_for_logs",
    error=f"0 of 1 targets complete; 1 missing: network/{ACCOUNT}/{REGION} (no file of the day",
)  # fmt: skip
def no_logs(world: World, day: str) -> Run:
    return world.run("flow_logs_daily", {"FLOWLOGS__ARRIVAL__TIMEOUT_HOURS": "0.0001"}, day=day)


@cause(
    "rows do not add up", "a curated file is lost before it is counted",
    subject="flow_logs_daily failed for {day}: judge_records",
    error=f"network/{ACCOUNT}/{REGION}: 3 rows in the files, 0 curated",
)  # fmt: skip
def lost_file(world: World, day: str) -> Run:
    world.deliver(day)

    def lose(asked: Asked) -> None:
        if asked.operation == "AmazonAthena.StartQueryExecution" and b"FROM flow_staging" in asked.body:
            world.delete(f"flow_records/dt={day}/")

    with world.meddling(lose):
        return world.run("flow_logs_daily", day=day)


@cause(
    "limits of the checks", "every fourth line is no record",
    subject="flow_logs_daily failed for {day}: judge_records",
    error="network: 1 of 4 rows (25.00%), checks.max_unparsable_share is 0.10%",
)  # fmt: skip
def lines_that_are_no_records(world: World, day: str) -> Run:
    world.deliver(day, "this is no record")
    return world.run("flow_logs_daily", day=day)


@cause(
    "partitions are wrong", "a partition was made at another place, and the run may not mend it",
    subject="flow_logs_daily failed for {day}: verify_partitions",
    error=f"{ACCOUNT}/{REGION} is at s3://elsewhere/, not at s3://{BUCKET}/AWSLogs/",
)  # fmt: skip
def partition_elsewhere(world: World, day: str) -> Run:
    world.deliver(day)
    glue = world.aws.client("glue")
    storage = glue.get_table(DatabaseName=DATABASE, Name="vpc_flow_logs")["Table"]["StorageDescriptor"]
    elsewhere = {"Values": [day, ACCOUNT, REGION], "StorageDescriptor": {**storage, "Location": "s3://elsewhere/"}}
    glue.create_partition(DatabaseName=DATABASE, TableName="vpc_flow_logs", PartitionInput=elsewhere)
    return world.run("flow_logs_daily", day=day, repair=False)


@cause(
    "table or column is missing", "a table was removed",
    subject="flow_logs_daily failed for {day}: register_partitions",
    error="Table not found flowlogs.vpc_flow_logs",
)  # fmt: skip
def no_table(world: World, day: str) -> Run:
    world.deliver(day)
    glue = world.aws.client("glue")
    found = glue.get_table(DatabaseName=DATABASE, Name="vpc_flow_logs")["Table"]
    glue.delete_table(DatabaseName=DATABASE, Name="vpc_flow_logs")
    run = world.run("flow_logs_daily", day=day)
    kept = {key: found[key] for key in ("Name", "PartitionKeys", "TableType", "Parameters", "StorageDescriptor")}
    glue.create_table(DatabaseName=DATABASE, TableInput=kept)
    return run


@cause(
    "table or column is missing", "a bucket of the settings does not exist",
    subject="flow_logs_setup failed: check_buckets",
    error="bucket not-made-yet does not exist: create it, or correct its name in the settings",
)  # fmt: skip
def no_bucket(world: World, day: str) -> Run:
    return world.run("flow_logs_setup", {"FLOWLOGS__SOURCES__0__BUCKET": "not-made-yet"})


@contextlib.contextmanager
def edited(file: Path, before: str, after: str) -> Iterator[None]:
    kept = file.read_text()
    assert before in kept
    file.write_text(kept.replace(before, after))
    yield
    file.write_text(kept)


@cause(
    "bad SQL", "a slip in a file of include/sql/",
    subject="flow_logs_daily failed for {day}: register_partitions (2 times)",
    error="mismatched input",
)  # fmt: skip
def slip_in_sql(world: World, day: str) -> Run:
    world.deliver(day)
    with edited(world.sql / "partitions" / "add_partitions.sql", "IF NOT EXISTS", "IF NOT THERE"):
        return world.run("flow_logs_daily", day=day)


@cause(
    "bad SQL", "a slip in a template of include/sql/",
    subject="flow_logs_daily failed for {day}: register_partitions (2 times)",
    error="UndefinedError: 'partitoins_of' is undefined",
)  # fmt: skip
def slip_in_template(world: World, day: str) -> Run:
    world.deliver(day)
    with edited(world.sql / "partitions" / "add_partitions.sql", "partitions_of(", "partitoins_of("):
        return world.run("flow_logs_daily", day=day)


@cause(
    "settings", "a wrong value in the Airflow Variable flowlogs",
    subject="flow_logs_daily failed for {day}: ",
    error="arrival.quiet_minutes = 'soon' (from the Airflow Variable flowlogs): must be a number",
)  # fmt: skip
def wrong_variable(world: World, day: str) -> Run:
    return world.run("flow_logs_daily", {"AIRFLOW_VAR_FLOWLOGS": '{"arrival": {"quiet_minutes": "soon"}}'}, day=day)


@cause(
    "the worker was lost", "a worker was killed: its task sends no heartbeat",
    subject="flow_logs_daily failed for {day}: write_records",
    error="the task's process vanished",
)  # fmt: skip
def killed_worker(world: World, day: str) -> None:
    world.dag_processor.task_failed(day, "write_records", "Task did not emit heartbeat within time limit (300 seconds)")


@cause(
    "took too long", "a query runs longer than its task may",
    subject="slow_query failed: ask",
    error="AirflowTaskTimeout: Timeout",
)  # fmt: skip
def slow_query(world: World, day: str) -> Run:
    return world.run("slow_query")


@cause(
    "no error was left", "a worker without credentials, beside a dag-processor with them",
    subject="flow_logs_daily failed for {day}",
    error="flow_logs_daily for {day} failed: task_failure",
)  # fmt: skip
def worker_without_credentials(world: World, day: str) -> None:
    assert no_credentials(world, day).state == "failed"
    world.dag_processor.run_failed(day, "wait_for_logs")


@cause(
    "unknown", "a run by hand without a day",
    subject="flow_logs_daily failed: the_day",
    error="this run names no day: trigger it with the parameter day (YYYY-MM-DD)",
)  # fmt: skip
def no_day(world: World, day: str) -> Run:
    return world.run("flow_logs_daily")


@dataclass(frozen=True)
class Told:
    """What a person read."""

    subject: str
    text: str

    @property
    def error(self) -> str:
        """The first task's, without what differs from run to run; of a run without tasks its first line."""
        found = re.search(r", try 1, [^\n]* UTC\n(.*?)\n(Athena query|Log): ", self.text, re.DOTALL)
        return lasting(found[1] if found else self.text.splitlines()[0])

    @property
    def advice(self) -> str:
        found = re.search(r"^What to do: (.*)$", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]


def lasting(error: str) -> str:
    """An error without its ids, days and places, and the folder of its settings."""
    error = re.sub(r"line \d+:\d+", "line …", error)
    error = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=PID: )\d+|\d{4}(-|/)\d\d(-|/)\d\d", "…", error)
    return re.sub(r"\S*/flowlogs\.yaml", "flowlogs.yaml", error)


@pytest.fixture(scope="module")
def table() -> dict[str, str]:
    """The rows of the page in the docs, by cause."""
    return {}


def anchors() -> set[str]:
    """The headings of the runbook, as links name them."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("number", range(len(CAUSES)), ids=[one.make.__name__ for one in CAUSES])
def test_the_failure_is_told_with_its_error_and_its_runbook_entry(world, table, number):
    one, day = CAUSES[number], str(date(2026, 10, 1) + timedelta(days=2 * number))
    world.delete("failures/")  # else the sixth message within ten minutes is held back
    run = one.make(world, day)
    assert run is None or run.state == "failed", run.log[-5000:]
    messages = world.messages()
    if one.silent:
        assert run is not None
        assert messages == []
        assert "people could not be told: tell_of_failed_run" in run.log
        error = last_error(run.log, one.error)
        assert remedy_of(error).kind == one.kind
        told = f"nothing, for nobody can be told; in the logs of the task and of the dag-processor: {shown(error)}"
    else:
        (message,) = messages
        read = Told(message["Subject"], message["Message"])
        assert read.subject.startswith(f"[test] {one.subject.format(day=day)}")
        assert one.error.format(day=day) in read.text
        assert read.advice == ADVICE[one.kind]
        told = shown(read.error)
    (anchor,) = re.findall(r"docs/operating\.md#([\w-]+)", ADVICE[one.kind])
    assert anchor in anchors()
    table[one.make.__name__] = f"| {one.what} | {told} | [{one.kind}](operating.md#{anchor}) |"


ADVICE = {remedy.kind: remedy.advice for remedy in (*REMEDIES, UNKNOWN)}


def last_error(log: str, words: str) -> str:
    """The paragraph of a log in which an exception is last told with these words, beginning with the exception's name."""
    before, found, after = log.rpartition(words)
    assert found, log[-5000:]
    lines = f"{before}{found}".splitlines()
    first = max(number for number, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception): ", line))
    rest = after.partition("\n")[0]
    return lasting("\n".join([lines[first].rpartition(".errors.")[2], *lines[first + 1 :]]) + rest)


def shown(error: str) -> str:
    """An error in a cell of a table."""
    return " ".join(error.split()).replace("|", "\\|")


def test_no_kind_is_left_without_a_cause():
    kinds = [remedy.kind for remedy in (*REMEDIES, UNKNOWN)]
    assert sorted({one.kind for one in CAUSES}, key=kinds.index) == kinds


def test_the_table_in_the_docs_is_of_this_run(table):
    if set(table) != {one.make.__name__ for one in CAUSES}:
        pytest.skip("only some of the failures were caused")
    text = HEAD + "\n".join(table[one.make.__name__] for one in CAUSES) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        PAGE_IN_DOCS.write_text(text)
    assert PAGE_IN_DOCS.read_text() == text, "run the test with UPDATE_DOCS=1 to write docs/failures-tried.md anew"


HEAD = """# Each failure, caused

This page is written by `tests/integration/test_each_failure.py`. It causes each kind of failure that
[the runbook](operating.md#what-a-failure-means) knows: the DAGs meet it in a local AWS that enforces IAM, and the message is
the one that their callbacks publish. Throttling is a proxy's answer to every try; of a lost worker the dag-processor's own
code is told as the scheduler tells it ([kills.md](kills.md) has kills of real processes). A kind without a failure here fails
the test.

| failure | what the message says of it | runbook |
|---|---|---|
"""
