from __future__ import annotations

import time

import boto3
import pytest
from alarm import Alarm
from botocore.stub import Stubber
from configuration import Configuration
from log_lines import PAGES_MOST, lines_of
from notification import notifications

from tests.unit.slack_notifier.published import ALARM, alarm, event

PATTERN = "[version, account, eni, src, dst, srcport, dstport=80 || dstport=443, ...]"
CONFIGURATION = Configuration("ssm:/x", log_group="/flowlogs/vpc", filter_patterns={ALARM: PATTERN})
WINDOW = {"startTime": 1795514400000, "endTime": 1795514699999}


@pytest.fixture
def logs():
    credentials = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    with Stubber(boto3.client("logs", **credentials)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def the_alarm(**values) -> Alarm:
    (notification,) = notifications(event(alarm(**values)))
    return Alarm.of(notification)


def page(first: int, count: int, token: str | None = None) -> dict:
    events = [
        {"timestamp": 1795514400000 + number, "message": f"line {number}"} for number in range(first, first + count)
    ]
    return {"events": events, **({"nextToken": token} if token else {})}


def request(**more) -> dict:
    return {"logGroupName": "/flowlogs/vpc", "filterPattern": PATTERN, **WINDOW, **more}


def test_the_lines_of_the_alarms_window_are_asked_for_and_counted_over_pages(logs):
    logs.add_response("filter_log_events", page(0, 4, "1"), request())
    logs.add_response("filter_log_events", page(0, 0, "2"), request(nextToken="1"))
    logs.add_response("filter_log_events", page(4, 10), request(nextToken="2"))
    found = lines_of(the_alarm(), CONFIGURATION, logs.client)
    assert [line.text for line in found.first] == [f"line {number}" for number in range(10)]
    assert (found.count, found.is_complete, found.problem, found.pattern) == (14, True, "", PATTERN)


def test_reading_ends_after_some_pages(logs):
    for number in range(PAGES_MOST):
        logs.add_response("filter_log_events", page(number, 1, str(number)))
    found = lines_of(the_alarm(), CONFIGURATION, logs.client)
    assert (found.count, found.is_complete, found.problem) == (PAGES_MOST, False, "")


def test_reading_ends_when_the_time_is_over(logs):
    logs.add_response("filter_log_events", page(0, 2, "1"))
    found = lines_of(the_alarm(), CONFIGURATION, logs.client, seconds=-1)
    assert (found.count, found.is_complete) == (2, False)


def test_what_was_read_before_an_error_is_kept(logs):
    logs.add_response("filter_log_events", page(0, 2, "1"))
    logs.add_client_error("filter_log_events", "ThrottlingException", "Rate exceeded")
    found = lines_of(the_alarm(), CONFIGURATION, logs.client)
    assert (len(found.first), found.is_complete) == (2, False)
    assert found.problem == "ThrottlingException: Rate exceeded"


def test_an_alarm_without_a_known_pattern_has_it_looked_up_by_its_metric(logs):
    filters = [
        ("other", "prod_other", "[a]"),
        ("wanted", "prod_http_attempts", "[b]"),
    ]
    for number, (name, metric, pattern) in enumerate(filters):
        transformation = {"metricNamespace": "FlowLogs", "metricName": metric, "metricValue": "1"}
        answer = {
            "metricFilters": [{"filterName": name, "filterPattern": pattern, "metricTransformations": [transformation]}]
        }
        token = {"nextToken": "more"} if number == 0 else {}
        logs.add_response("describe_metric_filters", {**answer, **token}, {"logGroupName": "/flowlogs/vpc", **({"nextToken": "more"} if number else {})})  # fmt: skip
    logs.add_response("filter_log_events", page(0, 1), {**request(), "filterPattern": "[b]"})
    assert lines_of(the_alarm(), Configuration("ssm:/x", log_group="/flowlogs/vpc"), logs.client).count == 1


def test_no_filter_or_no_right_to_see_it(logs):
    bare = Configuration("ssm:/x", log_group="/flowlogs/vpc")
    logs.add_response("describe_metric_filters", {"metricFilters": []})
    assert (
        "no metric filter of the log group makes the alarm's metric" in lines_of(the_alarm(), bare, logs.client).problem
    )
    logs.add_client_error("describe_metric_filters", "AccessDeniedException", "no")
    assert "AccessDeniedException: no" in lines_of(the_alarm(), bare, logs.client).problem


def test_lines_of_a_log_group(local_aws):
    logs = local_aws.client("logs")
    logs.create_log_group(logGroupName="/test/log_lines")
    logs.create_log_stream(logGroupName="/test/log_lines", logStreamName="eni-1-all")
    now = int(time.time()) // 60 * 60
    events = [{"timestamp": (now - 120 + second) * 1000, "message": f"2 at {second}"} for second in (0, 59, 60, 120)]
    logs.put_log_events(logGroupName="/test/log_lines", logStreamName="eni-1-all", logEvents=events)
    start = time.strftime("%d/%m/%y %H:%M:%S", time.gmtime(now - 120))
    reason = f"Threshold Crossed: 1 out of the last 1 datapoints [2.0 ({start})] was greater than the threshold (1.0)."
    configuration = Configuration("ssm:/x", log_group="/test/log_lines", filter_patterns={ALARM: ""})
    found = lines_of(the_alarm(NewStateReason=reason, trigger={"Period": 60}), configuration, logs)
    assert ([line.text for line in found.first], found.problem) == (["2 at 0", "2 at 59"], "")
    missing = Configuration("ssm:/x", log_group="/test/missing", filter_patterns={ALARM: ""})
    assert "ResourceNotFoundException" in lines_of(the_alarm(), missing, logs).problem
