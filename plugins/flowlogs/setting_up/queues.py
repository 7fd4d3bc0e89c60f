"""SQS queues that SNS puts messages into: the drill's, and the Slack Lambda's dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowlogs.alarms.wanted import WantedAlarms
from flowlogs.setting_up.place import Clients, Place
from flowlogs.setting_up.policies import has_statement, with_statement
from flowlogs.setting_up.steps import Step, unless_missing

_DAY: Final = 86_400
DRILL_SECONDS: Final = _DAY
"""Nobody reads the drill queue between two drills, so what lies there goes soon."""
DEAD_LETTER_SECONDS: Final = 14 * _DAY
"""The longest that SQS keeps a message."""
_MISSING: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def queue_steps(wanted: WantedAlarms, topic_arn: str, place: Place, clients: Clients) -> Iterator[Step]:
    """The steps for the queues."""
    yield from _queue(wanted, wanted.drill_queue, DRILL_SECONDS, topic_arn, place, clients("sqs"))
    if wanted.function is not None:
        queue = wanted.function.dead_letter_queue
        yield from _queue(wanted, queue, DEAD_LETTER_SECONDS, topic_arn, place, clients("sqs"))


def _queue(wanted: WantedAlarms, name: str, seconds: int, topic_arn: str, place: Place, sqs: Any) -> Iterator[Step]:
    statement = {
        "Sid": "TopicMaySend",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": place.arn("sqs", name),
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    answer = unless_missing(lambda: sqs.get_queue_url(QueueName=name), *_MISSING)
    if answer is None:
        attributes = {"MessageRetentionPeriod": str(seconds), "Policy": with_statement(None, statement)}
        yield Step(
            "missing",
            f"queue {name}",
            lambda: sqs.create_queue(QueueName=name, Attributes=attributes, tags=dict(wanted.tags)),
        )
        return
    url = answer["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "MessageRetentionPeriod"])["Attributes"]

    def set_attribute(attribute: str, value: str) -> None:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={attribute: value})

    policy = found.get("Policy")
    if not has_statement(policy, statement):
        yield Step(
            "drift",
            f"queue {name}: its policy does not let the topic send",
            lambda: set_attribute("Policy", with_statement(policy, statement)),
        )
    kept = int(found["MessageRetentionPeriod"])
    if kept != seconds:
        yield Step(
            "drift",
            f"queue {name}: messages are kept {kept} seconds, expected {seconds}",
            lambda: set_attribute("MessageRetentionPeriod", str(seconds)),
        )
