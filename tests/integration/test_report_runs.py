"""The report's DAGs, whole, on a local AWS: what stands in S3, who is told, what a rerun and a failure do."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flowlogs.dag_defaults import SQL_FOLDER
from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target
from tests.conftest import ROOT
from tests.integration.airflow_process import Airflow, Refused, Run, running_airflow
from tests.integration.curated_days import CuratedDays
from tests.sql.reports.conftest import Lake
from tests.unit.slack_notifier.slack_server import SlackServer, running_slack

pytestmark = [pytest.mark.integration]

SECTIONS = ("totals", "top_rejected_ports", "brute_force", "coverage")
"""Of those of the repository: each has its own tests, and here each costs a query a run."""
TARGETS = 5
WEEK = [date(2026, 11, 16) + timedelta(days=number) for number in range(7)]
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = map(str, WEEK[:5])
WITHOUT_REJECTS, EMPTY = "2026-10-05", "2026-10-07"

BROKEN = """/*
title: A query that fails
group: traffic
order: 900
description: It asks for a column that there is not.
editions: [monthly]
columns: {nothing: {label: Nothing}}
*/
SELECT nothing FROM flow_daily
"""
MISNAMED = """/*
title: A header of another query
group: traffic
order: 910
description: The query has a column that the header does not name.
editions: [monthly]
columns: {flows: {label: Flows, kind: number}}
*/
SELECT 1 AS packets
"""


@dataclass
class Reports:
    """The report's DAGs, the lake that they read and write, and everybody whom they tell."""

    aws: Any
    airflow: Airflow
    lake: Lake
    slack: SlackServer
    queue: str

    def run(self, day: str | date | None, edition: str = "daily", **options: Any) -> Run:
        dag_id = "rejected_traffic_report" if edition == "daily" else f"rejected_traffic_report_{edition}"
        return self.airflow.run(dag_id, day=None if day is None else str(day), **options)

    def object(self, key: str) -> dict[str, Any]:
        return self.aws.client("s3").get_object(Bucket="logs", Key=key)

    def text(self, key: str) -> str:
        return self.object(key)["Body"].read().decode()

    def keys(self, folder: str) -> list[str]:
        found = self.aws.client("s3").list_objects_v2(Bucket="logs", Prefix=folder).get("Contents", [])
        return [entry["Key"].removeprefix(folder) for entry in found]

    def summary(self, folder: str) -> dict[str, Any]:
        return json.loads(self.text(f"{folder}summary.json"))

    def table(self, folder: str, name: str) -> list[dict[str, str]]:
        """A section's CSV file, found as a reader of the page finds it."""
        (link,) = re.findall(rf'href="([^"]+/{name}\.csv)"', self.text(f"{folder}index.html"))
        return list(csv.DictReader(io.StringIO(self.text(f"{folder}{link}").removeprefix("\ufeff"))))

    def mail(self) -> list[dict[str, str]]:
        """The messages of the topic since the last look. SNS has handed them on when it has answered."""
        sqs = self.aws.client("sqs")
        found = []
        while received := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    def posts(self) -> list[dict[str, Any]]:
        """What Slack was sent since the last look."""
        posted = list(self.slack.posted)
        self.slack.posted.clear()
        return posted


def folder_of(day: str | date, edition: str = "daily") -> str:
    return f"lake/reports/rejected_traffic/{edition}/dt={day}/"


def telnet(number: int, source: str = "198.51.100.7") -> list[dict[str, Any]]:
    """Rejected records, of 60 bytes in one packet."""
    return [{"srcaddr": source, "dstport": 23, "bytes": 60, "start": f"01:{n:02}"} for n in range(number)]


def accepted(number: int) -> list[dict[str, Any]]:
    return [
        {"action": "ACCEPT", "dstport": 443, "packets": 3, "bytes": 1000, "start": f"02:{n:02}"} for n in range(number)
    ]


def attempts(source: str) -> list[dict[str, Any]]:
    """A dozen at SSH within the hour: a finding of `brute_force`."""
    return [{"srcaddr": source, "dstport": 22, "srcport": 40000 + n, "start": f"09:{n:02}"} for n in range(12)]


def delivered(day: str | date, status: str = "complete") -> list[Any]:
    targets = [
        *(Target("network", a, r) for a in ("111122223333", "222233334444") for r in ("us-east-1", "eu-west-1")),
        Target("other", "111122223333", "us-east-1"),
    ]
    return [
        ledger_row(
            target, status=status, reason="", files=ObjectCount(), rows=RowCount(), scanned=0, cost_usd=0.0,
            run_id="test", recorded_at=datetime(2026, 11, 25, tzinfo=UTC),
        )
        for target in targets
    ]  # fmt: skip


