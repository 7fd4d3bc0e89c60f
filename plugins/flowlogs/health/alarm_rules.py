"""Rules on the alarms themselves: whether they are there, as wanted, not stuck, and act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowlogs.health.observations import Observations
from flowlogs.health.rule import Fault, Limits, Rule, clock, lasting
from flowlogs.health.source_rules import NO_DATA, SET_UP


def alarm_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm of the settings that is not there."""
    for alarm in seen.alarms:
        if not alarm.exists:
            yield Fault(alarm.name, f"Alarm {alarm.name} does not exist", (alarm.name,))


def alarm_edited(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm that is not as the settings generate it; its actions have rules of their own."""
    for alarm in seen.alarms:
        if alarm.exists and alarm.drift:
            yield Fault(alarm.name, f"Alarm {alarm.name}: {'; '.join(alarm.drift)}", (alarm.name,))


def stuck_in_insufficient_data(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm that has been in INSUFFICIENT_DATA for longer than the settings allow."""
    yield from _stuck(seen, "INSUFFICIENT_DATA", limits.insufficient)


def stuck_in_alarm(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm that has been in ALARM for longer than the settings allow."""
    yield from _stuck(seen, "ALARM", limits.alarm)


def _stuck(seen: Observations, state: str, limit: timedelta) -> Iterator[Fault]:
    for alarm in seen.alarms:
        if alarm.exists and alarm.state == state and alarm.state_since and seen.at - alarm.state_since > limit:
            explanation = (
                f"Alarm {alarm.name} has been in {state} for {lasting(seen.at - alarm.state_since)}, since "
                f"{clock(alarm.state_since)}; {lasting(limit)} are allowed"
            )
            yield Fault(alarm.name, explanation, (alarm.name,))


def actions_disabled(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm whose actions are switched off, and no composite alarm speaks for it."""
    for alarm in seen.alarms:
        if alarm.exists and not alarm.actions_enabled and alarm.name not in seen.spoken_for:
            yield Fault(alarm.name, f"The actions of alarm {alarm.name} are disabled", (alarm.name,))


def no_action(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An alarm that tells nobody, or not those whom the settings want told."""
    for alarm in seen.alarms:
        if not alarm.exists or alarm.name in seen.spoken_for:
            continue
        lacking = [arn for arn in alarm.wanted_actions if arn not in alarm.actions]
        if lacking:
            yield Fault(alarm.name, f"Alarm {alarm.name} does not tell {', '.join(lacking)}", (alarm.name,))
        elif not alarm.actions:
            yield Fault(alarm.name, f"Alarm {alarm.name} has no action for the state ALARM", (alarm.name,))


def action_failed(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """An action that failed when the alarm last tried it."""
    for one in seen.failed_actions:
        explanation = f"At {clock(one.at)}, alarm {one.alarm} could not execute {one.target}: {one.error}"
        yield Fault(f"{one.alarm} -> {one.target}", explanation, (one.alarm,))


ALARM_RULES: Final = (
    Rule(
        id="alarm_missing",
        link="alarm",
        severity="high",
        title="Alarm is missing",
        explanation="The rule of the settings has no alarm: nobody is told.",
        remedy=f"{SET_UP}.",
        needs=("alarms",),
        judge=alarm_missing,
    ),
    Rule(
        id="alarm_edited",
        link="alarm",
        severity="high",
        title="Alarm was edited",
        explanation="The alarm judges otherwise than the settings say.",
        remedy=f"{SET_UP}. If the edit is wanted, write it into alarms.rules of the settings.",
        needs=("alarms",),
        judge=alarm_edited,
    ),
    Rule(
        id="stuck_in_insufficient_data",
        link="alarm",
        severity="medium",
        title="Alarm is stuck in INSUFFICIENT_DATA",
        explanation="The alarm has had nothing to judge for too long, so it says nothing.",
        remedy="See that its metric has data; set missing_data to notBreaching if it is rightly rare, or delete the alarm.",
        needs=("alarms",),
        judge=stuck_in_insufficient_data,
        explained_by=(*NO_DATA, "alarm_edited"),
    ),
    Rule(
        id="stuck_in_alarm",
        link="alarm",
        severity="medium",
        title="Alarm is stuck in ALARM",
        explanation="An alarm that is always on tells nobody anything new: CloudWatch acts only when the state changes.",
        remedy="Mend what it warns of, or raise its threshold in alarms.rules of the settings.",
        needs=("alarms",),
        judge=stuck_in_alarm,
        explained_by=(*NO_DATA, "alarm_edited"),
    ),
    Rule(
        id="actions_disabled",
        link="actions",
        severity="high",
        title="Actions are disabled",
        explanation="The alarm changes its state, but tells nobody.",
        remedy="Run `aws cloudwatch enable-alarm-actions --alarm-names NAME`, or the DAG flow_logs_setup if the settings "
        "define the alarm.",
        needs=("alarms",),
        judge=actions_disabled,
    ),
    Rule(
        id="no_action",
        link="actions",
        severity="high",
        title="Alarm tells nobody",
        explanation="The alarm has no action that tells those who should know.",
        remedy="Give it an SNS topic as alarm action; the DAG flow_logs_setup does so for the alarms of the settings.",
        needs=("alarms",),
        judge=no_action,
    ),
    Rule(
        id="action_failed",
        link="actions",
        severity="high",
        title="Action failed",
        explanation="The alarm went off, but its action could not be executed; nor has it succeeded since.",
        remedy="See the alarm's history. For a topic: its policy must let cloudwatch.amazonaws.com publish, and its KMS "
        "key let CloudWatch use it.",
        needs=("alarms", "history"),
        judge=action_failed,
        explained_by=("topic_missing",),
    ),
)
