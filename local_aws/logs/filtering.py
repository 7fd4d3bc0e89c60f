"""FilterLogEvents: the events of a log group's streams in order of time, filtered and paged."""

from __future__ import annotations

import base64
import heapq
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.logs.patterns import FilterPattern, LogMessage

LARGEST_PAGE = 10_000
"""Events in one answer."""

LARGEST_ANSWER_BYTES = 1_048_576
"""Bytes of messages in one answer: CloudWatch Logs answers up to 1 MB."""

StoredEvent = dict[str, Any]


class InvalidToken(ValueError):
    """A nextToken that is none of ours."""


@dataclass(frozen=True)
class Position:
    """Where a page begins: at a timestamp (epoch milliseconds), after so many events that have it.

    Events that arrive between two pages stand behind those of the same timestamp that were there, so a
    position neither repeats nor hides an event.
    """

    timestamp: int
    after: int

    def token(self) -> str:
        """The position as a nextToken."""
        return base64.urlsafe_b64encode(json.dumps([self.timestamp, self.after]).encode()).decode()

    @classmethod
    def of_token(cls, token: str) -> Position:
        """Raises: InvalidToken."""
        try:
            timestamp, after = json.loads(base64.urlsafe_b64decode(token.encode()))
            return cls(int(timestamp), int(after))
        except (ValueError, TypeError) as error:
            raise InvalidToken(token) from error


@dataclass(frozen=True)
class Page:
    """The events of one answer, each with its stream's name, and where the next page begins."""

    events: list[tuple[str, StoredEvent]]
    next: Position | None


def filter_page(
    streams: Iterable[tuple[str, Sequence[StoredEvent]]],
    pattern: FilterPattern,
    *,
    start: int | None,
    end: int | None,
    limit: int,
    position: Position | None,
) -> Page:
    """One page of the events from `start` to `end` (epoch milliseconds, both inclusive) that the pattern selects.

    `streams`: each stream's name and its events, in order of time.
    """
    if position is not None:
        start = max(start or 0, position.timestamp)
    page: list[tuple[str, StoredEvent]] = []
    size = 0
    timestamp, seen = -1, 0
    for name, event in _in_order_of_time(streams, start, end):
        seen = seen + 1 if event["timestamp"] == timestamp else 1
        timestamp = event["timestamp"]
        if position is not None and timestamp == position.timestamp and seen <= position.after:
            continue
        message = event["message"]
        if not pattern.matches(LogMessage(message)):
            continue
        size += len(message)
        if len(page) == limit or (page and size > LARGEST_ANSWER_BYTES):
            return Page(page, Position(timestamp, seen - 1))
        page.append((name, event))
    return Page(page, None)


def _in_order_of_time(
    streams: Iterable[tuple[str, Sequence[StoredEvent]]], start: int | None, end: int | None
) -> Iterator[tuple[str, StoredEvent]]:
    """Events of all streams by timestamp, then by when they arrived."""
    ranges = []
    for name, events in streams:
        first = 0 if start is None else bisect_left(events, start, key=_timestamp)
        last = len(events) if end is None else bisect_right(events, end, key=_timestamp)
        if first < last:
            ranges.append(_named(name, events, first, last))
    return iter(ranges[0]) if len(ranges) == 1 else heapq.merge(*ranges, key=_order)


def _named(name: str, events: Sequence[StoredEvent], first: int, last: int) -> Iterator[tuple[str, StoredEvent]]:
    for index in range(first, last):
        yield name, events[index]


def _timestamp(event: StoredEvent) -> int:
    timestamp: int = event["timestamp"]
    return timestamp


def _order(entry: tuple[str, StoredEvent]) -> tuple[int, int]:
    return entry[1]["timestamp"], entry[1].get("ingestionTime", 0)
