"""What is sent by SNS: changes when there are some, and once a day what stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flowlogs.health.findings import Changes, Finding
from flowlogs.health.rule import clock, lasting
from flowlogs.reports.messages import SUBJECT_CHARACTERS
from flowlogs.reports.values import visible

FINDINGS_SHOWN: Final = (30, 15, 6, 2)
"""Of each list; fewer when the message would be too long."""
MESSAGE_BYTES: Final = 250_000
"""All texts of a message together have 256 KiB (SNS API reference, Publish)."""
_LONGEST_TEXT = 800


@dataclass(frozen=True)
class Scope:
    """What the check was of, for the numbers in a message."""

    environment: str
    at: datetime
    alarms: int
    in_alarm: int
    page_url: str


@dataclass(frozen=True)
class Message:
    """Arguments of SNS's Publish with MessageStructure json: each protocol has its own text."""

    subject: str
    body: str

    @property
    def texts(self) -> dict[str, str]:
        """The text of each protocol."""
        found: dict[str, str] = json.loads(self.body)
        return found


def changes_message(changes: Changes, scope: Scope) -> Message:
    """What is new, worse and resolved: as text for people, as JSON for the Lambda, queues and URLs."""
    counts = [(changes.new, "new"), (changes.worse, "worse"), (changes.resolved, "resolved")]
    headline = ", ".join(f"{len(found):,} {word}" for found, word in counts if found) or "nothing changed"
    standing = len(changes.standing)

    def texts(most: int) -> dict[str, str]:
        lines = [f"Alarm health of {scope.environment}: {headline}", _scope_words(scope), ""]
        lines += _paragraph("New", changes.new, scope, most) + _paragraph("Worse", changes.worse, scope, most)
        if changes.resolved:
            resolved = [f"- {one.title}: {_subject(one)}" for one in changes.resolved[:most]]
            lines += [f"Resolved ({len(changes.resolved):,}):", *resolved, *_more(changes.resolved, most), ""]
        lines += [f"Findings that stand now: {standing:,}.", f"All of it: {scope.page_url}"]
        notice = {
            "kind": "alarm_health",
            **{word: [_item(one) for one in found[:most]] for found, word in counts},
            "counts": {word: len(found) for found, word in counts} | {"standing": standing},
            "page_url": scope.page_url,
        }
        machine = json.dumps(notice, ensure_ascii=False)
        return {"default": "\n".join(lines), **dict.fromkeys(("lambda", "sqs", "http", "https"), machine)}

    return _message(f"[{scope.environment}] Alarm health: {headline}", texts)


def digest_message(standing: Sequence[Finding], scope: Scope) -> Message:
    """What stands, once a day, so that silence is never taken for health."""
    number = f"{len(standing):,} findings stand" if len(standing) != 1 else "1 finding stands"
    headline = number if standing else "nothing is wrong"

    def texts(most: int) -> dict[str, str]:
        lines = [f"Daily digest of the alarms' health in {scope.environment}: {headline}", _scope_words(scope), ""]
        lines += _paragraph("What stands", standing, scope, most)
        return {"default": "\n".join([*lines, f"All of it: {scope.page_url}"])}

    return _message(f"[{scope.environment}] Alarm health, daily digest: {headline}", texts)


def _message(subject: str, texts: Callable[[int], dict[str, str]]) -> Message:
    """The longest message that SNS takes, of texts with so many findings of each list."""
    # A subject is ASCII, below 100 characters, without line breaks (SNS API reference, Publish).
    short = visible(subject).encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS].rstrip()
    for most in FINDINGS_SHOWN:
        body = json.dumps(texts(most), ensure_ascii=False)
        if len(body.encode()) <= MESSAGE_BYTES:
            break
    return Message(short, body)


def _paragraph(heading: str, findings: Sequence[Finding], scope: Scope, most: int) -> list[str]:
    if not findings:
        return []
    lines = [f"{heading} ({len(findings):,}):"]
    for one in findings[:most]:
        age = f", for {lasting(scope.at - one.since)}" if one.since < scope.at else ""
        unchecked = ", could not be checked again" if one.is_unchecked else ""
        lines += [
            f"- {one.severity.upper()} {one.title}: {_subject(one)}{age}{unchecked}",
            f"  {visible(one.explanation, _LONGEST_TEXT)}.",
            f"  What to do: {one.remedy}",
        ]
    return [*lines, *_more(findings, most), ""]


def _more(findings: Sequence[Finding], most: int) -> list[str]:
    rest = len(findings) - most
    return [f"- and {rest:,} more"] if rest > 0 else []


def _scope_words(scope: Scope) -> str:
    return f"{clock(scope.at)}; {scope.alarms:,} alarms looked at, {scope.in_alarm:,} of them in ALARM"


def _subject(finding: Finding) -> str:
    return visible(finding.subject, 200)


def _item(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "link": finding.link,
        "subject": _subject(finding),
        "severity": finding.severity,
        "title": finding.title,
        "explanation": visible(finding.explanation, _LONGEST_TEXT),
        "remedy": finding.remedy,
        "since": finding.since.isoformat(),
    }
