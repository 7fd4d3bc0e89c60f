"""Messages of Block Kit blocks, with a bar in the colour of how bad it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_text import FIELD_LONGEST, HEADER_LONGEST, SECTION_LONGEST, Mrkdwn, cut, escaped, mrkdwn, plain, visible

Block = dict[str, Any]

BLOCKS_MOST = 50
"""Of a message (Slack, Block Kit reference)."""
FIELDS_MOST = 10
"""Of a section (Slack, Block Kit reference)."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
"""The worst first."""
COLOURS = {
    "critical": "#8b0000",
    "high": "#d7263d",
    "medium": "#f08a24",
    "low": "#e8c547",
    "info": "#3a7ca5",
    "ok": "#2e9e6b",
    "unknown": "#8a8d91",
}


def severity_of(text: str) -> str:
    """A severity's name in small letters; `unknown` for anything else."""
    name = text.strip().lower()
    return name if name in SEVERITIES else "unknown"


def worst(severities: Sequence[str]) -> str:
    """The worst of some severities; `unknown` of none."""
    return min(severities, key=lambda s: SEVERITIES.index(s) if s in SEVERITIES else len(SEVERITIES), default="unknown")


def message(title: str, colour: str, blocks: Sequence[Block], *, summary: str = "") -> dict[str, Any]:
    """The payload for an incoming webhook.

    Args:
        title: the headline.
        colour: a key of `COLOURS`.
        blocks: what stands beside the coloured bar; what is over Slack's limit is left out, and that is said.
        summary: what notifications show after the title.
    """
    most = BLOCKS_MOST - 1  # the header
    if len(blocks) > most:
        left_out = len(blocks) - most + 1
        blocks = [*blocks[: most - 1], context(Mrkdwn(f"{left_out:,} more parts of this message do not fit in Slack"))]
    header = {"type": "header", "text": plain(visible(title), HEADER_LONGEST)}
    return {
        "text": f"{escaped(title, 300)}{': ' if summary else ''}{escaped(summary, 700)}",
        "blocks": [header],
        "attachments": [{"color": COLOURS[colour], "fallback": escaped(title, 300), "blocks": list(blocks)}],
    }


def sentence(text: str) -> Block:
    """A section of a text that is not ours."""
    return {"type": "section", "text": plain(text)}


def section(text: Mrkdwn) -> Block:
    """A section of our mark-up; it must keep within Slack's limit."""
    assert len(text) <= SECTION_LONGEST, f"a section of {len(text)} characters"
    return {"type": "section", "text": mrkdwn(text)}


def fields(values: Sequence[tuple[str, Mrkdwn]]) -> Block:
    """Labels with values, in two columns."""
    shown = [Mrkdwn(f"*{label}*\n{value}") for label, value in values[:FIELDS_MOST]]
    assert all(len(text) <= FIELD_LONGEST for text in shown), "a field is too long"
    return {"type": "section", "fields": [mrkdwn(text) for text in shown]}


def context(text: Mrkdwn) -> Block:
    """Small print of our mark-up."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def small_print(text: str) -> Block:
    """Small print that is not ours."""
    return {"type": "context", "elements": [plain(cut(text, 1000))]}


def links(found: Sequence[Mrkdwn | None]) -> list[Block]:
    """The links that there are, in one line."""
    shown = [address for address in found if address is not None]
    line = " · ".join(shown)
    while len(line) > SECTION_LONGEST:
        shown.pop()
        line = " · ".join(shown)
    return [section(Mrkdwn(line))] if shown else []
