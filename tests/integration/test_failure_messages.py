"""Failed runs, told by SNS through the callbacks that every DAG has."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import yaml
from airflow.sdk import DAG

from flowlogs.notifications import callbacks
from tests.unit.flowlogs.smallest_settings import section

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]


@pytest.fixture
def inbox(local_aws, monkeypatch, tmp_path, caplog):
    """A topic in the settings, and a queue that gets what it is sent."""
    sns, sqs = local_aws.client("sns"), local_aws.client("sqs")
    name = tmp_path.name.replace("_", "-")
    topic = sns.create_topic(Name=f"failures-{name}")["TopicArn"]
    queue = sqs.create_queue(QueueName=f"failures-{name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    bucket = local_aws.bucket("lake")
    file = tmp_path / "flowlogs.yaml"
    athena = {"output_location": f"s3://{bucket}/athena/"}
    file.write_text(
        yaml.safe_dump(section(athena=athena, lake={"bucket": bucket}, notifications={"sns_topic_arn": topic}))
    )
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(file))
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)

    def read() -> list[dict]:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    read.topic = topic
    return read


def of_run(run_id: str, day: str | None = "2026-11-22", **more) -> dict:
    """The context of a callback, as Airflow gives it to a task's and a run's."""
    dag_run = SimpleNamespace(partition_key=day, conf={})
    return {
        "dag": DAG("flow_logs_daily", schedule=None),
        "run_id": run_id,
        "dag_run": dag_run,
        "params": {},
        **more,
    }


def task_of(run_id: str, error: Exception, task_id: str = "write_records", map_index: int = -1, **more) -> dict:
    ti = SimpleNamespace(
        dag_id="flow_logs_daily", run_id=run_id, task_id=task_id, map_index=map_index, try_number=2,
        rendered_map_index=None, log_url="https://airflow.example/log",
    )  # fmt: skip
    return of_run(run_id, ti=ti, exception=error, **more)


def test_a_failed_run_is_one_message_and_its_recovery_another(inbox):
    for index in range(3):
        callbacks.note_task_failure(task_of("run-1", ValueError("Access Denied"), map_index=index))
    assert inbox() == [], "a task's failure alone says nothing"
    callbacks.tell_of_failed_run(of_run("run-1", reason="task_failure"))
    (message,) = inbox()
    assert message["Subject"] == "[test] flow_logs_daily failed for 2026-11-22: write_records (3 times)"
    assert "ValueError: Access Denied" in message["Message"]
    assert "include/iam/airflow_role.json" in message["Message"]

    callbacks.tell_of_recovery(of_run("run-2", day="2026-11-21"))
    assert inbox() == [], "another day was never told"
    callbacks.tell_of_recovery(of_run("run-2"))
    (message,) = inbox()
    assert message["Subject"] == "[test] flow_logs_daily is well again for 2026-11-22"
    callbacks.tell_of_recovery(of_run("run-3"))
    assert inbox() == [], "it is told once"


def test_the_notes_of_one_run_are_not_anothers(inbox):
    callbacks.note_task_failure(task_of("run-1", ValueError("of the first")))
    callbacks.note_task_failure(task_of("run-2", ValueError("of the second")))
    callbacks.tell_of_failed_run(of_run("run-2"))
    (message,) = inbox()
    assert "of the second" in message["Message"]
    assert "of the first" not in message["Message"]


def test_a_storm_is_held_back(inbox, local_aws, caplog):
    for number in range(8):
        callbacks.tell_of_failed_run(of_run(f"run-{number}", day=f"2026-11-{number + 1:02}"))
    assert len(inbox()) == 5
    assert "told together with others" in caplog.text


def test_a_run_without_a_day_is_told_too(inbox):
    callbacks.tell_of_failed_run(of_run("run-1", day=None, reason="timed_out"))
    (message,) = inbox()
    assert message["Subject"] == "[test] flow_logs_daily failed"


def test_when_sns_fails_the_log_says_so_and_nothing_else_breaks(inbox, local_aws, caplog):
    local_aws.client("sns").delete_topic(TopicArn=inbox.topic)
    callbacks.note_task_failure(task_of("run-1", ValueError("boom")))
    callbacks.tell_of_failed_run(of_run("run-1"))
    assert "people could not be told: tell_of_failed_run" in caplog.text
    assert "NotFound" in caplog.text
