"""What one check leaves for the next: so that each finding is told once, and its age is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from flowlogs.health.findings import Finding
from flowlogs.health.observations import FailedAction, Observations, SeenSubscription


@dataclass(frozen=True)
class Memory:
    """The state after a check that was told.

    Attributes:
        checked_at: when the check was; None before the first.
        findings: those that stood.
        failed_actions: those that no later success has cleared.
        filters_right_since: for each metric filter that was as it should be, the check since which it is.
        pending_since: for each pending subscription (see `pending_key`), the check that first saw it.
        digest_day: the UTC day that the last digest was sent on.
    """

    checked_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    failed_actions: tuple[FailedAction, ...] = ()
    filters_right_since: Mapping[str, datetime] = field(default_factory=dict)
    pending_since: Mapping[str, datetime] = field(default_factory=dict)
    digest_day: date | None = None

    def is_digest_due(self, at: datetime) -> bool:
        """Whether a check at `at` is the first of its UTC day to be told."""
        return self.digest_day != at.date()

    def after(self, seen: Observations, standing: tuple[Finding, ...]) -> Memory:
        """The memory after a check, whose digest is sent if it is due."""
        right = {one.name for one in seen.filters if one.exists and not one.drift}
        filters_unknown = seen.is_unknown("filters")
        pending = {
            pending_key(one): one.pending_since or seen.at
            for topic in seen.topics
            for one in topic.subscriptions
            if one.exists and not one.confirmed
        }
        subscriptions_unknown = any(one.aspect in ("topics", "subscriptions") for one in seen.unknown)
        return Memory(
            checked_at=seen.at,
            findings=standing,
            failed_actions=self.failed_actions if seen.is_unknown("history") else seen.failed_actions,
            filters_right_since=self.filters_right_since
            if filters_unknown
            else {name: self.filters_right_since.get(name, seen.at) for name in sorted(right)},
            pending_since={**self.pending_since, **pending} if subscriptions_unknown else pending,
            digest_day=seen.at.date(),
        )

    def to_json(self) -> str:
        """The memory as it is kept."""
        values = {
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            "findings": [finding.to_json() for finding in self.findings],
            "failed_actions": [{**asdict(one), "at": one.at.isoformat()} for one in self.failed_actions],
            "filters_right_since": _texts(self.filters_right_since),
            "pending_since": _texts(self.pending_since),
            "digest_day": self.digest_day.isoformat() if self.digest_day else None,
        }
        return json.dumps(values, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Memory:
        """The memory of a text.

        Raises:
            ValueError: when it is none.
        """
        values: dict[str, Any] = json.loads(text)
        try:
            return cls(
                checked_at=datetime.fromisoformat(values["checked_at"]) if values["checked_at"] else None,
                findings=tuple(map(Finding.from_json, values["findings"])),
                failed_actions=tuple(
                    FailedAction(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in values["failed_actions"]
                ),
                filters_right_since=_moments(values["filters_right_since"]),
                pending_since=_moments(values["pending_since"]),
                digest_day=date.fromisoformat(values["digest_day"]) if values["digest_day"] else None,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no memory of a health check: {error!r}") from error


def pending_key(one: SeenSubscription) -> str:
    """What a pending subscription is known by: it has no ARN of its own yet."""
    return f"{one.topic} {one.name}"


def _texts(moments: Mapping[str, datetime]) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in moments.items()}


def _moments(texts: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(text) for name, text in texts.items()}
