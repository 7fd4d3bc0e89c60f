"""Failed actions, from the items of alarms' histories."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.health.history import FIRST_LOOK, OVERLAP, ActionResult, action_result, failed_actions, read_since
from flowlogs.health.observations import FailedAction
from tests.unit.flowlogs.health.healthy import AT, SSH, TOPIC, ago, alarm

REASON = "CloudWatch Alarms is not authorized to perform: SNS:Publish"


def item(summary="", **data):
    return {"AlarmName": SSH, "Timestamp": AT, "HistorySummary": summary, "HistoryData": json.dumps(data)}


@pytest.mark.parametrize(
    ("history_item", "error"),
    [
        (item(f"Successfully executed action {TOPIC}", actionState="Succeeded", notificationResource=TOPIC), None),
        (item(f"Successfully executed action {TOPIC}"), None),
        (item(f'Failed to execute action {TOPIC}. Received error: "{REASON}"'), REASON),
        (item(f"Failed to execute action {TOPIC}"), "CloudWatch gives no reason"),
        (item(actionState="Failed", notificationResource=TOPIC, error=REASON), REASON),
        (
            item(f'Failed to execute action {TOPIC}. Received error: "{REASON}"', actionState="Failed",
                 notificationResource=TOPIC),
            REASON,
        ),
    ],
)  # fmt: skip
def test_an_item_tells_the_action_and_its_error(history_item, error):
    assert action_result(history_item) == ActionResult(SSH, TOPIC, AT, error)


@pytest.mark.parametrize("history_item", [
    item("Alarm updated from OK to ALARM"), item("", actionState="Pending", notificationResource=TOPIC),
    {"AlarmName": SSH, "Timestamp": AT, "HistorySummary": "x", "HistoryData": "no JSON"},
    {"AlarmName": SSH, "Timestamp": AT, "HistorySummary": "x", "HistoryData": "[1]"},
])  # fmt: skip
def test_an_item_without_a_result_tells_nothing(history_item):
    assert action_result(history_item) is None


@given(st.text(), st.text())
def test_no_text_of_an_item_is_too_strange(summary, data):
    action_result({"AlarmName": SSH, "Timestamp": AT, "HistorySummary": summary, "HistoryData": data})


def result(error, at=AT):
    return ActionResult(SSH, TOPIC, at, error)


BEFORE = FailedAction(SSH, TOPIC, ago(hours=1), REASON)
NOW = FailedAction(SSH, TOPIC, AT, REASON)


@pytest.mark.parametrize(
    ("before", "results", "expected"),
    [
        ([], [], ()),
        ([], [result(REASON)], (NOW,)),
        ([], [result(None), result(REASON, ago(minutes=1))], ()),
        ([], [result(REASON), result(None, ago(minutes=1))], (NOW,)),
        ([BEFORE], [], (BEFORE,)),
        ([BEFORE], [result(None)], ()),
        ([BEFORE], [result(REASON)], (NOW,)),
        ([BEFORE], [result(None, ago(hours=2))], (BEFORE,)),
    ],
)
def test_a_failure_stands_until_the_action_succeeds(before, results, expected):
    assert failed_actions(before, results, [alarm()]) == expected


@pytest.mark.parametrize("alarms", [[], [alarm(actions=())], [alarm("another")]])
def test_a_failure_of_an_action_that_is_gone_is_none(alarms):
    assert failed_actions([BEFORE], [], alarms) == ()


@pytest.mark.parametrize(
    ("checked_at", "expected"),
    [
        (None, AT - FIRST_LOOK),
        (ago(minutes=15), ago(minutes=15) - OVERLAP),
        (ago(days=9), AT - FIRST_LOOK),
    ],
)
def test_only_what_is_new_is_read(checked_at, expected):
    assert read_since(checked_at, AT) == expected
    assert AT - expected <= FIRST_LOOK + timedelta()
