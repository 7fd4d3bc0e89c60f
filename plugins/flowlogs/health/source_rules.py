"""Rules on where the alarms' data comes from: flow logs, log groups, metric filters, metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowlogs.health.observations import MetricKey, Observations, SeenFilter
from flowlogs.health.rule import Fault, Limits, Rule, clock, names_of

SET_UP: Final = "Run the DAG flow_logs_setup: it puts it back as the settings say"


def flow_log_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A silent log group of the settings that no flow log delivers to."""
    delivering = {one.destination for one in seen.flow_logs}
    for group in seen.log_groups:
        if group.name == seen.log_group and group.exists and not group.receives and group.name not in delivering:
            alarms = seen.alarms_of_log_group.get(group.name, ())
            yield Fault(group.name, f"No flow log of this account and region delivers to {group.name}", alarms)


def flow_log_inactive(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A flow log that is not ACTIVE."""
    for one in seen.flow_logs:
        if one.status != "ACTIVE":
            alarms = seen.alarms_of_log_group.get(one.destination, ())
            yield Fault(
                one.flow_log_id,
                f"Flow log {one.flow_log_id} of {one.resource} to {one.destination} is {one.status}",
                alarms,
            )


def flow_log_not_delivering(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A flow log with the deliver-logs status FAILED."""
    for one in seen.flow_logs:
        if one.status == "ACTIVE" and one.delivery == "FAILED":
            alarms = seen.alarms_of_log_group.get(one.destination, ())
            reason = one.error or "EC2 gives no reason"
            explanation = f"Flow log {one.flow_log_id} of {one.resource} cannot deliver to {one.destination}: {reason}"
            yield Fault(one.flow_log_id, explanation, alarms)


def log_group_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A log group that metric filters read, or should, and that is not there."""
    for group in seen.log_groups:
        if not group.exists:
            alarms = seen.alarms_of_log_group.get(group.name, ())
            yield Fault(group.name, f"Log group {group.name} does not exist", alarms)


def log_group_silent(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A log group that metric filters read, and that no event came to lately."""
    for group in seen.log_groups:
        if group.exists and not group.receives:
            last = "it has none" if group.last_event is None else f"the last one is of {clock(group.last_event)}"
            alarms = seen.alarms_of_log_group.get(group.name, ())
            yield Fault(group.name, f"Log group {group.name} receives no events; {last}", alarms)


def filter_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A metric filter of the settings that is not there, in a log group that is."""
    missing_groups = {group.name for group in seen.log_groups if not group.exists}
    for one in seen.filters:
        if not one.exists and one.log_group not in missing_groups:
            yield Fault(one.name, f"Log group {one.log_group} has no metric filter {one.name}", _alarms(seen, one))


def filter_edited(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A metric filter that is not as the settings generate it."""
    for one in seen.filters:
        if one.exists and one.drift:
            yield Fault(one.name, f"Metric filter {one.name}: {'; '.join(one.drift)}", _alarms(seen, one))


def filter_not_counting(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A metric filter that is as it should be, while lines that it matches are not in its metric."""
    for one in seen.filters:
        if one.exists and not one.drift and one.uncounted is not None:
            explanation = f"Metric filter {one.name} did not count a line that it matches: {one.uncounted}"
            yield Fault(one.name, explanation, _alarms(seen, one))


def metric_without_data(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A metric without data though it should always have some: its filter publishes a default value, or an alarm on
    it takes missing data for something.
    """
    for key, metric in seen.metrics.items():
        watching = seen.alarms_of_metric.get(key, ())
        if metric.latest is None and watching and _expects_data(seen, key, watching):
            yield Fault(str(key), f"Metric {key} has no data; {names_of(watching)} cannot see anything", watching)


def _expects_data(seen: Observations, key: MetricKey, watching: tuple[str, ...]) -> bool:
    feeding = seen.filter_of.get(key)
    if feeding is not None:
        return feeding.has_default  # without one, it publishes nothing while nothing matches
    return any(seen.alarm_named[name].missing_data in ("missing", "breaching") for name in watching)


def _alarms(seen: Observations, one: SeenFilter) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for key in one.metrics for name in seen.alarms_of_metric.get(key, ())))


