"""Waiting for a SPICE ingestion, and for days that are being processed, in the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from airflow.triggers.base import BaseTrigger, TriggerEvent

from flowlogs.airflow_settings import airflow_settings

_BUSY: Final = frozenset({"ThrottlingException", "TooManyRequestsException", "InternalFailureException"})
"""Answers that say nothing of the ingestion: the next look may be answered."""


class IngestionTrigger(BaseTrigger):
    """Look at an ingestion every few seconds until it has ended or the deadline is over.

    The deadline is a time, not a duration, so a triggerer that restarts does not wait anew. Throttled looks are made
    again, ever more slowly.

    :param data_set_id: the data set
    :param ingestion_id: the ingestion
    :param deadline: when to give up (ISO 8601, with offset)
    :param poll_seconds: seconds between two looks

    Its event is `{"status", "ingestion_id", "deadline"}`: the ingestion's status, GONE when it is not there, or OVERDUE at
    the deadline.
    """

    def __init__(self, *, data_set_id: str, ingestion_id: str, deadline: str, poll_seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # BaseTrigger is untyped
        self.arguments: dict[str, Any] = {
            "data_set_id": data_set_id,
            "ingestion_id": ingestion_id,
            "deadline": deadline,
            "poll_seconds": poll_seconds,
        }

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The trigger as Airflow keeps it in its database."""
        return f"{type(self).__module__}.{type(self).__qualname__}", self.arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, look in a thread, sleep again."""
        given = self.arguments
        deadline, pause = datetime.fromisoformat(given["deadline"]), float(given["poll_seconds"])
        told = {name: given[name] for name in ("ingestion_id", "deadline")}
        hook = await asyncio.to_thread(_hook)
        while True:
            left = (deadline - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, min(pause, left)))
            status = await asyncio.to_thread(_status, hook, given["data_set_id"], given["ingestion_id"])
            pause = min(pause * 2, 300.0) if status is None else float(given["poll_seconds"])
            self.log.info("ingestion %s of %s: %s", given["ingestion_id"], given["data_set_id"], status or "throttled")
            if status in ("COMPLETED", "FAILED", "CANCELLED", "GONE"):
                yield TriggerEvent({**told, "status": status})  # type: ignore[no-untyped-call]
                return
            if datetime.now(UTC) >= deadline:
                yield TriggerEvent({**told, "status": "OVERDUE"})  # type: ignore[no-untyped-call]
                return


class QuietTrigger(BaseTrigger):
    """Wait until a DAG has no run that is queued or running, or the deadline is over.

    :param dag_id: the DAG
    :param deadline: when to wait no longer (ISO 8601, with offset)
    :param poll_seconds: seconds between two looks

    Its event is `{"active": runs that were still active}`.
    """

    def __init__(self, *, dag_id: str, deadline: str, poll_seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # BaseTrigger is untyped
        self.arguments: dict[str, Any] = {"dag_id": dag_id, "deadline": deadline, "poll_seconds": poll_seconds}

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The trigger as Airflow keeps it in its database."""
        return f"{type(self).__module__}.{type(self).__qualname__}", self.arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep, count, sleep again."""
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
        from asgiref.sync import sync_to_async

        given = self.arguments
        deadline = datetime.fromisoformat(given["deadline"])
        while True:
            left = (deadline - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, min(float(given["poll_seconds"]), left)))
            active = await sync_to_async(RuntimeTaskInstance.get_dr_count)(
                dag_id=given["dag_id"], states=["queued", "running"]
            )
            if not active or datetime.now(UTC) >= deadline:
                yield TriggerEvent({"active": active})  # type: ignore[no-untyped-call]
                return


def _hook() -> Any:
    from flowlogs.hooks.ingestions import IngestionHook

    hook = IngestionHook.of(airflow_settings())
    hook.conn  # noqa: B018  made here, once: clients are thread-safe, making them is not
    return hook


def _status(hook: Any, data_set_id: str, ingestion_id: str) -> str | None:
    """The ingestion's status; GONE without one, None when QuickSight was too busy to tell."""
    from botocore.exceptions import ClientError

    try:
        return str(hook.look(data_set_id, ingestion_id).status)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            return "GONE"
        if code in _BUSY:
            return None
        raise
