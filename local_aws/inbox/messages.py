"""The messages that were received: one file each below a folder, and an index of who got them when."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

EMAIL, SLACK = "email", "slack"
KINDS = (EMAIL, SLACK)
_ENDING = {EMAIL: ".eml", SLACK: ".json"}
_INDEX = "index.jsonl"


@dataclass(frozen=True, slots=True)
class Message:
    """One received message, as the index has it.

    `id` is its number, with zeros in front, in order of arrival; `kind` is EMAIL or SLACK; `received` an ISO time in
    UTC; `sender` and `to` are the e-mail's envelope addresses, or for Slack an empty text and the webhook's path.
    """

    id: str
    kind: str
    received: str
    sender: str
    to: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """The file of its content, below the store's folder."""
        return self.id + _ENDING[self.kind]


class MessageStore:
    """The messages below a folder, which is made when it is missing. Safe to use from several threads.

    Content is written before the index names it: what the index has is whole, also after a kill.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._messages = {message.id: message for message in _read_index(folder / _INDEX)}
        self._last = max((int(path.stem) for path in folder.glob("[0-9]*.*")), default=0)

    def add(self, kind: str, content: bytes, *, sender: str, to: tuple[str, ...]) -> Message:
        """Keep a message that arrived now."""
        with self._lock:
            self._last += 1
            received = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            message = Message(f"{self._last:06}", kind, received, sender, to)
            (self._folder / message.file_name).write_bytes(content)
            with (self._folder / _INDEX).open("a") as index:
                index.write(json.dumps(asdict(message)) + "\n")
            self._messages[message.id] = message
        return message

    def get(self, message_id: str) -> Message | None:
        """The message of that id."""
        return self._messages.get(message_id)

    def content(self, message: Message) -> bytes:
        """What was received: an e-mail's source, or the JSON posted to Slack."""
        return (self._folder / message.file_name).read_bytes()

    def newest_first(self, kind: str | None = None) -> list[Message]:
        """All messages, or those of one kind."""
        with self._lock:
            messages = list(self._messages.values())
        return [message for message in reversed(messages) if kind in (None, message.kind)]


def _read_index(index: Path) -> Iterator[Message]:
    if not index.exists():
        return
    text = index.read_text()
    if text and not text.endswith("\n"):  # a line was cut by a kill: end it, so that the next one stands alone
        with index.open("a") as file:
            file.write("\n")
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        yield Message(**{**entry, "to": tuple(entry["to"])})
