"""The way from alarms to people: topics, their subscriptions, Lambda functions, dead letters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flowlogs.health.memory import pending_key
from flowlogs.health.observations import MetricKey, SeenFunction, SeenQueue, SeenSubscription, SeenTopic
from flowlogs.observing.aws_calls import AwsCalls, unless_missing
from flowlogs.observing.sources import metric_query, metric_values

_PENDING: Final = ("PendingConfirmation", "pending confirmation")
"""What stands for the ARN of a subscription that is not confirmed (SNS API reference)."""
_WITH_REDRIVE: Final = ("lambda", "sqs", "http", "https", "firehose")
"""Protocols that can have a dead-letter queue of their own."""
_FUNCTION_WINDOW: Final = timedelta(hours=3)
_NO_TOPIC: Final = ("NotFound", "NotFoundException")
_NO_FUNCTION: Final = ("ResourceNotFoundException",)
_NO_QUEUE: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def seen_topic(
    aws: AwsCalls, arn: str, wanted: Sequence[tuple[str, str]], pending_since: Mapping[str, datetime]
) -> SeenTopic | None:
    """A topic with its subscriptions; None when it is unknown whether it exists.

    Args:
        aws: the calls.
        arn: the topic.
        wanted: protocol and endpoint of the subscriptions that the settings want.
        pending_since: since when subscriptions are known to be pending.
    """
    sns = aws.client("sns")
    exists = aws.look(
        "topics", lambda: unless_missing(lambda: sns.get_topic_attributes(TopicArn=arn), _NO_TOPIC) is not None, arn
    )
    if not exists:
        return None if exists is None else SeenTopic(arn, exists=False)

    def listed() -> list[dict[str, Any]]:
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        return [one for page in pages for one in page["Subscriptions"]]

    answers = aws.look("subscriptions", listed, arn)
    if answers is None:
        return None
    found = [_seen_subscription(aws, one, pending_since) for one in answers]
    there = {(one.protocol, one.endpoint) for one in found}
    found += [
        SeenSubscription(arn, protocol, endpoint, exists=False, confirmed=False)
        for protocol, endpoint in wanted
        if (protocol, endpoint) not in there
    ]
    return SeenTopic(arn, subscriptions=tuple(found))


def _seen_subscription(
    aws: AwsCalls, one: Mapping[str, Any], pending_since: Mapping[str, datetime]
) -> SeenSubscription:
    arn, topic = one["SubscriptionArn"], one["TopicArn"]
    confirmed, queue = arn not in _PENDING, None
    if confirmed and one["Protocol"] in _WITH_REDRIVE:
        attributes: dict[str, str] = (
            aws.look(
                "subscriptions",
                lambda: aws.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"],
                arn,
            )
            or {}
        )
        confirmed = attributes.get("PendingConfirmation", "false") != "true"
        queue = _redrive_queue(attributes.get("RedrivePolicy"))
    seen = SeenSubscription(topic, one["Protocol"], one["Endpoint"], confirmed=confirmed, dead_letter_queue=queue)
    since = None if confirmed else pending_since.get(pending_key(seen))
    return SeenSubscription(
        topic, seen.protocol, seen.endpoint, confirmed=confirmed, pending_since=since, dead_letter_queue=queue
    )


def _redrive_queue(policy: str | None) -> str | None:
    try:
        found = json.loads(policy).get("deadLetterTargetArn") if policy else None
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def seen_functions(aws: AwsCalls, arns: Sequence[str], at: datetime) -> tuple[SeenFunction, ...]:
    """Lambda functions, and when they last failed and succeeded. Not to be called in the pool."""
    if not arns:
        return ()
    described = aws.of_each(lambda arn: _described_function(aws, arn), arns)
    results = aws.look("metrics", lambda: _results_of_functions(aws, arns, at), "AWS/Lambda") or {}
    found = []
    for arn, answer in zip(arns, described, strict=True):
        if answer is None:
            continue
        errors, successes = results.get(arn, (None, None))
        found.append(
            SeenFunction(
                arn=arn,
                exists=bool(answer),
                state=answer.get("State", "Active"),
                last_error=errors,
                last_success=successes,
                dead_letter_queue=answer.get("DeadLetterConfig", {}).get("TargetArn"),
            )
        )
    return tuple(found)


def _described_function(aws: AwsCalls, arn: str) -> dict[str, Any] | None:
    """The function's configuration; empty when it does not exist, None when that is unknown."""
    client = aws.client("lambda")

    def read() -> dict[str, Any]:
        return unless_missing(lambda: client.get_function_configuration(FunctionName=arn), _NO_FUNCTION) or {}

    return aws.look("functions", read, arn)


def _results_of_functions(
    aws: AwsCalls, arns: Sequence[str], at: datetime
) -> dict[str, tuple[datetime | None, datetime | None]]:
    queries = [
        metric_query(f"{kind[0].lower()}{n}", MetricKey("AWS/Lambda", kind, (("FunctionName", function_name(arn)),)), "Sum", 60)
        for n, arn in enumerate(arns)
        for kind in ("Invocations", "Errors")
    ]  # fmt: skip
    values = metric_values(aws, queries, at - _FUNCTION_WINDOW, at)
    found = {}
    for n, arn in enumerate(arns):
        errors = {time: value for time, value in values.get(f"e{n}", ()) if value}
        successes = [time for time, value in values.get(f"i{n}", ()) if value > errors.get(time, 0)]
        found[arn] = (max(errors, default=None), max(successes, default=None))
    return found


def function_name(arn: str) -> str:
    """The name in a function's ARN, without its version or alias."""
    return arn.partition(":function:")[2].partition(":")[0]


def seen_queue(aws: AwsCalls, arn: str, of: str) -> SeenQueue | None:
    """A dead-letter queue, with the number of its messages; None when that is unknown. A topic is passed over."""
    if arn.split(":")[2:3] != ["sqs"]:
        return None  # a Lambda's dead letters can go to a topic, which keeps none
    sqs = aws.client("sqs")
    account, name = arn.split(":")[4:6]

    def waiting() -> int:
        url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    def read() -> SeenQueue:
        number = unless_missing(waiting, _NO_QUEUE)
        return SeenQueue(arn, of, exists=False) if number is None else SeenQueue(arn, of, waiting=number)

    return aws.look("queues", read, arn)
