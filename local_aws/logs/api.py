"""The operations of CloudWatch Logs that are ours; MiniStack serves the others from the same log groups."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import cloudwatch_logs

from local_aws.aws_json import Caller, ServiceError
from local_aws.logs.filtering import LARGEST_PAGE, InvalidToken, Position, StoredEvent, filter_page
from local_aws.logs.metric_filters import MOST_FILTERS, MOST_FILTERS_WITH_REGEX, parsed_pattern, validated
from local_aws.logs.patterns import InvalidPattern, LogMessage, parse

Shape = dict[str, Any]

OPERATIONS = frozenset(
    {"PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter", "TestMetricFilter", "FilterLogEvents"}
)

_FILTERS_OF_A_PAGE = 50
_MOST_TEST_MESSAGES = 50


class LogsOperations:
    """Metric filters and FilterLogEvents on MiniStack's log groups, whose state MiniStack keeps."""

    def put_metric_filter(self, caller: Caller, params: Shape) -> Shape:
        """Create a metric filter, or replace the one of that name."""
        group, name = params["logGroupName"], params["filterName"]
        _group(group)
        pattern = validated(params)
        others = [one for one in _filters_of(group) if one["filterName"] != name]
        if len(others) >= MOST_FILTERS:
            raise ServiceError(
                "LimitExceededException", f"Resource limit exceeded: {group} has {MOST_FILTERS} metric filters"
            )
        if pattern.regex_count and sum(map(_has_regex, others)) >= MOST_FILTERS_WITH_REGEX:
            raise ServiceError(
                "LimitExceededException",
                f"Resource limit exceeded: {group} has {MOST_FILTERS_WITH_REGEX} filter patterns with regular expressions",
            )
        before = cloudwatch_logs._metric_filters.get((group, name))
        cloudwatch_logs._metric_filters[group, name] = {
            "filterName": name,
            "logGroupName": group,
            "filterPattern": params.get("filterPattern", ""),
            "metricTransformations": params["metricTransformations"],
            "creationTime": before["creationTime"] if before else int(time.time() * 1000),
            "applyOnTransformedLogs": params.get("applyOnTransformedLogs", False),
        }
        return {}

    def describe_metric_filters(self, caller: Caller, params: Shape) -> Shape:
        """Metric filters by log group (and prefix of their names), by metric, or all; in order of their names."""
        group, metric, namespace = (params.get(name) for name in ("logGroupName", "metricName", "metricNamespace"))
        if bool(metric) != bool(namespace):
            raise _invalid("Describe Metric Filters request must contain both MetricName and MetricNamespace")
        if group and metric:
            raise _invalid(
                "Describe Metric Filters request must contain either logGroupName or metricName and metricNamespace"
            )
        if group:
            _group(group)
        prefix = params.get("filterNamePrefix", "") if group else ""  # AWS ignores it without a log group
        after = _decoded(params["nextToken"]) if "nextToken" in params else None
        found = sorted(
            (_position(one), one)
            for one in cloudwatch_logs._metric_filters.values()
            if (not group or one["logGroupName"] == group)
            and one["filterName"].startswith(prefix)
            and (not metric or _measures(one, metric, namespace))
        )
        remaining = [one for position, one in found if after is None or position > after]
        page = remaining[: _limit(params, _FILTERS_OF_A_PAGE)]
        more = len(remaining) > len(page)
        return {"metricFilters": page, **({"nextToken": _encoded(_position(page[-1]))} if more else {})}

    def delete_metric_filter(self, caller: Caller, params: Shape) -> Shape:
        """Delete a metric filter; what it measured stays."""
        group, name = params["logGroupName"], params["filterName"]
        _group(group)
        if cloudwatch_logs._metric_filters.pop((group, name), None) is None:
            raise ServiceError("ResourceNotFoundException", f"The specified metric filter does not exist: {name}")
        return {}

    def test_metric_filter(self, caller: Caller, params: Shape) -> Shape:
        """Which of the messages a pattern selects, numbered from 1, and the fields' values."""
        messages = params["logEventMessages"]
        if len(messages) > _MOST_TEST_MESSAGES:
            raise _invalid(f"logEventMessages has at most {_MOST_TEST_MESSAGES} items, this has {len(messages)}")
        pattern = parsed_pattern(params["filterPattern"])
        read = [LogMessage(message) for message in messages]
        return {
            "matches": [
                {
                    "eventNumber": position,
                    "eventMessage": message.text,
                    "extractedValues": pattern.extracted_values(message),
                }
                for position, message in enumerate(read, start=1)
                if pattern.matches(message)
            ]
        }

    def filter_log_events(self, caller: Caller, params: Shape) -> Shape:
        """One page of a log group's events that a pattern selects. `interleaved` is always so, as on AWS."""
        group = _group(_group_name(params, caller))
        pattern = parsed_pattern(params.get("filterPattern", ""))
        limit = _limit(params, LARGEST_PAGE)
        try:
            position = Position.of_token(params["nextToken"]) if "nextToken" in params else None
        except InvalidToken as error:
            raise _invalid("The specified nextToken is invalid.") from error
        page = filter_page(
            list(_streams(group, params)),
            pattern,
            start=params.get("startTime"),
            end=params.get("endTime"),
            limit=limit,
            position=position,
        )
        answer: Shape = {
            "events": [_filtered(name, event) for name, event in page.events],
            "searchedLogStreams": [],  # AWS answers an empty list since 2020
        }
        if page.next is not None:
            answer["nextToken"] = page.next.token()
        return answer


