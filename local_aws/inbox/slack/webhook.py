"""The webhook itself: takes messages as Slack does, or fails as it was asked to."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from local_aws.inbox.messages import SLACK, MessageStore
from local_aws.inbox.slack.payload import RefusedPayload, read_payload

_BODIES: Mapping[int, str] = MappingProxyType(
    {403: "action_prohibited", 404: "no_service", 410: "channel_is_archived", 429: "rate_limited", 500: "rollup_error"}
)
"""What Slack says with a status (its page "Changes to errors for incoming webhooks")."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a post: the body is plain text."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """How posts fail: with `status`, and after how many seconds Slack asks to try again (None: it does not say)."""

    status: int
    retry_after: int | None

    def answer(self) -> Answer:
        """What a post gets."""
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return Answer(self.status, _BODIES.get(self.status, "error"), headers)


class SlackWebhook:
    """Keeps what is posted in the store. Faults are forgotten at a restart."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._failing = 0

    @property
    def failing(self) -> int:
        """How many more posts fail."""
        return self._failing

    def fail_next(self, request: bytes) -> None:
        """Let the next posts fail: `{"status": 500, "count": 2, "retry_after": 1}`; a count of 0 ends it.

        Raises: ValueError, naming what is wrong.
        """
        wanted = _json_object(request)
        status, count, retry_after = (wanted.get(name) for name in ("status", "count", "retry_after"))
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise ValueError(f"status {status!r}: a number from 400 to 599")
        if not isinstance(count, int) or count < 0:
            raise ValueError(f"count {count!r}: how many of the next posts fail, 0 or more")
        if retry_after is not None and (not isinstance(retry_after, int) or retry_after < 0):
            raise ValueError(f"retry_after {retry_after!r}: whole seconds, or leave it out")
        with self._lock:
            self._fault, self._failing = Fault(status, retry_after), count

    def post(self, path: str, body: bytes, content_type: str) -> Answer:
        """Take one post to the webhook of that path, as Slack would."""
        with self._lock:
            if self._fault is not None and self._failing > 0:
                self._failing -= 1
                return self._fault.answer()
        try:
            payload = read_payload(body, content_type)
        except RefusedPayload as refused:
            # Slack says no more than the error; the reason helps whoever looks at the answer's headers.
            return Answer(400, refused.error, {"x-local-aws-reason": _one_line(str(refused))})
        self._store.add(SLACK, json.dumps(payload).encode(), sender="", to=(path,))
        return Answer(200, "ok")


def _one_line(text: str) -> str:
    """The text as a header may have it."""
    return re.sub(r"[^ -~]", " ", text.encode("ascii", "backslashreplace").decode())[:500]


def _json_object(request: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(request)
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        raise ValueError('a JSON object is wanted, such as {"status": 500, "count": 2}')
    return wanted
