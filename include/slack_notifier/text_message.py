"""Any other notification as a message: its subject and text as they are, addresses as links."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from blocks import SEVERITIES, Block, links, message, sentence, small_print, worst
from notification import Notification
from slack_text import Mrkdwn, cut, link

_TEXT_LONGEST = 9000
"""Ours: three sections; more than that is read where it came from."""
_SECTION = 2900
_ADDRESS_LINE = re.compile(r"([^\n:]{1,60}): *(https?://\S+)")
_ADDRESSES_SHOWN = 10
_SEVERITY = re.compile(rf"^\W*({'|'.join(SEVERITIES)})\b", re.IGNORECASE)


def text_message(notification: Notification, note: str = "") -> dict[str, Any]:
    """The message of a notification that has no form of its own.

    A line `Label: https://…` becomes a link; a line of a list that begins with a severity gives the bar its colour.

    Args:
        notification: the notification.
        note: small print of ours, why it is shown as text.
    """
    lines = _text(notification).strip().splitlines()
    title = notification.subject.strip() or next((line for line in lines if line.strip()), "Notification")
    found = [match for line in lines if (match := _ADDRESS_LINE.fullmatch(line.strip()))]
    pages = [_page(label=match.group(1), address=match.group(2)) for match in found[:_ADDRESSES_SHOWN]]
    linked = {match.group(0) for match, page in zip(found, pages, strict=False) if page is not None}
    text = "\n".join(line for line in lines if line.strip() not in linked)
    blocks = [
        *_sections(text),
        *links(pages),
        *([small_print(note)] if note else []),
        small_print(_source(notification)),
    ]
    severities = [match.group(1).lower() for line in lines if (match := _SEVERITY.match(line))]
    return message(title, worst(severities) if severities else "info", blocks)


def _page(label: str, address: str) -> Mrkdwn | None:
    """A link that shows where it goes, for its label is not ours."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return link(address, f"{label} ({host})") if host else None


def _text(notification: Notification) -> str:
    """JSON with one value a line: a person reads it."""
    if not notification.values:
        return notification.text
    return json.dumps(notification.values, indent=1, ensure_ascii=False, default=str)


def _sections(text: str) -> list[Block]:
    """Sections of whole lines, as far as they go in one."""
    sections, current = [], ""
    for line in cut(text, _TEXT_LONGEST).splitlines():
        for start in range(0, len(line), _SECTION) or [0]:
            piece = line[start : start + _SECTION]
            if current and len(current) + 1 + len(piece) > _SECTION:
                sections.append(current)
                current = ""
            current = f"{current}\n{piece}" if current else piece
    return [sentence(part) for part in [*sections, current] if part.strip()]


def _source(notification: Notification) -> str:
    parts = [
        f"SNS topic {notification.topic}" if notification.topic else "Not from SNS",
        *([f"sent {notification.sent_at}"] if notification.sent_at else []),
        *([f"message {notification.message_id}"] if notification.message_id else []),
    ]
    return ", ".join(parts)
