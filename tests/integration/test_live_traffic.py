"""`python -m local_aws.traffic live` and `probe`, into the local AWS's CloudWatch Logs."""

from __future__ import annotations

import subprocess
import time
import uuid

import pytest

from local_aws.traffic.__main__ import main
from local_aws.traffic.log_group import LogEvent, LogGroup
from tests.conftest import LOCAL_AWS_PYTHON, ROOT
from tests.integration.inbox import wait_for

pytestmark = pytest.mark.integration

ATTEMPTS = (
    "[version, account, interface, source, destination, sourceport, port=80 || port=443, protocol=6, packets, bytes, "
    "start, end, action=REJECT, status]"
)


@pytest.fixture
def logs(local_aws, monkeypatch):
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)
    return local_aws.client("logs")


@pytest.fixture
def group() -> str:
    return f"/flowlogs/t{uuid.uuid4().hex[:8]}"


def records(logs, group: str) -> list[tuple[dict, list[str]]]:
    """The events of a log group, and their words."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [(event, event["message"].split(" ")) for page in pages for event in page["events"]]


def test_records_arrive_in_the_streams_of_their_interfaces_until_the_end(logs, group, capsys):
    began = time.time()
    wanted = ["--records-per-minute", "6000", "--seconds", "0.9", "--account", "111122223333"]
    assert main(["live", "--log-group", group, *wanted]) == 0
    found = records(logs, group)
    assert f"made the log group {group}" in (said := capsys.readouterr()).out
    assert f"{len(found)} records, " in said.out.splitlines()[-1]
    assert {words[1] for _, words in found} == {"111122223333"}
    for event, words in found:
        assert event["logStreamName"] == f"{words[2]}-all"
        assert event["timestamp"] == int(words[10]) * 1000
    ends = [int(words[11]) for _, words in found if words[13] == "OK"]
    assert began - 1 <= min(ends) <= max(ends) <= time.time()
    assert {"ACCEPT", "REJECT", "-"} == {words[12] for _, words in found}


def test_ctrl_c_is_the_usual_end(local_aws, logs, group):
    command = [LOCAL_AWS_PYTHON, "-m", "local_aws.traffic", "live", "--log-group", group]
    process = subprocess.Popen(
        [*map(str, command), "--endpoint-url", local_aws.endpoint_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    named = lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]  # noqa: E731
    wait_for(lambda: named() and records(logs, group))
    process.send_signal(2)
    assert f"s: {group}" in process.communicate(timeout=20)[0]
    assert process.returncode == 0


def test_three_attempts_within_300_seconds_raise_the_alarm_and_two_do_not(local_aws, logs, group, capsys):
    name = group.rpartition("/")[2]
    metric = {"metricName": "attempts", "metricNamespace": name, "metricValue": "1"}
    logs.create_log_group(logGroupName=group)
    logs.put_metric_filter(logGroupName=group, filterName=name, filterPattern=ATTEMPTS, metricTransformations=[metric])
    cloudwatch = local_aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace=name, MetricName="attempts", Statistic="Sum", Period=300, EvaluationPeriods=1,
        Threshold=3, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching",
    )  # fmt: skip

    def state() -> str:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(alarm["StateValue"])

    assert main(["probe", "--log-group", group, "--attempts", "2", "--port", "443"]) == 0
    wait_for(state, lambda seen: seen == "OK")
    assert main(["probe", "--log-group", group, "--attempts", "1", "--source", "198.51.100.7"]) == 0
    wait_for(state, lambda seen: seen == "ALARM")
    assert [words[12] for _, words in records(logs, group)] == ["REJECT"] * 3
    assert "1 rejected attempts of 198.51.100.7 on 10." in capsys.readouterr().out


def test_records_that_cloudwatch_does_not_take_are_an_error(logs, group, capsys):
    weeks = str(21 * 86_400)
    assert main(["probe", "--log-group", group, "--attempts", "2", "--within", weeks]) == 0
    assert main(["probe", "--log-group", group, "--attempts", "4", "--within", weeks]) == 1
    assert "1 of 4 records were too old to be taken" in capsys.readouterr().err


@pytest.mark.parametrize(("events", "size"), [(10_001, 10), (5, 250_000)])
def test_more_than_one_call_takes_is_written_in_several(local_aws, logs, group, events, size):
    log_group = LogGroup(group, endpoint_url=local_aws.endpoint_url, region="us-east-1")
    assert log_group.ensure()
    assert not log_group.ensure()
    now = int(time.time()) * 1000
    assert log_group.write({"eni-1-all": [LogEvent(now, "x" * size)] * events}) == events
    assert len(records(logs, group)) == events
