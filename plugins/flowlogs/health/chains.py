"""Each alarm as a chain of links, from the flow log to the dead letters, as the page draws it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from flowlogs.health.findings import Finding
from flowlogs.health.observations import Aspect, Observations, SeenAlarm, SeenSubscription
from flowlogs.health.rule import LINKS, Link, lasting
from flowlogs.health.rules import Judgement

Status = Literal["good", "bad", "after", "unknown", "none"]
"""In order, broken, the consequence of another break, not looked at, not part of this alarm's chain."""

_ASPECTS: Final[dict[Link, tuple[Aspect, ...]]] = {
    "flow_log": ("flow_logs",),
    "log_group": ("log_events",),
    "filter": ("filters",),
    "metric": ("metrics",),
    "alarm": ("alarms",),
    "actions": ("alarms", "history"),
    "topic": ("topics",),
    "subscription": ("topics", "subscriptions"),
    "function": ("subscriptions", "functions"),
    "dead_letters": ("functions", "queues"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One link of an alarm's chain: what it is, and whether it holds."""

    link: Link
    status: Status
    text: str

    @property
    def label(self) -> str:
        """The link's name."""
        return LINKS[self.link]


@dataclass(frozen=True, slots=True)
class Chain:
    """An alarm with its links."""

    alarm: SeenAlarm
    nodes: tuple[Node, ...]
    since: str
    """For how long the alarm is in its state."""

    @property
    def is_whole(self) -> bool:
        """Whether no link is broken; one that is unknown is not."""
        return all(node.status in ("good", "none") for node in self.nodes)


def chains(seen: Observations, judgement: Judgement, standing: Iterable[Finding]) -> list[Chain]:
    """The chains of all alarms: the broken ones first, then by name."""
    after = {(name, one.link) for one in judgement.consequences for name in one.fault.alarms}
    bad = {(name, finding.link) for finding in standing for name in finding.alarms} - after
    bad |= {(name, one.link) for one in judgement.faults for name in one.fault.alarms}

    def node(alarm: SeenAlarm, link: Link, text: str) -> Node:
        broken = (alarm.name, link) in bad
        if not text and not broken:
            unknown = any(one.aspect in _ASPECTS[link] and one.subject is None for one in seen.unknown)
            return Node(link, "unknown" if unknown else "none", "")
        status: Status = "bad" if broken else "after" if (alarm.name, link) in after else "good"
        return Node(link, status, text or "missing")

    found = [
        Chain(
            alarm,
            tuple(node(alarm, link, text) for link, text in _texts(seen, alarm)),
            lasting(seen.at - alarm.state_since) if alarm.state_since else "",
        )
        for alarm in seen.alarms
    ]
    return sorted(found, key=lambda chain: (chain.is_whole, chain.alarm.name))


def _texts(seen: Observations, alarm: SeenAlarm) -> Iterator[tuple[Link, str]]:
    """What each link of an alarm's chain is, in words; empty where there is none."""
    feeding = [seen.filter_of[key] for key in alarm.metrics if key in seen.filter_of]
    groups = dict.fromkeys(one.log_group for one in feeding)
    flow_logs = [one for one in seen.flow_logs if one.destination in groups]
    yield (
        "flow_log",
        _listed(f"{one.flow_log_id} {one.status}, {one.delivery or 'not yet delivered'}" for one in flow_logs),
    )
    yield "log_group", _listed(groups)
    yield "filter", _listed(one.name for one in feeding)
    yield "metric", _listed(map(str, alarm.metrics)) or ("its alarms" if alarm.is_composite else "")
    yield "alarm", f"{alarm.name} {alarm.state if alarm.exists else 'missing'}"
    spoken_for = alarm.name in seen.spoken_for
    actions = f"{len(alarm.actions)} enabled" if alarm.actions_enabled else "disabled"
    yield "actions", "by a composite alarm" if spoken_for and not alarm.actions else actions
    arns = dict.fromkeys([*alarm.topics, *alarm.wanted_actions])
    topics = [topic for topic in seen.topics if topic.arn in arns]
    yield "topic", _listed(topic.arn.rpartition(":")[2] for topic in topics)
    subscriptions = [one for topic in topics for one in topic.subscriptions]
    yield "subscription", _counted(subscriptions)
    endpoints = {one.endpoint for one in subscriptions}
    functions = [one for one in seen.functions if one.arn in endpoints]
    yield "function", _listed(one.arn.partition(":function:")[2] for one in functions)
    queues = [one for one in seen.queues if one.of in endpoints]
    yield "dead_letters", _listed(f"{one.waiting:,} in {one.arn.rpartition(':')[2]}" for one in queues)


def _counted(subscriptions: list[SeenSubscription]) -> str:
    confirmed = sum(one.exists and one.confirmed for one in subscriptions)
    pending = sum(one.exists and not one.confirmed for one in subscriptions)
    lacking = sum(not one.exists for one in subscriptions)
    parts = [(confirmed, "confirmed"), (pending, "pending"), (lacking, "missing")]
    return ", ".join(f"{count} {word}" for count, word in parts if count)


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    return ", ".join(found[:2]) + (f" and {len(found) - 2} more" if len(found) > 2 else "")
