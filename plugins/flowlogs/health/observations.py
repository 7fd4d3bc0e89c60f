"""What one look at the alarms and all that they hang on saw.

A thing that is expected and not there is an observation too: its `exists` is false. What could not be looked at (a
denied API) is an `Unknown`, and the rules that need it say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal, TypeVar

Aspect = Literal[
    "alarms",
    "tags",
    "history",
    "filters",
    "log_events",
    "metrics",
    "topics",
    "subscriptions",
    "functions",
    "queues",
    "flow_logs",
]
"""What is looked at with one API, and can therefore be unknown as a whole."""


@dataclass(frozen=True, slots=True)
class MetricKey:
    """A metric of CloudWatch: namespace, name and dimensions (sorted pairs of name and value)."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        dimensions = ", ".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace}/{self.name}" + (f" ({dimensions})" if dimensions else "")


@dataclass(frozen=True, slots=True)
class SeenAlarm:
    """An alarm in scope: of the settings, of an extra prefix or tag.

    `state_since` is when its state last changed. `drift` says in words how it differs from the settings, its actions
    left aside; `wanted_actions` are the ARNs that the settings want among its actions.
    """

    name: str
    exists: bool = True
    arn: str = ""
    state: str = "INSUFFICIENT_DATA"
    state_since: datetime | None = None
    state_reason: str = ""
    actions_enabled: bool = True
    actions: tuple[str, ...] = ()
    """ARNs that are told when it goes to ALARM."""
    wanted_actions: tuple[str, ...] = ()
    metrics: tuple[MetricKey, ...] = ()
    missing_data: str = "missing"
    is_wanted: bool = False
    """Whether the settings define it."""
    is_composite: bool = False
    children: tuple[str, ...] = ()
    """Alarms that a composite alarm's rule names."""
    drift: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """The SNS topics among its actions."""
        return tuple(arn for arn in self.actions if is_topic(arn))


@dataclass(frozen=True, slots=True)
class SeenFilter:
    """A metric filter that feeds an alarm in scope, or should."""

    name: str
    log_group: str
    exists: bool = True
    metrics: tuple[MetricKey, ...] = ()
    has_default: bool = False
    """Whether it publishes a value for the lines that it does not match, so that its metric always has data."""
    drift: tuple[str, ...] = ()
    uncounted: str | None = None
    """A line that it should have counted, while its metric counted nothing; None when there is none."""


@dataclass(frozen=True, slots=True)
class SeenLogGroup:
    """A log group that a filter in scope reads."""

    name: str
    exists: bool = True
    receives: bool = True
    """Whether an event came lately."""
    last_event: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenMetric:
    """The newest data of a metric within the time that was looked at; None when there is none."""

    key: MetricKey
    latest: datetime | None = None
    latest_nonzero: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenSubscription:
    """A subscription of a topic, or one that the settings want and the topic lacks (`exists` is false).

    `pending_since` is when a health check first saw it unconfirmed: SNS does not tell when it was made.
    """

    topic: str
    protocol: str
    endpoint: str
    exists: bool = True
    confirmed: bool = True
    pending_since: datetime | None = None
    dead_letter_queue: str | None = None
    """ARN of the queue of its redrive policy."""

    @property
    def name(self) -> str:
        """Protocol and endpoint, as people know it."""
        return f"{self.protocol}:{self.endpoint}"