_FLOW_LOG: Final = ("flow_log_missing", "flow_log_inactive", "flow_log_not_delivering")
_LOG_GROUP: Final = ("log_group_missing", "log_group_silent")
_FILTER: Final = ("filter_missing", "filter_edited", "filter_not_counting")

SOURCE_RULES: Final = (
    Rule(
        id="flow_log_missing",
        link="flow_log",
        severity="high",
        title="No flow log delivers",
        explanation="Nothing sends records to the alarms' log group, so no alarm can see traffic.",
        remedy="Create a flow log with this log group as its destination, or correct alarms.log_group in the settings.",
        needs=("flow_logs", "log_events", "filters"),
        judge=flow_log_missing,
    ),
    Rule(
        id="flow_log_inactive",
        link="flow_log",
        severity="high",
        title="Flow log is not active",
        explanation="A flow log that is not ACTIVE delivers nothing.",
        remedy="Delete the flow log and create it again; its id changes.",
        needs=("flow_logs",),
        judge=flow_log_inactive,
    ),
    Rule(
        id="flow_log_not_delivering",
        link="flow_log",
        severity="high",
        title="Flow log cannot deliver",
        explanation="EC2 could not hand over the flow log's records: they are lost, and nothing sees that traffic.",
        remedy="Access error: give the flow log's role (or the bucket's policy) the right to write to the destination, "
        "and see that the destination exists. Rate limited: ask for a higher quota of CloudWatch Logs.",
        needs=("flow_logs",),
        judge=flow_log_not_delivering,
        explained_by=("log_group_missing",),
    ),
    Rule(
        id="log_group_missing",
        link="log_group",
        severity="critical",
        title="Log group is missing",
        explanation="Without the log group there are no metric filters, and no alarm on it can go off.",
        remedy=f"{SET_UP}. Flow logs find the log group again by its name.",
        needs=("log_events",),
        judge=log_group_missing,
    ),
    Rule(
        id="log_group_silent",
        link="log_group",
        severity="high",
        title="Log group is silent",
        explanation="No event reached the log group lately, so its alarms see nothing, whatever happens.",
        remedy="See with `aws ec2 describe-flow-logs` whether the flow log still exists, and whether its interfaces have "
        "any traffic.",
        needs=("log_events",),
        judge=log_group_silent,
        explained_by=_FLOW_LOG,
    ),
    Rule(
        id="filter_missing",
        link="filter",
        severity="high",
        title="Metric filter is missing",
        explanation="Nothing counts the lines that the alarm is about.",
        remedy=f"{SET_UP}.",
        needs=("filters",),
        judge=filter_missing,
    ),
    Rule(
        id="filter_edited",
        link="filter",
        severity="high",
        title="Metric filter was edited",
        explanation="The filter counts other lines than the settings say, or into another metric.",
        remedy=f"{SET_UP}. If the edit is wanted, write it into alarms.rules of the settings.",
        needs=("filters",),
        judge=filter_edited,
    ),
    Rule(
        id="filter_not_counting",
        link="filter",
        severity="high",
        title="Metric filter does not count",
        explanation="A line came that the filter matches, but its metric counted nothing.",
        remedy="Try the line with `aws logs test-metric-filter`; delete the filter and run the DAG flow_logs_setup.",
        needs=("filters", "metrics", "log_events"),
        judge=filter_not_counting,
        explained_by=(*_FLOW_LOG, *_LOG_GROUP),
    ),
    Rule(
        id="metric_without_data",
        link="metric",
        severity="medium",
        title="Metric has no data",
        explanation="The alarm watches a metric that nobody publishes.",
        remedy="See that what publishes the metric still runs, under this namespace, name and dimensions; delete the "
        "alarm if the metric is gone for good.",
        needs=("alarms", "filters", "metrics"),
        judge=metric_without_data,
        explained_by=(*_FLOW_LOG, *_LOG_GROUP, *_FILTER, "alarm_edited"),
    ),
)

NO_DATA: Final = tuple(rule.id for rule in SOURCE_RULES)
"""Rules whose faults leave an alarm without true data."""
