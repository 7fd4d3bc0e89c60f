"""Waiting for an Athena query, which ends with its task."""

from __future__ import annotations

from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger


class QueryTrigger(AthenaTrigger):
    """AthenaTrigger that stops the query when somebody kills the deferred task.

    The provider's leaves it running, and billed. Parameters as `AthenaTrigger`.
    """

    async def on_kill(self) -> None:
        """Stop the query (called when a person marks or clears the deferred task)."""
        query_execution_id = self.serialized_fields["query_execution_id"]
        self.log.info("stopping query %s", query_execution_id)
        async with await self.hook().get_async_conn() as client:
            await client.stop_query_execution(QueryExecutionId=query_execution_id)
