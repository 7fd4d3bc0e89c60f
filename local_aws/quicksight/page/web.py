"""`/_quicksight` on the local AWS's own port: the pages, and the switch for faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local_aws.quicksight.api import QuickSightOperations
from local_aws.quicksight.page.dashboards import TEMPLATES, Dashboards

ROOT = "/_quicksight"
LARGEST_POST = 1024 * 1024
_HTML = "text/html; charset=utf-8"

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Answer = tuple[int, str, str]
"""Status, content type, body."""


class QuickSightApp:
    """The ASGI application of everything below ROOT."""

    def __init__(self, operations: QuickSightOperations) -> None:
        self._operations = operations
        self._dashboards = Dashboards(operations)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        method, path = scope["method"], scope["path"].removeprefix(ROOT).strip("/")
        if path == "faults":
            answer = self._faults(method, await _body(receive))
        elif method in ("GET", "HEAD"):
            answer = await asyncio.to_thread(self._get, path, scope["query_string"].decode())
        else:
            answer = _text(405, "GET and HEAD are answered here")
        await _send(send, answer, with_body=method != "HEAD")

    def _get(self, path: str, query: str) -> _Answer:
        if path == "":
            return 200, _HTML, self._dashboards.listing()
        if path == "quicksight.css":
            return 200, "text/css; charset=utf-8", (TEMPLATES / "quicksight.css").read_text()
        # The console's paths lead here too: links to QuickSight work with another beginning.
        if path.startswith("sn/data-sets/"):
            page = self._dashboards.data_set(path.removeprefix("sn/data-sets/"))
        else:
            page = self._dashboards.dashboard(path.removeprefix("sn/dashboards/"), query)
        if page is None:
            return 404, _HTML, self._dashboards.missing(path)
        return 200, _HTML, page

    def _faults(self, method: str, body: bytes | None) -> _Answer:
        faults = self._operations.faults
        if method == "POST":
            try:
                faults.add(json.loads(body or b"null"))
            except ValueError as error:
                return _text(400, str(error))
        elif method == "DELETE":
            faults.clear()
        elif method not in ("GET", "HEAD"):
            return _text(405, "GET, POST and DELETE are answered here")
        return 200, "application/json", json.dumps({"faults": faults.listed()})


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None when it is too large."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > LARGEST_POST:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: _Answer, *, with_body: bool) -> None:
    status, content_type, text = answer
    body = text.encode(errors="replace")
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        **({"content-security-policy": _PAGE_POLICY} if content_type.startswith("text/html") else {}),
    }
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def _text(status: int, text: str) -> _Answer:
    return status, "text/plain; charset=utf-8", text
