"""Since when an alarm had been in ALARM, which the message that it is OK again does not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from alarm import Alarm
from aws_clients import AWS_ERRORS

_ITEMS = 20
"""More than enough: the change to ALARM is the one before the change away from it."""


def in_alarm_since(alarm: Alarm, cloudwatch: Any) -> datetime | None:
    """When an alarm that has just left ALARM had gone into it; None when its history does not tell, or cannot be read.

    Args:
        alarm: the alarm.
        cloudwatch: a client of CloudWatch.
    """
    try:
        history = cloudwatch.describe_alarm_history(
            AlarmName=alarm.name, HistoryItemType="StateUpdate", ScanBy="TimestampDescending", MaxRecords=_ITEMS
        )
    except AWS_ERRORS:
        return None
    # Local servers answer in their own order, and history keeps whole seconds there.
    changes = [
        item["Timestamp"].astimezone(UTC) for item in history["AlarmHistoryItems"] if _new_state(item) == "ALARM"
    ]
    return max((at for at in changes if at <= alarm.changed_at + timedelta(seconds=1)), default=None)


def _new_state(item: dict[str, Any]) -> str:
    try:
        return str(json.loads(item["HistoryData"])["newState"]["stateValue"])
    except (KeyError, TypeError, ValueError):
        return ""
