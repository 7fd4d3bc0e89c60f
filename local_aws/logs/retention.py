"""Log events end when their log group's retention does; MiniStack keeps them all, in memory and in every snapshot."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch_logs

from local_aws.logs.ingestion import DAY_MS

SECONDS_BETWEEN = 60
"""How often events are looked at."""


async def keep_to_retention() -> None:
    """Drop expired events now and every minute, until cancelled."""
    while True:
        drop_expired(int(time.time() * 1000))
        await asyncio.sleep(SECONDS_BETWEEN)


def drop_expired(now: int) -> None:
    """Drop the events that are older, at `now` (epoch milliseconds), than the retention of their group."""
    records = cloudwatch_logs._log_records
    for (account, region, _), group in cloudwatch_logs._log_groups.all_items():
        days = group.get("retentionInDays")
        if days is None:
            continue
        for stream in list(group["streams"].values()):
            with cloudwatch_logs._log_events_lock:
                events = stream["events"]
                expired = bisect_left(events, now - days * DAY_MS, key=lambda event: event["timestamp"])
                if expired:
                    stream["events"] = events[expired:]
            for event in events[:expired]:
                records.pop_scoped(account, region, event.get("eventId"), None)


def install_lean_snapshots() -> None:
    """Leave out of snapshots what MiniStack makes again from the events when it is asked for."""
    cloudwatch_logs.get_state = _without_records(cloudwatch_logs.get_state)


def _without_records(get_state: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    def state() -> dict[str, Any]:
        return {**get_state(), "log_records": AccountRegionScopedDict()}

    return state
