"""What SNS hands over: notifications, with the values in them when they are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Notification:
    """One message that was published to a topic.

    Attributes:
        text: the message.
        values: the message's values, when it is a JSON object.
        topic_arn, subject, sent_at, message_id: as SNS says; empty where it says nothing.
    """

    text: str
    subject: str = ""
    topic_arn: str = ""
    sent_at: str = ""
    message_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self.topic_arn.rsplit(":", 1)[-1]

    @property
    def region(self) -> str:
        """The topic's region."""
        parts = self.topic_arn.split(":")
        return parts[3] if len(parts) > 5 else ""


def notifications(event: Any) -> Iterator[Notification]:
    """The notifications of an event that invoked the Lambda.

    SNS invokes with one record (Lambda developer guide, "Using Lambda with Amazon SNS"); more are taken as well. What
    is no record of SNS becomes a notification that shows it.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    for record in records if isinstance(records, list) and records else [event]:
        sns = record.get("Sns") if isinstance(record, dict) else None
        if isinstance(sns, dict) and isinstance(sns.get("Message"), str):
            yield Notification(
                text=sns["Message"],
                subject=text_of(sns.get("Subject")),
                topic_arn=text_of(sns.get("TopicArn")),
                sent_at=text_of(sns.get("Timestamp")),
                message_id=text_of(sns.get("MessageId")),
                values=_values(sns["Message"]),
            )
        else:
            yield Notification(text=text_of(record), values=record if isinstance(record, dict) else {})


def text_of(value: Any) -> str:
    """A JSON value as text; nothing of null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def items_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; what is no object becomes one with the key `text`."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {"text": item} for item in items]


def _values(text: str) -> Mapping[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
