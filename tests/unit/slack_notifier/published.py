"""Messages as SNS hands them over."""

from __future__ import annotations

import json
from typing import Any

TOPIC = "arn:aws:sns:eu-west-1:111122223333:prod-flowlogs-alarms"
ALARM = "prod-flowlogs-http_attempts"


def event(*messages: Any, subject: str | None = "a subject", first_id: int = 1) -> dict[str, Any]:
    """An event with messages, those that are no text as JSON."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": f"00000000-0000-0000-0000-{number:012d}",
                    "TopicArn": TOPIC,
                    "Subject": subject,
                    "Message": message if isinstance(message, str) else json.dumps(message),
                    "Timestamp": "2026-11-24T10:05:13.000Z",
                    "MessageAttributes": {},
                },
            }
            for number, message in enumerate(messages, first_id)
        ]
    }


def alarm(state: str = "ALARM", *, trigger: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """A message of CloudWatch about an alarm's state."""
    return {
        "AlarmName": ALARM,
        "AlarmDescription": "Repeated HTTP attempts\nSeverity: high\n3 or more attempts on 80 or 443.",
        "AWSAccountId": "111122223333",
        "AlarmConfigurationUpdatedTimestamp": "2026-11-20T08:00:00.000+0000",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (24/11/26 10:00:00)] was greater than or "
        "equal to the threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition).",
        "StateChangeTime": "2026-11-24T10:05:12.345+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{ALARM}",
        "OldStateValue": "OK" if state == "ALARM" else "ALARM",
        "OKActions": [],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "prod_http_attempts",
            "Namespace": "FlowLogs",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [],
            "Period": 300,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 3.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
            **(trigger or {}),
        },
        **values,
    }
