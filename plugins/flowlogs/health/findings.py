"""Findings: what a check found, against what the check before knew. What is new, worse, resolved, and what is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from flowlogs.health.observations import Observations
from flowlogs.health.rule import Link
from flowlogs.health.rules import RULE_NAMED, Judgement
from flowlogs.reports.sections import SEVERITIES, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with one thing, since when, and what to do about it.

    `is_unchecked` says that the last check could not look at it: it stands as it was seen before.
    """

    rule: str
    link: Link
    subject: str
    severity: Severity
    title: str
    explanation: str
    remedy: str
    alarms: tuple[str, ...]
    since: datetime
    """When a check first saw it."""
    is_unchecked: bool = False

    @property
    def id(self) -> str:
        """The same for the same rule and subject at any time: 16 hexadecimal digits."""
        return hashlib.sha256(f"{self.rule}\0{self.subject}".encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {**asdict(self), "alarms": list(self.alarms), "since": self.since.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Finding:
        """The finding of JSON values."""
        return cls(
            **{**values, "alarms": tuple(values["alarms"]), "since": datetime.fromisoformat(values["since"])}
        )  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """How the findings of a check differ from those before; the most severe first."""

    new: tuple[Finding, ...] = ()
    worse: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    """As they were when last seen."""
    same: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """The changes as JSON values."""
        return {name: [one.to_json() for one in getattr(self, name)] for name in ("new", "worse", "resolved", "same")}

    @classmethod
    def from_json(cls, values: Mapping[str, Sequence[Mapping[str, Any]]]) -> Changes:
        """The changes of JSON values."""
        return cls(**{name: tuple(map(Finding.from_json, found)) for name, found in values.items()})

    @property
    def any(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.new or self.worse or self.resolved)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """All findings that stand now."""
        return tuple(sorted([*self.new, *self.worse, *self.same], key=_order))


def findings_of(judgement: Judgement, at: datetime) -> list[Finding]:
    """The faults as findings that were first seen now."""
    return [
        Finding(
            rule=one.rule.id,
            link=one.link,
            subject=one.fault.subject,
            severity=one.severity,
            title=one.rule.title,
            explanation=one.fault.explanation,
            remedy=one.rule.remedy,
            alarms=one.fault.alarms,
            since=at,
        )
        for one in judgement.faults
    ]


def changes(before: Iterable[Finding], seen: Observations, judgement: Judgement) -> Changes:
    """What changed since the check before.

    A finding is worse when its severity rose. It is resolved when its rule looked at its subject and found nothing; a
    rule that lacked an answer leaves its findings standing, unchecked. One that became another's consequence stays
    standing too: it is neither mended nor worth telling.
    """
    known = {finding.id: finding for finding in before}
    new: list[Finding] = []
    worse: list[Finding] = []
    same: list[Finding] = []
    for finding in findings_of(judgement, seen.at):
        earlier = known.pop(finding.id, None)
        if earlier is None:
            new.append(finding)
            continue
        kept = replace(finding, since=earlier.since)
        is_worse = SEVERITIES.index(kept.severity) < SEVERITIES.index(earlier.severity)
        (worse if is_worse else same).append(kept)
    consequences = {(one.rule.id, one.fault.subject) for one in judgement.consequences}
    resolved = []
    for earlier in known.values():
        if _is_unchecked(earlier, seen, judgement):
            same.append(replace(earlier, is_unchecked=True))
        elif (earlier.rule, earlier.subject) in consequences:
            same.append(earlier)
        else:
            resolved.append(earlier)
    return Changes(*(tuple(sorted(found, key=_order)) for found in (new, worse, resolved, same)))


def _is_unchecked(finding: Finding, seen: Observations, judgement: Judgement) -> bool:
    rule = RULE_NAMED.get(finding.rule)
    if rule is None:
        return False  # a release without the rule cannot see it any more
    return rule.id in judgement.not_judged or any(
        one.aspect in rule.needs and one.subject is not None and one.subject in finding.subject for one in seen.unknown
    )


def _order(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.severity), finding.rule, finding.subject
