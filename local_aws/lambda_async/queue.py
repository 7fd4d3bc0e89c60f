"""The events that wait for a function: one file each, so that a restart loses none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class QueuedEvent:
    """An event for a function (its ARN, with the qualifier it was invoked by).

    `request_id` stays the same for all attempts; `received` and `due` are epoch seconds: when it came, when it is
    tried next. `attempts` ran and failed, `throttles` were refused since the last one that ran. `depth` is how many
    invocations led to this one, one causing the other, by which MiniStack ends endless loops.
    """

    request_id: str
    function: str
    event: Any
    received: float
    due: float
    attempts: int = 0
    throttles: int = 0
    depth: int = 0


class EventQueue:
    """Queued events below a folder, which is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def add(self, function: str, event: Any, now: float, depth: int = 0) -> QueuedEvent:
        """Queue an event that came now (epoch seconds)."""
        queued = QueuedEvent(str(uuid.uuid4()), function, event, received=now, due=now, depth=depth)
        self.save(queued)
        return queued

    def save(self, queued: QueuedEvent) -> None:
        """Keep what became of an event."""
        path = self._path(queued)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(queued)))
        part.replace(path)

    def remove(self, queued: QueuedEvent) -> None:
        """The event is done with."""
        self._path(queued).unlink(missing_ok=True)

    def waiting(self) -> Iterator[QueuedEvent]:
        """The events that an earlier process left."""
        for path in sorted(self._folder.glob("*.json")):
            yield QueuedEvent(**json.loads(path.read_text()))

    def _path(self, queued: QueuedEvent) -> Path:
        return self._folder / f"{queued.request_id}.json"
