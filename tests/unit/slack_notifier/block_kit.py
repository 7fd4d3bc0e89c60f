"""What Slack takes, and what every text of a message must be free of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

LIMITS = {"section": 3000, "header": 150, "context": 2000}
LINK = re.compile(r"<https?://[^\s<>|]+\|[^<>|]+>")
CODE = re.compile(r"```\n[^`]*\n```|`[^`\n]+`")


def check(payload: dict[str, Any]) -> None:
    """Fails unless Slack takes a payload as it is, and none of its texts does anything but be read."""
    blocks = list(all_blocks(payload))
    assert payload["text"], "notifications show the text"
    assert len(blocks) <= 50
    for attachment in payload["attachments"]:
        assert re.fullmatch("#[0-9a-f]{6}", attachment["color"])
    for block in blocks:
        texts = [block["text"]] if "text" in block else block.get("fields") or block["elements"]
        assert 1 <= len(texts) <= 10
        for text in texts:
            longest = 2000 if "fields" in block else LIMITS[block["type"]]
            assert 1 <= len(text["text"]) <= longest, block
            assert block["type"] != "header" or text["type"] == "plain_text"
    for text in mrkdwn_texts(payload):
        # Only links begin with <, only entities with &, and all backticks are ours: in pairs.
        rest = LINK.sub("", text)
        assert not re.search("[<>]", rest), text
        assert not re.search("&(?!amp;|lt;|gt;)", rest), text
        assert "`" not in CODE.sub("", rest), text
    for text in all_texts(payload):
        assert not re.search("<[!@#]", text), text
        assert not re.search("[\u202e\u2066\u0000\u0007]", text), text


def all_blocks(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from payload["blocks"]
    for attachment in payload["attachments"]:
        yield from attachment["blocks"]


def all_texts(payload: dict[str, Any]) -> Iterator[str]:
    yield payload["text"]
    for text in _text_objects(payload):
        yield text["text"]


def mrkdwn_texts(payload: dict[str, Any]) -> Iterator[str]:
    yield payload["text"]
    for text in _text_objects(payload):
        if text["type"] == "mrkdwn":
            assert text["verbatim"]
            yield text["text"]
        else:
            assert text["type"] == "plain_text"
            assert not text["emoji"]


def _text_objects(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in all_blocks(payload):
        yield from [block["text"]] if "text" in block else block.get("fields") or block["elements"]


def words(payload: dict[str, Any]) -> str:
    """All texts of a message, one a line, as they are read: entities, marks of code and invisible spaces undone."""
    text = "\n".join(all_texts(payload)).replace("\u200b", "").replace("`", "")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def title(payload: dict[str, Any]) -> str:
    return payload["blocks"][0]["text"]["text"]
