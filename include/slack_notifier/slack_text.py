"""Texts of others as Slack shows them: as they are. Nothing in them pings, links, formats or hides.

Three ways, each for its place: `plain` for sentences (Slack parses nothing in it), `code` for names and values (they can
be copied as they are), `escaped` where a sentence stands within our own mrkdwn. Limits: Slack, Block Kit reference.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NewType
from urllib.parse import quote, urlsplit

Mrkdwn = NewType("Mrkdwn", str)
"""Text in Slack's mark-up, in which all that is not ours is escaped."""

HEADER_LONGEST = 150
SECTION_LONGEST = 3000
FIELD_LONGEST = 2000
NAME_LONGEST = 300
"""Ours: names in AWS and Airflow have at most 256 characters."""
URL_LONGEST = 2000
"""Ours: Slack takes 3,000, browsers and mail programs less."""

_GAP = "\u200b"
"""A zero-width space: it keeps what follows from being a name of Slack's."""
_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that have no shape, break lines, or turn the text after them around."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOKALIKES = str.maketrans("`*~", "ˋ∗∼")
"""Slack has no way to escape its marks; in sentences they give way to characters that look like them."""
_UNDERLINE = re.compile(r"(?<!\w)_|_(?!\w)")
"""Within a word it is no mark."""
_EMOJI = re.compile(r":(?=[\w+'-]+:)(?![0-9]{2}:)")
"""`:name:`, but not the minutes of a time."""
_CONTROL = re.compile(r"<(?=[!@#])")


def visible(text: str) -> str:
    """One line of characters that can be seen; those that cannot are shown by their code."""
    return _with_codes(re.sub(r"\s+", " ", text).strip())


def visible_lines(text: str) -> str:
    """As `visible`, with the line breaks and spaces kept; no more than one empty line in a row."""
    lines = [_with_codes(line.rstrip()) for line in text.replace("\t", "    ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _with_codes(line: str) -> str:
    return "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _HIDDEN else c for c in line)


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters; a cut one ends in how many it had."""
    if len(text) <= longest:
        return text
    note = _note(text, longest)
    return text[: longest - len(note)] + note


def plain(text: str, longest: int = SECTION_LONGEST) -> dict[str, Any]:
    """A text object in which Slack parses nothing."""
    # Should a reader of the payload parse it all the same, then no mention comes of it either.
    shown = cut(_CONTROL.sub(f"<{_GAP}", visible_lines(text)), longest)
    return {"type": "plain_text", "text": shown or "–", "emoji": False}


def mrkdwn(text: Mrkdwn) -> dict[str, Any]:
    """A text object of our mark-up."""
    # verbatim: Slack makes no links of addresses and names in the text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def code(text: str, longest: int = NAME_LONGEST) -> Mrkdwn:
    """A name or value as inline code."""
    return Mrkdwn(f"`{_entities(_without_backticks(visible(text)) or '–', longest)}`")


def code_block(lines: str, longest: int = SECTION_LONGEST) -> Mrkdwn:
    """Lines as a block of code."""
    marks = "```\n\n```"
    shown = _entities(_without_backticks(visible_lines(lines)) or "–", longest - len(marks))
    return Mrkdwn(f"```\n{shown}\n```")


def escaped(text: str, longest: int = 1000) -> Mrkdwn:
    """A sentence within our own mark-up."""
    shown = _UNDERLINE.sub("ˍ", visible(text)).translate(_LOOKALIKES)
    shown = _EMOJI.sub(f":{_GAP}", re.sub("([@#])", rf"\1{_GAP}", shown))
    return Mrkdwn(_entities(shown, longest))


def link(url: str, label: str) -> Mrkdwn | None:
    """A link; None when the address is none that a browser opens, or too long for Slack.

    Args:
        url: an absolute http or https address.
        label: our own words.
    """
    # What ends a link in Slack's mark-up, or is not ASCII, is percent-encoded; what is encoded already stays.
    address = quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~-._", errors="replace")
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > URL_LONGEST:
        return None
    return Mrkdwn(f"<{address.replace('&', '&amp;')}|{escaped(label)}>")


def _note(text: str, longest: int) -> str:
    """How a cut text ends; a short one has no room for figures."""
    return f"… ({len(text):,} characters, cut)" if longest >= 60 else "…"


def _without_backticks(text: str) -> str:
    return text.replace("`", "ˋ")  # code ends only there


def _entities(text: str, longest: int) -> str:
    """With Slack's control characters written as entities; when it is cut, then never within one."""
    written = [_ENTITIES.get(c, c) for c in text]
    if sum(map(len, written)) <= longest:
        return "".join(written)
    note = _note(text, longest)
    room, kept = longest - len(note), []
    for piece in written:
        if (room := room - len(piece)) < 0:
            break
        kept.append(piece)
    return "".join(kept) + note
