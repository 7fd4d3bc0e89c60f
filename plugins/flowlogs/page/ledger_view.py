"""The days of the ledger as this process knows them: kept in memory, read anew only where the catalog moved.

A request waits for the catalog no longer than a person does not notice; the rest is read behind its back, the newest
days first, and the page asks again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from flowlogs.ledger import LedgerRow, rows_of
from flowlogs.page.digest import DayDigest, digest, newest_rows
from flowlogs.page.digest_file import KEY, packed, unpacked
from flowlogs.page.lake import AT_ONCE

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 10.0
"""How long the catalog is not asked again."""

WAIT_SECONDS: Final = 0.3
"""How long a request waits for newer days, when it has none or old ones."""

DAYS_KEPT: Final = 800

_WORTH_WRITING: Final = 16
"""Days that were read from the ledger before the digest file is written anew: reading so few costs nothing."""


class LedgerSource(Protocol):
    """Where the ledger is read from (`flowlogs.page.lake.Lake`)."""

    def ledger_locations(self) -> dict[str, str] | None:
        """The location of every day's rows, by day; None without the table."""

    def rows_at(self, location: str) -> str:
        """The JSON lines at a location."""

    def read(self, key: str) -> bytes | None:
        """An object of the lake."""

    def write(self, key: str, data: bytes, content_type: str) -> None:
        """Replace an object of the lake."""


@dataclass(frozen=True)
class Ledger:
    """The days at one moment.

    Attributes:
        days: the digests, by day.
        to_read: days that the catalog shows and that are not read yet.
        read_at: when the catalog was asked; None before the first answer.
        is_set_up: False when there is no ledger.
        problem: why it could not be read, in words; the days are then those known before.
    """

    days: Mapping[str, DayDigest] = field(default_factory=dict)
    to_read: int = 0
    read_at: datetime | None = None
    is_set_up: bool = True
    problem: str = ""


class LedgerView:
    """The ledger for all requests of a process."""

    def __init__(self, source: LedgerSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._ledger = Ledger()
        self._locations: dict[str, str] = {}
        self._digests: dict[str, DayDigest | None] = {}
        """By location."""
        self._targets: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._asked_at = float("-inf")
        self._reading: threading.Thread | None = None
        self._has_digest_file = False

    def ledger(self, wait_seconds: float = WAIT_SECONDS) -> Ledger:
        """The days as they are known now. Begins to read what moved, and waits for it for so many seconds at most."""
        with self._lock:
            reading = self._reading
            if reading is None and time.monotonic() - self._asked_at > FRESH_SECONDS:
                reading = threading.Thread(target=self._read, name="flowlogs-ledger", daemon=True)
                self._reading = reading
                reading.start()
        if reading is not None:
            reading.join(wait_seconds)
        return self._ledger

    def rows(self, day: str) -> list[LedgerRow]:
        """The rows of one day, one a target, sorted; none when it is not in the ledger."""
        self.ledger()
        location = self._locations.get(day)
        return [] if location is None else newest_rows(rows_of(self._source.rows_at(location)))

    def ask_again(self) -> None:
        """Ask the catalog with the next request, however lately it was asked."""
        self._asked_at = float("-inf")

    def _read(self) -> None:
        try:
            self._follow_catalog()
        except Exception as error:
            # Whatever it is (no network, no rights, a damaged file), the page has to come up and say it.
            log.exception("the ledger cannot be read")
            known = self._ledger
            self._ledger = Ledger(known.days, 0, known.read_at, known.is_set_up, f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._asked_at = time.monotonic()
                self._reading = None

    def _follow_catalog(self) -> None:
        locations = self._source.ledger_locations()
        now = datetime.now(UTC)
        if locations is None:
            self._ledger = Ledger(read_at=now, is_set_up=False)
            return
        newest = dict(sorted(locations.items(), reverse=True)[:DAYS_KEPT])
        if not self._has_digest_file:
            self._digests = unpacked(self._source.read(KEY) or b"")
            self._targets = {one.targets: one.targets for one in self._digests.values() if one is not None}
            self._has_digest_file = True
        self._locations = newest
        self._digests = {place: self._digests[place] for place in newest.values() if place in self._digests}
        to_read = [(day, place) for day, place in newest.items() if place not in self._digests]
        self._publish(now, len(to_read))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda one: digest(one[0], rows_of(self._source.rows_at(one[1]))), to_read)
            for count, ((_, place), one) in enumerate(zip(to_read, found, strict=True), start=1):
                self._digests[place] = one if one is None else self._with_shared_targets(one)
                if count % AT_ONCE == 0:
                    self._publish(now, len(to_read) - count)
        self._publish(now, 0)
        if len(to_read) >= _WORTH_WRITING:
            self._keep()

    def _publish(self, at: datetime, to_read: int) -> None:
        days = {day: self._digests.get(place) for day, place in self._locations.items()}
        self._ledger = Ledger({day: one for day, one in sorted(days.items()) if one is not None}, to_read, at)

    def _with_shared_targets(self, one: DayDigest) -> DayDigest:
        """The digest with the tuple of targets that other days have: thousands of names in memory once."""
        return replace(one, targets=self._targets.setdefault(one.targets, one.targets))

    def _keep(self) -> None:
        try:
            self._source.write(KEY, packed(self._digests), "application/gzip")
        except Exception as error:
            # Without it the next process reads the ledger itself, as this one did.
            log.warning("the digest file cannot be written: %s", error)
