from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from alarm import Alarm, is_alarm
from hypothesis import given
from hypothesis import strategies as st
from notification import notifications

from tests.unit.slack_notifier.published import TOPIC, alarm, event


def of(message) -> Alarm:
    (notification,) = notifications(event(message))
    assert is_alarm(notification)
    return Alarm.of(notification)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC)


def test_a_threshold_in_words():
    found = of(alarm())
    assert (found.value_words, found.threshold_words) == ("5 in 300 s", "3 or more")
    assert (found.title, found.severity) == ("Repeated HTTP attempts", "high")
    assert (found.account, found.region) == ("111122223333", "eu-west-1")
    assert found.changed_at == at(10, 5, 12).replace(microsecond=345000)
    assert found.window == (at(10, 0), at(10, 5))
    assert found.drill is None


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        ("GreaterThanThreshold", "more than 3"),
        ("LessThanThreshold", "less than 3"),
        ("LessThanOrEqualToThreshold", "3 or less"),
        ("SomethingNew", ""),
    ],
)
def test_comparisons(comparison, words):
    assert of(alarm(trigger={"ComparisonOperator": comparison})).threshold_words == words


def test_several_periods():
    reason = (
        "Threshold Crossed: 2 out of the last 3 datapoints [7.0 (24/11/26 10:10:00), 0.0 (24/11/26 10:05:00), 1234567.5 "
        "(24/11/26 10:00:00)] were greater than the threshold (3.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )
    found = of(alarm(NewStateReason=reason, trigger={"EvaluationPeriods": 3, "DatapointsToAlarm": 2}))
    assert found.value_words == "7, 0, 1,234,567.5 in periods of 300 s"
    assert found.threshold_words == "3 or more, in 2 of 3 periods"
    assert found.window == (at(10, 0), at(10, 15))


def test_an_anomaly_alarm():
    message = alarm()
    message["Trigger"] = {
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "ThresholdMetricId": "ad1",
        "Metrics": [
            {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2.5)", "Label": "expected", "ReturnData": True},
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {"Dimensions": [], "MetricName": "prod_reject_spike", "Namespace": "FlowLogs"},
                    "Period": 60,
                    "Stat": "Sum",
                },
            },
        ],
    }
    found = of(message)
    assert found.threshold_words == "above the expected band (2.5 standard deviations)"
    assert (found.metric, found.namespace, found.statistic, found.period) == (
        "prod_reject_spike",
        "FlowLogs",
        "Sum",
        60,
    )
    assert found.window == (at(10, 0), at(10, 1))


def test_missing_data():
    reason = "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
    found = of(alarm(NewStateReason=reason, trigger={"EvaluationPeriods": 2}))
    assert found.value_words == "no data"
    assert found.window[0] == found.changed_at - timedelta(seconds=900)


def test_the_local_awss_form_of_a_message():
    reason = "Threshold Crossed: Sum 5.0 GreaterThanOrEqualToThreshold 3"
    message = alarm(NewStateReason=reason, Region="us-east-1", StateChangeTime="2026-11-24T10:05:12Z")
    del message["AlarmArn"], message["Trigger"]["DatapointsToAlarm"]
    found = of(message)
    assert (found.value_words, found.threshold_words, found.region) == ("5 in 300 s", "3 or more", "eu-west-1")
    assert found.window == (at(9, 55, 12), at(10, 5, 13))


def test_a_composite_alarm():
    message = alarm()
    del message["Trigger"]
    message["AlarmRule"] = "ALARM(a) OR ALARM(b)"
    found = of(message)
    assert (found.metric, found.threshold_words) == ("", "")


@pytest.mark.parametrize(
    ("message", "has"),
    [
        (alarm(), True),
        (alarm(trigger={"ComparisonOperator": "GreaterThanUpperThreshold"}), True),
        (alarm("OK"), False),
        (alarm("INSUFFICIENT_DATA"), False),
        (alarm(trigger={"ComparisonOperator": "LessThanThreshold"}), False),
        (alarm(NewStateReason="Threshold Crossed: no datapoints were received for 1 period"), False),
        (alarm(trigger={"Namespace": "AWS/Lambda"}), False),
        ({**alarm(), "Trigger": None}, False),
    ],
)
def test_log_lines_are_there_where_records_made_the_alarm(message, has):
    assert of(message).has_log_lines is has


@pytest.mark.parametrize(
    ("reason", "drill"),
    [
        ("[drill 2026-11-24T10.abc] a test of the path", "2026-11-24T10.abc"),
        ("[drill x] 1 datapoint [5.0 (24/11/26 10:00:00)]", "x"),
        ("not a [drill x]", None),
        ("[drill ]", None),
        ("[drill <!channel>] x", None),
    ],
)
def test_drills(reason, drill):
    assert of(alarm(NewStateReason=reason)).drill == drill


def test_a_description_of_one_line_is_no_title():
    assert of(alarm(AlarmDescription="Something happens")).title == "prod-flowlogs-http_attempts"
    assert of(alarm(AlarmDescription=None)).title == "prod-flowlogs-http_attempts"


def test_regions_of_arns_go_before_names():
    assert of(alarm(AlarmArn="", Region="US East (N. Virginia)")).region == TOPIC.split(":")[3]


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(sorted(alarm())), JSON),
    st.dictionaries(st.sampled_from(sorted(alarm()["Trigger"])), JSON),
)
def test_any_value_anywhere_makes_an_alarm(values, trigger):
    found = of(json.dumps({**alarm(trigger=trigger), **values}))
    start, end = found.window
    assert timedelta(0) < end - start <= timedelta(days=8)
    assert isinstance(found.value_words + found.threshold_words, str)
