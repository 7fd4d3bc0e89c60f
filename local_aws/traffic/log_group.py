"""Flow log records as events of a CloudWatch Logs log group: a stream an interface, as flow logs deliver them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fields import LogField
from .network import Network
from .records import Records
from .text import record_lines

LARGEST_BATCH_EVENTS = 10_000
LARGEST_BATCH_BYTES = 1_048_576
LONGEST_BATCH_MILLISECONDS = 24 * 3600 * 1000
EVENT_OVERHEAD_BYTES = 26
"""PutLogEvents' limits, and what it adds to each event's UTF-8 bytes."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One record: epoch milliseconds of its start, and its line."""

    timestamp: int
    message: str


def events_by_stream(net: Network, fields: tuple[LogField, ...], records: Records) -> Mapping[str, Sequence[LogEvent]]:
    """The records as events in order of time, by the log stream of their interface: `eni-…-all`."""
    streams: dict[str, list[LogEvent]] = {}
    for interface in np.unique(records.interface):
        own = records.take(records.interface == interface)
        events: list[LogEvent] = []
        for kind in (own.take(own.src >= 0), own.take(own.src < 0)):  # IPv6 apart: it is written after the others
            lines = record_lines(net, fields, kind).decode().splitlines()
            events += [LogEvent(int(start) * 1000, line) for start, line in zip(kind.start, lines, strict=True)]
        streams[f"{net.interface_id(int(interface))}-all"] = sorted(events, key=lambda event: event.timestamp)
    return streams


class LogGroup:
    """Writes to a log group. `endpoint_url` None is AWS itself; credentials are found as boto3 finds them."""

    def __init__(self, name: str, *, endpoint_url: str | None, region: str) -> None:
        import boto3
        from botocore.config import Config

        self.name = name
        config = Config(retries={"mode": "standard", "total_max_attempts": 3})
        self._client: Any = boto3.client("logs", endpoint_url=endpoint_url, region_name=region, config=config)
        self._streams: set[str] = set()

    def ensure(self) -> bool:
        """Make the log group unless it is there; whether it was made."""
        try:
            self._client.create_log_group(logGroupName=self.name)
        except self._client.exceptions.ResourceAlreadyExistsException:
            return False
        return True

    def write(self, streams: Mapping[str, Sequence[LogEvent]]) -> int:
        """Write events, in order of time, to their streams, which are made when they are missing: how many were taken.

        CloudWatch Logs does not take events that are older than 14 days or than the group's retention.
        """
        taken = 0
        for stream, events in streams.items():
            self._ensure_stream(stream)
            for batch in _batches(events):
                answer = self._client.put_log_events(
                    logGroupName=self.name,
                    logStreamName=stream,
                    logEvents=[{"timestamp": event.timestamp, "message": event.message} for event in batch],
                )
                taken += len(batch) - _rejected(answer.get("rejectedLogEventsInfo") or {}, len(batch))
        return taken

    def _ensure_stream(self, stream: str) -> None:
        if stream in self._streams:
            return
        with contextlib.suppress(self._client.exceptions.ResourceAlreadyExistsException):
            self._client.create_log_stream(logGroupName=self.name, logStreamName=stream)
        self._streams.add(stream)


def _batches(events: Sequence[LogEvent]) -> Iterator[Sequence[LogEvent]]:
    batch: list[LogEvent] = []
    size = 0
    for event in events:
        own = len(event.message.encode()) + EVENT_OVERHEAD_BYTES
        if batch and (
            len(batch) == LARGEST_BATCH_EVENTS
            or size + own > LARGEST_BATCH_BYTES
            or event.timestamp - batch[0].timestamp > LONGEST_BATCH_MILLISECONDS
        ):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += own
    if batch:
        yield batch


def _rejected(info: Mapping[str, int], count: int) -> int:
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    return too_old + count - info.get("tooNewLogEventStartIndex", count)
