"""Actions of alarms that failed, from the alarms' history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flowlogs.health.observations import FailedAction, SeenAlarm

FIRST_LOOK: Final = timedelta(hours=24)
"""How far back the first check reads; later ones read what came since the check before."""
OVERLAP: Final = timedelta(minutes=10)
"""History items are read again for so long, because some appear late."""
_SUMMARY = re.compile(r"(Failed to execute|Successfully executed) action (arn:\S+?)\.?(?:\s+(.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An item of an alarm's history: an action that was executed, or could not be (`error` says why)."""

    alarm: str
    target: str
    at: datetime
    error: str | None


def action_result(item: Mapping[str, Any]) -> ActionResult | None:
    """The result of an item of type Action of DescribeAlarmHistory; None when it tells of no result.

    CloudWatch writes it twice: in the summary ("Failed to execute action arn:… Received error: …"), and in the data
    (JSON with actionState and notificationResource), which not every kind of action has.
    """
    data = _json(item.get("HistoryData"))
    summary = _SUMMARY.search(str(item.get("HistorySummary") or ""))
    target = data.get("notificationResource") or (summary.group(2) if summary else None)
    state = data.get("actionState") or ("Failed" if summary and summary.group(1).startswith("Failed") else "Succeeded")
    if not isinstance(target, str) or state not in ("Failed", "Succeeded"):
        return None
    error = None
    if state == "Failed":
        said = data.get("error") or (summary.group(3) if summary else None)
        error = str(said or "CloudWatch gives no reason").removeprefix("Received error:").strip().strip('"')
    return ActionResult(str(item["AlarmName"]), target, item["Timestamp"], error)


def read_since(checked_at: datetime | None, at: datetime) -> datetime:
    """From when on a check at `at` reads the history; `checked_at` is the check before."""
    return max(at - FIRST_LOOK, checked_at - OVERLAP) if checked_at is not None else at - FIRST_LOOK


def failed_actions(
    before: Iterable[FailedAction], results: Iterable[ActionResult], alarms: Iterable[SeenAlarm]
) -> tuple[FailedAction, ...]:
    """The actions that failed when they were last tried.

    A failure stands until the action succeeds, or until the alarm no longer has it.
    """
    latest = {(one.alarm, one.target): ActionResult(one.alarm, one.target, one.at, one.error) for one in before}
    for result in results:
        earlier = latest.get((result.alarm, result.target))
        if earlier is None or earlier.at <= result.at:
            latest[result.alarm, result.target] = result
    actions = {(alarm.name, arn) for alarm in alarms for arn in alarm.actions}
    return tuple(
        FailedAction(one.alarm, one.target, one.at, one.error)
        for key, one in sorted(latest.items())
        if one.error is not None and key in actions
    )


def _json(text: object) -> Mapping[str, Any]:
    try:
        values = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
