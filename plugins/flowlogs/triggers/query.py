"""Waiting for an Athena query, which ends with its task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger
from airflow.triggers.base import TriggerEvent


class QueryTrigger(AthenaTrigger):
    """AthenaTrigger that stops the query when somebody kills the deferred task.

    The provider's leaves it running, and billed. Parameters as `AthenaTrigger`.
    """

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait a poll's time first: the task has just looked, and a trigger that fires before the scheduler has noted
        the deferral makes it take the task for one that died (Airflow 3.3, `process_executor_events`).
        """
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event

    async def on_kill(self) -> None:
        """Stop the query (called when a person marks or clears the deferred task)."""
        query_execution_id = self.serialized_fields["query_execution_id"]
        self.log.info("stopping query %s", query_execution_id)
        async with await self.hook().get_async_conn() as client:
            await client.stop_query_execution(QueryExecutionId=query_execution_id)
