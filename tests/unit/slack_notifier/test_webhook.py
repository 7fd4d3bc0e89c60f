from __future__ import annotations

import time

import pytest
from webhook import TRIES_MOST, SlackRefused, SlackUnreachable, post


def soon() -> float:
    return time.monotonic() + 30


def test_a_message_is_posted(slack):
    post(slack.url, {"text": "a → b"}, soon())
    assert slack.posted == [{"text": "a → b"}]


@pytest.mark.parametrize(
    "passing", [(500, "rollup_error"), (503, ""), (429, "rate_limited"), (0, "the connection breaks")]
)
def test_what_passes_is_tried_again_with_growing_waits(slack, passing):
    slack.answer(passing, passing, passing, (200, "ok"))
    waits: list[float] = []
    post(slack.url, {"text": "x"}, soon(), first_wait=1.0, sleep=waits.append)
    assert len(slack.posted) == 1
    assert [1 / 2 <= wait / expected <= 1 for wait, expected in zip(waits, (1, 2, 4), strict=True)] == [True] * 3


def test_slack_is_given_the_time_that_it_asks_for(slack):
    slack.answer((429, "", {"Retry-After": "7"}), (200, "ok"))
    waits: list[float] = []
    post(slack.url, {"text": "x"}, soon(), sleep=waits.append)
    assert waits == [7.0]


def test_a_wait_beyond_the_deadline_is_left_to_lambda(slack):
    slack.answer((429, "", {"Retry-After": "60"}), (200, "ok"))
    with pytest.raises(SlackUnreachable, match="in 1 try; the last answer: HTTP 429"):
        post(slack.url, {"text": "x"}, soon(), sleep=lambda _: pytest.fail("there is no time to wait"))


def test_tries_end(slack):
    slack.answer((502, "bad gateway"))
    with pytest.raises(SlackUnreachable, match=f"in {TRIES_MOST} tries; the last answer: HTTP 502: bad gateway"):
        post(slack.url, {"text": "x"}, soon(), sleep=lambda _: None)
    assert len(slack.paths) == TRIES_MOST


@pytest.mark.parametrize(
    ("status", "body", "is_gone"),
    [
        (400, "invalid_blocks", False),
        (403, "action_prohibited", True),
        (404, "no_service", True),
        (410, "channel_is_archived", True),
        (302, "moved", False),
    ],
)
def test_what_stays_wrong_is_told_with_slacks_words_at_once(slack, status, body, is_gone):
    slack.answer((status, body, {"Location": slack.url}))
    with pytest.raises(SlackRefused, match=f"HTTP {status}: {body}") as refusal:
        post(slack.url, {"text": "x"}, soon(), sleep=lambda _: pytest.fail("trying again does not help"))
    assert refusal.value.is_gone is is_gone
    assert len(slack.paths) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/services/secret", "http://no-such-host.invalid/secret", "https://127.0.0.1:1/secret"])  # fmt: skip
def test_an_address_that_nobody_answers_is_not_in_the_error(url):
    with pytest.raises(SlackUnreachable) as error:
        post(url, {"text": "x"}, soon(), sleep=lambda _: None)
    assert "secret" not in str(error.value)
