"""One look at the alarms in scope and all that they hang on, from the flow log to the dead letters.

Few calls, however many alarms: listings are paged by the hundred, metrics asked for 500 a request, the history once
for all alarms. Each log group, topic, subscription, function and queue takes a call or two of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from flowlogs.alarms.wanted import WantedAlarms
from flowlogs.health.history import failed_actions, read_since
from flowlogs.health.memory import Memory
from flowlogs.health.observations import (
    MetricKey,
    Observations,
    SeenAlarm,
    SeenFilter,
    SeenFunction,
    SeenMetric,
    SeenQueue,
    SeenTopic,
    Unknown,
)
from flowlogs.observing import alarms, delivery, sources
from flowlogs.observing.aws_calls import AwsCalls
from flowlogs.observing.search import seen_search
from flowlogs.settings import Settings


@dataclass(frozen=True)
class AlarmObserver:
    """Looks at what the settings want and at what is there.

    Attributes:
        settings: which alarms, and which flow logs belong to the pipeline.
        wanted: what the settings want in AWS; None when they define no alarms.
        aws: the calls.
    """

    settings: Settings
    wanted: WantedAlarms | None
    aws: AwsCalls

    def look(self, at: datetime, memory: Memory) -> Observations:
        """What is there at a time (now, other than in tests); `memory` is what the look before left."""
        log_group = self.wanted.log_group if self.wanted else None
        since = read_since(memory.checked_at, at)
        listed_filters = self.aws.start(partial(sources.described_filters, self.aws, self._filters_of()))
        listed_flow_logs = self.aws.start(partial(sources.seen_flow_logs, self.aws, self._destinations()))
        search = self.aws.start(partial(seen_search, self.settings, at)) if self.settings.search.enabled else None
        results = self.aws.start(partial(alarms.action_results, self.aws, since, composite=False))

        described = alarms.described_alarms(self.aws, self._prefixes(), self.settings.alarms.extra_alarm_tags)
        topic = self._topic_arn(described)
        seen_alarms = self._seen_alarms(described, topic)
        history = results.result()
        if any(alarm.is_composite for alarm in seen_alarms):
            history += alarms.action_results(self.aws, since, composite=True)

        filters = self._seen_filters(listed_filters.result(), seen_alarms)
        groups = self.aws.of_each(
            lambda name: sources.seen_log_group(self.aws, name, at),
            dict.fromkeys([*([log_group] if log_group else []), *(one.log_group for one in filters)]),
        )
        metrics = sources.seen_metrics(self.aws, _looks(described.values(), seen_alarms), at)
        filters = self._with_uncounted(filters, metrics, at, memory)
        topics = self._seen_topics(seen_alarms, topic, memory)
        functions = delivery.seen_functions(self.aws, _endpoints(topics, "lambda"), at)
        return Observations(
            at=at,
            log_group=log_group,
            own_topic=topic,
            alarms=seen_alarms,
            filters=filters,
            log_groups=tuple(one for one in groups if one is not None),
            metrics=metrics,
            topics=topics,
            functions=functions,
            queues=self._seen_queues(topics, functions),
            flow_logs=listed_flow_logs.result(),
            failed_actions=failed_actions(memory.failed_actions, history, seen_alarms),
            search=search.result() if search else None,
            unknown=tuple(self.aws.unknown),
        )

    def _prefixes(self) -> list[str]:
        own = [self.wanted.alarm_prefix] if self.wanted else []
        return [*own, *self.settings.alarms.extra_alarm_prefixes]

    def _filters_of(self) -> str | None:
        """The log group whose filters are listed; None for all, when there are alarms of others in scope."""
        configured = self.settings.alarms
        others = configured.extra_alarm_prefixes or configured.extra_alarm_tags
        return self.wanted.log_group if self.wanted and not others else None

    def _destinations(self) -> set[str]:
        groups = {self.wanted.log_group} if self.wanted else set()
        return groups | {source.bucket for source in self.settings.sources}

    def _topic_arn(self, described: Mapping[str, Mapping[str, Any]]) -> str | None:
        """The ARN of the settings' topic: in the account of the alarms that were found, or of the role."""
        if self.wanted is None:
            return None
        own = next((alarm["AlarmArn"] for alarm in described.values() if alarm.get("AlarmArn")), None)
        own = own or self.aws.look("topics", lambda: self.aws.client("sts").get_caller_identity()["Arn"])
        if own is None:
            return None
        _, partition, _, _, account, *_ = own.split(":")
        return f"arn:{partition}:sns:{self.aws.region}:{account}:{self.wanted.topic_name}"

    def _seen_alarms(self, described: Mapping[str, Mapping[str, Any]], topic: str | None) -> tuple[SeenAlarm, ...]:
        wanted = {one.name: one for one in self.wanted.alarms} if self.wanted and topic else {}
        found = []
        for name, one in wanted.items():
            request = one.request(str(topic))
            actions = request["AlarmActions"]
            if name not in described:
                found.append(
                    SeenAlarm(
                        name,
                        exists=False,
                        wanted_actions=tuple(actions),
                        metrics=alarms.metrics_of(request),
                        is_wanted=True,
                    )
                )
                continue
            # The actions have rules of their own, so they are no drift here.
            without_actions = {**described[name], **{key: request[key] for key in _ACTION_KEYS if key in request}}
            drift = one.differences(without_actions)
            found.append(alarms.seen_alarm(described[name], is_wanted=True, wanted_actions=actions, drift=drift))
        found += [alarms.seen_alarm(alarm) for name, alarm in described.items() if name not in wanted]
        return tuple(sorted(found, key=lambda alarm: alarm.name))

    def _seen_filters(
        self, described: Iterable[Mapping[str, Any]], seen_alarms: Iterable[SeenAlarm]
    ) -> tuple[SeenFilter, ...]:
        """The filters of the settings, there or not, and those that feed other alarms in scope."""
        log_group = self.wanted.log_group if self.wanted else None
        there = {(one["logGroupName"], one["filterName"]): one for one in described}
        found = []
        for one in self.wanted.filters if self.wanted else ():
            assert log_group is not None
            actual = there.pop((log_group, one.name), None)
            request = one.request()
            found.append(
                SeenFilter(
                    one.name,
                    log_group,
                    exists=actual is not None,
                    metrics=sources.transformed_metrics(request),
                    has_default=sources.has_default(request),
                    drift=() if actual is None else tuple(one.differences(actual)),
                )
            )
        watched = {key for alarm in seen_alarms for key in alarm.metrics}
        for (group, name), actual in there.items():
            metrics = sources.transformed_metrics(actual)
            if watched.intersection(metrics):
                found.append(SeenFilter(name, group, metrics=metrics, has_default=sources.has_default(actual)))
        return tuple(found)

    def _with_uncounted(
        self, filters: tuple[SeenFilter, ...], metrics: Mapping[MetricKey, SeenMetric], at: datetime, memory: Memory
    ) -> tuple[SeenFilter, ...]:
        """The filters, those of the settings with a line that they should have counted.

        Only where the metric counted nothing: there a line that matches is asked for, of the time since which the
        filter is known to be right, less the time that counting takes.
        """
        patterns = {one.name: one.pattern for one in self.wanted.filters} if self.wanted else {}

        def looked_at(one: SeenFilter) -> SeenFilter:
            right_since = memory.filters_right_since.get(one.name)
            counted = any(key not in metrics or metrics[key].latest_nonzero for key in one.metrics)
            if one.name not in patterns or not one.exists or one.drift or counted or right_since is None:
                return one
            since, until = max(right_since, at - sources.UNCOUNTED_WITHIN), at - sources.COUNTED_AFTER
            if since >= until:
                return one
            event = self.aws.look(
                "log_events",
                lambda: sources.first_event(self.aws, one.log_group, since, until, patterns[one.name]),
                one.name,
            )
            return one if event is None or isinstance(event, Unknown) else replace(one, uncounted=event["message"])

        return tuple(self.aws.of_each(looked_at, filters))

    def _seen_topics(self, seen_alarms: Iterable[SeenAlarm], own: str | None, memory: Memory) -> tuple[SeenTopic, ...]:
        arns = dict.fromkeys([*([own] if own else []), *(arn for alarm in seen_alarms for arn in alarm.topics)])

        def seen(arn: str) -> SeenTopic | None:
            wanted = self._wanted_subscriptions(arn) if arn == own else ()
            return delivery.seen_topic(self.aws, arn, wanted, memory.pending_since)

        return tuple(topic for topic in self.aws.of_each(seen, arns) if topic is not None)

    def _wanted_subscriptions(self, topic: str) -> list[tuple[str, str]]:
        """Protocol and endpoint of the subscriptions that the settings want of their topic."""
        assert self.wanted is not None
        return [(one.protocol, one.endpoint) for one in self.wanted.subscriptions_of(topic)]

    def _seen_queues(self, topics: Iterable[SeenTopic], functions: Iterable[SeenFunction]) -> tuple[SeenQueue, ...]:
        subscriptions = (one for topic in topics for one in topic.subscriptions)
        queues = {one.dead_letter_queue: one.endpoint for one in subscriptions if one.dead_letter_queue}
        queues |= {one.dead_letter_queue: one.arn for one in functions if one.dead_letter_queue}
        found = self.aws.of_each(lambda pair: delivery.seen_queue(self.aws, *pair), queues.items())
        return tuple(queue for queue in found if queue is not None)


_ACTION_KEYS = ("ActionsEnabled", "AlarmActions", "OKActions", "InsufficientDataActions")


def _endpoints(topics: Iterable[SeenTopic], protocol: str) -> list[str]:
    """The endpoints of a protocol that are subscribed to the topics."""
    subscriptions = (one for topic in topics for one in topic.subscriptions if one.exists)
    return list(dict.fromkeys(one.endpoint for one in subscriptions if one.protocol == protocol))


def _looks(described: Iterable[Mapping[str, Any]], seen_alarms: Iterable[SeenAlarm]) -> dict[MetricKey, int]:
    """The metrics that alarms watch, and how many seconds the one that looks back furthest does."""
    looks = {key: 0 for alarm in seen_alarms for key in alarm.metrics}
    for alarm in described:
        for key in alarms.metrics_of(alarm):
            looks[key] = max(looks.get(key, 0), alarms.longest_look(alarm))
    return looks