@pytest.fixture(scope="module")
def reports(local_aws, tmp_path_factory) -> Iterator[Reports]:
    """A week of curated days, each with one more rejected and two more accepted flows than the day before it."""
    folder = tmp_path_factory.mktemp("report_runs")
    sql_folder = folder / "sql"
    (sql_folder / "reports").mkdir(parents=True)
    for name in SECTIONS:
        shutil.copy(f"{SQL_FOLDER}/reports/{name}.sql", sql_folder / "reports")
    (sql_folder / "reports" / "broken.sql").write_text(BROKEN)
    (sql_folder / "reports" / "misnamed.sql").write_text(MISNAMED)
    prepare = (
        "import flowlogs.dag_defaults, flowlogs.sections, pathlib\n"
        f"flowlogs.dag_defaults.SQL_FOLDER = {str(sql_folder)!r}\n"
        f"flowlogs.sections.FOLDER = pathlib.Path({str(sql_folder)!r}, 'reports')\n"
    )
    topic = local_aws.client("sns").create_topic(Name="reports")["TopicArn"]
    sqs = local_aws.client("sqs")
    queue = sqs.create_queue(QueueName="reports")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    local_aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    with pytest.MonkeyPatch.context() as patch, running_slack() as slack:
        patch.setenv("FLOWLOGS_CONFIG", str(folder / "flowlogs.yaml"))
        patch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        told = {"report_topic_arn": topic, "slack_conn_id": "slack_reports"}
        reports = {"base_url": f"{local_aws.endpoint_url}/logs/"}
        days = CuratedDays(local_aws, folder / "flowlogs.yaml", notifications=told, reports=reports)
        lake = Lake(days)  # writes the settings
        environ = {
            **local_aws.connection,
            "FLOWLOGS_CONFIG": str(folder / "flowlogs.yaml"),
            "AIRFLOW_CONN_SLACK_REPORTS": json.dumps(
                {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": slack.port,
                 "password": "services/T000/B000/secret"}
            ),
        }  # fmt: skip
        dag_file = ROOT / "dags" / "rejected_traffic_report.py"
        with running_airflow(folder / "airflow", dag_file, environ, prepare=prepare) as airflow:
            for number, day in enumerate(WEEK, start=1):
                lake.records(*telnet(number), *accepted(2 * number), day=str(day))
                lake.ledger(*delivered(day), day=str(day))
            lake.records(*attempts("203.0.113.9"), day=WEDNESDAY)
            lake.records(*attempts("203.0.113.9"), *attempts("203.0.113.10"), day=THURSDAY)
            lake.records(*accepted(4), day=WITHOUT_REJECTS)
            lake.summarise()
            yield Reports(local_aws, airflow, lake, slack, queue)


def silence(reports: Reports) -> None:
    """Forget what was told until now."""
    reports.mail()
    reports.posts()


def test_a_day_s_report_stands_in_s3_and_everybody_is_told_once_what_is_new(reports):
    silence(reports)
    first = reports.run(WEDNESDAY)
    assert first.state == "success"
    assert set(first.states("run_sections")) == {"success"}
    assert first.returned("tell") == ["sent", "sent"]
    (mail,) = reports.mail()
    assert "1 finding, 1 new" in mail["Subject"]
    assert "203.0.113.9" in mail["Message"]
    (post,) = reports.posts()
    assert "203.0.113.9" in json.dumps(post)

    folder = folder_of(WEDNESDAY)
    page = reports.text(f"{folder}index.html")
    assert reports.object(f"{folder}index.html")["ContentType"].startswith("text/html")
    assert f"{reports.aws.endpoint_url}/logs/{folder}index.html" in mail["Message"]
    assert "203.0.113.9" in page
    summary = reports.summary(folder)
    (finding,) = summary["findings"]
    assert (finding["detection"], finding["status"], finding["amount"]) == ("brute_force", "new", 12)
    # Three records at telnet, a dozen attempts at SSH.
    assert summary["traffic"]["REJECT"]["flows"] == 3 + 12
    assert summary["traffic"]["ACCEPT"]["flows"] == 6
    assert summary["coverage"] == {"complete": TARGETS}
    ports = {row["Port"]: row["Rejected flows"] for row in reports.table(folder, "top_rejected_ports")}
    assert ports == {"22": "12", "23": "3"}
    assert first.returned("write_report")[0]["page"].endswith(f"{folder}index.html")

    next_day = reports.run(THURSDAY)
    assert next_day.state == "success"
    statuses = {f["who"]: f["status"] for f in reports.summary(folder_of(THURSDAY))["findings"]}
    assert {who: status for who, status in statuses.items() if "203.0.113.9" in who} == {"203.0.113.9": "continuing"}
    assert statuses["203.0.113.10"] == "new"
    (mail,) = reports.mail()
    assert "2 findings, 1 new" in mail["Subject"]
    new = mail["Message"].split("New findings")[1]
    assert "203.0.113.10" in new
    assert "203.0.113.9 " not in new
    silence(reports)

    before = reports.keys(folder_of(THURSDAY))
    again = reports.run(THURSDAY)
    assert again.returned("tell") == ["findings unchanged", "findings unchanged"]
    assert (reports.mail(), reports.posts()) == ([], [])
    after = reports.keys(folder_of(THURSDAY))
    assert {key for key in after if "/" not in key} == {key for key in before if "/" not in key}
    assert reports.summary(folder_of(THURSDAY))["run_id"] == again.run_id


