"""Waiting for a drill's message in the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from flowlogs.drill import Drill
from flowlogs.drill_watch import DrillWatch


class DrillTrigger(BaseTrigger):
    """Look for a drill's message every few seconds, until it has arrived everywhere or the deadline is over.

    :param drill: the drill (`flowlogs.drill.Drill.to_json`)
    :param arrived: where it has been seen already, with the seconds
    :param deadline: when to give up (ISO 8601, with offset)
    :param poll_seconds: seconds between two looks
    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: the alarm's region

    Its event is `{"arrived": {subscriber: seconds}}`.
    """

    def __init__(
        self,
        *,
        drill: dict[str, Any],
        arrived: dict[str, float],
        deadline: str,
        poll_seconds: float,
        aws_conn_id: str,
        region_name: str,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # BaseTrigger is untyped
        self.arguments: dict[str, Any] = {
            "drill": drill,
            "arrived": arrived,
            "deadline": deadline,
            "poll_seconds": poll_seconds,
            "aws_conn_id": aws_conn_id,
            "region_name": region_name,
        }

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The trigger as Airflow keeps it in its database."""
        return f"{type(self).__module__}.{type(self).__qualname__}", self.arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, look in a thread, sleep again; the last look is at the deadline."""
        given = self.arguments
        deadline = datetime.fromisoformat(given["deadline"])
        watch = await asyncio.to_thread(
            DrillWatch, Drill.from_json(given["drill"]), given["aws_conn_id"], given["region_name"]
        )
        watch.arrived.update(given["arrived"])
        while True:
            left = (deadline - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, min(given["poll_seconds"], left)))
            is_over = datetime.now(UTC) >= deadline
            if await asyncio.to_thread(watch.look) or is_over:
                yield TriggerEvent({"arrived": watch.arrived})  # type: ignore[no-untyped-call]
                return
