"""Waiting for a day's flow logs in the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from flowlogs.airflow_settings import airflow_settings
from flowlogs.arrival_watch import ArrivalWatch
from flowlogs.settings import Settings


class FlowLogArrivalTrigger(BaseTrigger):
    """Look at a day's targets every `arrival.poll_seconds` until all are complete or the deadline is over.

    What it is made of is small, however many targets there are: they come from the settings, read where it runs. The
    deadline is a time, not a duration, so a triggerer that restarts does not wait anew.

    :param day: the UTC day, YYYY-MM-DD
    :param sources: names of the sources; all when empty
    :param aws_conn_id: the Airflow connection to AWS
    :param deadline: when to give up (ISO 8601, with offset)

    Its event is `{"coverage": …}`, see `flowlogs.coverage.Coverage.to_json`.
    """

    def __init__(self, *, day: str, sources: list[str], aws_conn_id: str, deadline: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # BaseTrigger is untyped
        self.day = day
        self.sources = sources
        self.aws_conn_id = aws_conn_id
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The trigger as Airflow keeps it in its database."""
        arguments = {
            "day": self.day,
            "sources": self.sources,
            "aws_conn_id": self.aws_conn_id,
            "deadline": self.deadline,
        }
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, look, sleep again. Listing runs in threads: the triggerer's loop serves other triggers meanwhile."""
        settings, watch = await asyncio.to_thread(self._watch)
        deadline = datetime.fromisoformat(self.deadline)
        while True:
            # The sensor has just looked, so the first thing is to wait.
            left = (deadline - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, min(settings.arrival.poll_seconds, left)))
            now = datetime.now(UTC)
            coverage = await asyncio.to_thread(watch.look, now, thorough=now >= deadline)
            self.log.info("%s", coverage.summary())
            if coverage.is_complete or now >= deadline:
                yield TriggerEvent({"coverage": coverage.to_json()})  # type: ignore[no-untyped-call]
                return

    def _watch(self) -> tuple[Settings, ArrivalWatch]:
        from flowlogs.hooks.flow_log_bucket import FlowLogBucketHook

        settings = airflow_settings()
        hook = FlowLogBucketHook(aws_conn_id=self.aws_conn_id)
        hook.connect()
        return settings, ArrivalWatch(settings, date.fromisoformat(self.day), hook, tuple(self.sources))
