"""CloudWatch Logs filters and alarms through boto3: from a log event to a metric, an alarm, and a message."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import pytest

from tests.conftest import LocalAws, free_port

pytestmark = pytest.mark.integration

ATTEMPTS = (
    "[version, account_id, interface_id, srcaddr, dstaddr, srcport, dstport=80 || dstport=443, protocol=6, "
    "packets, bytes, start, end, action, log_status]"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS that looks at its alarms several times a second."""
    aws = LocalAws(tmp_path_factory.mktemp("logs") / "data", free_port(), {"LOCAL_AWS_ALARM_SECONDS": "0.2"})
    aws.start()
    yield aws
    aws.stop()


@dataclass(frozen=True)
class Group:
    """A log group of the test's own, with one stream."""

    name: str
    logs: Any

    def put(self, *messages: str, at: float | None = None, stream: str = "s") -> dict[str, Any]:
        """Write messages that are all of one moment, in epoch seconds; by default of now."""
        timestamp = round((time.time() if at is None else at) * 1000)
        events = [{"timestamp": timestamp, "message": message} for message in messages]
        answer: dict[str, Any] = self.logs.put_log_events(
            logGroupName=self.name, logStreamName=stream, logEvents=events
        )
        return answer

    def put_filter(self, name: str = "f", pattern: str = ATTEMPTS, **transformation: Any) -> None:
        metric = {"metricName": self.name, "metricNamespace": "Test", "metricValue": "1", **transformation}
        self.logs.put_metric_filter(
            logGroupName=self.name, filterName=name, filterPattern=pattern, metricTransformations=[metric]
        )


@pytest.fixture
def logs(server):
    return server.client("logs")


@pytest.fixture
def cloudwatch(server):
    return server.client("cloudwatch")


@pytest.fixture
def group(logs) -> Group:
    name = f"/test/{uuid.uuid4().hex[:10]}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return Group(name, logs)


def attempt(port: int, size: int = 40) -> str:
    return f"2 123456789010 eni-0a 203.0.113.12 172.31.16.139 49761 {port} 6 1 {size} 1418530010 1418530070 REJECT OK"


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def sums(cloudwatch: Any, metric: str, dimensions: dict[str, str] | None = None) -> list[tuple[float, float]]:
    """(sum, sample count) of the metric's minutes, the oldest first."""
    found = cloudwatch.get_metric_statistics(
        Namespace="Test",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in (dimensions or {}).items()],
        StartTime=time.time() - 3600,
        EndTime=time.time() + 60,
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    return [(one["Sum"], one["SampleCount"]) for one in sorted(found, key=lambda one: one["Timestamp"])]


