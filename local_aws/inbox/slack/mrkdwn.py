"""Slack's mrkdwn as HTML, about as Slack shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from markupsafe import Markup, escape

_EMOJI: Mapping[str, str] = MappingProxyType(
    {
        "alarm_clock": "\u23f0",
        "bell": "\U0001f514",
        "chart_with_upwards_trend": "\U0001f4c8",
        "exclamation": "\u2757",
        "eyes": "\U0001f440",
        "fire": "\U0001f525",
        "gear": "\u2699\ufe0f",
        "green_circle": "\U0001f7e2",
        "grey_question": "\u2754",
        "heavy_check_mark": "\u2714\ufe0f",
        "information_source": "\u2139\ufe0f",
        "large_blue_circle": "\U0001f535",
        "large_green_circle": "\U0001f7e2",
        "large_orange_circle": "\U0001f7e0",
        "large_yellow_circle": "\U0001f7e1",
        "mag": "\U0001f50d",
        "no_entry": "\u26d4",
        "question": "\u2753",
        "red_circle": "\U0001f534",
        "rotating_light": "\U0001f6a8",
        "shield": "\U0001f6e1\ufe0f",
        "white_check_mark": "\u2705",
        "white_circle": "\u26aa",
        "warning": "\u26a0\ufe0f",
        "wrench": "\U0001f527",
        "x": "\u274c",
    }
)

_TOKEN = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<link>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>\S|\S[^*\n]*?\S)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>\S|\S[^_\n]*?\S)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>\S|\S[^~\n]*?\S)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+-]+):",
    re.DOTALL,
)
_STYLED = {"bold": Markup("<b>{}</b>"), "italic": Markup("<i>{}</i>"), "strike": Markup("<s>{}</s>")}
_WEB = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]+")
_ADDRESS_IN_TEXT = re.compile(r"https?://[^\s\"'<>]*[^\s\"'<>.,;:!?)\]]")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("&lt;|&gt;|&amp;")
_DEEPEST = 4


def mrkdwn(text: str) -> Markup:
    """A text of type mrkdwn: bold, italic, code, links, quotes, mentions, the emoji that alarms use."""
    lines: list[Markup] = []
    quoted: list[str] = []
    rest: list[str] = []
    for line in text.split("\n"):
        marked = line.startswith(("&gt;", ">"))
        if marked and not _inside_code(rest):
            lines += _paragraph(rest)
            rest = []
            quoted.append(line.removeprefix("&gt;").removeprefix(">").removeprefix(" "))
        else:
            lines += _quote(quoted)
            quoted = []
            rest.append(line)
    lines += _quote(quoted) + _paragraph(rest)
    return Markup().join(lines)


def plain_text(text: str, *, emoji: bool = True) -> Markup:
    """A text of type plain_text: as it is, but for emoji and the ends of lines."""
    shown = re.sub(r":([a-z0-9_+-]+):", lambda m: _EMOJI.get(m[1], m[0]), text) if emoji else text
    return _lines(_unescaped(shown))


def linked(text: str) -> Markup:
    """Any text with its web addresses as links."""
    parts: list[Markup] = []
    at = 0
    for found in _ADDRESS_IN_TEXT.finditer(text):
        parts += [escape(text[at : found.start()]), _link(found[0], escape(found[0]))]
        at = found.end()
    return Markup().join([*parts, escape(text[at:])])


def _inside_code(lines: list[str]) -> bool:
    return "\n".join(lines).count("```") % 2 == 1


def _paragraph(lines: list[str]) -> list[Markup]:
    return [Markup("<p>{}</p>").format(_inline("\n".join(lines)))] if any(line.strip() for line in lines) else []


def _quote(lines: list[str]) -> list[Markup]:
    return [Markup("<blockquote>{}</blockquote>").format(_inline("\n".join(lines)))] if lines else []


def _inline(text: str, depth: int = 0) -> Markup:
    parts: list[Markup] = []
    at = 0
    for token in _TOKEN.finditer(text):
        parts += [_lines(_unescaped(text[at : token.start()])), _token(token, depth)]
        at = token.end()
    return Markup().join([*parts, _lines(_unescaped(text[at:]))])


def _token(token: re.Match[str], depth: int) -> Markup:
    kind = str(token.lastgroup)
    inside = str(token[kind])
    if kind == "block":
        return Markup("<pre>{}</pre>").format(_unescaped(inside.strip("\n")))
    if kind == "code":
        return Markup("<code>{}</code>").format(_unescaped(inside))
    if kind == "emoji":
        return escape(_EMOJI.get(inside, token[0]))
    if kind == "link":
        return _angle(inside)
    shown = _inline(inside, depth + 1) if depth < _DEEPEST else escape(_unescaped(inside))
    return _STYLED[kind].format(shown)


def _angle(inside: str) -> Markup:
    """`<…>`: a link, a mention, or a date."""
    target, bar, label = inside.partition("|")
    if target.startswith("!date^"):
        return escape(_unescaped(label or target))
    if target.startswith(("!", "@", "#")):
        name = label or target.lstrip("!@#").split("^")[0]
        return Markup('<span class="mention">{}{}</span>').format("#" if target[0] == "#" else "@", _unescaped(name))
    address = _unescaped(target)
    if _WEB.fullmatch(address):
        return _link(address, escape(_unescaped(label if bar and label else target)))
    return escape(f"<{_unescaped(inside)}>")


def _link(address: str, shown: Markup) -> Markup:
    return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(address, shown)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)