@dataclass(frozen=True, slots=True)
class SeenTopic:
    """A topic that an alarm in scope points at, or the settings want."""

    arn: str
    exists: bool = True
    subscriptions: tuple[SeenSubscription, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenFunction:
    """A Lambda function that is subscribed to a topic.

    `last_error` and `last_success` are the newest minutes with failed and with succeeded invocations.
    """

    arn: str
    exists: bool = True
    state: str = "Active"
    last_error: datetime | None = None
    last_success: datetime | None = None
    dead_letter_queue: str | None = None


@dataclass(frozen=True, slots=True)
class SeenQueue:
    """A dead-letter queue; `of` is the function or subscription whose failures it takes."""

    arn: str
    of: str
    exists: bool = True
    waiting: int = 0
    """Messages in it, about."""


@dataclass(frozen=True, slots=True)
class SeenFlowLog:
    """A flow log that delivers to the alarms' log group or to a source's bucket.

    `delivery` is DeliverLogsStatus (SUCCESS, FAILED; None before the first delivery), `error` DeliverLogsErrorMessage.
    """

    flow_log_id: str
    resource: str
    destination: str
    status: str = "ACTIVE"
    delivery: str | None = "SUCCESS"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FailedAction:
    """An action that CloudWatch could not execute, and has not executed since."""

    alarm: str
    target: str
    """ARN of the action."""
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be looked at: an aspect as a whole, or of one subject."""

    aspect: Aspect
    reason: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class SearchedDay:
    """A reported day, as the search cluster has it.

    `found` and `wanted` are flows by kind of documents: behind the alias, and of the ledger. Without an index, `found` is
    empty.
    """

    day: str
    wanted: Mapping[str, int]
    found: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenSearch:
    """The search cluster: how it does not answer, or its days."""

    connection: str
    """Airflow connection of the settings."""
    problem: str = ""
    days: tuple[SearchedDay, ...] = ()


@dataclass(frozen=True)
class Observations:
    """Everything that one look saw, at the time `at`."""

    at: datetime
    log_group: str | None = None
    """The log group of the settings."""
    own_topic: str | None = None
    """ARN of the settings' topic."""
    alarms: tuple[SeenAlarm, ...] = ()
    filters: tuple[SeenFilter, ...] = ()
    log_groups: tuple[SeenLogGroup, ...] = ()
    metrics: Mapping[MetricKey, SeenMetric] = field(default_factory=dict)
    topics: tuple[SeenTopic, ...] = ()
    functions: tuple[SeenFunction, ...] = ()
    queues: tuple[SeenQueue, ...] = ()
    flow_logs: tuple[SeenFlowLog, ...] = ()
    failed_actions: tuple[FailedAction, ...] = ()
    search: SeenSearch | None = None
    """None where there is none."""
    unknown: tuple[Unknown, ...] = ()

    @cached_property
    def alarm_named(self) -> Mapping[str, SeenAlarm]:
        """The alarms by name."""
        return {alarm.name: alarm for alarm in self.alarms}

    @cached_property
    def filter_of(self) -> Mapping[MetricKey, SeenFilter]:
        """The filter that publishes each metric."""
        return {key: one for one in self.filters for key in one.metrics}

    @cached_property
    def alarms_of_metric(self) -> Mapping[MetricKey, tuple[str, ...]]:
        """Names of the alarms that watch each metric."""
        return _grouped((key, alarm.name) for alarm in self.alarms for key in alarm.metrics)

    @cached_property
    def alarms_of_log_group(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the alarms that each log group feeds."""
        return _grouped(
            (one.log_group, name) for one in self.filters for key in one.metrics for name in self.alarms_of_metric.get(key, ())
        )  # fmt: skip

    @cached_property
    def alarms_of_topic(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the alarms that each topic tells of."""
        return _grouped(
            (topic, alarm.name)
            for alarm in self.alarms
            for topic in dict.fromkeys([*alarm.topics, *filter(is_topic, alarm.wanted_actions)])
        )

    @cached_property
    def topics_of_endpoint(self) -> Mapping[str, tuple[str, ...]]:
        """ARNs of the topics that each endpoint is subscribed to."""
        return _grouped((one.endpoint, topic.arn) for topic in self.topics for one in topic.subscriptions if one.exists)

    @cached_property
    def spoken_for(self) -> frozenset[str]:
        """Alarms that need no action of their own, for a composite alarm with actions speaks for them."""
        speaking = [alarm for alarm in self.alarms if alarm.is_composite and alarm.actions_enabled and alarm.actions]
        return frozenset(name for alarm in speaking for name in alarm.children)

    def alarms_of_endpoint(self, endpoint: str) -> tuple[str, ...]:
        """Names of the alarms whose messages go to a subscription's endpoint."""
        topics = self.topics_of_endpoint.get(endpoint, ())
        return tuple(dict.fromkeys(name for topic in topics for name in self.alarms_of_topic.get(topic, ())))

    def is_unknown(self, aspect: Aspect, subject: str | None = None) -> bool:
        """Whether an aspect could not be looked at, as a whole or of the subject."""
        return any(one.aspect == aspect and one.subject in (None, subject) for one in self.unknown)


def is_topic(arn: str) -> bool:
    """Whether an ARN is an SNS topic's."""
    return arn.split(":")[2:3] == ["sns"]


_Key = TypeVar("_Key")


def _grouped(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, tuple[str, ...]]:
    found: dict[_Key, dict[str, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}
