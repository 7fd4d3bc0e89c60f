"""The whole pipeline in an Airflow whose AWS enforces IAM: it may do what the stack's role for Airflow may, no more.

What each task asks for is read from the local AWS (`/_iam/decisions.json`), task by task: each request names its DAG and
task as the application in its user agent.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT, LocalAws, free_port
from tests.integration.airflow_process import Airflow, Run, running_airflow
from tests.policies.stack import ACCOUNT, AIRFLOW_USER, Stack, deploy
from tests.unit.flowlogs.smallest_settings import source
from tests.unit.slack_notifier.slack_server import SlackServer, running_slack

ENVIRONMENT = "guarded"
SECTIONS = ("totals", "top_rejected_ports", "brute_force", "coverage")
"""Of the report's, since each costs a query a run and asks for the same permissions."""
DAYS = ((datetime.now(UTC) - timedelta(days=2)).date(), (datetime.now(UTC) - timedelta(days=1)).date())
DAY = str(DAYS[1])
SOURCE_ACCOUNTS = ("111122223333", "222233334444")
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
DAG_IDS = (
    "flow_logs_setup", "flow_logs_daily", "rejected_traffic_report", "quicksight_refresh", "alarm_health",
    "alarm_drill", "late_arrivals", "lake_cleanup", "lake_retention", "flow_logs_watchdog",
)  # fmt: skip

_PREPARE = """
sys.path.append({root!r})
import flowlogs.dag_defaults, flowlogs.sections, pathlib
flowlogs.dag_defaults.SQL_FOLDER = {sql!r}
flowlogs.sections.FOLDER = pathlib.Path({sql!r}, "reports")

# Clients are made anew in each task; botocore's files are read once.
from botocore.loaders import Loader
from tests.integration.alarm_stack import ReadOnce
Loader.FILE_LOADER_CLASS = ReadOnce

# Each request says which task sends it.
from botocore.useragent import UserAgentString
user_agent = UserAgentString.to_string
def with_task(self):
    task = os.environ.get("AIRFLOW_CTX_DAG_ID", "") + "." + os.environ.get("AIRFLOW_CTX_TASK_ID", "")
    return user_agent(self) + " app/" + task
UserAgentString.to_string = with_task
"""


@dataclass(frozen=True, order=True)
class Asked:
    """A permission that a task asked for."""

    action: str
    resource: str
    task: str
    """`dag.task`."""
    allowed: bool


