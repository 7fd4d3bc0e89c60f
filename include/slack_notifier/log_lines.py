"""The log lines that made an alarm go off, asked of the log group with the alarm's filter pattern."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alarm import Alarm
from aws_clients import AWS_ERRORS, why
from configuration import Configuration

LINES_SHOWN = 10
PAGES_MOST = 20
SECONDS_MOST = 10.0
"""A page holds up to 1 MB (CloudWatch Logs API reference, FilterLogEvents): the message must not wait for all of them."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log group: milliseconds since 1970, text."""

    timestamp: int
    text: str


@dataclass(frozen=True, slots=True)
class LogLines:
    """The lines of a window.

    Attributes:
        first: the first lines, at most `LINES_SHOWN`.
        count: how many lines were found.
        is_complete: whether the whole window was read; otherwise there may be more than `count`.
        problem: why none, or no more, could be fetched; empty when there was no problem.
        pattern: the filter pattern.
    """

    first: tuple[LogLine, ...] = ()
    count: int = 0
    is_complete: bool = True
    problem: str = ""
    pattern: str = ""


def lines_of(alarm: Alarm, configuration: Configuration, logs: Any, seconds: float = SECONDS_MOST) -> LogLines:
    """The lines that match an alarm's filter in its window. What goes wrong is told, never raised.

    Args:
        alarm: the alarm.
        configuration: names the log group and the filter patterns.
        logs: a client of CloudWatch Logs.
        seconds: how long reading may take; it ends with the page that goes over it.
    """
    pattern = configuration.filter_patterns.get(alarm.name)
    if pattern is None:
        try:
            pattern = _pattern_of_metric(alarm, configuration.log_group, logs)
        except AWS_ERRORS as error:
            return LogLines(problem=f"the metric filters could not be read: {why(error)}")
    if pattern is None:
        return LogLines(problem="no metric filter of the log group makes the alarm's metric")
    return _matching(configuration.log_group, pattern, alarm.window, logs, time.monotonic() + seconds)


def _pattern_of_metric(alarm: Alarm, log_group: str, logs: Any) -> str | None:
    for page in logs.get_paginator("describe_metric_filters").paginate(logGroupName=log_group):
        for metric_filter in page["metricFilters"]:
            for metric in metric_filter["metricTransformations"]:
                if (metric["metricNamespace"], metric["metricName"]) == (alarm.namespace, alarm.metric):
                    return str(metric_filter.get("filterPattern", ""))
    return None


def _matching(log_group: str, pattern: str, window: tuple[datetime, datetime], logs: Any, deadline: float) -> LogLines:
    start, end = (int(moment.timestamp() * 1000) for moment in window)
    request: dict[str, Any] = {
        "logGroupName": log_group,
        "filterPattern": pattern,
        "startTime": start,
        "endTime": end - 1,  # the end is included (FilterLogEvents)
    }
    first: list[LogLine] = []
    count = 0
    for _ in range(PAGES_MOST):
        try:
            page: Mapping[str, Any] = logs.filter_log_events(**request)
        except AWS_ERRORS as error:
            return LogLines(tuple(first), count, False, why(error), pattern)
        count += len(page["events"])
        wanted = page["events"][: LINES_SHOWN - len(first)]
        first += [LogLine(int(event.get("timestamp", 0)), str(event.get("message", ""))) for event in wanted]
        # An empty page is not the last one as long as there is a token.
        if not page.get("nextToken"):
            return LogLines(tuple(first), count, True, "", pattern)
        request["nextToken"] = page["nextToken"]
        if time.monotonic() > deadline:
            break
    return LogLines(tuple(first), count, False, "", pattern)
