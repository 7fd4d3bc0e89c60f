"""A fire drill: an alarm is set to ALARM, and its message followed to each subscriber that can be observed.

What is observed: a drill queue that is subscribed to the topic, and the logs of the Lambda functions that are. Mail boxes
and foreign URLs cannot be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flowlogs.health.observations import SeenTopic

_MARK: Final = re.compile(r"\[drill ([\w.:-]{1,100})[^\]]*\]", re.ASCII)
"""How a reason begins that a drill gave; the Slack Lambda knows it by the same mark."""


@dataclass(frozen=True)
class Drill:
    """A drill that has begun, as Airflow keeps it between tasks.

    Attributes:
        drill_id: its id, in the reason of the alarm's state.
        alarm: the alarm that was set.
        started_at: when, ISO 8601.
        state_before: the state to restore.
        reason_before: the reason of that state.
        queue: ARN of the drill queue.
        functions: ARNs of the Lambda functions that are subscribed.
        unobserved: subscribers that cannot be observed.
        notes: what is known to be broken on the way.
    """

    drill_id: str
    alarm: str
    started_at: str
    state_before: str
    reason_before: str
    queue: str
    functions: tuple[str, ...]
    unobserved: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def expected(self) -> list[str]:
        """The subscribers that the message should reach, and that can be observed."""
        return [subscriber("sqs", self.queue), *(subscriber("lambda", arn) for arn in self.functions)]

    @property
    def started(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.started_at)

    def to_json(self) -> dict[str, Any]:
        """The drill as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Drill:
        """The drill of JSON values."""
        lists: dict[str, Any] = {name: tuple(values[name]) for name in ("functions", "unobserved", "notes")}
        return cls(**{**values, **lists})


def drill_reason(drill_id: str, what: str) -> str:
    """A reason for an alarm's state that tells a drill from the real thing."""
    return f"[drill {drill_id}] {what}"


def drill_id_of(reason: str) -> str | None:
    """The drill that gave a state's reason; None when none did."""
    found = _MARK.match(reason)
    return found.group(1) if found else None


def is_message_of(drill: Drill, body: str) -> bool:
    """Whether a message in the drill queue is the drill's: SNS's envelope of CloudWatch's message, or that alone."""
    try:
        message = json.loads(body)
        if isinstance(message, dict) and isinstance(message.get("Message"), str):
            message = json.loads(message["Message"])
    except ValueError:
        return False
    return (
        isinstance(message, dict)
        and message.get("NewStateValue") == "ALARM"
        and drill_id_of(str(message.get("NewStateReason"))) == drill.drill_id
    )


def subscriber(protocol: str, endpoint: str) -> str:
    """What a subscriber is called: `sqs:name`, `lambda:name`, `email:address`."""
    name = endpoint.rpartition(":")[2] if endpoint.startswith("arn:") else endpoint
    return f"{protocol}:{name}"


def subscribers(topics: Iterable[SeenTopic], queue: str) -> tuple[list[str], list[str], list[str]]:
    """ARNs of the Lambda functions that are told, those who are told but cannot be observed, and what is broken."""
    functions: list[str] = []
    unobserved: list[str] = []
    notes: list[str] = []
    has_queue = False
    for topic in topics:
        if not topic.exists:
            notes.append(f"topic {topic.arn} does not exist")
        for one in topic.subscriptions:
            if not one.exists or not one.confirmed:
                if one.exists or one.endpoint == queue:
                    lack = "is not confirmed" if one.exists else "is missing"
                    notes.append(f"subscription {one.name} of {topic.arn} {lack}")
            elif one.protocol == "lambda":
                functions.append(one.endpoint)
            elif one.endpoint == queue:
                has_queue = True
            else:
                unobserved.append(subscriber(one.protocol, one.endpoint))
    if not has_queue and not notes:
        notes.append(f"the drill queue {queue} is not subscribed")
    return list(dict.fromkeys(functions)), list(dict.fromkeys(unobserved)), notes


@dataclass(frozen=True)
class DrillReport:
    """What became of a drill: the seconds until its message reached each subscriber."""

    drill: Drill
    arrived: Mapping[str, float]
    ended_at: datetime

    @property
    def missing(self) -> list[str]:
        """The subscribers that should have got the message and did not."""
        return [name for name in self.drill.expected if name not in self.arrived]

    @property
    def passed(self) -> bool:
        """Whether it arrived everywhere."""
        return not self.missing

    def sentence(self) -> str:
        """The report in words."""
        drill = self.drill
        reached = [f"{name} after {self.arrived[name]:.1f} s" for name in drill.expected if name in self.arrived]
        parts = [f"drill {drill.drill_id} of alarm {drill.alarm}: reached {', '.join(reached) or 'nobody'}"]
        if self.missing:
            waited = (self.ended_at - drill.started).total_seconds()
            parts.append(f"did not reach {', '.join(self.missing)} within {waited:.0f} s")
            parts += [f"known to be broken: {'; '.join(drill.notes)}"] if drill.notes else []
        if drill.unobserved:
            parts.append(f"cannot be observed: {', '.join(drill.unobserved)}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; the page of the alarms' health shows it."""
        return {
            "drill_id": self.drill.drill_id,
            "alarm": self.drill.alarm,
            "started_at": self.drill.started.astimezone(UTC).isoformat(timespec="seconds"),
            "ended_at": self.ended_at.astimezone(UTC).isoformat(timespec="seconds"),
            "passed": self.passed,
            "expected": self.drill.expected,
            "arrived": dict(self.arrived),
            "missing": self.missing,
            "unobserved": list(self.drill.unobserved),
            "notes": list(self.drill.notes),
        }
