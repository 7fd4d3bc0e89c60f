"""The sensor for "alarm X is in state Y", in the style of the amazon provider."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.sensors.base_aws import AwsBaseSensor
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk import BaseOperatorLink
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.hooks.alarms import STATES, AlarmHook, AlarmState, console_url
from flowlogs.triggers.alarm import CloudWatchAlarmStateTrigger

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context


class AlarmLink(BaseOperatorLink):
    """The button that opens the alarm in the AWS console."""

    name = "CloudWatch alarm"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The alarm's address; empty until the sensor has looked."""
        return str(getattr(operator, "alarm_url", ""))


class CloudWatchAlarmStateSensor(AwsBaseSensor[AlarmHook]):
    """Wait until a CloudWatch alarm, metric or composite, is in a state.

    :param alarm_name: the alarm (templated)
    :param target_state: OK, ALARM or INSUFFICIENT_DATA (templated)
    :param deferrable: wait in the triggerer instead of a worker slot (default); needs aiobotocore
    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: the alarm's region; the connection's by default
    :param verify: whether to verify SSL certificates
    :param botocore_config: configuration of the botocore client

    `poke_interval` is the time between two looks, `timeout` that after which it gives up.

    Raises AirflowFailException for an alarm that does not exist and for a state that is none: waiting would not help.
    """

    aws_hook_class = AlarmHook
    template_fields: Sequence[str] = aws_template_fields("alarm_name", "target_state")
    operator_extra_links = (AlarmLink(),)
    ui_color = "#f2c9c5"

    def __init__(
        self, *, alarm_name: str, target_state: AlarmState = "ALARM", deferrable: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.alarm_name = alarm_name
        self.target_state = target_state
        self.deferrable = deferrable
        self.alarm_url = ""

    def execute(self, context: Context) -> Any:
        """Look once; go on waiting in the triggerer, or poke after poke."""
        if self.target_state not in STATES:
            raise AirflowFailException(
                f"target_state={self.target_state!r} is no state; write one of {', '.join(STATES)}"
            )
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            delay = max(1, math.ceil(self.poke_interval))
            self.defer(
                trigger=CloudWatchAlarmStateTrigger(
                    alarm_name=self.alarm_name,
                    target_state=self.target_state,
                    waiter_delay=delay,
                    # The time-out ends the wait; the trigger only must not end it before.
                    waiter_max_attempts=math.ceil(self.timeout / delay) + 1,
                    aws_conn_id=self.aws_conn_id,
                    region_name=self.region_name,
                    verify=self.verify,
                    botocore_config=self.botocore_config,
                ),
                method_name="execute_complete",
                timeout=timedelta(seconds=self.timeout),
            )
        return None

    def poke(self, context: Context) -> bool:
        """Whether the alarm is in the state now."""
        self._set_link()
        try:
            state: AlarmState = self.hook.state(self.alarm_name)
        except LookupError as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("alarm %s is %s", self.alarm_name, state)
        return state == self.target_state

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Take up what the trigger saw."""
        self._set_link()
        if not event or event.get("status") != "success":
            raise RuntimeError(f"waiting for alarm {self.alarm_name} ended: {(event or {}).get('message', event)}")
        self.log.info("alarm %s was %s", self.alarm_name, self.target_state)

    def _set_link(self) -> None:
        meta = self.hook.conn.meta
        self.alarm_url = console_url(meta.region_name, self.alarm_name, meta.partition)
