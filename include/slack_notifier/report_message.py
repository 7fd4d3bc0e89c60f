"""A report's summary as a message: its numbers, what is new in it, where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blocks import Block, context, links, message, section, sentence, severity_of, worst
from notification import items_of, text_of
from slack_text import SECTION_LONGEST, Mrkdwn, code, escaped, link

_SHOWN = 10


def report_message(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The message of a report that is ready.

    Args:
        summary: `title`, `headline`, `numbers` and `notes` (lists of lines), `findings` (the new ones, the most severe
            first: `severity`, `title`, `who`, `what`, `amount`, `when`), `new` (how many there are in all), `page`.
    """
    findings = items_of(summary.get("findings"))
    headline = text_of(summary.get("headline"))
    blocks: list[Block] = []
    if numbers := _lines(summary.get("numbers")):
        blocks.append(sentence(numbers))
    if findings:
        shown = [_finding(finding) for finding in findings[:_SHOWN]]
        blocks += [section(Mrkdwn("*New findings, the most severe first*")), *map(section, _filled(shown))]
        known = summary.get("new")
        rest = (known if isinstance(known, int) else len(findings)) - len(shown)
        blocks += [context(Mrkdwn(f"and {rest:,} more in the report"))] if rest > 0 else []
    if notes := _lines(summary.get("notes")):
        blocks.append(sentence(notes))
    blocks += links([link(text_of(summary.get("page")), "Open the report")])
    severities = [severity_of(text_of(finding.get("severity"))) for finding in findings]
    return message(
        text_of(summary.get("title")) or "Report",
        worst(severities) if findings else "info",
        blocks,
        summary=headline,
    )


def _finding(finding: Mapping[str, Any]) -> Mrkdwn:
    """One line: a finding's texts are cut so that ten of them fit in few blocks."""
    severity, title, who, what, amount, when = (
        text_of(finding.get(name)) for name in ("severity", "title", "who", "what", "amount", "when")
    )
    between = f"{code(who, 100)} → {code(what, 100)}" if who or what else ""
    rest = ", ".join(escaped(text, 100) for text in (amount, when) if text)
    parts = [part for part in (between, rest) if part]
    heading = f"*{escaped(severity.upper(), 20)}* {escaped(title or text_of(finding.get('text')), 200)}"
    return Mrkdwn(f"• {heading}{': ' if parts else ''}{', '.join(parts)}")


def _lines(value: Any) -> str:
    return "\n".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _filled(lines: Sequence[Mrkdwn]) -> list[Mrkdwn]:
    """Lines joined to as few sections as Slack's limit allows."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= SECTION_LONGEST:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [Mrkdwn(text) for text in texts]
