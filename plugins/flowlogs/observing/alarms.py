"""The alarms in scope, and what their history tells of failed actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flowlogs.health.history import ActionResult, action_result
from flowlogs.health.observations import MetricKey, SeenAlarm
from flowlogs.observing.aws_calls import AwsCalls

HISTORY_ITEMS: Final = 5000
"""History items that one look reads at most, the newest first: fifty requests."""
_CHILD = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s\"')]+))\s*\)")
"""An alarm in a composite alarm's rule: its name or its ARN (PutCompositeAlarm, AlarmRule)."""


def described_alarms(aws: AwsCalls, prefixes: Sequence[str], tags: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The alarms of the prefixes and with the tags, by name, in the order of their names."""

    def listed(prefix: str) -> list[dict[str, Any]]:
        return aws.look("alarms", lambda: list(aws.alarms.alarms(prefix=prefix))) or []

    found = [alarm for alarms in aws.of_each(listed, _distinct(prefixes)) for alarm in alarms]
    if tags:
        known = {alarm["AlarmName"] for alarm in found}
        others = [
            name for name in aws.look("tags", lambda: aws.alarms.names_with_tags(tags)) or () if name not in known
        ]
        found += aws.look("alarms", lambda: list(aws.alarms.alarms(names=others))) or []
    return {alarm["AlarmName"]: alarm for alarm in sorted(found, key=lambda alarm: str(alarm["AlarmName"]))}


def action_results(aws: AwsCalls, since: datetime, *, composite: bool) -> list[ActionResult]:
    """The results of all alarms' actions since a time: one listing, however many alarms."""
    items = aws.look(
        "history",
        lambda: list(aws.alarms.history(since=since, item_type="Action", composite=composite, max_items=HISTORY_ITEMS)),
    )
    return [result for item in items or () if (result := action_result(item)) is not None]


def seen_alarm(
    alarm: Mapping[str, Any], *, is_wanted: bool = False, wanted_actions: Iterable[str] = (), drift: Iterable[str] = ()
) -> SeenAlarm:
    """An alarm as DescribeAlarms answers it, with what the settings want of it."""
    rule = alarm.get("AlarmRule")
    return SeenAlarm(
        name=alarm["AlarmName"],
        arn=alarm.get("AlarmArn", ""),
        state=alarm["StateValue"],
        state_since=alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp"),
        state_reason=alarm.get("StateReason", ""),
        actions_enabled=alarm.get("ActionsEnabled", True),
        actions=tuple(alarm.get("AlarmActions", ())),
        wanted_actions=tuple(wanted_actions),
        metrics=metrics_of(alarm),
        missing_data=alarm.get("TreatMissingData") or "missing",
        is_wanted=is_wanted,
        is_composite=rule is not None,
        children=children_of(rule or ""),
        drift=tuple(drift),
    )


def metrics_of(alarm: Mapping[str, Any]) -> tuple[MetricKey, ...]:
    """The metrics that an alarm watches, those of its expressions too; PutMetricAlarm takes the same form."""
    stats = [entry["MetricStat"]["Metric"] for entry in alarm.get("Metrics", ()) if entry.get("MetricStat")]
    own = [alarm] if alarm.get("MetricName") else []
    return tuple(dict.fromkeys(metric_key(metric) for metric in [*own, *stats]))


def metric_key(metric: Mapping[str, Any]) -> MetricKey:
    """The key of a metric with Namespace, MetricName and Dimensions."""
    dimensions = sorted((one["Name"], one["Value"]) for one in metric.get("Dimensions", ()))
    return MetricKey(metric["Namespace"], metric["MetricName"], tuple(dimensions))


def longest_look(alarm: Mapping[str, Any]) -> int:
    """Seconds that an alarm looks back."""
    periods: list[int] = [
        entry["MetricStat"]["Period"] for entry in alarm.get("Metrics", ()) if entry.get("MetricStat")
    ]
    return max([alarm.get("Period") or 0, *periods]) * int(alarm.get("EvaluationPeriods") or 1)


def children_of(rule: str) -> tuple[str, ...]:
    """Names of the alarms in a composite alarm's rule."""
    texts = (next(filter(None, groups)) for groups in _CHILD.findall(rule))
    return tuple(dict.fromkeys(text.partition(":alarm:")[2] or text for text in texts))


def _distinct(prefixes: Sequence[str]) -> list[str]:
    """The prefixes without those that another covers."""
    return [
        one for one in dict.fromkeys(prefixes) if not any(one != other and one.startswith(other) for other in prefixes)
    ]
