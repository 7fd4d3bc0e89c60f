"""Posting to a Slack incoming webhook, again and again while there is time and hope."""

from __future__ import annotations

import http.client
import json
import logging
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("slack_notifier")

TRIES_MOST = 5
ANSWER_SECONDS = 10.0
_LONGEST_WAIT = 16.0
_BODY_SHOWN = 300


class SlackRefused(RuntimeError):
    """Slack does not take the message, and would not take it again: `invalid_blocks`, `no_service`, a closed channel."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"Slack refuses the message: HTTP {status}: {body}")
        self.status = status

    @property
    def is_gone(self) -> bool:
        """Whether the webhook itself is at fault: revoked, replaced, its channel gone (Slack, "Incoming webhooks")."""
        return self.status in (403, 404, 410)


class SlackUnreachable(RuntimeError):
    """Slack did not take the message in the time there was; it may later."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: str
    retry_after: float | None = None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the POST into a GET, and the message would be lost with a 200."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def post(
    url: str,
    payload: Mapping[str, Any],
    deadline: float,
    *,
    first_wait: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Post a message. When an answer is lost, Slack may have taken it: then it appears twice, rather than never.

    Too many requests (429: after the seconds that Slack asks for), errors of Slack and of the network are tried again,
    with growing, jittered waits, up to `TRIES_MOST` times.

    Args:
        url: the webhook's.
        payload: the message.
        deadline: when to give up, in the seconds of `time.monotonic`.
        first_wait: seconds before the second try; each wait is about twice the one before.
        sleep: waits some seconds.

    Raises:
        SlackRefused: for an answer that will stay the same.
        SlackUnreachable: when the tries or the time ran out.
    """
    body = json.dumps(payload).encode()
    for number in range(1, TRIES_MOST + 1):
        answer = _post_once(url, body, min(ANSWER_SECONDS, max(1.0, deadline - time.monotonic())))
        if 200 <= answer.status < 300:
            return
        if answer.status and answer.status != 429 and answer.status < 500:
            raise SlackRefused(answer.status, answer.body)
        said = f"HTTP {answer.status}: {answer.body}" if answer.status else answer.body
        wait = min(first_wait * 2 ** (number - 1), _LONGEST_WAIT) * random.uniform(0.5, 1.0)  # noqa: S311
        wait = wait if answer.retry_after is None else answer.retry_after
        if number == TRIES_MOST or time.monotonic() + wait >= deadline:
            tries = f"{number} {'try' if number == 1 else 'tries'}"
            raise SlackUnreachable(f"Slack did not take the message in {tries}; the last answer: {said}")
        log.warning("try %d: %s; again in %.1f s", number, said, wait)
        sleep(wait)


def _post_once(url: str, body: bytes, seconds: float) -> _Answer:
    """Slack's answer; of status 0 when there is none, with the reason. The URL is in none of them."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "flowlogs"}
    try:
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  (checked by WebhookAddress)
        with _OPENER.open(request, timeout=seconds) as answer:
            return _Answer(answer.status, _body(answer))
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, _body(error), _seconds(error.headers.get("Retry-After")))
    except urllib.error.URLError as error:
        # Its reason is a socket's or TLS's error, which names hosts at most.
        return _Answer(0, f"{type(error.reason).__name__}: {error.reason}")
    except (OSError, http.client.HTTPException) as error:
        return _Answer(0, type(error).__name__)


def _body(answer: Any) -> str:
    try:
        return " ".join(answer.read(4096).decode("utf-8", "replace").split())[:_BODY_SHOWN]
    except (OSError, http.client.HTTPException):
        return ""


def _seconds(text: str | None) -> float | None:
    """Of a `Retry-After` header, which Slack gives in seconds (Slack, "Rate limits")."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
