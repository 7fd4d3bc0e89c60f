"""The e-mail of an alarm's change of state: a text for people, as CloudWatch writes it, in place of its JSON.

Layout and labels are those of e-mails that CloudWatch sends to subscribers of protocol `email`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
_ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_BASIC_STATISTICS = {
    "SUM": "Sum",
    "AVERAGE": "Average",
    "MINIMUM": "Minimum",
    "MAXIMUM": "Maximum",
    "SAMPLECOUNT": "SampleCount",
}


def alarm_text(message: str) -> str | None:
    """The text for people of an SNS message; None when the message is not an alarm's JSON."""
    try:
        alarm = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(alarm, dict) or not {"AlarmName", "AlarmArn", "NewStateValue", "StateChangeTime"} <= alarm.keys():
        return None
    parts = [_introduction(alarm), _console_link(alarm), _details(alarm)]
    if isinstance(alarm.get("Trigger"), dict):
        parts += [_threshold(alarm["Trigger"]), _metric(alarm["Trigger"])]
    parts.append(_actions(alarm))
    return "\n\n".join(parts) + "\n"


def _introduction(alarm: dict[str, Any]) -> str:
    beginning = (
        f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm["AlarmName"]}" '
        f"in the {alarm.get('Region')} region has "
    )
    state, reason, changed = alarm["NewStateValue"], alarm.get("NewStateReason"), _time(alarm["StateChangeTime"])
    if "AlarmRule" in alarm:
        return f'{beginning}transitioned to {state} state on {changed}, because "{reason}".'
    return f'{beginning}entered the {state} state, because "{reason}" at "{changed}".'


def _console_link(alarm: dict[str, Any]) -> str:
    region = str(alarm["AlarmArn"]).split(":")[3:4]
    where = region[0] if region else ""
    return (
        "View this alarm in the AWS Management Console:\n"
        f"https://{where}.console.aws.amazon.com/cloudwatch/deeplink.js?region={where}"
        f"#alarmsV2:alarm/{quote(str(alarm['AlarmName']), safe='', errors='replace')}"
    )


def _details(alarm: dict[str, Any]) -> str:
    rows = [
        ("Name", alarm["AlarmName"]),
        ("Description", alarm.get("AlarmDescription") or ""),
        ("State Change", f"{alarm.get('OldStateValue')} -> {alarm['NewStateValue']}"),
        *([("Alarm Rule", alarm["AlarmRule"])] if "AlarmRule" in alarm else []),
        ("Reason for State Change", alarm.get("NewStateReason") or ""),
        ("Timestamp", _time(alarm["StateChangeTime"])),
        ("AWS Account", alarm.get("AWSAccountId")),
        ("Alarm Arn", alarm["AlarmArn"]),
    ]
    return _section("Alarm Details", rows, width=28)


def _threshold(trigger: dict[str, Any]) -> str:
    periods = trigger.get("EvaluationPeriods")
    return (
        "Threshold:\n"
        f"- The alarm is in the ALARM state when the metric is {trigger.get('ComparisonOperator')} "
        f"{_number(trigger.get('Threshold'))} for at least {trigger.get('DatapointsToAlarm') or periods} "
        f"of the last {periods} period(s) of {trigger.get('Period')} seconds."
    )


def _metric(trigger: dict[str, Any]) -> str:
    statistic = str(trigger.get("Statistic") or trigger.get("ExtendedStatistic") or "")
    dimensions = ", ".join(
        f"[{one.get('name')} = {one.get('value')}]"
        for one in _items(trigger.get("Dimensions"))
        if isinstance(one, dict)
    )
    rows = [
        ("MetricNamespace", trigger.get("Namespace")),
        ("MetricName", trigger.get("MetricName")),
        ("Dimensions", dimensions),
        ("Period", f"{trigger.get('Period')} seconds"),
        ("Statistic", _BASIC_STATISTICS.get(statistic, statistic)),
        ("Unit", trigger.get("Unit") or "not specified"),
        ("TreatMissingData", trigger.get("TreatMissingData") or "missing"),
    ]
    return _section("Monitored Metric", rows, width=37)


def _actions(alarm: dict[str, Any]) -> str:
    lines = ["State Change Actions:"]
    for state in _STATES:
        actions = _items(alarm.get(_ACTIONS[state]))
        lines.append(f"- {state}:" + (f" [{', '.join(map(str, actions))}]" if actions else ""))
    return "\n".join(lines)


def _section(title: str, rows: Iterable[tuple[str, object]], *, width: int) -> str:
    return "\n".join([f"{title}:", *(f"- {name + ':':<{width}}{value}".rstrip() for name, value in rows)])


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> str:
    return repr(float(value)) if isinstance(value, int | float) else "(anomaly detection)"


def _time(iso: object) -> str:
    """`2026-11-24T03:07:26.000+0000` as people read it."""
    try:
        moment = datetime.fromisoformat(str(iso)).astimezone(UTC)
    except (ValueError, OverflowError):
        return str(iso)
    return moment.strftime("%A %d %B, %Y %H:%M:%S UTC")
