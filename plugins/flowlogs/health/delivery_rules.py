"""Rules on the way from an alarm to people: topics, subscriptions, Lambda functions, dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowlogs.health.observations import Observations, SeenSubscription, SeenTopic
from flowlogs.health.rule import Fault, Limits, Rule, clock, lasting, names_of
from flowlogs.health.source_rules import SET_UP

PENDING_IS_WORSE: Final = timedelta(hours=24)
"""SNS deletes a subscription that is not confirmed within 48 hours: half of that is left."""


def topic_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A topic that alarms point at, or should, and that is not there."""
    for topic in seen.topics:
        if not topic.exists:
            alarms = seen.alarms_of_topic.get(topic.arn, ())
            yield Fault(topic.arn, f"Topic {topic.arn} does not exist; {names_of(alarms)} would tell it", alarms)


def no_confirmed_subscription(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A topic that exists and has no confirmed subscription; the pending ones are named with their age."""
    for topic in seen.topics:
        if topic.exists and not _confirmed(topic):
            pending = ", ".join(f"{one.name} (pending for {_age(seen, one)})" for one in _pending(topic))
            explanation = f"Topic {topic.arn} has no confirmed subscription; {pending or 'nor one that is pending'}"
            yield Fault(topic.arn, explanation, seen.alarms_of_topic.get(topic.arn, ()))


def subscription_pending(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A subscription that nobody has confirmed, beside others that are."""
    for topic in seen.topics:
        for one in _pending(topic) if _confirmed(topic) else ():
            old = one.pending_since is not None and seen.at - one.pending_since > PENDING_IS_WORSE
            yield Fault(
                f"{one.name} of {topic.arn}",
                f"Subscription {one.name} of {topic.arn} has been pending for {_age(seen, one)}",
                seen.alarms_of_topic.get(topic.arn, ()),
                "high" if old else None,
            )


def subscription_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A subscription of the settings that the topic does not have."""
    for topic in seen.topics:
        for one in topic.subscriptions if topic.exists else ():
            if not one.exists:
                alarms = seen.alarms_of_topic.get(topic.arn, ())
                yield Fault(
                    f"{one.name} of {topic.arn}", f"Topic {topic.arn} lacks the subscription {one.name}", alarms
                )


def function_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A Lambda function that is subscribed and does not exist, or cannot run."""
    for one in seen.functions:
        alarms = seen.alarms_of_endpoint(one.arn)
        if not one.exists:
            yield Fault(one.arn, f"Lambda function {one.arn} is subscribed, but does not exist", alarms)
        elif one.state == "Failed":
            yield Fault(one.arn, f"Lambda function {one.arn} cannot run: its state is {one.state}", alarms)


def function_failing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A Lambda function whose newest invocations failed."""
    for one in seen.functions:
        if one.exists and one.last_error and (one.last_success is None or one.last_success < one.last_error):
            last = "it has not succeeded lately" if one.last_success is None else f"it last succeeded at {clock(one.last_success)}"  # fmt: skip
            explanation = f"Lambda function {one.arn} failed at {clock(one.last_error)}; {last}"
            yield Fault(one.arn, explanation, seen.alarms_of_endpoint(one.arn))


def dead_letters_waiting(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A dead-letter queue that holds messages which were not delivered."""
    for queue in seen.queues:
        if queue.exists and queue.waiting:
            what = f"{queue.waiting:,} message{'s' * (queue.waiting != 1)}"
            yield Fault(queue.arn, f"{what} of {queue.of} {'are' if queue.waiting > 1 else 'is'} in {queue.arn}",
                        seen.alarms_of_endpoint(queue.of))  # fmt: skip


def dead_letter_queue_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A dead-letter queue that is named and does not exist: what fails is lost."""
    for queue in seen.queues:
        if not queue.exists:
            explanation = f"Queue {queue.arn} does not exist, so the failed messages of {queue.of} are lost"
            yield Fault(queue.arn, explanation, seen.alarms_of_endpoint(queue.of))


def _confirmed(topic: SeenTopic) -> bool:
    return any(one.exists and one.confirmed for one in topic.subscriptions)


def _pending(topic: SeenTopic) -> Iterator[SeenSubscription]:
    return (one for one in topic.subscriptions if one.exists and not one.confirmed)


def _age(seen: Observations, one: SeenSubscription) -> str:
    since = one.pending_since or seen.at
    return f"at least {lasting(seen.at - since)}"


DELIVERY_RULES: Final = (
    Rule(
        id="topic_missing",
        link="topic",
        severity="critical",
        title="Topic is missing",
        explanation="Alarms publish to a topic that does not exist: nobody is told.",
        remedy=f"{SET_UP}. For alarms of others: create the topic, or point the alarm at one that exists.",
        needs=("alarms", "topics"),
        judge=topic_missing,
    ),
    Rule(
        id="no_confirmed_subscription",
        link="subscription",
        severity="critical",
        title="Nobody is subscribed",
        explanation="SNS takes the alarm's message, and delivers it to nobody.",
        remedy="Confirm a pending subscription (the link in its message), or add one under alarms.subscriptions in the "
        "settings and run the DAG flow_logs_setup.",
        needs=("alarms", "topics", "subscriptions"),
        judge=no_confirmed_subscription,
    ),
    Rule(
        id="subscription_pending",
        link="subscription",
        severity="medium",
        title="Subscription is pending",
        explanation="This subscriber is not told until the subscription is confirmed; SNS deletes it after 48 hours.",
        remedy="Open the link in the confirmation message. If it is lost, run the DAG flow_logs_setup: subscribing "
        "again sends it again.",
        needs=("alarms", "topics", "subscriptions"),
        judge=subscription_pending,
    ),
    Rule(
        id="subscription_missing",
        link="subscription",
        severity="high",
        title="Subscription is missing",
        explanation="A subscriber of the settings is not told: someone unsubscribed it, or SNS deleted it unconfirmed.",
        remedy="Run the DAG flow_logs_setup to subscribe it again, or take it out of alarms.subscriptions.",
        needs=("alarms", "topics", "subscriptions"),
        judge=subscription_missing,
    ),
    Rule(
        id="function_missing",
        link="function",
        severity="high",
        title="Lambda cannot run",
        explanation="The function that passes the alarms on does not exist, or Lambda cannot start it.",
        remedy=f"{SET_UP}.",
        needs=("alarms", "subscriptions", "functions"),
        judge=function_missing,
    ),
    Rule(
        id="function_failing",
        link="function",
        severity="high",
        title="Lambda fails",
        explanation="The function that passes the alarms on ended with an error the last times it ran.",
        remedy="Read its log group /aws/lambda/NAME. For Slack: see that the webhook's URL is still valid where the "
        "settings keep it.",
        needs=("alarms", "subscriptions", "functions", "metrics"),
        judge=function_failing,
    ),
    Rule(
        id="dead_letters_waiting",
        link="dead_letters",
        severity="medium",
        title="Dead letters are waiting",
        explanation="Messages that could not be delivered lie in the dead-letter queue: people were not told.",
        remedy="Read them (`aws sqs receive-message`), mend the cause, then send them again or purge the queue.",
        needs=("subscriptions", "functions", "queues"),
        judge=dead_letters_waiting,
        explained_by=("function_missing", "function_failing"),
    ),
    Rule(
        id="dead_letter_queue_missing",
        link="dead_letters",
        severity="low",
        title="Dead-letter queue is missing",
        explanation="What cannot be delivered is lost instead of kept.",
        remedy=f"{SET_UP}.",
        needs=("subscriptions", "functions", "queues"),
        judge=dead_letter_queue_missing,
        explained_by=("function_missing", "function_failing"),
    ),
)
