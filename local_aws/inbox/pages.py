"""The inbox's pages, rendered from templates with everything escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2

from local_aws.inbox.emails import Email, read_email
from local_aws.inbox.messages import EMAIL, Message, MessageStore
from local_aws.inbox.slack.attachments import bar_colour, rich_text, summary
from local_aws.inbox.slack.mrkdwn import linked, mrkdwn, plain_text

TEMPLATES = Path(__file__).parent / "templates"
PER_PAGE = 50
_FRAME = re.compile("<(i?frame)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with its content read: `email` or `slack` (the payload) is set, by its kind."""

    message: Message
    email: Email | None = None
    slack: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """The message's text without markup."""
        return self.email.text if self.email else summary(self.slack or {})


class Pages:
    """Makes the pages of a store's messages. `smtp` is host and port of the SMTP sink, for the page's foot."""

    def __init__(self, store: MessageStore, smtp: str) -> None:
        self._store = store
        self._smtp = smtp
        self._read = lru_cache(maxsize=2_000)(self._read_now)

    def listing(self, kind: str | None, before: str | None) -> str:
        """The newest messages, or those before the message of that id."""
        messages = self._store.newest_first(kind)
        older = [one for one in messages if before is None or one.id < before]
        shown = [self._read(one) for one in older[:PER_PAGE]]
        return self._render(
            "listing.html.j2",
            shown=shown,
            kind=kind,
            total=len(messages),
            older_than=shown[-1].message.id if len(older) > PER_PAGE else None,
            newest=before is None,
        )

    def message(self, message: Message) -> str:
        """One message, with its source below."""
        return self._render("message.html.j2", one=self._read(message), source=self._source(message))

    def html_part(self, message: Message) -> str | None:
        """The HTML of an e-mail, as it was sent, but for frames: browsers connect to where a frame comes from before
        they ask the page's policy whether it may be loaded.
        """
        email = self._read(message).email
        return _FRAME.sub(r"<inert-\1", email.html) if email and email.html is not None else None

    def notice(self, title: str, *paragraphs: str) -> str:
        """A page that only says something."""
        return self._render("notice.html.j2", title=title, paragraphs=paragraphs)

    def as_json(self, messages: Sequence[Message]) -> str:
        """The messages as a JSON list: kind, to, subject, text, received, raw, and more."""
        return json.dumps([self._entry(message) for message in messages], ensure_ascii=False, indent=1)

    def _entry(self, message: Message) -> dict[str, Any]:
        shown = self._read(message)
        return {
            "id": message.id,
            "kind": message.kind,
            "received": message.received,
            "from": message.sender,
            "to": list(message.to),
            "subject": shown.email.subject if shown.email else "",
            "text": shown.text,
            "html": shown.email.html if shown.email else None,
            "raw": self._store.content(message).decode(errors="replace") if shown.email else shown.slack,
        }

    def _read_now(self, message: Message) -> Shown:
        content = self._store.content(message)
        if message.kind == EMAIL:
            return Shown(message, email=read_email(content))
        return Shown(message, slack=json.loads(content))

    def _source(self, message: Message) -> str:
        content = self._store.content(message)
        if message.kind == EMAIL:
            return content.decode(errors="replace")
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2)

    def _render(self, template: str, **values: Any) -> str:
        return _templates().get_template(template).render(smtp=self._smtp, **values)


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,  # a payload's members may be missing
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        mrkdwn=lambda text: mrkdwn(_as_text(text)),
        plain=lambda text: plain_text(_as_text(text)),
        linked=lambda text: linked(_as_text(text)),
        bar_colour=bar_colour,
        rich_text=rich_text,
    )
    templates.tests["web"] = lambda url: isinstance(url, str) and url.startswith(("https://", "http://"))
    return templates


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
