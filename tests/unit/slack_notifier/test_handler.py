from __future__ import annotations

import ast
import json
import logging
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.unit.slack_notifier.block_kit import check, title, words
from tests.unit.slack_notifier.published import alarm, event

SECRET = "T000/B000/secret"


@pytest.fixture
def lambda_(cold_start, secret, slack):
    return cold_start(WEBHOOK=f"secretsmanager:{secret(slack.url)}", ENVIRONMENT="prod")


@pytest.mark.parametrize(
    ("message", "headline"),
    [
        (alarm(), "ALARM: Repeated HTTP attempts"),
        (alarm("OK"), "OK again: Repeated HTTP attempts"),
        (alarm("INSUFFICIENT_DATA"), "No data to judge: Repeated HTTP attempts"),
        ({"kind": "airflow_failure", "dag_id": "d", "task_id": "t"}, "Failed: d.t"),
        ({"kind": "alarm_health", "new": [{"subject": "s"}]}, "Alarm health (prod): 1 new"),
        ({"kind": "report", "title": "Rejected traffic"}, "Rejected traffic"),
        ({"kind": ["unhashable"]}, "a subject"),
        ("plain text", "a subject"),
        ("[1, 2]", "a subject"),
        ("[" * 100_000, "a subject"),
        (alarm(AlarmName=None, Trigger=[1], NewStateReason={"a": 1}), "ALARM: Repeated HTTP attempts"),
    ],
)
def test_each_kind_becomes_a_message(lambda_, slack, context, message, headline):
    assert lambda_.handler(event(message), context) == {"posted": 1}
    (payload,) = slack.posted
    check(payload)
    assert title(payload) == headline


@pytest.mark.parametrize("invoked_with", [{}, {"Records": []}, {"Records": [{"s3": "x"}]}, {"detail": "<!channel>"}, "text", None, [1]])  # fmt: skip
def test_what_did_not_come_from_sns_is_shown(lambda_, slack, context, invoked_with):
    lambda_.handler(invoked_with, context)
    check(slack.posted[0])
    assert "Not from SNS" in words(slack.posted[0])


