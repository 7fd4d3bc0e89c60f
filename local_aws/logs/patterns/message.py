"""A log event's message as the patterns read it, and what every kind of pattern can do with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

_CLOSING = {"[": "]", '"': '"'}
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"\S+")


class LogMessage:
    """One message, split or parsed only when a pattern asks, and then once for all patterns."""

    __slots__ = ("_document", "_words", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: list[str] | None = None
        self._document: Any = _UNREAD

    @property
    def words(self) -> list[str]:
        """The space-delimited fields."""
        words = self._words
        if words is None:
            text = self.text
            marked = "[" in text or '"' in text
            words = [word for _, word in _fields(text)] if marked else text.split()
            self._words = words
        return words

    def rest(self, first: int) -> str:
        """The text from the field at index `first` on, as it stands in the message."""
        for index, (start, _) in enumerate(_fields(self.text)):
            if index == first:
                return self.text[start:].rstrip()
        raise IndexError(first)

    @property
    def document(self) -> dict[str, Any] | None:
        """The message as a JSON object; None when it is not one."""
        if self._document is _UNREAD:
            self._document = _json_object(self.text)
        document: dict[str, Any] | None = self._document
        return document


class FilterPattern(Protocol):
    """What a parsed pattern of any kind answers."""

    @property
    def regex_count(self) -> int:
        """How many %regular expressions% it holds."""

    @property
    def supports_dimensions(self) -> bool:
        """Whether matches have fields: only JSON and space-delimited patterns do."""

    def matches(self, message: LogMessage) -> bool:
        """Whether the pattern selects the message."""

    def extracted_values(self, message: LogMessage) -> dict[str, str]:
        """TestMetricFilter's extractedValues of a matching message; empty but for space-delimited patterns."""

    def knows(self, reference: str) -> bool:
        """Whether a metric value or dimension may be `reference` ($name, $3 or $.selector)."""

    def value(self, message: LogMessage, reference: str) -> str | None:
        """The text that `reference` stands for in a matching message; None when it has none."""


_UNREAD = object()


def _fields(text: str) -> Iterator[tuple[int, str]]:
    """Where each field begins, and the field: a bracketed or quoted run without its marks, or a word.

    The place of the next closing mark is remembered, so that a long message of opening marks takes no
    longer than any other.
    """
    closes = dict.fromkeys(_CLOSING.values(), -1)
    position = _after_space(text, 0)
    while position < len(text):
        closing = _CLOSING.get(text[position])
        if closing is not None:
            if closes[closing] <= position:
                found = text.find(closing, position + 1)
                closes[closing] = found if found >= 0 else len(text)
            end = closes[closing]
            if end < len(text) and (end + 1 == len(text) or text[end + 1].isspace()):
                yield position, text[position + 1 : end]
                position = _after_space(text, end + 1)
                continue
        word = _WORD.match(text, position)
        assert word is not None
        yield position, word[0]
        position = _after_space(text, word.end())


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    assert space is not None
    return space.end()


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
