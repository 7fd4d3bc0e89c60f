"""`/_inbox` on the local AWS's own port: the pages, the JSON, the Slack webhook, the links of SNS's e-mails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from local_aws.inbox.messages import KINDS, MessageStore
from local_aws.inbox.pages import TEMPLATES, Pages
from local_aws.inbox.slack.webhook import SlackWebhook

ROOT = "/_inbox"
LARGEST_POST = 4 * 1024 * 1024

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_EMAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Answer = tuple[int, str, str, dict[str, str]]
"""Status, content type, body, further headers."""


class Subscriptions(Protocol):
    """What the links in SNS's e-mails do."""

    def confirm(self, topic_arn: str, token: str) -> str | None:
        """The ARN of the subscription that is now confirmed; None when no subscription waits for that token."""

    def unsubscribe(self, subscription_arn: str) -> bool:
        """Whether there was a subscription of that ARN; there is none any more."""


class InboxApp:
    """The ASGI application of everything below ROOT."""

    def __init__(self, store: MessageStore, pages: Pages, slack: SlackWebhook, subscriptions: Subscriptions) -> None:
        self._store = store
        self._pages = pages
        self._slack = slack
        self._subscriptions = subscriptions

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        method, path = scope["method"], scope["path"].removeprefix(ROOT).strip("/")
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if method == "POST":
            body = await _body(receive)
            if body is None:
                answer = _text(413, "too large")
            else:
                answer = await asyncio.to_thread(self._post, path, body, headers.get("content-type", ""))
        elif method in ("GET", "HEAD"):
            # A confirmation changes MiniStack's state, which belongs to the event loop; the rest reads files.
            link = self._links.get(path) if method == "GET" else None
            answer = link(self, query) if link else await asyncio.to_thread(self._get, path, query)
        else:
            answer = _text(405, "GET, HEAD and POST are answered here")
        await _send(send, answer, with_body=method != "HEAD")

    def _post(self, path: str, body: bytes, content_type: str) -> _Answer:
        if path == "slack-faults":
            try:
                self._slack.fail_next(body)
            except ValueError as error:
                return _text(400, str(error))
            return _json(json.dumps({"failing": self._slack.failing}))
        kind, _, webhook = path.partition("/")
        if kind == "slack" and webhook:
            answer = self._slack.post(webhook, body, content_type)
            return answer.status, "text/html; charset=utf-8", answer.body, dict(answer.headers)
        return _text(404, "there is no such address; webhooks are /_inbox/slack/<name>")

    def _get(self, path: str, query: dict[str, str]) -> _Answer:
        kind = query.get("kind") or None
        if kind not in (None, *KINDS):
            return _text(400, f"kind {kind!r}: {' or '.join(KINDS)}")
        if path == "":
            return _page(self._pages.listing(kind, query.get("before")))
        if path == "messages.json":
            after = query.get("after", "")
            return _json(self._pages.as_json([one for one in self._store.newest_first(kind) if one.id > after]))
        if path == "inbox.css":
            return 200, "text/css; charset=utf-8", (TEMPLATES / "inbox.css").read_text(), {}
        message_id, _, part = path.partition("/")
        message = self._store.get(message_id)
        if message is None:
            return _page(self._pages.notice("Not found", "There is no such message."), status=404)
        if part == "":
            return _page(self._pages.message(message))
        if part == "raw":
            return _text(200, self._store.content(message).decode(errors="replace"))
        if part == "html" and (html := self._pages.html_part(message)) is not None:
            return 200, "text/html; charset=utf-8", html, {"content-security-policy": _EMAIL_POLICY}
        return _page(self._pages.notice("Not found", "The message has no such part."), status=404)

    def _confirm(self, query: dict[str, str]) -> _Answer:
        topic = query.get("TopicArn", "")
        arn = self._subscriptions.confirm(topic, query.get("Token", ""))
        if arn is None:
            problem = "No subscription waits for this confirmation: it was confirmed before, or has been removed."
            return _page(self._pages.notice("Nothing to confirm", problem), status=400)
        address = query.get("Endpoint") or "The address"
        return _page(
            self._pages.notice(
                "Subscription confirmed!",
                f"{address} is subscribed to the topic {topic.rpartition(':')[2]}.",
                f"Your subscription's id is: {arn}",
            )
        )

    def _unsubscribe(self, query: dict[str, str]) -> _Answer:
        arn = query.get("SubscriptionArn", "")
        if not self._subscriptions.unsubscribe(arn):
            return _page(self._pages.notice("No such subscription", "It has been removed already."), status=400)
        return _page(self._pages.notice("Subscription removed!", f"Your subscription's id was: {arn}"))

    _links = {"confirm-subscription": _confirm, "unsubscribe": _unsubscribe}  # noqa: RUF012 - read only


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
    status, content_type, text, more = answer
    body = text.encode(errors="replace")
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        **more,
    }
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def _text(status: int, text: str) -> _Answer:
    return status, "text/plain; charset=utf-8", text, {}


def _json(text: str) -> _Answer:
    return 200, "application/json", text, {}


def _page(html: str, *, status: int = 200) -> _Answer:
    return status, "text/html; charset=utf-8", html, {"content-security-policy": _PAGE_POLICY}
