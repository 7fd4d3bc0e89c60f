"""The inbox put together: the store, the SMTP sink, the Slack webhook, SNS's e-mails, the pages."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from local_aws.inbox.messages import MessageStore
from local_aws.inbox.pages import Pages
from local_aws.inbox.slack.webhook import SlackWebhook
from local_aws.inbox.smtp import SmtpSink
from local_aws.inbox.sns_subscriptions import EmailSubscriptions
from local_aws.inbox.web import InboxApp


class Inbox:
    """Everything that is sent from the local AWS, kept below `folder`.

    `smtp` is a bound socket for the SMTP sink; `site` the local AWS's own URL; `changed` is called when MiniStack's
    state changed by a link in an e-mail.
    """

    def __init__(self, folder: Path, *, smtp: socket.socket, site: str, changed: Callable[[], None]) -> None:
        store = MessageStore(folder)
        self._sink = SmtpSink(smtp, store)
        self._subscriptions = EmailSubscriptions(self._sink.send, site, changed)
        pages = Pages(store, f"{self._sink.host}:{self._sink.port}")
        self.app = InboxApp(store, pages, SlackWebhook(store), self._subscriptions)
        self._loop = asyncio.get_running_loop()
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Send what SNS sends, and take e-mails."""
        self._subscriptions.install()
        self._starting = self._loop.create_task(self._sink.start())

    def close(self) -> None:
        """Send what waits to be sent, then take no more. Not from the event loop, which has to serve meanwhile."""
        self._subscriptions.close()
        self._loop.call_soon_threadsafe(self._sink.stop)