class TestMetricFilterOperations:
    def test_put_describe_replace_delete(self, group):
        for name in ("b", "a", "ab"):
            group.put_filter(name)
        group.put_filter("a", "ERROR", metricName="other", defaultValue=0)
        describe = group.logs.describe_metric_filters
        found = describe(logGroupName=group.name)["metricFilters"]
        assert [one["filterName"] for one in found] == ["a", "ab", "b"]
        assert found[0]["filterPattern"] == "ERROR"
        assert found[0]["metricTransformations"] == [
            {"metricName": "other", "metricNamespace": "Test", "metricValue": "1", "defaultValue": 0}
        ]
        by_prefix = describe(logGroupName=group.name, filterNamePrefix="a")["metricFilters"]
        assert [one["filterName"] for one in by_prefix] == ["a", "ab"]
        by_metric = describe(metricName=group.name, metricNamespace="Test")["metricFilters"]
        assert [one["filterName"] for one in by_metric] == ["ab", "b"]
        pages = group.logs.get_paginator("describe_metric_filters").paginate(
            logGroupName=group.name, PaginationConfig={"PageSize": 2}
        )
        assert [[one["filterName"] for one in page["metricFilters"]] for page in pages] == [["a", "ab"], ["b"]]
        group.logs.delete_metric_filter(logGroupName=group.name, filterName="a")
        code, _ = refusal(group.logs.delete_metric_filter, logGroupName=group.name, filterName="a")
        assert code == "ResourceNotFoundException"
        assert group.logs.describe_log_groups(logGroupNamePrefix=group.name)["logGroups"][0]["metricFilterCount"] == 2

    def test_what_is_refused(self, group):
        code, message = refusal(group.put_filter, pattern="{ $.a = }")
        assert (code, "a value after '=' expected" in message) == ("InvalidParameterException", True)
        code, message = refusal(group.put_filter, dimensions={"port": "$dstport"}, defaultValue=0)
        assert (code, "mutually exclusive" in message) == ("InvalidParameterException", True)
        assert refusal(Group("/test/none", group.logs).put_filter)[0] == "ResourceNotFoundException"

    @pytest.mark.parametrize(("pattern", "status"), [("ERROR", "CREATE_COMPLETE"), ("a:b", "ROLLBACK_COMPLETE")])
    def test_a_template_creates_them(self, server, group, pattern, status):
        metric = {"MetricName": group.name, "MetricNamespace": "Test", "MetricValue": 1}
        properties = {"LogGroupName": group.name, "FilterPattern": pattern, "MetricTransformations": [metric]}
        template = {"Resources": {"Filter": {"Type": "AWS::Logs::MetricFilter", "Properties": properties}}}
        stacks, name = server.client("cloudformation"), f"stack-{uuid.uuid4().hex[:10]}"
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
        give_up = time.monotonic() + 30
        while (found := stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]).endswith("IN_PROGRESS"):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert found == status
        filters = group.logs.describe_metric_filters(logGroupName=group.name)["metricFilters"]
        assert [one["filterPattern"] for one in filters] == ([pattern] if status == "CREATE_COMPLETE" else [])

    def test_limits_of_a_log_group(self, group):
        for number in range(100):
            group.put_filter(f"f{number}", "%regex%" if number < 5 else "ERROR")
        code, message = refusal(group.put_filter, name="one more")
        assert (code, "100 metric filters" in message) == ("LimitExceededException", True)
        group.put_filter("f99")
        code, message = refusal(group.put_filter, name="f99", pattern="%regex%")
        assert (code, "5 filter patterns with regular expressions" in message) == ("LimitExceededException", True)
        group.put_filter("f0", "%another%")

    def test_test_metric_filter(self, logs):
        messages = [attempt(22), attempt(80), attempt(443)]
        found = logs.test_metric_filter(filterPattern=ATTEMPTS, logEventMessages=messages)["matches"]
        assert [(one["eventNumber"], one["eventMessage"]) for one in found] == [(2, messages[1]), (3, messages[2])]
        assert found[0]["extractedValues"]["$dstport"] == "80"
        assert len(found[0]["extractedValues"]) == 14
        code, message = refusal(logs.test_metric_filter, filterPattern="a:b", logEventMessages=["x"])
        assert (code, "Invalid character(s) in term 'a:b'" in message) == ("InvalidParameterException", True)


class TestMetrics:
    def test_matches_are_counted_by_the_minute_of_the_events(self, group, cloudwatch):
        group.put_filter()
        minute = time.time() // 60 * 60 - 600
        group.put(attempt(80), attempt(22), attempt(443), at=minute)
        group.put(attempt(80), at=minute + 59.999)
        group.put(attempt(80), at=minute + 60)
        assert sums(cloudwatch, group.name) == [(3, 3), (1, 1)]

    def test_values_dimensions_and_unit(self, group, cloudwatch):
        group.put_filter("bytes", metricValue="$bytes", dimensions={"port": "$dstport"}, unit="Bytes")
        group.put(attempt(80, 40), attempt(80, 1500), attempt(443, 60))
        assert sums(cloudwatch, group.name, {"port": "80"}) == [(1540, 2)]
        assert sums(cloudwatch, group.name, {"port": "443"}) == [(60, 1)]

    def test_the_default_value_gives_way_to_a_match_of_its_minute(self, group, cloudwatch):
        group.put_filter(defaultValue=5)
        minute = time.time() // 60 * 60 - 600
        for message, wanted in (
            (attempt(22), (5, 1)),
            (attempt(23), (5, 1)),
            (attempt(80), (1, 1)),
            (attempt(24), (1, 1)),
        ):
            group.put(message, at=minute)
            assert sums(cloudwatch, group.name) == [wanted]

    def test_another_region_sees_nothing(self, server, group):
        group.put_filter()
        group.put(attempt(80))
        elsewhere = server.client("cloudwatch", region_name="eu-west-1")
        assert sums(elsewhere, group.name) == []
        assert server.client("logs", region_name="eu-west-1").describe_metric_filters()["metricFilters"] == []