def _group(name: str) -> Shape:
    group: Shape | None = cloudwatch_logs._log_groups.get(name)
    if group is None:
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def _group_name(params: Shape, caller: Caller) -> str:
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        raise _invalid("Exactly one of logGroupName and logGroupIdentifier must be given")
    if name is not None:
        return str(name)
    if not str(identifier).startswith("arn:"):
        return str(identifier)
    try:
        arn = parse_arn(identifier)
    except ArnParseError as error:
        raise _invalid(f"logGroupIdentifier {identifier} is no ARN of a log group") from error
    if (arn.account_id, arn.region) != (caller.account_id, caller.region):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return str(arn.resource).removeprefix("log-group:").removesuffix(":*")


def _streams(group: Shape, params: Shape) -> Iterator[tuple[str, list[StoredEvent]]]:
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names and prefix:
        raise _invalid("Only one of logStreamNames and logStreamNamePrefix can be given")
    streams = group["streams"]
    for name in names or list(streams):
        if name not in streams:
            raise ServiceError("ResourceNotFoundException", f"The specified log stream does not exist: {name}")
        if name.startswith(prefix or ""):
            yield name, streams[name]["events"]


def _filtered(stream: str, event: StoredEvent) -> Shape:
    return {
        "logStreamName": stream,
        "timestamp": event["timestamp"],
        "message": event["message"],
        "ingestionTime": event.get("ingestionTime", event["timestamp"]),
        "eventId": event.get("eventId", ""),
    }


def _filters_of(group: str) -> list[Shape]:
    return [one for (of, _), one in cloudwatch_logs._metric_filters.items() if of == group]


def _has_regex(metric_filter: Shape) -> bool:
    try:
        return parse(metric_filter["filterPattern"]).regex_count > 0
    except InvalidPattern:  # put before the pattern was checked
        return False


def _measures(metric_filter: Shape, metric: str, namespace: Any) -> bool:
    return any(
        one["metricName"] == metric and one["metricNamespace"] == namespace
        for one in metric_filter["metricTransformations"]
    )


def _position(metric_filter: Shape) -> tuple[str, str]:
    return metric_filter["filterName"], metric_filter["logGroupName"]


def _encoded(position: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _decoded(token: str) -> tuple[str, str]:
    try:
        name, group = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError) as error:
        raise _invalid("The specified nextToken is invalid.") from error
    return str(name), str(group)


def _limit(params: Shape, largest: int) -> int:
    limit = int(params.get("limit", largest))
    if limit > largest:
        raise _invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {largest}"
        )
    return limit


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
