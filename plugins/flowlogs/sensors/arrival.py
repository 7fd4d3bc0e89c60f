"""The sensor that waits until a day's flow logs are complete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout

from flowlogs.airflow_settings import airflow_settings
from flowlogs.arrival_watch import ArrivalWatch
from flowlogs.coverage import Coverage
from flowlogs.settings import Settings
from flowlogs.triggers.arrival import FlowLogArrivalTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context


class FlowLogArrivalSensor(BaseSensorOperator):
    """Wait until every target of a day is complete, or until the settings' patience ends.

    A target is complete when each of its flow logs wrote up to the day's end and nothing new came for a while
    (`arrival` of the settings; see `flowlogs.arrival`). A day that is long over is decided at once, without deferring.
    The result is the coverage by target (`flowlogs.coverage.Coverage.to_json`).

    :param day: the UTC day, YYYY-MM-DD (templated)
    :param sources: names of the sources to wait for; all of the settings by default (templated)
    :param aws_conn_id: the Airflow connection to AWS (templated)
    :param deferrable: wait in the triggerer instead of a worker slot (default)

    Raises AirflowSensorTimeout when the day stays incomplete and `arrival.on_timeout` is fail.
    """

    template_fields: Sequence[str] = ("day", "sources", "aws_conn_id")
    ui_color = "#c5e4d8"

    def __init__(
        self,
        *,
        day: str,
        sources: Sequence[str] | None = None,
        aws_conn_id: str = "aws_default",
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.day = day
        self.sources = sources
        self.aws_conn_id = aws_conn_id
        self.deferrable = deferrable

    def execute(self, context: Context) -> Any:
        """Look once; go on waiting in the triggerer, or poke after poke."""
        if not self.deferrable:
            return super().execute(context)
        settings, now = airflow_settings(), datetime.now(UTC)
        coverage = self._watch(settings).look(now)
        self.log.info("%s", coverage.summary())
        if coverage.is_complete:
            return coverage.to_json()
        deadline = now + timedelta(hours=settings.arrival.timeout_hours)
        self.log.info("waiting until %s in the triggerer", deadline.isoformat(timespec="seconds"))
        trigger = FlowLogArrivalTrigger(
            day=self.day,
            sources=list(self.sources or ()),
            aws_conn_id=self.aws_conn_id,
            deadline=deadline.isoformat(),
        )
        self.defer(trigger=trigger, method_name="execute_complete")
        raise AssertionError("defer does not return")

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Take up what the trigger saw."""
        if not event or "coverage" not in event:
            raise AirflowFailException(f"the arrival trigger ended without a coverage: {event}")
        return self._final(airflow_settings(), Coverage.from_json(event["coverage"]))

    def poke(self, context: Context) -> PokeReturnValue:
        """One look, without the triggerer."""
        settings, now = airflow_settings(), datetime.now(UTC)
        started = context["ti"].start_date or now
        late = now >= started + timedelta(hours=settings.arrival.timeout_hours)
        coverage = self._watch(settings).look(now, thorough=late)
        self.log.info("%s", coverage.summary())
        if coverage.is_complete or late:
            return PokeReturnValue(is_done=True, xcom_value=self._final(settings, coverage))
        return PokeReturnValue(is_done=False)

    def _watch(self, settings: Settings) -> ArrivalWatch:
        from flowlogs.hooks.flow_log_bucket import FlowLogBucketHook

        try:
            day = date.fromisoformat(self.day)
        except ValueError as error:
            raise AirflowFailException(f"day={self.day!r} is no day; write YYYY-MM-DD") from error
        hook = FlowLogBucketHook(aws_conn_id=self.aws_conn_id)
        hook.connect()
        return ArrivalWatch(settings, day, hook, tuple(self.sources or ()))

    def _final(self, settings: Settings, coverage: Coverage) -> dict[str, Any]:
        """The result, or the failure, of a wait that is over."""
        self.log.info("%s", coverage.summary())
        if not coverage.is_complete and settings.arrival.on_timeout == "fail":
            raise AirflowSensorTimeout(
                f"{coverage.summary()}. Waited {settings.arrival.timeout_hours} hours (arrival.timeout_hours); clear "
                "this task to wait again, or set arrival.on_timeout to continue to go on with what is there."
            )
        return coverage.to_json()
