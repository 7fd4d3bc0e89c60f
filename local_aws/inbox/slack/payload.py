"""What an incoming webhook of Slack takes, and its errors.

Limits are those of Slack's Block Kit reference ("Blocks", "Composition objects") and of its incoming webhooks page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

MOST_BLOCKS = 50
MOST_ATTACHMENTS = 100
MOST_FIELDS = 10
MOST_CONTEXT_ELEMENTS = 10
MOST_ACTIONS = 25
LONGEST_TEXT = 3000
"""Characters of a section's text; also of a context's texts."""
LONGEST_FIELD = 2000
LONGEST_HEADER = 150
LONGEST_BUTTON = 75
LONGEST_URL = 3000
LONGEST_MARKDOWN = 12_000
LONGEST_ID = 255
_DEEPEST = 40

Payload = dict[str, Any]


class RefusedPayload(ValueError):
    """Slack would refuse it: `error` is the body of its answer, status 400; `str()` says what is wrong."""

    def __init__(self, error: str, problem: str) -> None:
        super().__init__(problem)
        self.error = error


def read_payload(body: bytes, content_type: str) -> Payload:
    """The message of a request: JSON, or a form whose field `payload` is JSON.

    Raises: RefusedPayload with the error that Slack answers.
    """
    text = _json_text(body, content_type)
    try:
        payload = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusedPayload("invalid_payload", f"not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise RefusedPayload("invalid_payload", f"a JSON {type(payload).__name__}, no object")
    if _too_deep(payload, _DEEPEST):
        raise RefusedPayload("invalid_payload", f"nested more than {_DEEPEST} levels deep")
    for name, kind in (("text", str), ("blocks", list), ("attachments", list)):
        if payload.get(name) is not None and not isinstance(payload[name], kind):
            raise RefusedPayload("invalid_payload", f"{name} is no {kind.__name__}")
    if not any(payload.get(name) for name in ("text", "blocks", "attachments")):
        raise RefusedPayload("no_text", "neither text, nor blocks, nor attachments")
    _check_blocks(payload.get("blocks") or [], "blocks", "invalid_blocks")
    attachments = payload.get("attachments") or []
    if len(attachments) > MOST_ATTACHMENTS:
        raise RefusedPayload("too_many_attachments", f"{len(attachments)} attachments, at most {MOST_ATTACHMENTS}")
    for i, attachment in enumerate(attachments):
        where = f"attachments[{i}]"
        if not isinstance(attachment, dict):
            raise RefusedPayload("invalid_attachments", f"{where} is no object")
        if not isinstance(attachment.get("fields") or [], list):
            raise RefusedPayload("invalid_attachments", f"{where}.fields is no list")
        _check_blocks(attachment.get("blocks") or [], f"{where}.blocks", "invalid_attachments")
    return payload


def _json_text(body: bytes, content_type: str) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise RefusedPayload("invalid_payload", "the body is not UTF-8") from None
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        form = parse_qs(text)
        return form["payload"][0] if "payload" in form else text
    return text


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _too_deep(value: object, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_too_deep(one, levels - 1) for one in inside)


def _check_blocks(blocks: object, where: str, error: str) -> None:
    try:
        if not isinstance(blocks, list):
            raise _Unacceptable(f"{where} is no list")
        if len(blocks) > MOST_BLOCKS:
            raise _Unacceptable(f"{where}: {len(blocks)} blocks, at most {MOST_BLOCKS}")
        for i, block in enumerate(blocks):
            _check_block(block, f"{where}[{i}]")
    except _Unacceptable as problem:
        raise RefusedPayload(error, str(problem)) from None


class _Unacceptable(ValueError):
    """A block that Slack does not take; `str()` says which and why."""


def _check_block(block: object, where: str) -> None:
    if not isinstance(block, dict):
        raise _Unacceptable(f"{where} is no object")
    kind = block.get("type")
    check = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise _Unacceptable(f"{where}: {kind!r} is no type of block; known are {', '.join(_BLOCKS)}")
    if block.get("block_id") is not None:
        _text(block["block_id"], f"{where}.block_id", LONGEST_ID)
    check(block, where)


def _section(block: Payload, where: str) -> None:
    if block.get("text") is None and not block.get("fields"):
        raise _Unacceptable(f"{where}: a section has text or fields")
    if block.get("text") is not None:
        _text_object(block["text"], f"{where}.text", LONGEST_TEXT)
    for i, field in enumerate(_list(block.get("fields") or [], f"{where}.fields", MOST_FIELDS)):
        _text_object(field, f"{where}.fields[{i}]", LONGEST_FIELD)
    if isinstance(block.get("accessory"), dict) and block["accessory"].get("type") == "button":
        _button(block["accessory"], f"{where}.accessory")


def _header(block: Payload, where: str) -> None:
    _text_object(block.get("text"), f"{where}.text", LONGEST_HEADER, kinds=("plain_text",))


def _context(block: Payload, where: str) -> None:
    for i, element in enumerate(_list(block.get("elements"), f"{where}.elements", MOST_CONTEXT_ELEMENTS)):
        if isinstance(element, dict) and element.get("type") == "image":
            _image(element, f"{where}.elements[{i}]")
        else:
            _text_object(element, f"{where}.elements[{i}]", LONGEST_TEXT)


def _actions(block: Payload, where: str) -> None:
    for i, element in enumerate(_list(block.get("elements"), f"{where}.elements", MOST_ACTIONS)):
        if not isinstance(element, dict) or not isinstance(element.get("type"), str):
            raise _Unacceptable(f"{where}.elements[{i}] has no type")
        if element["type"] == "button":
            _button(element, f"{where}.elements[{i}]")


def _button(button: Payload, where: str) -> None:
    _text_object(button.get("text"), f"{where}.text", LONGEST_BUTTON, kinds=("plain_text",))
    for name, longest in (("url", LONGEST_URL), ("value", LONGEST_FIELD), ("action_id", LONGEST_ID)):
        if button.get(name) is not None:
            _text(button[name], f"{where}.{name}", longest)
    if button.get("url") is not None and not re.match(r"(https?|mailto|slack):", button["url"]):
        raise _Unacceptable(f"{where}.url {button['url']!r} is no URL")
    if button.get("style") not in (None, "primary", "danger"):
        raise _Unacceptable(f"{where}.style {button['style']!r}: primary or danger")


def _image(block: Payload, where: str) -> None:
    _text(block.get("alt_text"), f"{where}.alt_text", LONGEST_FIELD)
    if "slack_file" not in block:
        _text(block.get("image_url"), f"{where}.image_url", LONGEST_URL)


def _markdown(block: Payload, where: str) -> None:
    _text(block.get("text"), f"{where}.text", LONGEST_MARKDOWN)


def _rich_text(block: Payload, where: str) -> None:
    _list(block.get("elements"), f"{where}.elements", None)


def _nothing(block: Payload, where: str) -> None:
    """A block with nothing to check."""


_BLOCKS: Mapping[str, Callable[[Payload, str], None]] = MappingProxyType(
    {
        "section": _section,
        "header": _header,
        "context": _context,
        "actions": _actions,
        "image": _image,
        "markdown": _markdown,
        "rich_text": _rich_text,
        "divider": _nothing,
        "table": _nothing,
        "video": _nothing,
    }
)


def _list(value: object, where: str, most: int | None) -> list[Any]:
    if not isinstance(value, list):
        raise _Unacceptable(f"{where} is no list")
    if most is not None and len(value) > most:
        raise _Unacceptable(f"{where}: {len(value)}, at most {most}")
    return value


def _text_object(value: object, where: str, longest: int, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> None:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        raise _Unacceptable(f"{where} is no text object of type {' or '.join(kinds)}")
    _text(value.get("text"), f"{where}.text", longest)


def _text(value: object, where: str, longest: int) -> None:
    if not isinstance(value, str) or not value:
        raise _Unacceptable(f"{where} is no text, or empty")
    if len(value) > longest:
        raise _Unacceptable(f"{where}: {len(value)} characters, at most {longest}")
