"""What was asked for and decided, for people who write policies: `GET /_iam/decisions.json`, `DELETE` forgets."""

from __future__ import annotations

import contextvars
import json
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass
from typing import Any, Final

PATH: Final = "/_iam/decisions.json"

_APPLICATION: Final = re.compile(r"\bapp/(\S+)")
_application: contextvars.ContextVar[str] = contextvars.ContextVar("application", default="")


@dataclass(frozen=True, slots=True)
class Decision:
    """One question and its answer."""

    principal: str
    """ARN of the caller."""
    action: str
    resource: str
    allowed: bool
    application: str
    """The application id in the client's user agent (`AWS_SDK_UA_APP_ID`, botocore's user_agent_appid)."""


class Decisions:
    """The decisions since the start, each kind counted. For many threads."""

    def __init__(self) -> None:
        self._counts: Counter[Decision] = Counter()
        self._lock = threading.Lock()

    def note(self, principal: str, action: str, resource: str, *, allowed: bool) -> None:
        """Remember a decision on the request that is being served."""
        decision = Decision(principal, action, resource, allowed, _application.get())
        with self._lock:
            self._counts[decision] += 1

    async def serve(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """The decisions as JSON, with how often each was made; a DELETE forgets them first."""
        with self._lock:
            if scope["method"] == "DELETE":
                self._counts.clear()
            found = [{**asdict(decision), "count": count} for decision, count in self._counts.items()]
        body = json.dumps(found).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def note_application(headers: list[tuple[bytes, bytes]]) -> None:
    """Remember who sends the request that is being served."""
    agent = next((value.decode("latin-1") for name, value in headers if name.lower() == b"user-agent"), "")
    found = _APPLICATION.search(agent)
    _application.set(found[1] if found else "")
