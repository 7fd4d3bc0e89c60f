"""The health check of 2,000 alarms: calls of AWS and seconds, against asking for one alarm after the other.

The alarms of 20 teams are in scope by their names' prefix: each alarm has its metric filter (100 a log group, CloudWatch's
limit), each team its log group, its topic and a confirmed subscription. Measured is the task's whole work: look, judge,
write the page and the check. The baseline makes the five calls that the look needs of one alarm, for each alarm.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import yaml

from benchmarks.own_local_aws import own_local_aws
from benchmarks.record import Result

TEAMS = 20
ALARMS_A_TEAM = 100
PREFIX = "team-"
PATTERN = "[version, account, interface, source, destination, sourceport, port={port}, ...]"


def main() -> None:
    """Make the alarms, check them both ways, save the figures."""
    with tempfile.TemporaryDirectory() as scratch, own_local_aws(Path(scratch)):
        clients = {name: boto3.client(name) for name in ("cloudwatch", "logs", "sns", "sqs", "s3")}
        clients["s3"].create_bucket(Bucket="lake")
        alarms = [alarm for team in range(TEAMS) for alarm in _make_team(clients, team)]
        print(f"{len(alarms):,} alarms are there", file=sys.stderr)
        settings = _settings(Path(scratch, "flowlogs.yaml"))
        rows = [("the health check", *_checked(settings, len(alarms)))]
        print("asking for one alarm after the other …", file=sys.stderr)
        rows.append(("one alarm after the other", *_one_by_one(clients, alarms)))
    (_, calls, seconds), (_, naive_calls, naive_seconds) = rows
    Result(
        name="alarm_health",
        title="The health check of 2,000 alarms",
        what=f"{len(alarms):,} alarms with a metric filter each, in {TEAMS} log groups, telling {TEAMS} topics, on the "
        "local AWS. The check also judges, and writes its page. One run each.",
        rows=[{"what": what, "calls of AWS": f"{n:,}", "seconds": f"{taken:.2f}"} for what, n, taken in rows],
        ratios=[
            f"{naive_calls / calls:,.0f} times fewer calls than one alarm after the other",
            f"{naive_seconds / seconds:,.0f} times faster than one alarm after the other",
        ],
    ).save()


@dataclass(frozen=True)
class _Alarm:
    name: str
    metric: str
    log_group: str
    topic: str


def _make_team(clients: dict[str, Any], team: int) -> Sequence[_Alarm]:
    """A team's log group with a record in it, topic, queue, filters and alarms."""
    name = f"{PREFIX}{team:02d}"
    clients["logs"].create_log_group(logGroupName=f"/{name}")
    clients["logs"].create_log_stream(logGroupName=f"/{name}", logStreamName="eni-1")
    topic = clients["sns"].create_topic(Name=name)["TopicArn"]
    queue = clients["sqs"].create_queue(QueueName=name)["QueueUrl"]
    arn = clients["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients["sns"].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    alarms = [_Alarm(f"{name}-{n:03d}", f"port_{n}", f"/{name}", topic) for n in range(ALARMS_A_TEAM)]
    for port, alarm in enumerate(alarms):
        metric = {"metricName": alarm.metric, "metricNamespace": name, "metricValue": "1"}
        clients["logs"].put_metric_filter(
            logGroupName=alarm.log_group,
            filterName=alarm.name,
            filterPattern=PATTERN.format(port=port),
            metricTransformations=[metric],
        )
        clients["cloudwatch"].put_metric_alarm(
            AlarmName=alarm.name,
            Namespace=name,
            MetricName=alarm.metric,
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=3,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
        )
    at = int(time.time())
    line = f"2 111122223333 eni-1 203.0.113.7 10.0.0.5 50000 0 6 3 180 {at} {at} ACCEPT OK"
    clients["logs"].put_log_events(
        logGroupName=f"/{name}", logStreamName="eni-1", logEvents=[{"timestamp": at * 1000, "message": line}]
    )
    return alarms


def _checked(settings: Any, expected: int) -> tuple[int, float]:
    """Calls and seconds of the task's work."""
    from flowlogs.alarm_health_files import CHECK, AlarmHealthFiles
    from flowlogs.alarm_health_tasks import check_alarms

    started = time.perf_counter()
    numbers = check_alarms(settings, datetime.now(UTC), "benchmark")
    seconds = time.perf_counter() - started
    assert numbers["alarms"] == expected, numbers
    assert AlarmHealthFiles(settings).read(CHECK)
    print(numbers, file=sys.stderr)
    return int(numbers["calls"]), seconds


def _one_by_one(clients: dict[str, Any], alarms: Sequence[_Alarm]) -> tuple[int, float]:
    """Calls and seconds of five calls an alarm: itself, its history, metric, filter and topic."""
    cloudwatch, now, started = clients["cloudwatch"], datetime.now(UTC), time.perf_counter()
    for alarm in alarms:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"]
        cloudwatch.describe_alarm_history(AlarmName=alarm.name, HistoryItemType="Action")
        cloudwatch.get_metric_statistics(
            Namespace=found["Namespace"],
            MetricName=found["MetricName"],
            StartTime=now - timedelta(hours=1),
            EndTime=now,
            Period=300,
            Statistics=["Sum"],
        )
        clients["logs"].describe_metric_filters(metricName=found["MetricName"], metricNamespace=found["Namespace"])
        clients["sns"].list_subscriptions_by_topic(TopicArn=alarm.topic)
    return 5 * len(alarms), time.perf_counter() - started


def _settings(file: Path) -> Any:
    from flowlogs.settings import load_settings

    file.write_text(
        yaml.safe_dump(
            {
                "environment": "benchmark",
                "athena": {"output_location": "s3://lake/athena/"},
                "lake": {"bucket": "lake"},
                "sources": [
                    {"name": "network", "bucket": "logs", "accounts": ["111122223333"], "regions": ["us-east-1"]}
                ],
                "alarms": {"extra_alarm_prefixes": [PREFIX]},
            }
        )
    )
    os.environ["FLOWLOGS_CONFIG"] = str(file)
    return load_settings(file, environ={})


if __name__ == "__main__":
    main()
