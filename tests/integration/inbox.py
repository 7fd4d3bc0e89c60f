"""The inbox of a local AWS as a test looks at it, and the SMTP and HTTP clients that fill it."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True)
class Inbox:
    """What a local AWS received; `site` is its URL."""

    site: str

    def messages(self, kind: str, to: str) -> list[dict[str, Any]]:
        """The e-mails to an address, or the posts to a webhook, the oldest first."""
        _, text = self.get(f"/_inbox/messages.json?kind={kind}")
        return [message for message in reversed(json.loads(text)) if to in message["to"]]

    def wait_for(self, kind: str, to: str, count: int = 1) -> list[dict[str, Any]]:
        """The messages as soon as there are so many."""
        return wait_for(lambda: self.messages(kind, to), lambda messages: len(messages) >= count)

    def get(self, address: str) -> tuple[int, str]:
        """Status and body of a page, of a path or a whole URL."""
        return self._answer(urllib.request.Request(self._url(address)))

    def post(self, webhook: str, payload: Any) -> tuple[int, str]:
        """Post to Slack: status and body."""
        body = json.dumps(payload).encode()
        return self._answer(urllib.request.Request(self._url(f"/_inbox/slack/{webhook}"), body))

    def fail_next(self, count: int, status: int = 500) -> None:
        """Let the next posts to Slack fail."""
        body = json.dumps({"status": status, "count": count}).encode()
        assert self._answer(urllib.request.Request(self._url("/_inbox/slack-faults"), body))[0] == 200

    @property
    def smtp_port(self) -> int:
        """The SMTP sink's port, which the page's foot tells."""
        found = re.search(r"SMTP at 127\.0\.0\.1:(\d+)", self.get("/_inbox")[1])
        assert found is not None
        return int(found[1])

    def _url(self, address: str) -> str:
        return address if address.startswith("http") else self.site + address

    @staticmethod
    def _answer(request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def wait_for(look: Callable[[], Found], good: Callable[[Found], Any] = bool, seconds: float = 20) -> Found:
    """What `look` sees as soon as it is good."""
    deadline = time.monotonic() + seconds
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"waited in vain; last seen: {seen}"
        time.sleep(0.05)
    return seen


def link_to(page: str, mail: dict[str, Any]) -> str:
    """The link to a page of the inbox in an e-mail's text."""
    found = re.search(rf"http\S+/_inbox/{page}\?\S+", mail["text"])
    assert found is not None, mail["text"]
    return found[0]