def test_an_alarm_shows_its_log_lines_and_an_ok_how_long_it_took(cold_start, secret, slack, context, local_aws):
    group, name = f"/test/{uuid.uuid4().hex[:8]}", f"test-{uuid.uuid4().hex[:8]}"
    logs, cloudwatch = local_aws.client("logs"), local_aws.client("cloudwatch")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    line = "2 111122223333 eni-0a1b 203.0.113.9 10.0.0.5 40000 443 6 1 60 1795514460 1795514519 REJECT OK"
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now, "message": line}])
    cloudwatch.put_metric_alarm(AlarmName=name, MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")  # fmt: skip
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
    lambda_ = cold_start(
        WEBHOOK=f"secretsmanager:{secret(slack.url)}",
        LOG_GROUP=group,
        FILTER_PATTERNS=json.dumps({name: ""}),
        LOG_FIELDS=json.dumps(["version", "account_id", "interface_id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action", "log_status"]),
    )  # fmt: skip
    changed_at = time.strftime("%Y-%m-%dT%H:%M:%S.999+0000", time.gmtime())
    for number, state in enumerate(("ALARM", "OK")):
        message = alarm(state, AlarmName=name, StateChangeTime=changed_at, NewStateReason="a test")
        lambda_.handler(event(message, first_id=number), context)
    in_alarm, ok = slack.posted
    assert "10:01:00  203.0.113.9:40000  → 10.0.0.5:443  eni-0a1b  REJECT" in words(in_alarm)
    assert f"{name} is OK again, was in ALARM for less than a minute" in words(ok)


def test_a_message_goes_out_when_its_log_lines_cannot_be_read(cold_start, secret, slack, context):
    lambda_ = cold_start(WEBHOOK=f"secretsmanager:{secret(slack.url)}", LOG_GROUP="/no/such")
    lambda_.handler(event(alarm()), context)
    assert "The log lines could not be fetched: the metric filters could not be read: ResourceNotFound" in words(
        slack.posted[0]
    )


def test_lines_are_not_looked_for_where_the_alarm_is_about_none(cold_start, secret, slack, context):
    lambda_ = cold_start(WEBHOOK=f"secretsmanager:{secret(slack.url)}", LOG_GROUP="/no/such")
    lambda_.handler(event(alarm(trigger={"ComparisonOperator": "LessThanThreshold"})), context)
    assert "log lines" not in words(slack.posted[0]).lower().partition("cloudwatch:")[0]


def test_a_drill_leaves_a_line_in_the_log(lambda_, slack, context, caplog):
    with caplog.at_level(logging.INFO, "slack_notifier"):
        lambda_.handler(event(alarm(NewStateReason="[drill abc-1] test"), alarm()), context)
    assert [m for m in caplog.messages if "drill" in m] == ["drill abc-1 posted to Slack"]
    assert title(slack.posted[0]) == "[drill abc-1] ALARM: Repeated HTTP attempts"


def test_a_drill_that_was_not_posted_leaves_none(lambda_, slack, context, caplog):
    slack.answer((400, "invalid_payload"))
    with (
        pytest.raises(RuntimeError, match="HTTP 400: invalid_payload"),
        caplog.at_level(logging.INFO, "slack_notifier"),
    ):
        lambda_.handler(event(alarm(NewStateReason="[drill abc-1] test")), context)
    assert "drill abc-1 posted" not in caplog.text


def test_one_failure_keeps_no_other_message_back_and_a_retry_posts_only_it(lambda_, slack, context):
    slack.answer((200, "ok"), (400, "invalid_payload"), (200, "ok"))
    three = event("first", "second", "third")
    with pytest.raises(RuntimeError, match=r"1 of 3 messages were not posted; the first: .*invalid_payload"):
        lambda_.handler(three, context)
    assert lambda_.handler(three, context) == {"posted": 1}
    posted = [next(word for word in ("first", "second", "third") if word in words(payload)) for payload in slack.posted]
    assert posted == ["first", "third", "second"]


@pytest.mark.parametrize("gone", [403, 404, 410])
def test_a_replaced_webhook_is_found_at_once(cold_start, secret, slack, context, local_aws, gone):
    name = secret(f"{slack.url}-old")
    lambda_ = cold_start(WEBHOOK=f"secretsmanager:{name}")
    lambda_.handler(event("before"), context)
    local_aws.client("secretsmanager").put_secret_value(SecretId=name, SecretString=f"{slack.url}-new")
    slack.answer((gone, "no_service"), (200, "ok"))
    lambda_.handler(event("after", first_id=2), context)
    assert [path.rpartition("-")[2] for path in slack.paths] == ["old", "old", "new"]


def test_a_webhook_that_is_gone_for_good_is_told(lambda_, slack, context):
    slack.answer((404, "no_service"))
    with pytest.raises(RuntimeError, match="HTTP 404: no_service"):
        lambda_.handler(event("x"), context)
    assert len(slack.paths) == 1


@pytest.mark.parametrize("answers", [[(200, "ok")], [(500, "x"), (200, "ok")], [(404, "no_service")]])
def test_the_webhooks_url_is_in_no_log_and_no_error(lambda_, slack, context, caplog, answers):
    slack.answer(*answers)
    error = ""
    with caplog.at_level(logging.DEBUG):
        try:
            lambda_.handler(event("x"), context)
        except RuntimeError as refusal:
            error = str(refusal)
    # botocore's own debug log shows every answer of AWS; nothing switches it on.
    own = [record.getMessage() for record in caplog.records if not record.name.startswith(("botocore", "urllib3"))]
    assert own
    assert SECRET not in "".join([error, *own])


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({"WEBHOOK": ""}, "WEBHOOK is not set"),
        ({"WEBHOOK": "ssm:/x", "FILTER_PATTERNS": "[1]"}, "FILTER_PATTERNS is no JSON object of texts"),
        ({"WEBHOOK": "ssm:/x", "FILTER_PATTERNS": "{"}, "FILTER_PATTERNS is no JSON"),
        ({"WEBHOOK": "ssm:/x", "LOG_FIELDS": '"a b"'}, "LOG_FIELDS is no JSON list"),
    ],
)
def test_a_wrong_configuration_is_named_and_the_message_kept(cold_start, context, environ, problem):
    with pytest.raises(ValueError, match=problem):
        cold_start(**environ).handler(event("x"), context)


def test_nothing_is_imported_but_the_standard_library_boto3_and_the_folder():
    folder = Path(__file__).parents[3] / "include" / "slack_notifier"
    files = list(folder.glob("*.py"))
    allowed = {*sys.stdlib_module_names, *(file.stem for file in files), "boto3", "botocore"}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= allowed, file.name
            elif isinstance(node, ast.ImportFrom):
                assert str(node.module).partition(".")[0] in allowed, file.name