@dataclass
class GuardedPipeline:
    """The pipeline, and the AWS that it works in."""

    aws: LocalAws
    stack: Stack
    airflow: Airflow
    slack: SlackServer

    def run(self, dag_id: str, environ: dict[str, str] | None = None, **conf: Any) -> Run:
        return self.airflow.run(dag_id, environ, **conf)

    def role(self) -> str:
        return f"{self.stack.environment}-flowlogs-airflow"

    def allow(self, *documents: dict[str, Any]) -> None:
        """Give Airflow's role these documents, and nothing else."""
        iam = self.aws.client("iam")
        for name in iam.list_role_policies(RoleName=self.role())["PolicyNames"]:
            iam.delete_role_policy(RoleName=self.role(), PolicyName=name)
        for one in iam.list_attached_role_policies(RoleName=self.role())["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=self.role(), PolicyArn=one["PolicyArn"])
        for number, document in enumerate(documents):
            iam.put_role_policy(
                RoleName=self.role(), PolicyName=f"airflow-{number}", PolicyDocument=json.dumps(document)
            )

    def asked(self) -> list[Asked]:
        """What Airflow's role asked for since the local AWS was started, or told to forget."""
        with urllib.request.urlopen(f"{self.aws.endpoint_url}/_iam/decisions.json") as answer:
            found = json.load(answer)
        role = f":assumed-role/{self.role()}/"
        return sorted(
            Asked(one["action"], one["resource"], one["application"], one["allowed"])
            for one in found
            if role in one["principal"]
        )

    def deliver(self, rejects: int, *, late: bool = False) -> None:
        """Put each account's files of the days, as AWS delivers them; `late` is one more file of the last day."""
        for day in DAYS[1:] if late else DAYS:
            start = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
            for account in SOURCE_ACCOUNTS[:1] if late else SOURCE_ACCOUNTS:
                lines = [
                    f"2 {account} eni-0a1b2c3d 203.0.113.{n} 10.0.0.1 40000 22 6 1 40 {start} {start + 60} REJECT OK"
                    for n in range(rejects)
                ]
                at = f"{day:%Y%m%d}T{'1200' if late else '2355'}Z"
                self.aws.client("s3").put_object(
                    Bucket=self.stack.parameters["FlowLogsBucketName"],
                    Key=f"AWSLogs/{account}/vpcflowlogs/us-east-1/{day:%Y/%m/%d}/"
                    f"{account}_vpcflowlogs_us-east-1_fl-0a1b2c3d_{at}_{rejects:08x}.log.gz",
                    Body=gzip.compress("\n".join([HEADER, *lines, ""]).encode()),
                )
        time.sleep(
            1.1
        )  # S3 tells the time of an object in seconds; files of the second in which they are read are late


def settings_of(stack: Stack) -> dict[str, Any]:
    """The stack's settings with a source, an alarm and a dashboard; what is removed soon so that retention has work."""
    values: dict[str, Any] = yaml.safe_load(stack.outputs["Settings"])
    rule = {"name": "ssh", "title": "SSH", "description": "See who.", "where": {"dstport": 22}, "threshold": 3}
    owner = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/owner"
    return {
        **values,
        "athena": {**values["athena"], "poll_seconds": 1},
        "lake": {**values["lake"], "grace_hours": 0.00001},
        "sources": [source(bucket=stack.parameters["FlowLogsBucketName"], accounts=list(SOURCE_ACCOUNTS))],
        "schedule": {"start_date": str(DAYS[0]), "retries": 0},
        "arrival": {"quiet_minutes": 0.00001, "poll_seconds": 1},  # the files are as young as the test
        "alarms": {
            **values["alarms"], "rules": [rule], "extra_alarm_tags": {"team": "network"},
            "subscriptions": {
                "emails": ["team@example.com"],
                "slack_webhook": f"secretsmanager:{stack.parameters['SlackWebhookSecret']}",
            },
        },
        "quicksight": {"enabled": True, "owners": [owner], "settle_minutes": 0},
        "watchdog": {"deadlines": {"curated": "00:00", "reported": "00:00"}},
        "retention": {
            "dry_run": False, "raw_partition_days": 30, "record_days": 30, "summary_days": 30, "ledger_days": 30,
            "report_days": 30, "query_result_days": 30,
        },
    }  # fmt: skip


@contextlib.contextmanager
def guarded_pipeline(folder: Path, dag_ids: Sequence[str] = DAG_IDS) -> Iterator[GuardedPipeline]:
    """A local AWS that enforces IAM, the stack in it, and an Airflow with nothing but a user's key."""
    environ = {
        "LOCAL_AWS_QUICKSIGHT_QUEUE_SECONDS": "0.05",
        "LOCAL_AWS_QUICKSIGHT_SETTLE_SECONDS": "0",
        "AUTH": "true",
    }
    aws = LocalAws(folder / "data", free_port(), environ)
    aws.start()
    try:
        with running_slack() as slack:
            secret = f"{ENVIRONMENT}/slack"
            aws.client("secretsmanager").create_secret(Name=secret, SecretString=slack.url)
            aws.client("quicksight").register_user(
                AwsAccountId=ACCOUNT, Namespace="default", IdentityType="QUICKSIGHT", UserName="owner",
                UserRole="ADMIN", Email="owner@example.com",
            )  # fmt: skip
            stack = deploy(aws, ENVIRONMENT, SlackWebhookSecret=secret)
            with _airflow(folder, aws, stack, dag_ids) as airflow:
                pipeline = GuardedPipeline(aws, stack, airflow, slack)
                pipeline.deliver(4)
                yield pipeline
    finally:
        aws.stop()


@contextlib.contextmanager
def _airflow(folder: Path, aws: LocalAws, stack: Stack, dag_ids: Sequence[str]) -> Iterator[Airflow]:
    sql = folder / "sql"
    shutil.copytree(ROOT / "include" / "sql", sql)
    for file in (sql / "reports").glob("*.sql"):
        if file.stem not in SECTIONS:
            file.unlink()
    (folder / "flowlogs.yaml").write_text(yaml.safe_dump(settings_of(stack)))
    key, secret = _user(aws, stack)
    connection = {
        "conn_type": "aws", "login": key, "password": secret,
        "extra": {
            "region_name": "us-east-1", "endpoint_url": aws.endpoint_url, "role_arn": stack.outputs["AirflowRoleArn"],
        },
    }  # fmt: skip
    environ = {
        **aws.connection,
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
        "AWS_ACCESS_KEY_ID": key,  # for whatever goes past the connection
        "AWS_SECRET_ACCESS_KEY": secret,
        "FLOWLOGS_CONFIG": str(folder / "flowlogs.yaml"),
    }
    dag_files = [ROOT / "dags" / f"{name}.py" for name in dag_ids]
    prepare = _PREPARE.format(root=str(ROOT), sql=str(sql))
    with running_airflow(folder / "airflow", dag_files, environ, prepare=prepare) as airflow:
        yield airflow


def _user(aws: LocalAws, stack: Stack) -> tuple[str, str]:
    """The key of the user that Airflow runs as, who may only take the role."""
    iam = aws.client("iam")
    iam.create_user(UserName=AIRFLOW_USER)
    takes = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": stack.outputs["AirflowRoleArn"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [takes]})
    iam.put_user_policy(UserName=AIRFLOW_USER, PolicyName="take-the-role", PolicyDocument=document)
    key = iam.create_access_key(UserName=AIRFLOW_USER)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
