"""Bulk requests: several in flight, memory bounded, patient with a cluster that is overloaded or restarts.

A document is written under its own id, so a request that is sent again, because its answer was lost or a part of it was
pushed back, writes nothing twice.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from flowlogs.search.cluster import SearchCluster, SearchError
from flowlogs.search.documents import Document

log = logging.getLogger(__name__)

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
_PUSHED_BACK: Final = frozenset({429, 503})
"""Of a document in a bulk answer: the node had no room for it now."""
_DOCUMENTS_AT_ONCE: Final = 5_000
_SECONDS_A_LINE: Final = 15.0
"""Between two lines of progress in the log."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that the cluster does not take, however often it is sent."""

    id: str
    status: int
    type: str
    reason: str
    document: str


@dataclass
class Written:
    """What became of the documents."""

    documents: int = 0
    refused: int = 0
    bytes: int = 0
    requests: int = 0
    pushed_back: int = 0
    """Documents that were sent again because the cluster had no room."""
    tried_again: int = 0
    """Requests that were sent again because the cluster was overloaded or away."""


@dataclass(frozen=True)
class BulkWriter:
    """Writes documents to one index.

    Attributes:
        cluster: where to.
        index: its name.
        refuse: is told of each document that the cluster refuses; called by one thread at a time.
        size: bytes of a request, about.
        in_flight: requests that are under way at the same time.
        patience: seconds that a request is tried again.
        pause: waits for so many seconds (other than in tests, asleep).
    """

    cluster: SearchCluster
    index: str
    refuse: Callable[[Refused], None]
    size: int = 2_000_000
    in_flight: int = 4
    patience: float = 600
    pause: Callable[[float], object] = time.sleep
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def write(self, documents: Iterable[Document], *, of: int | None = None) -> Written:
        """Write them all.

        Args:
            documents: as they come; no more of them are held than the requests in flight, and the next.
            of: how many they will be, about, for the log.

        Raises:
            SearchError: when the cluster stayed away longer than the patience, or refuses the requests themselves.
        """
        written, begun = Written(), time.monotonic()
        said = begun
        under_way: set[Future[None]] = set()
        with ThreadPoolExecutor(self.in_flight, thread_name_prefix="bulk") as pool:
            try:
                for batch in _batches(documents, self.size):
                    if len(under_way) >= self.in_flight:
                        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                        for future in done:
                            future.result()
                    under_way.add(pool.submit(self._send, batch, written))
                    if time.monotonic() - said > _SECONDS_A_LINE:
                        said = time.monotonic()
                        _say(self.index, written, said - begun, of)
                for future in under_way:
                    future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        _say(self.index, written, time.monotonic() - begun, of)
        return written

    def _send(self, batch: list[tuple[str, bytes]], written: Written) -> None:
        """Send a request until each of its documents is written or refused."""
        begun, tries, left = time.monotonic(), 0, batch
        while left:
            try:
                outcomes = self.cluster.bulk(self.index, b"".join(lines for _, lines in left))
            except SearchError as error:
                if error.status == 413 and len(left) > 1:  # too large for the server or a proxy before it
                    middle = len(left) // 2
                    self._send(left[:middle], written)
                    left = left[middle:]
                    continue
                if not error.may_pass or time.monotonic() - begun > self.patience:
                    raise
                with self._lock:
                    written.tried_again += 1
                log.warning("%s; trying again", error)
            else:
                left = self._after(left, outcomes, written)
                if not left:
                    return
                if time.monotonic() - begun > self.patience:
                    raise SearchError(
                        f"{self.index}: the cluster had no room for {len(left)} documents in {self.patience:.0f} seconds",
                        429,
                    )
            # Full jitter, so that requests which failed together do not come again together.
            self.pause(random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**tries)))  # noqa: S311
            tries += 1

    def _after(
        self, sent: Sequence[tuple[str, bytes]], outcomes: Sequence[dict[str, Any]], written: Written
    ) -> list[tuple[str, bytes]]:
        """Count what became of a request's documents; those that are to be sent again."""
        if len(outcomes) != len(sent):
            raise SearchError(f"{self.index}: {len(sent)} documents sent, {len(outcomes)} answered")
        again = []
        with self._lock:
            written.requests += 1
            for (document_id, lines), outcome in zip(sent, outcomes, strict=True):
                status = int(outcome["status"])
                if status < 300:
                    written.documents += 1
                    written.bytes += len(lines)
                elif status in _PUSHED_BACK:
                    again.append((document_id, lines))
                else:
                    written.refused += 1
                    self.refuse(_refused(document_id, status, outcome, lines))
            written.pushed_back += len(again)
        return again


def _refused(document_id: str, status: int, outcome: dict[str, Any], lines: bytes) -> Refused:
    error = outcome.get("error") or {}
    reasons = [str(error.get("reason", ""))]
    while error := error.get("caused_by") or {}:
        reasons.append(str(error.get("reason", "")))
    document = lines.split(b"\n", 1)[1].decode().rstrip("\n")
    kind = str((outcome.get("error") or {}).get("type", ""))
    return Refused(document_id, status, kind, "; ".join(filter(None, reasons)), document)


def _batches(documents: Iterable[Document], size: int) -> Iterator[list[tuple[str, bytes]]]:
    """The documents as lines of bulk requests, so many bytes together, or one document that alone is more."""
    batch: list[tuple[str, bytes]] = []
    held = 0
    for document_id, body in documents:
        lines = b'{"index":{"_id":"%s"}}\n%s\n' % (document_id.encode(), orjson.dumps(body))
        if batch and (held + len(lines) > size or len(batch) >= _DOCUMENTS_AT_ONCE):
            yield batch
            batch, held = [], 0
        batch.append((document_id, lines))
        held += len(lines)
    if batch:
        yield batch


def _say(index: str, written: Written, seconds: float, of: int | None) -> None:
    of_all = f" of {of:,}" if of else ""
    rate = written.documents / seconds if seconds else 0
    log.info(
        "%s: %s%s documents, %.0f MB, %s a second, %d refused, %d sent again",
        index, f"{written.documents:,}", of_all, written.bytes / 1e6, f"{rate:,.0f}", written.refused,
        written.pushed_back,
    )  # fmt: skip
