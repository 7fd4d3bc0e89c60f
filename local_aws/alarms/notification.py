"""The SNS message of an alarm's change of state, shaped as CloudWatch's."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.loaders

from local_aws.alarms.reasons import iso

Alarm = dict[str, Any]
"""An alarm as MiniStack keeps it: the members of DescribeAlarms."""

_LONGEST_SUBJECT = 100


@cache
def region_name(region: str) -> str:
    """The region as people call it, such as "US East (N. Virginia)"; an unknown one's own code."""
    for partition in botocore.loaders.create_loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def subject(alarm: Alarm, state: str, region: str) -> str:
    """The message's subject."""
    return f'{state}: "{alarm["AlarmName"]}" in {region_name(region)}'[:_LONGEST_SUBJECT]


def message(alarm: Alarm, *, old_state: str, reason: str, account: str, region: str, changed: float) -> str:
    """The message's text, JSON; `alarm` is in its new state since `changed` (epoch seconds)."""
    content = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": iso(alarm.get("AlarmConfigurationUpdatedTimestamp") or changed),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": reason,
        "StateChangeTime": iso(changed),
        "Region": region_name(region),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old_state,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if "AlarmRule" in alarm:
        content["AlarmRule"] = alarm["AlarmRule"]
    else:
        content["Trigger"] = _trigger(alarm)
    return json.dumps(content)


def _trigger(alarm: Alarm) -> dict[str, Any]:
    extended = alarm.get("ExtendedStatistic")
    return {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        **({"ExtendedStatistic": extended} if extended else {"Statistic": str(alarm.get("Statistic", "")).upper()}),
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"value": one["Value"], "name": one["Name"]} for one in alarm.get("Dimensions") or []],
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm.get("EvaluationPeriods"),
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods"),
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile", ""),
    }
