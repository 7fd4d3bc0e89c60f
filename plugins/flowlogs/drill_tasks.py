"""The tasks of `alarm_drill`: set the alarm, follow its message, restore the alarm, report."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from flowlogs.hooks.alarms import AlarmHook

log = logging.getLogger(__name__)


@task
def start_drill(params: Mapping[str, Any], run_id: str, ti: Any) -> dict[str, Any]:
    """Choose the alarm, see who should be told, and set it to ALARM with a reason that says that it is a drill.

    Returns: the drill (`flowlogs.drill.Drill.to_json`).

    Raises:
        AirflowFailException: for an alarm that does not exist or is in ALARM for real.
    """
    settings = airflow_settings()
    drill_id = f"{datetime.now(UTC):%Y%m%d}-{hashlib.sha256(f'{run_id} {ti.try_number}'.encode()).hexdigest()[:8]}"
    return begin(settings, params.get("alarm"), drill_id)


def begin(settings: Settings, alarm_name: str | None, drill_id: str) -> dict[str, Any]:
    """Begin a drill: of the alarm that is named, or of the first of the settings that is not in ALARM."""
    from flowlogs.alarms.wanted import wanted
    from flowlogs.drill import Drill, drill_id_of, drill_reason, subscribers
    from flowlogs.observing.alarms import seen_alarm
    from flowlogs.observing.aws_calls import AwsCalls
    from flowlogs.observing.delivery import seen_topic

    if settings.alarms.log_group is None:
        raise AirflowFailException("the settings define no alarms: set alarms.log_group, and run flow_logs_setup")
    with AwsCalls(settings.aws.conn_id, settings.aws.region) as aws:
        described = _chosen(aws.alarms, alarm_name, [one.name for one in wanted(settings).alarms])
        alarm = seen_alarm(described)
        if alarm.state == "ALARM" and drill_id_of(alarm.state_reason):
            # A drill before was not ended; without a change of state, nobody would be told.
            aws.alarms.set_state(alarm.name, "OK", drill_reason(drill_id, "ends the drill before"))
        elif alarm.state == "ALARM":
            raise AirflowFailException(
                f"alarm {alarm.name} is in ALARM for real ({alarm.state_reason}); choose another with the parameter alarm"
            )
        topics = [topic for arn in alarm.topics if (topic := seen_topic(aws, arn, (), {})) is not None]
        queue = drill_queue(settings, alarm.arn)
        functions, unobserved, notes = subscribers(topics, queue)
        notes += ["the alarm's actions are disabled"] * (not alarm.actions_enabled)
        notes += ["the alarm tells no topic"] * (not alarm.topics)
        notes += [f"unknown: {one.aspect} of {one.subject} ({one.reason})" for one in aws.unknown]
        is_drill = alarm.state == "ALARM"
        drill = Drill(
            drill_id=drill_id,
            alarm=alarm.name,
            started_at=datetime.now(UTC).isoformat(),
            state_before="OK" if is_drill else alarm.state,
            reason_before="" if is_drill else alarm.state_reason,
            queue=queue,
            functions=tuple(functions),
            unobserved=tuple(unobserved),
            notes=tuple(notes),
        )
        aws.alarms.set_state(alarm.name, "ALARM", drill_reason(drill_id, "A fire drill of Airflow; nothing is wrong."))
    log.info("drill %s: alarm %s is set to ALARM; expected at %s", drill_id, drill.alarm, ", ".join(drill.expected))
    return drill.to_json()


def drill_queue(settings: Settings, alarm_arn: str) -> str:
    """The ARN of the drill queue, in the account of an alarm."""
    _, partition, _, region, account, *_ = alarm_arn.split(":")
    return f"arn:{partition}:sqs:{region}:{account}:{settings.environment}-flowlogs-drill"


def _chosen(hook: AlarmHook, name: str | None, wanted_names: Sequence[str]) -> dict[str, Any]:
    found = {alarm["AlarmName"]: alarm for alarm in hook.alarms(names=[name] if name else list(wanted_names))}
    if name:
        if name not in found:
            raise AirflowFailException(f"CloudWatch has no alarm {name!r}; the settings' are {', '.join(wanted_names)}")
        return found[name]
    for alarm in (found[one] for one in wanted_names if one in found):
        if alarm["StateValue"] != "ALARM":
            return alarm
    raise AirflowFailException(
        "every alarm of the settings is missing or in ALARM; name another with the parameter alarm"
    )


class FollowDrillOperator(BaseOperator):
    """Wait in the triggerer until a drill's message has arrived at each subscriber that can be observed.

    :param drill: the drill, as `start_drill` returns it (templated)
    :param timeout_seconds: seconds to wait at most (templated)
    :param poll_seconds: seconds between two looks

    Returns: seconds until it arrived, by subscriber. One that it did not reach is left out.
    """

    template_fields: Sequence[str] = ("drill", "timeout_seconds")
    ui_color = "#f2dcc5"

    def __init__(
        self, *, drill: Any, timeout_seconds: str | float = 300, poll_seconds: float = 5, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.drill = drill
        self.timeout_seconds = timeout_seconds
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> dict[str, float]:
        """Look once, then wait."""
        from flowlogs.drill import Drill
        from flowlogs.drill_watch import DrillWatch
        from flowlogs.triggers.drill import DrillTrigger

        settings, drill = airflow_settings(), Drill.from_json(self.drill)
        watch = DrillWatch(drill, settings.aws.conn_id, settings.aws.region)
        if watch.look():
            return watch.arrived
        deadline = drill.started + timedelta(seconds=float(self.timeout_seconds))
        self.defer(
            trigger=DrillTrigger(
                drill=drill.to_json(),
                arrived=watch.arrived,
                deadline=deadline.isoformat(),
                poll_seconds=self.poll_seconds,
                aws_conn_id=settings.aws.conn_id,
                region_name=settings.aws.region,
            ),
            method_name="execute_complete",
        )
        raise AssertionError("defer does not return")

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, float]:
        """Take up what the trigger saw."""
        if not event or "arrived" not in event:
            raise RuntimeError(f"the drill's trigger ended without a result: {event}")
        arrived: dict[str, float] = event["arrived"]
        return arrived


@task(trigger_rule="all_done")
def restore_alarm(drill: Mapping[str, Any] | None) -> str:
    """Set the alarm back to the state it was in, unless CloudWatch has found its state anew; the state that it has."""
    if not drill:
        return "no drill has begun"
    settings = airflow_settings()
    from flowlogs.hooks.alarms import AlarmHook

    return restore(AlarmHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region), drill)


def restore(hook: AlarmHook, values: Mapping[str, Any]) -> str:
    """Undo what `begin` did; the state that the alarm has then."""
    from flowlogs.drill import Drill, drill_id_of, drill_reason

    drill = Drill.from_json(values)
    alarm = hook.alarm(drill.alarm)
    state: str = alarm["StateValue"]
    if drill_id_of(alarm.get("StateReason", "")) != drill.drill_id or state != "ALARM":
        log.info("CloudWatch has found alarm %s to be %s meanwhile", drill.alarm, state)
        return state
    reason = drill_reason(drill.drill_id, f"has ended; {drill.state_before} before: {drill.reason_before}")
    hook.set_state(drill.alarm, drill.state_before, reason)  # type: ignore[arg-type]  # read from CloudWatch
    return drill.state_before


@task(trigger_rule="all_done", retries=1)
def report_drill(drill: Mapping[str, Any] | None, arrived: Mapping[str, float] | None) -> dict[str, Any]:
    """Report where the message arrived and after how many seconds; fail with where it did not.

    Raises:
        AirflowFailException: naming each subscriber that was not reached, and what is known to be broken.
    """
    if not drill:
        raise AirflowFailException("no drill has begun; see start_drill")
    return report(airflow_settings(), drill, arrived or {}, datetime.now(UTC))


def report(settings: Settings, drill: Mapping[str, Any], arrived: Mapping[str, float], at: datetime) -> dict[str, Any]:
    """Keep the report beside the page of the alarms' health, and fail when the drill did."""
    from flowlogs.alarm_health_files import DRILL, AlarmHealthFiles
    from flowlogs.drill import Drill, DrillReport

    made = DrillReport(Drill.from_json(drill), arrived, at)
    AlarmHealthFiles(settings).write(DRILL, json.dumps(made.to_json(), ensure_ascii=False))
    if not made.passed:
        raise AirflowFailException(made.sentence())
    log.info("%s", made.sentence())
    return made.to_json()
