"""The Lambda that posts what is published to SNS topics to a Slack channel.

Nothing is lost silently: what cannot be posted raises, Lambda tries the event again, and puts it at last into the
function's dead-letter queue.
"""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import aws_clients
from alarm import Alarm, is_alarm
from alarm_history import in_alarm_since
from alarm_message import alarm_message
from configuration import Configuration
from failure_message import failure_message
from health_message import health_message
from log_lines import SECONDS_MOST, lines_of
from notification import Notification, notifications
from report_message import report_message
from text_message import text_message
from webhook import SlackRefused, post
from webhook_address import WebhookAddress

logging.basicConfig(format="%(levelname)s %(message)s")  # for runtimes that have no handler yet
log = logging.getLogger("slack_notifier")
log.setLevel(logging.INFO)

_LAST_SECOND = 1.0
"""Seconds of the Lambda's time that are kept for telling what went wrong."""
_POSTED_KEPT = 1000
_posted: OrderedDict[str, None] = OrderedDict()
"""Ids of messages that this environment of the Lambda posted: a retry of an event posts only what is missing."""


class LambdaContext(Protocol):
    """What is used of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""
        ...


class NotAllPosted(RuntimeError):
    """Some of an event's messages could not be posted."""


def handler(event: Any, context: LambdaContext) -> dict[str, int]:
    """Post an event's notifications to Slack.

    One that fails keeps none of the others: all are tried, and then the first failure is raised.

    Returns: how many were posted.

    Raises:
        ConfigurationError, WebhookAddressError, SlackRefused, SlackUnreachable: of the one notification that there was.
        NotAllPosted: of several, with the number of those that failed.
    """
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _LAST_SECOND
    configuration = Configuration.from_environ(os.environ)
    waiting = [n for n in notifications(event) if not n.message_id or n.message_id not in _posted]
    failures: list[Exception] = []
    for notification in waiting:
        try:
            _post(notification, configuration, deadline)
        except Exception as error:
            log.error("message %s was not posted: %s", notification.message_id or "without an id", error)
            failures.append(error)
    if failures and len(waiting) == 1:
        raise failures[0]
    if failures:
        first, number = failures[0], len(failures)
        raise NotAllPosted(f"{number} of {len(waiting)} messages were not posted; the first: {first}") from first
    return {"posted": len(waiting)}


def _post(notification: Notification, configuration: Configuration, deadline: float) -> None:
    payload = _payload(notification, configuration, deadline)
    address = _address(configuration.webhook)
    url = address.url()
    try:
        post(url, payload, deadline)
    except SlackRefused as refusal:
        if not refusal.is_gone:
            raise
        address.forget()
        if (new_url := address.url()) == url:
            raise
        log.warning("the webhook's URL was replaced; posting to the new one")
        post(new_url, payload, deadline)
    log.info("message %s posted to Slack", notification.message_id or "without an id")
    if is_alarm(notification) and (drill := Alarm.of(notification).drill):
        log.info("drill %s posted to Slack", drill)
    if notification.message_id:
        _posted[notification.message_id] = None
        while len(_posted) > _POSTED_KEPT:
            _posted.popitem(last=False)


def _payload(notification: Notification, configuration: Configuration, deadline: float) -> dict[str, Any]:
    """A message of the notification's kind; as text when there is none, or when it is not what it says to be."""
    make = _maker(notification)
    if make is None:
        return text_message(notification)
    try:
        return make(notification, configuration, deadline)
    except Exception as error:
        log.exception("message %s has an unexpected form; it is shown as text", notification.message_id)
        return text_message(notification, f"Shown as text, because its form is not as expected: {error!r}")


_Maker = Callable[[Notification, Configuration, float], dict[str, Any]]


def _maker(notification: Notification) -> _Maker | None:
    if is_alarm(notification):
        return _of_alarm
    kinds: dict[Any, _Maker] = {
        "airflow_failure": lambda n, c, _: failure_message(n.values, c.environment),
        "alarm_health": lambda n, c, _: health_message(n.values, c.environment),
        "report": lambda n, _, __: report_message(n.values),
    }
    kind = notification.values.get("kind")
    return kinds.get(kind) if isinstance(kind, str) else None


def _of_alarm(notification: Notification, configuration: Configuration, deadline: float) -> dict[str, Any]:
    alarm = Alarm.of(notification)
    lines = since = None
    # Half of the time is left for posting.
    seconds = min(SECONDS_MOST, (deadline - time.monotonic()) / 2)
    if configuration.log_group and alarm.has_log_lines:
        lines = lines_of(alarm, configuration, aws_clients.client("logs"), seconds)
    if alarm.state == "OK" and alarm.old_state == "ALARM":
        since = in_alarm_since(alarm, aws_clients.client("cloudwatch"))
    return alarm_message(alarm, configuration, lines=lines, in_alarm_since=since)


@cache
def _address(place: str) -> WebhookAddress:
    return WebhookAddress(place, aws_clients.client)
