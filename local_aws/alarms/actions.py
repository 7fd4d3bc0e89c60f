"""What happens when an alarm changes its state: history, and the actions of the new state."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, sns

from local_aws.alarms.notification import Alarm, message, subject
from local_aws.alarms.states import ALARM, INSUFFICIENT_DATA, OK

log = logging.getLogger(__name__)

_ACTIONS_OF = {ALARM: "AlarmActions", OK: "OKActions", INSUFFICIENT_DATA: "InsufficientDataActions"}


class ActionFailed(Exception):
    """An action cannot be executed; `str()` is the error that the history shows."""


def record_state(
    name: str,
    old_state: str,
    new_state: str,
    reason: str,
    alarm_type: str = "MetricAlarm",
    reason_data: dict[str, Any] | None = None,
) -> None:
    """Note a change of state in the alarm's history, and when it was in the alarm. Stands in for MiniStack's."""
    if old_state == new_state:  # MiniStack's way to note a new alarm
        return
    now = time.time()
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) or {}
    alarm.update(StateUpdatedTimestamp=round(now, 3), StateTransitionedTimestamp=round(now, 3))
    new: dict[str, Any] = {"stateValue": new_state, "stateReason": reason}
    data = reason_data if reason_data is not None else _loaded(alarm.get("StateReasonData"))
    if data is not None:
        new["stateReasonData"] = data
    record(
        name,
        "StateUpdate",
        f"Alarm updated from {old_state} to {new_state}",
        {"version": "1.0", "oldState": {"stateValue": old_state}, "newState": new},
        alarm_type,
    )


def record(name: str, kind: str, summary: str, data: dict[str, Any], alarm_type: str = "MetricAlarm") -> dict[str, Any]:
    """Add an item to the history, and answer it; `kind` is its HistoryItemType."""
    item = {
        "AlarmName": name,
        "AlarmType": alarm_type,
        "Timestamp": round(time.time(), 3),  # a text would be answered in whole seconds
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data),
    }
    cloudwatch._history_entries().append(item)
    return item


def execute_actions(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
    """Execute the actions of the alarm's new state and note each in the history. Stands in for MiniStack's."""
    if not alarm.get("ActionsEnabled", True):
        return
    now = time.time()
    text = message(
        alarm, old_state=old_state, reason=reason, account=get_account_id(), region=get_region(), changed=now
    )
    kind = "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm"
    for action in alarm.get(_ACTIONS_OF.get(new_state, "")) or []:
        data = {"stateUpdateTimestamp": int(now * 1000), "notificationResource": action}
        try:
            _publish(action, alarm, text, subject(alarm, new_state, get_region()))
        except ActionFailed as failure:
            summary = f'Failed to execute action {action}. Received error: "{failure}"'
            data |= {"actionState": "Failed", "error": str(failure)}
        else:
            summary = f"Successfully executed action {action}"
            data |= {"actionState": "Succeeded", "publishedMessage": text}
        record(alarm["AlarmName"], "Action", summary, data, kind)


def _publish(topic: str, alarm: Alarm, text: str, title: str) -> None:
    try:
        arn = parse_arn(topic)
    except ArnParseError as error:
        raise ActionFailed(f"{topic} is no ARN") from error
    if arn.service != "sns":
        raise ActionFailed(f"the local AWS executes actions of SNS only, not of {arn.service}")
    if arn.region != get_region() or sns._topic_by_arn_any_scope(topic) is None:
        raise ActionFailed(f"Resource: {topic} does not exist")
    if not _policy_allows(topic, alarm["AlarmArn"]):
        raise ActionFailed(f"CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: {topic}")
    try:
        sns._fanout(topic, new_uuid(), text, title)
    except Exception as error:
        log.exception("alarm %s: publishing to %s failed", alarm["AlarmName"], topic)
        raise ActionFailed(f"{type(error).__name__}: {error}") from error


def _policy_allows(topic: str, alarm_arn: str) -> bool:
    """Whether the topic's policy lets CloudWatch publish for the alarm.

    MiniStack asks policies only with AUTH=true; a topic that is closed to CloudWatch is a fault that people have to see.
    """
    policy = (sns._topic_by_arn_any_scope(topic) or {}).get("attributes", {}).get("Policy")
    if not policy:
        return True
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sns:Publish",
        resource_arn=topic,
        region=get_region(),
        service_context={
            "aws:sourcearn": alarm_arn,
            "aws:sourceaccount": get_account_id(),
            "aws:sourceowner": get_account_id(),
        },
    )
    return bool(evaluate_resource_policy(policy, context, service="cloudwatch.amazonaws.com").decision == "Allow")


def _loaded(data: Any) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None
