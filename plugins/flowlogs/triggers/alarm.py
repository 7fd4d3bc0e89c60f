"""Waiting for an alarm's state in the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.triggers.base import AwsBaseWaiterTrigger
from airflow.triggers.base import TriggerEvent

from flowlogs.hooks.alarms import AlarmHook, AlarmState


class CloudWatchAlarmStateTrigger(AwsBaseWaiterTrigger):
    """Wait until an alarm is in a state.

    :param alarm_name: the alarm, metric or composite
    :param target_state: OK, ALARM or INSUFFICIENT_DATA
    :param waiter_delay: seconds between two looks
    :param waiter_max_attempts: looks at most
    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: the alarm's region
    :param verify: whether to verify SSL certificates
    :param botocore_config: configuration of the botocore client
    """

    aws_hook_class = AlarmHook

    def __init__(
        self,
        *,
        alarm_name: str,
        target_state: AlarmState,
        waiter_delay: int = 60,
        waiter_max_attempts: int = 60,
        aws_conn_id: str | None = "aws_default",
        region_name: str | None = None,
        verify: bool | str | None = None,
        botocore_config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            serialized_fields={"alarm_name": alarm_name, "target_state": target_state},
            waiter_name=f"alarm_{target_state.lower()}",
            waiter_args={"AlarmNames": [alarm_name], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
            failure_message=f"CloudWatch has no alarm {alarm_name!r}",
            status_message=f"waiting for alarm {alarm_name!r} to be {target_state}",
            status_queries=["[MetricAlarms, CompositeAlarms][].StateValue | [0]"],
            return_key="alarm_name",
            return_value=alarm_name,
            waiter_delay=waiter_delay,
            waiter_max_attempts=waiter_max_attempts,
            aws_conn_id=aws_conn_id,
            region_name=region_name,
            verify=verify,
            botocore_config=botocore_config,
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait a delay first: the task has just looked (see `QueryTrigger.run`)."""
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event
