"""What the health check of the alarms tells: what is new, what got worse, what is resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blocks import Block, context, links, message, section, severity_of, worst
from notification import items_of, text_of
from slack_text import Mrkdwn, code, escaped, link

_SHOWN = 12
"""Findings of each list; each takes a block of Slack's 50."""


def health_message(notice: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """The message of a notice about the alarms' health.

    Args:
        notice: `new`, `worse` and `resolved`, lists of findings with `subject`, `severity`, `title`, `explanation` and
            `remedy`; `page_url`.
        environment: the deployment's name.
    """
    new, worse, resolved = (items_of(notice.get(name)) for name in ("new", "worse", "resolved"))
    open_findings = [*new, *worse]
    counted = [(len(new), "new"), (len(worse), "worse"), (len(resolved), "resolved")]
    what = ", ".join(f"{count:,} {word}" for count, word in counted if count) or "nothing changed"
    severities = [severity_of(text_of(finding.get("severity"))) for finding in open_findings]
    blocks = [
        *_findings("New", new),
        *_findings("Worse than before", worse),
        *_resolved(resolved),
        *links([link(text_of(notice.get("page_url")), "Alarm health page")]),
    ]
    subjects = ", ".join(text_of(finding.get("subject")) for finding in open_findings[:3])
    where = f" ({environment})" if environment else ""
    return message(
        f"Alarm health{where}: {what}", worst(severities) if open_findings else "ok", blocks, summary=subjects
    )


def _findings(heading: str, findings: Sequence[Mapping[str, Any]]) -> list[Block]:
    if not findings:
        return []
    shown = [_finding(finding) for finding in _worst_first(findings)[:_SHOWN]]
    return [section(Mrkdwn(f"*{heading}*")), *shown, *_more(len(findings) - len(shown))]


def _finding(finding: Mapping[str, Any]) -> Block:
    severity = escaped(text_of(finding.get("severity")).upper() or "UNKNOWN", 50)
    title = escaped(text_of(finding.get("title")), 200)
    parts = [f"*{severity}* {title}{': ' if title else ''}{code(_subject(finding), 200)}"]
    if explanation := text_of(finding.get("explanation")):
        parts.append(escaped(explanation, 1000))
    if remedy := text_of(finding.get("remedy")):
        parts.append(f"*What to do:* {escaped(remedy, 1000)}")
    return section(Mrkdwn("\n".join(parts)))


def _subject(finding: Mapping[str, Any]) -> str:
    return text_of(finding.get("subject") or finding.get("id") or finding.get("text"))


def _resolved(findings: Sequence[Mapping[str, Any]]) -> list[Block]:
    if not findings:
        return []
    names = [code(_subject(finding), 100) for finding in findings[:_SHOWN]]
    return [section(Mrkdwn(f"*Resolved:* {', '.join(names)}")), *_more(len(findings) - len(names))]


def _more(rest: int) -> list[Block]:
    return [context(Mrkdwn(f"and {rest:,} more"))] if rest > 0 else []


def _worst_first(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    order = ("critical", "high", "medium", "low", "info", "unknown")
    return sorted(findings, key=lambda finding: order.index(severity_of(text_of(finding.get("severity")))))
