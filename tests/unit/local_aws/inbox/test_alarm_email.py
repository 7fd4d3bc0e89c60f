import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local_aws.inbox.alarm_email import alarm_text
from tests.unit.local_aws.inbox.published import ALARM, ALARM_MESSAGE, REASON, TOPIC


def test_an_alarm_reads_as_cloudwatch_writes_it():
    assert alarm_text(ALARM_MESSAGE) == (
        'You are receiving this email because your Amazon CloudWatch Alarm "dev-flowlogs-http attempts" in the '
        f'US East (N. Virginia) region has entered the ALARM state, because "{REASON}" at '
        '"Tuesday 24 November, 2026 03:07:09 UTC".\n'
        "\n"
        "View this alarm in the AWS Management Console:\n"
        "https://us-east-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-east-1"
        "#alarmsV2:alarm/dev-flowlogs-http%20attempts\n"
        "\n"
        "Alarm Details:\n"
        "- Name:                       dev-flowlogs-http attempts\n"
        "- Description:                3 or more attempts\n"
        "- State Change:               OK -> ALARM\n"
        f"- Reason for State Change:    {REASON}\n"
        "- Timestamp:                  Tuesday 24 November, 2026 03:07:09 UTC\n"
        "- AWS Account:                123456789012\n"
        "- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:123456789012:alarm:dev-flowlogs-http attempts\n"
        "\n"
        "Threshold:\n"
        "- The alarm is in the ALARM state when the metric is GreaterThanOrEqualToThreshold 3.0 for at least 1 of the "
        "last 1 period(s) of 300 seconds.\n"
        "\n"
        "Monitored Metric:\n"
        "- MetricNamespace:                     FlowLogs\n"
        "- MetricName:                          dev_http_attempts\n"
        "- Dimensions:                          [Interface = eni-1]\n"
        "- Period:                              300 seconds\n"
        "- Statistic:                           Sum\n"
        "- Unit:                                not specified\n"
        "- TreatMissingData:                    notBreaching\n"
        "\n"
        "State Change Actions:\n"
        "- OK:\n"
        f"- ALARM: [{TOPIC}]\n"
        "- INSUFFICIENT_DATA:\n"
    )


def test_a_composite_alarm_has_its_rule_and_no_metric():
    composite = {name: value for name, value in ALARM.items() if name != "Trigger"} | {"AlarmRule": "ALARM(a)"}
    text = alarm_text(json.dumps(composite))
    assert "transitioned to ALARM state on Tuesday 24 November, 2026 03:07:09 UTC, because" in text
    assert "- Alarm Rule:                 ALARM(a)\n" in text
    assert "Monitored Metric" not in text


@pytest.mark.parametrize("message", ["hello", "[]", "1", '{"AlarmName": "a"}', "", "[" * 100_000])
def test_any_other_message_is_left_alone(message):
    assert alarm_text(message) is None


ODD = st.none() | st.text(max_size=20) | st.integers() | st.lists(st.none() | st.text(max_size=3), max_size=2)


@given(
    st.dictionaries(st.sampled_from([*ALARM, "AlarmRule"]), ODD),
    st.dictionaries(st.sampled_from([*ALARM["Trigger"]]), ODD),
)
@example({"StateChangeTime": "0001-01-01T00:00:00+23:00", "AlarmName": "\ud800"}, {})
def test_an_alarm_with_odd_members_is_still_a_text(members, trigger):
    message = ALARM | {"Trigger": ALARM["Trigger"] | trigger} | members
    assert "Alarm Details:" in alarm_text(json.dumps(message))
