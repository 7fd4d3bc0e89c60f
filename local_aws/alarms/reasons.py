"""StateReason and StateReasonData of an alarm, worded and shaped as CloudWatch does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from local_aws.alarms.datapoints import Datapoint
from local_aws.alarms.states import ALARM, INSUFFICIENT_DATA

_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching", "ignore": "Ignored", "missing": "Missing"}


def iso(epoch: float) -> str:
    """A time as CloudWatch writes it in reasons and messages: 2026-11-24T02:41:06.123+0000."""
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%S}.{int(epoch * 1000) % 1000:03d}+0000"


def reason(
    state: str,
    datapoints: Sequence[Datapoint],
    *,
    comparison: str,
    threshold: float,
    evaluation_periods: int,
    datapoints_to_alarm: int,
    missing: str,
) -> str:
    """Why the alarm changed to `state`; `datapoints` the newest first."""
    real = [one for one in datapoints if one.value is not None][:evaluation_periods]
    absent = evaluation_periods - len(real)
    if state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {_count(evaluation_periods, 'datapoint')} {_were(evaluation_periods)} unknown."
    treated = f"{_count(absent, 'missing datapoint')} {_were(absent)} treated as [{_TREATED.get(missing, missing)}]"
    if not real:
        periods = _count(evaluation_periods, "period")
        return f"Threshold Crossed: no datapoints were received for {periods} and {treated}."
    negation = "" if state == ALARM else "not "
    values = ", ".join(f"{one.value} ({datetime.fromtimestamp(one.start, UTC):%d/%m/%y %H:%M:%S})" for one in real)
    text = (
        f"Threshold Crossed: {len(real)} out of the last {evaluation_periods} datapoints [{values}] "
        f"{_were(len(real))} {negation}{_WORDS[comparison]} the threshold ({threshold})"
    )
    if absent:
        return f"{text} and {treated}."
    change = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
    return f"{text} (minimum {_count(datapoints_to_alarm, 'datapoint')} for {change} transition)."


def reason_data(datapoints: Sequence[Datapoint], *, now: float, statistic: str, period: int, threshold: float) -> str:
    """StateReasonData: the values that were looked at, as JSON."""
    real = [one for one in datapoints if one.value is not None]
    data = {
        "version": "1.0",
        "queryDate": iso(now),
        **({"startDate": iso(real[-1].start)} if real else {}),
        "statistic": statistic,
        "period": period,
        "recentDatapoints": [one.value for one in reversed(real)],
        "threshold": threshold,
        "evaluatedDatapoints": [
            {"timestamp": iso(one.start), "sampleCount": one.sample_count, "value": one.value}
            if one.value is not None
            else {"timestamp": iso(one.start)}
            for one in datapoints
        ],
    }
    return json.dumps(data, separators=(",", ":"))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
