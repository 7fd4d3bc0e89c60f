"""What the tests of the inbox have sent: an alarm's SNS message, and a Slack message with every kind of block."""

import json

TOPIC = "arn:aws:sns:us-east-1:123456789012:dev-flowlogs-alarms"
REASON = (
    "Threshold Crossed: 1 out of the last 1 datapoints [3.0 (24/11/26 03:02:00)] was greater than or equal to the "
    "threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition)."
)
ALARM = {
    "AlarmName": "dev-flowlogs-http attempts",
    "AlarmDescription": "3 or more attempts",
    "AWSAccountId": "123456789012",
    "AlarmConfigurationUpdatedTimestamp": "2026-11-24T03:00:00.000+0000",
    "NewStateValue": "ALARM",
    "NewStateReason": REASON,
    "StateChangeTime": "2026-11-24T03:07:09.500+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:dev-flowlogs-http attempts",
    "OldStateValue": "OK",
    "OKActions": [],
    "AlarmActions": [TOPIC],
    "InsufficientDataActions": [],
    "Trigger": {
        "MetricName": "dev_http_attempts",
        "Namespace": "FlowLogs",
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [{"value": "eni-1", "name": "Interface"}],
        "Period": 300,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 3.0,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "",
    },
}
ALARM_MESSAGE = json.dumps(ALARM)


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def plain(text):
    return {"type": "plain_text", "text": text}


EVERY_BLOCK = {
    "text": "Repeated HTTP attempts",
    "blocks": [
        {"type": "header", "text": plain("A header")},
        {"type": "section", "text": mrkdwn("A *section*"), "fields": [mrkdwn("*State*\nALARM"), plain("a field")]},
        {"type": "context", "elements": [mrkdwn("a context"), {"type": "image", "image_url": "x", "alt_text": "map"}]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": plain("Look"), "url": "https://example.com/?a=1&b=2", "style": "primary"},
                {"type": "button", "text": plain("Only shown"), "value": "v"},
            ],
        },
        {"type": "image", "image_url": "https://example.com/chart.png", "alt_text": "a chart"},
        {"type": "markdown", "text": "# markdown"},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "rich words"}]}],
        },
    ],
    "attachments": [
        {"color": "danger", "blocks": [{"type": "section", "text": mrkdwn("inside")}]},
        {"color": "#36a64f", "title": "old style", "text": "legacy", "fields": [{"title": "f", "value": "v"}]},
    ],
}
