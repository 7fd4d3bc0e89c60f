"""Alarms evaluated on MiniStack's metrics: when data arrives, and every few seconds because time passes.

Environment variables: LOCAL_AWS_ALARM_SECONDS, seconds between evaluations (default 5; CloudWatch takes a minute);
LOCAL_AWS_ALARM_EXTRA_PERIODS, how many periods before the evaluation periods are looked at when data is missing
(default 0: an alarm without data follows its TreatMissingData as soon as its periods have passed. CloudWatch's own
number is not documented; its examples have 2, and its alarms therefore take that much longer to notice).
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Set
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local_aws.alarms.actions import execute_actions, record, record_state
from local_aws.alarms.datapoints import Periods, Point
from local_aws.alarms.notification import Alarm
from local_aws.alarms.reasons import reason, reason_data
from local_aws.alarms.states import COMPARISONS, state_of

log = logging.getLogger(__name__)

SECONDS_BETWEEN = "LOCAL_AWS_ALARM_SECONDS"
EXTRA_PERIODS = "LOCAL_AWS_ALARM_EXTRA_PERIODS"

_KEPT_ON_UPDATE = ("StateReasonData", "StateTransitionedTimestamp")


class AlarmEvaluation:
    """Evaluates every account's alarms. `changed` is called after each change, so that it gets saved."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._seconds_between = _from_environment(SECONDS_BETWEEN, default=5, least=0.1)
        self._extra_periods = int(_from_environment(EXTRA_PERIODS, default=0, least=0))
        self._changed = changed
        self._lock = threading.RLock()

    def install(self) -> None:
        """Stand in for MiniStack's evaluation, history and actions."""
        cloudwatch._evaluate_alarm = self.evaluate
        cloudwatch._record_history = record_state
        cloudwatch._dispatch_alarm_actions = execute_actions
        cloudwatch._put_metric_alarm = _noting_configuration(cloudwatch._put_metric_alarm)

    async def keep_evaluating(self) -> None:
        """Evaluate all alarms every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(self._seconds_between)
            self.evaluate_all()

    def evaluate_all(self) -> None:
        """Evaluate the alarms of all accounts and regions, now."""
        for (account, region, _), alarm in cloudwatch._alarms.all_items():
            with request_scope(account, region):
                self._evaluate_safely(alarm)

    def evaluate_watching(self, metrics: Set[tuple[str, str]]) -> None:
        """Evaluate the caller's alarms on metrics, each a namespace and a name, that got data."""
        for alarm in cloudwatch._alarms.values():
            if (alarm.get("Namespace"), alarm.get("MetricName")) in metrics:
                self._evaluate_safely(alarm)

    def evaluate(self, alarm: Alarm) -> None:
        """Evaluate one alarm of the caller's account and region."""
        comparison = COMPARISONS.get(alarm.get("ComparisonOperator") or "")
        if comparison is None or not alarm.get("MetricName"):
            return  # metric math and anomaly bands: the state stays what SetAlarmState makes it
        with self._lock:
            self._evaluate(alarm, comparison)

    def _evaluate_safely(self, alarm: Alarm) -> None:
        try:
            self.evaluate(alarm)
        except Exception:
            log.exception("alarm %s cannot be evaluated", alarm.get("AlarmName"))

    def _evaluate(self, alarm: Alarm, breaches: Callable[[float, float], bool]) -> None:
        now = time.time()
        threshold, period = float(alarm["Threshold"]), int(alarm["Period"])
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        evaluation_periods = int(alarm.get("EvaluationPeriods") or 1)
        datapoints_to_alarm = int(alarm.get("DatapointsToAlarm") or evaluation_periods)
        missing = alarm.get("TreatMissingData") or "missing"
        datapoints = Periods(period, alarm["ComparisonOperator"], statistic).datapoints(
            _points(alarm), evaluation_periods + self._extra_periods, now, lambda points: _statistic(points, statistic)
        )
        breaching = [None if one.value is None else breaches(one.value, threshold) for one in datapoints]
        state = state_of(breaching, evaluation_periods, datapoints_to_alarm, missing)
        if state is None or state == alarm["StateValue"]:
            return
        text = reason(
            state,
            datapoints,
            comparison=alarm["ComparisonOperator"],
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=datapoints_to_alarm,
            missing=missing,
        )
        old_state = alarm["StateValue"]
        alarm["StateValue"], alarm["StateReason"] = state, text
        alarm["StateReasonData"] = reason_data(
            datapoints, now=now, statistic=statistic, period=period, threshold=threshold
        )
        record_state(alarm["AlarmName"], old_state, state, text)
        execute_actions(alarm, old_state, state, text)
        cloudwatch._evaluate_parent_alarms(alarm)
        self._changed()


def _from_environment(name: str, *, default: float, least: float) -> float:
    """Raises: ValueError for what is no number, or less than `least`."""
    written = os.environ.get(name)
    if written is None:
        return default
    try:
        value = float(written)
    except ValueError:
        value = -1
    if not least <= value < math.inf:
        raise ValueError(f"environment variable {name}={written}: a number of {least} or more is needed, or unset it")
    return value


def _points(alarm: Alarm) -> list[Point]:
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points: list[Point] = cloudwatch._metrics.get(key) or []
    unit = alarm.get("Unit")
    return [point for point in points if not unit or point.get("Unit") == unit]


def _statistic(points: list[Point], name: str) -> tuple[float, float] | None:
    stats = cloudwatch._calc_stats(points)
    value = cloudwatch._stat_value(stats, name, points) if stats else None
    return None if value is None else (float(value), float(stats["SampleCount"]))


def _noting_configuration(put: Callable[..., Any]) -> Callable[..., Any]:
    """PutMetricAlarm that notes itself in the history and keeps, on an update, since when the state is what it is."""

    def put_metric_alarm(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        name = data.get("AlarmName") if is_cbor or is_json else cloudwatch._p(params, "AlarmName")
        before = cloudwatch._alarms.get(name)
        verb = "created" if before is None else "updated"
        noted = record(name, "ConfigurationUpdate", f'Alarm "{name}" {verb}', {"version": "1.0", "type": verb.title()})
        answer = put(params, data, is_cbor, is_json)  # evaluates the alarm, which may change its state
        if answer[0] >= 300:
            cloudwatch._history_entries().remove(noted)
        elif before is not None:
            for member in _KEPT_ON_UPDATE:
                if member in before:
                    cloudwatch._alarms[name].setdefault(member, before[member])
        return answer

    return put_metric_alarm
