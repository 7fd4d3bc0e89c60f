"""What PutLogEvents takes: batches in order of time, events neither too old nor too far in the future."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

OLDEST_DAYS = 14
"""Days that an event may be old (PutLogEvents' documentation)."""

NEWEST_HOURS = 2
"""Hours that an event may be in the future."""

LARGEST_BATCH = 10_000
"""Events in one call."""


class RefusedBatch(ValueError):
    """The whole batch is refused; `str()` is the message of the InvalidParameterException."""


@dataclass(frozen=True)
class Accepted:
    """The events of a batch that are taken, and which are not, as PutLogEvents' rejectedLogEventsInfo."""

    events: Sequence[dict[str, Any]]
    rejected: dict[str, int]


def accepted(events: Sequence[dict[str, Any]], *, now: int, retention_days: int | None) -> Accepted:
    """What is taken of a batch; `now` in epoch milliseconds.

    Raises: RefusedBatch when the batch is too large, out of order, or spans more than a day.
    """
    timestamps = [event["timestamp"] for event in events]
    if len(events) > LARGEST_BATCH:
        raise RefusedBatch(f"a batch has at most {LARGEST_BATCH} log events, this has {len(events)}")
    if any(later < earlier for earlier, later in pairwise(timestamps)):
        raise RefusedBatch("Log events in a single PutLogEvents request must be in chronological order.")
    if timestamps and timestamps[-1] - timestamps[0] > DAY_MS:
        raise RefusedBatch("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    rejected = {}
    expired = sum(retention_days is not None and one < now - retention_days * DAY_MS for one in timestamps)
    too_old = sum(one < now - OLDEST_DAYS * DAY_MS for one in timestamps)
    first_too_new = sum(one <= now + NEWEST_HOURS * HOUR_MS for one in timestamps)
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if first_too_new < len(events):
        rejected["tooNewLogEventStartIndex"] = first_too_new
    return Accepted(events[max(expired, too_old) : first_too_new], rejected)
