"""All rules, and judging by them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Final

from flowlogs.health.alarm_rules import ALARM_RULES
from flowlogs.health.delivery_rules import DELIVERY_RULES
from flowlogs.health.observations import Aspect, Observations
from flowlogs.health.rule import LINKS, Fault, Limits, Link, Rule
from flowlogs.health.search_rules import SEARCH_RULES
from flowlogs.health.source_rules import SOURCE_RULES
from flowlogs.reports.sections import SEVERITIES, Severity

ASPECTS: Final[dict[Aspect, tuple[str, str]]] = {
    "alarms": ("the alarms", "cloudwatch:DescribeAlarms"),
    "tags": ("the alarms with the settings' tags", "tag:GetResources"),
    "history": ("the alarms' history", "cloudwatch:DescribeAlarmHistory"),
    "filters": ("the metric filters", "logs:DescribeMetricFilters"),
    "log_events": ("the log groups' events", "logs:FilterLogEvents and logs:DescribeLogStreams"),
    "metrics": ("the metrics' data", "cloudwatch:GetMetricData"),
    "topics": ("the topics", "sns:GetTopicAttributes and sts:GetCallerIdentity"),
    "subscriptions": ("the subscriptions", "sns:ListSubscriptionsByTopic and sns:GetSubscriptionAttributes"),
    "functions": ("the Lambda functions", "lambda:GetFunctionConfiguration"),
    "queues": ("the dead-letter queues", "sqs:GetQueueUrl and sqs:GetQueueAttributes"),
    "flow_logs": ("the flow logs", "ec2:DescribeFlowLogs"),
}
"""What each aspect is in words, and the permission to look at it."""


def could_not_look(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """Something that could not be looked at."""
    for one in seen.unknown:
        what, permission = ASPECTS[one.aspect]
        subject = f"{one.aspect}: {one.subject}" if one.subject else one.aspect
        of = f" ({one.subject})" if one.subject else ""
        yield Fault(f"unknown: {subject}", f"Unknown: {what}{of} could not be looked at ({permission}): {one.reason}")


RULES: Final[tuple[Rule, ...]] = (
    *SOURCE_RULES,
    *ALARM_RULES,
    *DELIVERY_RULES,
    *SEARCH_RULES,
    Rule(
        id="unknown",
        link="check",
        severity="medium",
        title="Could not look",
        explanation="An answer of AWS is lacking, so nothing is known of that part of the chain.",
        remedy="Grant the permission that is named to the role of Airflow (include/iam/), or see the error.",
        needs=(),
        judge=could_not_look,
    ),
)
RULE_NAMED: Final = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Judged:
    """A fault, with the rule that found it."""

    rule: Rule
    fault: Fault

    @property
    def link(self) -> Link:
        """The broken link."""
        return self.rule.link

    @property
    def severity(self) -> Severity:
        """The fault's own severity, or the rule's."""
        return self.fault.severity or self.rule.severity


@dataclass(frozen=True)
class Judgement:
    """What is broken, and what is only the consequence of it; the most severe first."""

    faults: tuple[Judged, ...]
    consequences: tuple[Judged, ...]
    not_judged: frozenset[str]
    """Ids of rules that lacked something."""


def judge(seen: Observations, limits: Limits, rules: tuple[Rule, ...] = RULES) -> Judgement:
    """Judge what was seen by every rule that has what it needs."""
    able = [rule for rule in rules if not any(_is_lacking(seen, aspect) for aspect in rule.needs)]
    found = [Judged(rule, fault) for rule in able for fault in rule.judge(seen, limits)]
    touched = {(one.rule.id, alarm) for one in found for alarm in one.fault.alarms}
    faults: list[Judged] = []
    consequences: list[Judged] = []
    for one in found:
        (consequences if _is_explained(one, touched) else faults).append(one)
    return Judgement(
        tuple(sorted(faults, key=_order)),
        tuple(sorted(consequences, key=_order)),
        frozenset(rule.id for rule in rules if rule not in able),
    )


def _is_lacking(seen: Observations, aspect: Aspect) -> bool:
    """An aspect of one subject that is unknown leaves the rest to be judged."""
    return any(one.aspect == aspect and one.subject is None for one in seen.unknown)


def _is_explained(one: Judged, touched: Set[tuple[str, str]]) -> bool:
    """Whether every alarm of a fault is touched by a fault of a rule that explains it."""
    return bool(one.fault.alarms) and all(
        any((rule_id, alarm) in touched for rule_id in one.rule.explained_by) for alarm in one.fault.alarms
    )


def _order(one: Judged) -> tuple[int, int, str, str]:
    return SEVERITIES.index(one.severity), list(LINKS).index(one.link), one.rule.id, one.fault.subject