def test_some_sections_only_stand_beside_the_report_and_only_those_are_told_who_are_asked_to_be(reports):
    silence(reports)
    folder = folder_of(TUESDAY)
    run = reports.run(TUESDAY, sections=["totals", "totals"], messages="always", recipients=["Slack"])
    assert run.state == "success"
    assert run.states("run_sections") == ["success"]
    assert run.returned("tell") == ["not wanted", "sent"]
    assert reports.mail() == []
    assert len(reports.posts()) == 1
    assert {key.split("/")[0] for key in reports.keys(folder)} == {"some_sections"}
    assert list(reports.summary(f"{folder}some_sections/")["sections"]) == ["totals"]


def test_who_could_not_be_told_is_told_by_the_next_run_and_nobody_else_again(reports):
    silence(reports)
    reports.slack.answer((404, "no_service"))
    refused = reports.run(MONDAY)
    reports.slack.answer((200, "ok"))
    assert refused.state == "failed"
    assert refused.states("tell") == ["success", "failed"]
    assert "Slack refuses the message: HTTP 404 no_service" in refused.log
    assert "T000/B000/secret" not in refused.log
    assert len(reports.mail()) == 1
    again = reports.run(MONDAY)
    assert again.returned("tell") == ["findings unchanged", "sent"]
    assert (len(reports.mail()), len(reports.posts())) == (0, 1)


def test_a_week_adds_its_days_up(reports):
    run = reports.run(THURSDAY, edition="weekly", messages="never")
    assert run.state == "success"
    assert run.returned("tell") == ["not wanted", "not wanted"]
    summary = reports.summary(folder_of(MONDAY, "weekly"))
    assert (summary["first"], summary["last"]) == (str(WEEK[0]), str(WEEK[-1]))
    # Each day one more of telnet; a dozen attempts on Wednesday, two dozen on Thursday.
    assert summary["traffic"]["REJECT"]["flows"] == sum(range(1, 8)) + 12 + 24
    assert summary["traffic"]["ACCEPT"]["flows"] == 2 * sum(range(1, 8))


def test_a_section_that_fails_is_named_on_the_page_and_the_others_have_their_answers(reports):
    silence(reports)
    run = reports.run(MONDAY, edition="monthly", sections=["totals", "broken", "misnamed"], messages="always")
    states = run.states("run_sections")
    assert sorted(states) == ["failed", "success", "success"]
    assert run.states("write_report") == ["success"]
    folder = f"{folder_of('2026-11-01', 'monthly')}some_sections/"
    sections = reports.summary(folder)["sections"]
    assert sections["totals"]["error"] is None
    assert sections["broken"]["error"]
    assert "packets" in sections["misnamed"]["error"]
    page = reports.text(f"{folder}index.html")
    assert "A query that fails" in page
    assert "A header of another query" in page
    (mail,) = reports.mail()
    assert "no findings, 2 without an answer" in mail["Subject"]


@pytest.mark.parametrize(("day", "accepted_flows"), [(WITHOUT_REJECTS, 4), (EMPTY, 0)])
def test_days_without_rejects_and_without_anything_have_right_pages(reports, day, accepted_flows):
    silence(reports)
    run = reports.run(day)
    assert run.state == "success"
    summary = reports.summary(folder_of(day))
    assert summary["findings"] == []
    assert summary["traffic"]["REJECT"]["flows"] == 0
    assert summary["traffic"]["ACCEPT"]["flows"] == accepted_flows
    (mail,) = reports.mail()
    assert "no findings" in mail["Subject"]
    assert reports.table(folder_of(day), "top_rejected_ports") == []


def test_what_is_no_day_no_section_and_nobody_is_refused_by_the_form(reports):
    for conf in (
        {"day": "2026-13-01"},
        {"day": MONDAY, "sections": ["nothing"]},
        {"day": MONDAY, "recipients": ["me"]},
    ):
        with pytest.raises(Refused):
            reports.airflow.run("rejected_traffic_report", **conf)
    without_day = reports.run(None)
    assert without_day.state == "failed"
    assert "trigger it with the parameter day (YYYY-MM-DD)" in without_day.log
