"""FilterLogEvents' pages: every event once, in order of time, whatever arrives meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.logs.filtering import InvalidToken, Page, Position, filter_page
from local_aws.logs.patterns import parse

ALL = parse("")


def event(timestamp: int, message: str = "m", arrived: int = 0) -> dict[str, Any]:
    return {"timestamp": timestamp, "message": message, "ingestionTime": arrived}


def pages(
    streams: Mapping[str, Sequence[dict[str, Any]]], limit: int, pattern: str = "", **bounds: Any
) -> Iterator[Page]:
    position = None
    while True:
        page = filter_page(
            streams.items(),
            parse(pattern),
            start=bounds.get("start"),
            end=bounds.get("end"),
            limit=limit,
            position=position,
        )
        yield page
        if page.next is None:
            return
        position = Position.of_token(page.next.token())


timestamps = st.lists(st.integers(0, 5), max_size=12).map(sorted)


@settings(deadline=None)
@given(st.lists(timestamps, max_size=3), st.integers(1, 5), st.integers(0, 5), st.integers(0, 5))
def test_pages_hold_every_event_once_in_order_of_time(streams, limit, start, end):
    named = {
        f"s{number}": [
            event(at, f"{number}-{index} {'odd' if index % 2 else 'even'}") for index, at in enumerate(times)
        ]
        for number, times in enumerate(streams)
    }
    found = list(pages(named, limit, "odd", start=start, end=end))
    assert all(len(page.events) == limit for page in found[:-1])
    events = [one for page in found for _, one in page.events]
    wanted = [one for s in named.values() for one in s if "odd" in one["message"] and start <= one["timestamp"] <= end]
    assert [one["timestamp"] for one in events] == sorted(one["timestamp"] for one in wanted)
    assert sorted(one["message"] for one in events) == sorted(one["message"] for one in wanted)


def test_events_that_arrive_between_two_pages_neither_repeat_nor_hide_others():
    stream = [event(1, "a"), event(2, "b"), event(2, "c"), event(3, "d")]
    first = filter_page([("s", stream)], ALL, start=None, end=None, limit=2, position=None)
    stream[1:1] = [event(1, "late", arrived=9)]
    stream[4:4] = [event(2, "same time", arrived=9)]
    second = filter_page([("s", stream)], ALL, start=None, end=None, limit=9, position=first.next)
    assert [one["message"] for _, one in first.events + second.events] == ["a", "b", "c", "same time", "d"]


def test_a_page_is_full_at_a_megabyte():
    stream = [event(number, "x" * 400_000) for number in range(5)]
    assert [len(page.events) for page in pages({"s": stream}, 100)] == [2, 2, 1]


@pytest.mark.parametrize("token", ["x", "WzFd", "e30=", "ü", "W251bGwsIDFd"])
def test_a_token_of_nobody_is_refused(token):
    with pytest.raises(InvalidToken):
        Position.of_token(token)
