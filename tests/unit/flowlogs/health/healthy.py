"""A healthy chain, for tests to break one link at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flowlogs.health.observations import (
    MetricKey,
    Observations,
    SeenAlarm,
    SeenFilter,
    SeenFlowLog,
    SeenFunction,
    SeenLogGroup,
    SeenMetric,
    SeenQueue,
    SeenSubscription,
    SeenTopic,
)

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GROUP = "/flowlogs/vpc"
TOPIC = "arn:aws:sns:us-east-1:111122223333:prod-flowlogs-alarms"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:prod-flowlogs-slack"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:prod-flowlogs-slack-dead-letters"
SSH, HTTP = "prod-flowlogs-ssh_rejects", "prod-flowlogs-http_attempts"
SSH_METRIC, HTTP_METRIC = MetricKey("FlowLogs", "prod_ssh_rejects"), MetricKey("FlowLogs", "prod_http_attempts")


def ago(**duration: float) -> datetime:
    """A time before the look."""
    return AT - timedelta(**duration)


def alarm(name: str = SSH, metric: MetricKey = SSH_METRIC, **changes: Any) -> SeenAlarm:
    """A healthy alarm of the settings."""
    values: dict[str, Any] = {
        "name": name,
        "arn": f"arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}",
        "state": "OK",
        "state_since": ago(days=9),
        "actions": (TOPIC,),
        "wanted_actions": (TOPIC,),
        "metrics": (metric,),
        "missing_data": "notBreaching",
        "is_wanted": True,
    }
    return SeenAlarm(**{**values, **changes})


EMAIL = SeenSubscription(TOPIC, "email", "a@example.com")
LAMBDA = SeenSubscription(TOPIC, "lambda", FUNCTION)


def healthy(**changes: Any) -> Observations:
    """Two alarms of one log group and topic, all well, with fields changed."""
    seen = Observations(
        at=AT,
        log_group=GROUP,
        alarms=(alarm(), alarm(HTTP, HTTP_METRIC)),
        filters=(SeenFilter(SSH, GROUP, metrics=(SSH_METRIC,)), SeenFilter(HTTP, GROUP, metrics=(HTTP_METRIC,))),
        log_groups=(SeenLogGroup(GROUP, last_event=ago(minutes=1)),),
        metrics={
            SSH_METRIC: SeenMetric(SSH_METRIC, ago(minutes=5), ago(minutes=5)),
            HTTP_METRIC: SeenMetric(HTTP_METRIC),
        },
        topics=(SeenTopic(TOPIC, subscriptions=(EMAIL, LAMBDA)),),
        functions=(SeenFunction(FUNCTION, last_success=ago(hours=1), dead_letter_queue=QUEUE),),
        queues=(SeenQueue(QUEUE, FUNCTION),),
        flow_logs=(SeenFlowLog("fl-0a1b2c3d", "vpc-0a1b2c3d", GROUP),),
    )
    return replace(seen, **changes)
