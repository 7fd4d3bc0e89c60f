"""The topic that the alarms tell, and who is subscribed to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from flowlogs.alarms.wanted import WantedAlarms, WantedSubscription
from flowlogs.setting_up.place import Clients, Place
from flowlogs.setting_up.policies import has_statement, same_document, with_statement
from flowlogs.setting_up.steps import Step, unless_missing

_MISSING: Final = ("NotFound", "NotFoundException")
_PENDING: Final = ("PendingConfirmation", "pending confirmation")
"""What stands for the ARN of a subscription that is not confirmed (SNS API reference)."""


def topic_steps(wanted: WantedAlarms, topic_arn: str, place: Place, clients: Clients) -> Iterator[Step]:
    """The steps for the topic itself."""
    sns, name = clients("sns"), wanted.topic_name
    statement = {
        "Sid": "CloudWatchMayPublish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
    }
    answer = unless_missing(lambda: sns.get_topic_attributes(TopicArn=topic_arn), *_MISSING)
    if answer is None:
        tags = [{"Key": key, "Value": value} for key, value in wanted.tags.items()]
        attributes = {"Policy": with_statement(None, statement)}
        yield Step("missing", f"topic {name}", lambda: sns.create_topic(Name=name, Attributes=attributes, Tags=tags))
        return
    policy = answer["Attributes"].get("Policy")
    if not has_statement(policy, statement):
        yield Step(
            "drift",
            f"topic {name}: its policy does not let CloudWatch publish",
            lambda: sns.set_topic_attributes(
                TopicArn=topic_arn, AttributeName="Policy", AttributeValue=with_statement(policy, statement)
            ),
        )


def subscription_steps(wanted: WantedAlarms, topic_arn: str, place: Place, clients: Clients) -> Iterator[Step]:
    """The steps for the subscriptions. Those that nobody wants are said, not ended: somebody made them."""
    sns = clients("sns")
    there = {(one["Protocol"], one["Endpoint"]): one["SubscriptionArn"] for one in _subscriptions(sns, topic_arn)}
    for one in wanted.subscriptions_of(topic_arn):
        arn = there.pop((one.protocol, one.endpoint), None)
        attributes = _own_attributes(wanted, one, place)
        if arn is None:

            def subscribe(one: WantedSubscription = one, attributes: dict[str, str] = attributes) -> None:
                sns.subscribe(
                    TopicArn=topic_arn,
                    Protocol=one.protocol,
                    Endpoint=one.endpoint,
                    Attributes=attributes,
                    ReturnSubscriptionArn=True,
                )

            yield Step("missing", f"subscription of {one.protocol} {one.endpoint}", subscribe)
        elif arn in _PENDING:
            yield Step("note", f"subscription of {one.protocol} {one.endpoint} waits for its confirmation")
        elif attributes:
            yield from _attribute_steps(sns, arn, one, attributes)
    for protocol, endpoint in there:
        yield Step(
            "note", f"subscription of {protocol} {endpoint} is not in the settings; add it there, or end it in SNS"
        )


def _own_attributes(wanted: WantedAlarms, one: WantedSubscription, place: Place) -> dict[str, str]:
    """What is set for the deployment's own subscriptions; others' are their owners' matter."""
    function = wanted.function
    if one.endpoint == place.arn("sqs", wanted.drill_queue):
        return {"RawMessageDelivery": "false"}  # a drill is found by what SNS writes around the message
    if function is not None and one.endpoint == place.arn("lambda", f"function:{function.name}"):
        # Messages that SNS cannot hand to the function, as when it was deleted, are kept beside those it failed at.
        target = place.arn("sqs", function.dead_letter_queue)
        return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": target})}
    return {}


def _attribute_steps(sns: Any, arn: str, one: WantedSubscription, attributes: dict[str, str]) -> Iterator[Step]:
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    for name, value in attributes.items():
        actual = found.get(name)
        if actual == value or (actual and same_document(json.loads(actual), json.loads(value))):
            continue

        def put(name: str = name, value: str = value) -> None:
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)

        text = f"subscription of {one.protocol} {one.endpoint}: {name} is {actual or 'none'}, expected {value}"
        yield Step("drift", text, put)
    if found.get("FilterPolicy") not in (None, "", "{}"):
        yield Step(
            "drift",
            f"subscription of {one.protocol} {one.endpoint}: a filter policy keeps messages back",
            lambda: sns.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}"
            ),
        )


def _subscriptions(sns: Any, topic_arn: str) -> list[dict[str, Any]]:
    def listed() -> list[dict[str, Any]]:
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        return [one for page in pages for one in page["Subscriptions"]]

    found: list[dict[str, Any]] | None = unless_missing(listed, *_MISSING)
    return found or []
