"""What a rule is: it judges one link of the chain from the flow log to the people who are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from flowlogs.health.observations import Aspect, Observations
from flowlogs.reports.sections import Severity

Link = Literal[
    "flow_log", "log_group", "filter", "metric", "alarm", "actions", "topic", "subscription", "function", "dead_letters",
    "check", "search",
]  # fmt: skip

LINKS: Final[dict[Link, str]] = {
    "flow_log": "Flow log",
    "log_group": "Log group",
    "filter": "Metric filter",
    "metric": "Metric",
    "alarm": "Alarm",
    "actions": "Actions",
    "topic": "Topic",
    "subscription": "Subscriptions",
    "function": "Lambda",
    "dead_letters": "Dead letters",
    "check": "This check",
    "search": "Search",
}
"""The links of the chain in the order in which a record becomes a message; the check itself; the search cluster."""

BESIDE_THE_CHAIN: Final[frozenset[Link]] = frozenset({"check", "search"})
"""What no alarm hangs on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a state may last; from the settings (`max_alarm_hours`, `max_insufficient_hours`)."""

    alarm: timedelta = timedelta(hours=24)
    insufficient: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule found wrong: with what, in words, and the alarms that it silences or falsifies.

    `severity` is given where it differs from the rule's.
    """

    subject: str
    explanation: str
    alarms: tuple[str, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure rule.

    `explanation` says what it means when it finds something. `needs` are the aspects without which it can say
    nothing. `explained_by` are ids of rules: a fault whose alarms are all touched by faults of these is their
    consequence, and is not told by itself.
    """

    id: str
    link: Link
    severity: Severity
    title: str
    explanation: str
    remedy: str
    needs: tuple[Aspect, ...]
    judge: Callable[[Observations, Limits], Iterator[Fault]]
    explained_by: tuple[str, ...] = ()


def lasting(duration: timedelta) -> str:
    """A duration as people say it: `45 minutes`, `7 hours`, `3 days`."""
    minutes = max(0, int(duration.total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60):,} days"
    if minutes >= 2 * 60:
        return f"{minutes // 60} hours"
    return f"{minutes} minute{'s' * (minutes != 1)}"


def clock(moment: datetime) -> str:
    """A moment as the findings write it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def names_of(alarms: Sequence[str]) -> str:
    """`alarm a`, or `a and 3 more alarms`."""
    if len(alarms) <= 1:
        return f"alarm {alarms[0]}" if alarms else "no alarm"
    return f"{alarms[0]} and {len(alarms) - 1:,} more alarm{'s' * (len(alarms) > 2)}"
