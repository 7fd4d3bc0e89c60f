"""The SMTP sink: takes every e-mail, keeps it, delivers nothing."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session  # type: ignore[import-not-found]

from local_aws.inbox.messages import EMAIL, MessageStore

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own code when a client logs in

LARGEST_EMAIL = 10 * 1024 * 1024
"""Bytes that a message may have, as Amazon SES allows by default."""

_SECONDS = 30


class SmtpSink:
    """Serves SMTP on a socket that is already bound; mails go to the store."""

    def __init__(self, listening: socket.socket, store: MessageStore) -> None:
        self._socket = listening
        self._store = store
        self._server: asyncio.Server | None = None
        host, port = listening.getsockname()[:2]
        self.host = "127.0.0.1" if host == "0.0.0.0" else str(host)  # noqa: S104
        self.port = int(port)

    async def start(self) -> None:
        """Take connections, until `stop`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, sock=self._socket)

    def stop(self) -> None:
        """Take no more connections. To be called in the event loop."""
        if self._server is not None:
            self._server.close()

    def send(self, mail: EmailMessage) -> None:
        """Send an e-mail to the sink, by SMTP. Not from the event loop's thread, which would wait for itself.

        Raises: OSError or smtplib.SMTPException when it is not taken.
        """
        with smtplib.SMTP(self.host, self.port, timeout=_SECONDS) as client:
            client.send_message(mail)

    def _protocol(self) -> SMTP:
        return SMTP(
            _Keeping(self._store),
            data_size_limit=LARGEST_EMAIL,
            enable_SMTPUTF8=True,
            ident="local AWS",
            authenticator=_anybody,
            auth_require_tls=False,  # there is no TLS here
        )


def _anybody(*_: object) -> AuthResult:
    """A client that logs in may do so with any name and password; none has to."""
    return AuthResult(success=True)


class _Keeping:
    """aiosmtpd's handler: called for each mail that was received whole."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        recipients = tuple(envelope.rcpt_tos)
        await asyncio.to_thread(self._store.add, EMAIL, raw, sender=envelope.mail_from or "", to=recipients)
        return "250 OK"


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket for the sink; port 0 is any free one. Connections wait until the sink starts.

    Raises: OSError when the port is in use.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