@pytest.fixture
def queue(server) -> Iterator[tuple[str, Callable[[], list[dict[str, Any]]]]]:
    """A topic's ARN, and what has been published to it since one last asked."""
    sns, sqs = server.client("sns"), server.client("sqs")
    name = f"alarms-{uuid.uuid4().hex[:10]}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def received() -> list[dict[str, Any]]:
        messages = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                messages.append(json.loads(message["Body"]))
        return messages

    yield topic, received
    sns.delete_topic(TopicArn=topic)


def put_alarm(cloudwatch: Any, metric: str, **settings: Any) -> str:
    name = f"alarm-{uuid.uuid4().hex[:10]}"
    cloudwatch.put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": metric,
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 3,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            **settings,
        }
    )
    return name


def alarm(cloudwatch: Any, name: str) -> dict[str, Any]:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def history(cloudwatch: Any, name: str) -> list[str]:
    """Summaries, the oldest first."""
    items = cloudwatch.describe_alarm_history(AlarmName=name, ScanBy="TimestampAscending")["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items]


def wait_for_state(cloudwatch: Any, name: str, state: str) -> None:
    give_up = time.monotonic() + 30
    while alarm(cloudwatch, name)["StateValue"] != state:
        assert time.monotonic() < give_up, alarm(cloudwatch, name)
        time.sleep(0.05)


class TestAlarms:
    def test_three_attempts_raise_the_alarm_and_its_message(self, group, cloudwatch, queue):
        topic, received = queue
        group.put_filter(defaultValue=0)
        name = put_alarm(cloudwatch, group.name, AlarmActions=[topic])
        group.put(attempt(80), attempt(22))
        group.put(attempt(443))
        assert alarm(cloudwatch, name)["StateValue"] == "OK"
        began = time.time()
        group.put(attempt(80))
        raised = alarm(cloudwatch, name)
        assert raised["StateValue"] == "ALARM"
        assert raised["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [3.0 (")
        assert json.loads(raised["StateReasonData"])["recentDatapoints"] == [3.0]
        assert raised["StateTransitionedTimestamp"].timestamp() >= began - 0.001
        (message,) = received()
        assert message["Subject"] == f'ALARM: "{name}" in US East (N. Virginia)'
        content = json.loads(message["Message"])
        assert (content["OldStateValue"], content["NewStateValue"]) == ("OK", "ALARM")
        assert content["NewStateReason"] == raised["StateReason"]
        assert content["Trigger"]["TreatMissingData"] == "notBreaching"
        assert history(cloudwatch, name) == [
            f'Alarm "{name}" created',
            "Alarm updated from INSUFFICIENT_DATA to OK",
            "Alarm updated from OK to ALARM",
            f"Successfully executed action {topic}",
        ]
        since = cloudwatch.describe_alarm_history(AlarmName=name, StartDate=began - 0.001)["AlarmHistoryItems"]
        assert len(since) == 2

    def test_events_of_earlier_do_not_raise_it(self, group, cloudwatch):
        group.put_filter()
        name = put_alarm(cloudwatch, group.name)
        group.put(*[attempt(80)] * 3, at=time.time() - 400)
        assert alarm(cloudwatch, name)["StateValue"] == "OK"

    def test_an_action_that_fails_is_in_the_history(self, group, cloudwatch, queue):
        topic, received = queue
        group.put_filter()
        name = put_alarm(cloudwatch, group.name, AlarmActions=[f"{topic}-gone", topic])
        group.put(*[attempt(80)] * 3)
        failed, succeeded = history(cloudwatch, name)[-2:]
        assert failed == (
            f'Failed to execute action {topic}-gone. Received error: "Resource: {topic}-gone does not exist"'
        )
        assert succeeded == f"Successfully executed action {topic}"
        assert len(received()) == 1

    def test_without_actions_enabled_nothing_is_sent(self, group, cloudwatch, queue):
        topic, received = queue
        group.put_filter()
        name = put_alarm(cloudwatch, group.name, AlarmActions=[topic], ActionsEnabled=False)
        group.put(*[attempt(80)] * 3)
        assert alarm(cloudwatch, name)["StateValue"] == "ALARM"
        assert received() == []
        assert history(cloudwatch, name)[-1] == "Alarm updated from OK to ALARM"

    def test_no_data_is_a_breach_when_it_is_treated_so(self, group, cloudwatch):
        group.put_filter("all", "")
        arriving = {"ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching"}
        name = put_alarm(cloudwatch, group.name, **arriving)
        assert alarm(cloudwatch, name)["StateReason"] == (
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
            "[Breaching]."
        )
        group.put("anything", at=time.time() - 90)
        assert alarm(cloudwatch, name)["StateValue"] == "OK"

    def test_time_alone_brings_an_alarm_back(self, group, cloudwatch, queue):
        topic, received = queue
        name = put_alarm(cloudwatch, group.name, AlarmActions=[topic], OKActions=[topic])
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
        wait_for_state(cloudwatch, name, "OK")
        subjects = [message["Subject"].split(":")[0] for message in received()]
        assert subjects == ["OK", "ALARM", "OK"]

    def test_missing_data_that_is_ignored_keeps_the_state(self, group, cloudwatch):
        kept = put_alarm(cloudwatch, group.name, TreatMissingData="ignore")
        other = put_alarm(cloudwatch, group.name, TreatMissingData="missing")
        for name in (kept, other):
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
        wait_for_state(cloudwatch, other, "INSUFFICIENT_DATA")
        assert alarm(cloudwatch, kept)["StateValue"] == "ALARM"

    def test_an_update_keeps_since_when_the_state_is_what_it_is(self, group, cloudwatch):
        name = put_alarm(cloudwatch, group.name)
        before = alarm(cloudwatch, name)
        put_alarm(cloudwatch, group.name, AlarmName=name, AlarmDescription="other")
        after = alarm(cloudwatch, name)
        assert after["StateTransitionedTimestamp"] == before["StateTransitionedTimestamp"]
        assert after["AlarmDescription"] == "other"
        assert history(cloudwatch, name)[-1] == f'Alarm "{name}" updated'

    def test_m_out_of_n_and_other_metrics(self, group, cloudwatch):
        group.put_filter(dimensions={"port": "$dstport"})
        settings = {"Period": 60, "Threshold": 1, "EvaluationPeriods": 5, "DatapointsToAlarm": 2}
        http = {**settings, "Dimensions": [{"Name": "port", "Value": "80"}]}
        name = put_alarm(cloudwatch, group.name, **http)
        without = put_alarm(cloudwatch, group.name, **settings)
        group.put(attempt(80), attempt(443), at=time.time() - 180)
        group.put(attempt(443), at=time.time() - 60)
        assert alarm(cloudwatch, name)["StateValue"] == "OK"
        group.put(attempt(80), at=time.time() - 60)
        assert alarm(cloudwatch, name)["StateValue"] == "ALARM"
        assert alarm(cloudwatch, without)["StateValue"] == "OK"  # a metric without dimensions is another metric


class TestFilterLogEvents:
    @pytest.fixture
    def streams(self, group) -> Group:
        for name in ("east-1", "east-2", "west-1"):
            group.logs.create_log_stream(logGroupName=group.name, logStreamName=name)
        self.at = int(time.time()) - 60
        for second in range(6):
            stream = ("east-1", "east-2", "west-1")[second % 3]
            group.put(f"{second} {'ERROR' if second % 2 else 'fine'}", at=self.at + second, stream=stream)
        return group

    def found(self, streams: Group, **arguments: Any) -> list[str]:
        pages = streams.logs.get_paginator("filter_log_events").paginate(logGroupName=streams.name, **arguments)
        return [event["message"][0] for page in pages for event in page["events"]]

    def test_streams_are_one_log_in_order_of_time(self, streams):
        assert self.found(streams) == ["0", "1", "2", "3", "4", "5"]
        assert self.found(streams, filterPattern="ERROR", interleaved=True) == ["1", "3", "5"]
        assert self.found(streams, filterPattern="[number >= 2 && number < 5, word != ERROR]") == ["2", "4"]
        assert self.found(streams, PaginationConfig={"PageSize": 1}, filterPattern="-ERROR") == ["0", "2", "4"]
        assert len(streams.logs.filter_log_events(logGroupName=streams.name, limit=4)["events"]) == 4

    def test_bounds_and_streams(self, streams):
        start, end = (self.at + 1) * 1000, (self.at + 4) * 1000
        assert self.found(streams, startTime=start, endTime=end) == ["1", "2", "3", "4"]
        assert self.found(streams, startTime=start + 1, endTime=end - 1) == ["2", "3"]
        assert self.found(streams, logStreamNames=["west-1", "east-2"]) == ["1", "2", "4", "5"]
        assert self.found(streams, logStreamNamePrefix="east") == ["0", "1", "3", "4"]

    def test_an_event_says_where_it_is_from(self, streams):
        by_arn = streams.logs.describe_log_groups(logGroupNamePrefix=streams.name)["logGroups"][0]["arn"]
        (event,) = streams.logs.filter_log_events(logGroupIdentifier=by_arn, filterPattern='"5 ERROR"')["events"]
        assert (event["logStreamName"], event["message"]) == ("west-1", "5 ERROR")
        assert event["timestamp"] <= event["ingestionTime"]
        assert event["eventId"]

    def test_what_is_refused(self, streams):
        call = streams.logs.filter_log_events
        group = {"logGroupName": streams.name}
        assert refusal(call, logGroupName="/test/none")[0] == "ResourceNotFoundException"
        assert refusal(call, **group, logStreamNames=["none"])[0] == "ResourceNotFoundException"
        assert refusal(call, **group, filterPattern="[a")[0] == "InvalidParameterException"
        assert refusal(call, **group, nextToken="x")[0] == "InvalidParameterException"
        assert refusal(call, **group, logStreamNames=["s"], logStreamNamePrefix="s")[0] == "InvalidParameterException"
        assert refusal(call)[0] == "InvalidParameterException"


class TestPutLogEvents:
    def test_a_batch_out_of_order_is_refused(self, group):
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]
        call = group.logs.put_log_events
        code, message = refusal(call, logGroupName=group.name, logStreamName="s", logEvents=events)
        assert (code, "chronological order" in message) == ("InvalidParameterException", True)

    def test_events_too_old_are_left_out_and_said(self, group, cloudwatch):
        group.put_filter("all", "")
        answer = group.put("old", at=time.time() - 15 * 86400)
        assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
        assert group.logs.filter_log_events(logGroupName=group.name)["events"] == []
        assert sums(cloudwatch, group.name) == []

    def test_a_subscription_needs_a_pattern_too(self, group):
        call = group.logs.put_subscription_filter
        arguments = {
            "logGroupName": group.name,
            "filterName": "f",
            "destinationArn": "arn:aws:lambda:us-east-1:0:function:f",
        }
        assert refusal(call, **arguments, filterPattern="[a")[0] == "InvalidParameterException"


