"""What Slack's messages say besides their texts: an attachment's colour, and the words of rich text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NAMED: Mapping[str, str] = MappingProxyType({"good": "#2eb886", "warning": "#daa038", "danger": "#a30200"})
_DEFAULT = "#dddddd"


def bar_colour(colour: object) -> str:
    """The colour of an attachment's bar as #rrggbb."""
    if isinstance(colour, str):
        if colour in _NAMED:
            return _NAMED[colour]
        if re.fullmatch("#?[0-9a-fA-F]{6}", colour):
            return "#" + colour.removeprefix("#")
    return _DEFAULT


def rich_text(block: object) -> str:
    """The words of a rich_text block."""
    if isinstance(block, list):
        return "".join(rich_text(element) for element in block)
    if not isinstance(block, dict):
        return ""
    own = block.get("text") or block.get("url") or block.get("name") or ""
    inside = rich_text(block.get("elements"))
    ending = "\n" if str(block.get("type", "")).startswith("rich_text_") else ""
    return f"{own if isinstance(own, str) else ''}{inside}{ending}"


def summary(payload: Mapping[str, object]) -> str:
    """One text that stands for a message: its `text`, else what its blocks and attachments say."""
    if isinstance(payload.get("text"), str) and payload["text"]:
        return str(payload["text"])
    return "\n".join(_texts([payload.get("blocks"), payload.get("attachments")]))


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for element in value for text in _texts(element)]
    if not isinstance(value, dict):
        return []
    found = []
    for name in ("pretext", "title", "text", "value", "fallback", "fields", "elements", "blocks"):
        inside = value.get(name)
        found += [inside] if isinstance(inside, str) else _texts(inside)
    return found
