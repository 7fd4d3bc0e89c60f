"""Where the alarms' data comes from: flow logs, log groups, metric filters, metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowlogs.health.observations import MetricKey, SeenFlowLog, SeenLogGroup, SeenMetric, Unknown
from flowlogs.observing.aws_calls import AwsCalls, error_code, unless_missing

SILENT_AFTER: Final = timedelta(minutes=30)
"""A flow log delivers every ten minutes at least, some five minutes late (VPC user guide, "Publish to CloudWatch
Logs"); a group without an event for longer is silent."""
UNCOUNTED_WITHIN: Final = timedelta(hours=2)
COUNTED_AFTER: Final = timedelta(minutes=10)
"""A line is in its metric after so long."""
METRICS_AT_ONCE: Final = 500
"""Queries of one GetMetricData (CloudWatch API reference)."""
_WINDOWS: Final = ((timedelta(hours=3), 300), (timedelta(days=2), 3600), (timedelta(days=15), 21600))
"""How far back metrics are looked at, by how far their alarms look, and the period then. 500 metrics have at most
30,000 points, which one request answers (100,800; CloudWatch API reference)."""
_PAGES: Final = 5
"""Pages of FilterLogEvents for one question; CloudWatch Logs answers empty ones while it still searches."""
_MISSING: Final = ("ResourceNotFoundException",)


def described_filters(aws: AwsCalls, log_group: str | None) -> list[dict[str, Any]]:
    """The metric filters of a log group (none if there is no such group), or of all."""

    def read() -> list[dict[str, Any]]:
        which = {} if log_group is None else {"logGroupName": log_group}
        pages = aws.client("logs").get_paginator("describe_metric_filters").paginate(**which)
        return [one for page in pages for one in page["metricFilters"]]

    return aws.look("filters", lambda: unless_missing(read, _MISSING)) or []


def transformed_metrics(one: Mapping[str, Any]) -> tuple[MetricKey, ...]:
    """The metrics that a filter publishes, by namespace and name; a filter's dimensions come from its lines."""
    return tuple(MetricKey(t["metricNamespace"], t["metricName"]) for t in one["metricTransformations"])


def has_default(one: Mapping[str, Any]) -> bool:
    """Whether a filter publishes a value for the lines that it does not match."""
    return any(t.get("defaultValue") is not None for t in one["metricTransformations"])


def seen_log_group(aws: AwsCalls, name: str, at: datetime) -> SeenLogGroup | None:
    """A log group, and whether it received an event lately; None when that is unknown."""

    def read() -> SeenLogGroup | None:
        found = first_event(aws, name, at - SILENT_AFTER, at)
        if isinstance(found, Unknown):
            aws.unknown.append(found)
            return None
        if found is not None:
            return SeenLogGroup(name, last_event=_moment(found["timestamp"]))
        streams = aws.client("logs").describe_log_streams(
            logGroupName=name, orderBy="LastEventTime", descending=True, limit=1
        )["logStreams"]
        last = streams[0].get("lastEventTimestamp") if streams else None
        return SeenLogGroup(name, receives=False, last_event=None if last is None else _moment(last))

    def read_or_missing() -> SeenLogGroup | None:
        from botocore.exceptions import ClientError

        try:
            return read()
        except ClientError as error:
            if error_code(error) in _MISSING:
                return SeenLogGroup(name, exists=False, receives=False)
            raise

    return aws.look("log_events", read_or_missing, name)


def first_event(
    aws: AwsCalls, log_group: str, since: datetime, until: datetime, pattern: str | None = None
) -> dict[str, Any] | Unknown | None:
    """An event of a time that matches a pattern (any event without one); None when there is none."""
    which = {"logGroupName": log_group, "startTime": _milliseconds(since), "endTime": _milliseconds(until), "limit": 1}
    which |= {} if pattern is None else {"filterPattern": pattern}
    token: dict[str, str] = {}
    for _ in range(_PAGES):
        page = aws.client("logs").filter_log_events(**which, **token)
        if page["events"]:
            event: dict[str, Any] = page["events"][0]
            return event
        if not page.get("nextToken"):
            return None
        token = {"nextToken": page["nextToken"]}
    return Unknown("log_events", f"CloudWatch Logs still searched after {_PAGES} pages", log_group)


def seen_metrics(aws: AwsCalls, looks: Mapping[MetricKey, int], at: datetime) -> dict[MetricKey, SeenMetric]:
    """The newest data of metrics, 500 a request; `looks` are the seconds that alarms look back at each."""
    batches: list[tuple[timedelta, int, list[MetricKey]]] = []
    by_window: defaultdict[tuple[timedelta, int], list[MetricKey]] = defaultdict(list)
    for key, seconds in looks.items():
        by_window[_window(seconds)].append(key)
    for (length, period), keys in by_window.items():
        batches += [
            (length, period, keys[start : start + METRICS_AT_ONCE]) for start in range(0, len(keys), METRICS_AT_ONCE)
        ]

    def read(batch: tuple[timedelta, int, list[MetricKey]]) -> list[SeenMetric]:
        length, period, keys = batch
        queries = [metric_query(f"m{n}", key, "Sum", period) for n, key in enumerate(keys)]
        values = metric_values(aws, queries, at - length, at)
        return [
            SeenMetric(key, _latest(values[f"m{n}"]), _latest((t, v) for t, v in values[f"m{n}"] if v))
            for n, key in enumerate(keys)
        ]

    found = aws.of_each(lambda batch: aws.look("metrics", lambda: read(batch)), batches)
    return {one.key: one for metrics in found for one in metrics or ()}


def metric_query(query_id: str, key: MetricKey, statistic: str, period: int) -> dict[str, Any]:
    """A query of GetMetricData."""
    metric = {
        "Namespace": key.namespace,
        "MetricName": key.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Stat": statistic, "Period": period}}


def metric_values(
    aws: AwsCalls, queries: list[dict[str, Any]], since: datetime, until: datetime
) -> Mapping[str, list[tuple[datetime, float]]]:
    """Times and values of each query's points."""
    found: defaultdict[str, list[tuple[datetime, float]]] = defaultdict(list)
    pages = aws.alarms.conn.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=since, EndTime=until, ScanBy="TimestampDescending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            found[result["Id"]] += zip(result["Timestamps"], result["Values"], strict=True)
    return found


def seen_flow_logs(aws: AwsCalls, destinations: Collection[str]) -> tuple[SeenFlowLog, ...]:
    """The flow logs of the account and region that deliver to these log groups and buckets."""

    def read() -> tuple[SeenFlowLog, ...]:
        pages = aws.client("ec2").get_paginator("describe_flow_logs").paginate(PaginationConfig={"PageSize": 1000})
        found = (_seen_flow_log(one) for page in pages for one in page["FlowLogs"])
        return tuple(one for one in found if one.destination in destinations)

    return aws.look("flow_logs", read) or ()


def _seen_flow_log(one: Mapping[str, Any]) -> SeenFlowLog:
    return SeenFlowLog(
        flow_log_id=one["FlowLogId"],
        resource=one.get("ResourceId", ""),
        destination=one.get("LogGroupName") or _destination(one.get("LogDestination", "")),
        status=one.get("FlowLogStatus", "ACTIVE"),
        delivery=one.get("DeliverLogsStatus") or None,
        error=one.get("DeliverLogsErrorMessage") or None,
    )


def _destination(text: str) -> str:
    """The log group or bucket of a LogDestination, which is an ARN."""
    if ":log-group:" in text:
        return text.partition(":log-group:")[2].removesuffix(":*")
    return text.partition(":s3:::")[2].partition("/")[0] or text


def _window(seconds: int) -> tuple[timedelta, int]:
    needed = timedelta(seconds=2 * seconds)
    return next((window for window in _WINDOWS if window[0] >= needed), _WINDOWS[-1])


def _latest(points: Iterable[tuple[datetime, float]]) -> datetime | None:
    return max((time for time, _ in points), default=None)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