def test_flow_logs_say_whether_they_can_be_delivered(server, group):
    ec2 = server.client("ec2")
    bucket = server.bucket()
    common = {"ResourceIds": ["vpc-1"], "ResourceType": "VPC", "TrafficType": "ALL"}
    arn = f"arn:aws:s3:::{bucket}/flow"
    to_bucket = ec2.create_flow_logs(**common, LogDestinationType="s3", LogDestination=arn)["FlowLogIds"]
    role = "arn:aws:iam::000000000000:role/flow"
    to_group = ec2.create_flow_logs(**common, LogGroupName=group.name, DeliverLogsPermissionArn=role)["FlowLogIds"]

    def statuses() -> list[tuple[str, str, str | None]]:
        found = ec2.describe_flow_logs(FlowLogIds=to_bucket + to_group)["FlowLogs"]
        return sorted(
            (one["LogDestinationType"], one["DeliverLogsStatus"], one.get("DeliverLogsErrorMessage"))
            for one in found
            if one["FlowLogStatus"] == "ACTIVE"
        )

    assert statuses() == [("cloud-watch-logs", "SUCCESS", None), ("s3", "SUCCESS", None)]
    group.logs.delete_log_group(logGroupName=group.name)
    server.client("s3").delete_bucket(Bucket=bucket)
    assert statuses() == [("cloud-watch-logs", "FAILED", "Access error"), ("s3", "FAILED", "Access error")]


def test_metric_filters_survive_a_restart_and_expired_events_do_not(server, group):
    """The last test: the server's other clients lose their connections."""
    group.put_filter()
    group.put("yesterday's", at=time.time() - 90_000)
    group.put("today's")
    group.logs.put_retention_policy(logGroupName=group.name, retentionInDays=1)
    server.stop()
    server.start()
    again, cloudwatch = Group(group.name, server.client("logs")), server.client("cloudwatch")
    kept = again.logs.filter_log_events(logGroupName=group.name)["events"]
    assert [event["message"] for event in kept] == ["today's"]
    name = put_alarm(cloudwatch, group.name)
    again.put(*[attempt(80)] * 3)
    assert alarm(cloudwatch, name)["StateValue"] == "ALARM"
