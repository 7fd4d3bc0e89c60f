"""An e-mail's source read into what a person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Email:
    """The parts of an e-mail that are shown; `html` is None where there is none, `files` are attachments' names."""

    subject: str
    sender: str
    to: str
    date: str
    text: str
    html: str | None
    files: tuple[str, ...]


def read_email(source: bytes) -> Email:
    """Read any source, however broken: what cannot be read is empty."""
    mail = message_from_bytes(source, policy=policy.default)
    plain, html = _body(mail, "plain"), _body(mail, "html")
    return Email(
        subject=_header(mail, "Subject"),
        sender=_header(mail, "From"),
        to=_header(mail, "To"),
        date=_header(mail, "Date"),
        text=(plain or "").replace("\r\n", "\n"),
        html=html,
        files=tuple(_attachments(mail)),
    )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except Exception:  # the email package raises errors of many kinds for broken headers
        return ""


def _body(mail: EmailMessage, kind: str) -> str | None:
    try:
        part = mail.get_body((kind,))
        return None if part is None else str(part.get_content())
    except Exception:  # an unknown character set, a broken encoding
        return None


def _attachments(mail: EmailMessage) -> list[str]:
    try:
        return [part.get_filename() or part.get_content_type() for part in mail.iter_attachments()]
    except Exception:  # a part that says it has parts, and has none
        return []
