"""SNS's e-mail subscriptions, put into MiniStack, which accepts them and sends nothing.

A subscription of protocol `email` or `email-json` waits for confirmation and gets an e-mail with a link; confirmed,
it gets an e-mail of every message published to its topic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import new_uuid, request_scope
from ministack.services import sns

from local_aws.inbox.sns_email import (
    Notification,
    Subscriber,
    confirmation_email,
    notification_email,
    valid_address,
)

log = logging.getLogger(__name__)

PROTOCOLS = ("email", "email-json")
PENDING = "PendingConfirmation"
"""What listings say in place of the ARN of a subscription that is not confirmed."""

_Answer = tuple[int, dict[str, str], bytes]


class EmailSubscriptions:
    """Sends what SNS sends to addresses. `send` delivers one e-mail and may take its time; `site` is the local
    AWS's URL for the links in e-mails; `changed` is called when MiniStack's state changed without a request to it.
    """

    def __init__(self, send: Callable[[EmailMessage], None], site: str, changed: Callable[[], None]) -> None:
        self._send = send
        self._site = site
        self._changed = changed
        # One after the other, in the order of publishing; Publish does not wait for them.
        self._outgoing = ThreadPoolExecutor(1, thread_name_prefix="sns-email")

    def install(self) -> None:
        """Stand in for what MiniStack does with subscriptions and published messages."""
        sns._subscribe = self._subscribing(sns._subscribe)
        sns._fanout = self._fanning_out(sns._fanout)
        sns._list_subscriptions = _hiding_pending(sns._list_subscriptions)
        sns._list_subscriptions_by_topic = _hiding_pending(sns._list_subscriptions_by_topic)

    def close(self) -> None:
        """Wait until everything has been sent."""
        self._outgoing.shutdown(wait=True)

    def confirm(self, topic_arn: str, token: str) -> str | None:
        """Confirm the subscription of that token, as its e-mail's link does: its ARN, or None if there is none."""
        subscription = next((one for one in _subscriptions(topic_arn) if token and one.get("token") == token), None)
        if subscription is None:
            return None
        with _scope_of(topic_arn):
            sns._confirm_subscription({"TopicArn": [topic_arn], "Token": [token]})
        subscription["attributes"]["ConfirmationWasAuthenticated"] = "false"
        self._changed()
        return str(subscription["arn"])

    def unsubscribe(self, subscription_arn: str) -> bool:
        """Remove a subscription, as the link in each e-mail does; False when there is none of that ARN."""
        topic_arn = subscription_arn.rpartition(":")[0]
        if all(one["arn"] != subscription_arn for one in _subscriptions(topic_arn)):
            return False
        with _scope_of(topic_arn):
            sns._unsubscribe({"SubscriptionArn": [subscription_arn]})
        self._changed()
        return True

    def _subscribing(self, subscribe: Callable[[Any], _Answer]) -> Callable[[Any], _Answer]:
        def subscribe_or_ask(params: Any) -> _Answer:
            protocol, address = sns._p(params, "Protocol"), sns._p(params, "Endpoint")
            if protocol not in PROTOCOLS:
                return subscribe(params)
            if not valid_address(address):
                return _invalid(f"Invalid parameter: Email address: {address}" if address else "Endpoint is required")
            topic_arn = sns._normalize_arn(sns._p(params, "TopicArn"))
            known = {one["arn"] for one in _subscriptions(topic_arn)}
            answer = subscribe(params)
            if answer[0] >= 300:
                return answer
            subscription = _find(topic_arn, protocol, address)
            if subscription["arn"] not in known:
                _make_pending(topic_arn, subscription)
            if not subscription["confirmed"]:  # a repeated Subscribe sends the e-mail again
                self._ask(topic_arn, subscription)
            return _subscribed(subscription, wants_arn=sns._p(params, "ReturnSubscriptionArn").lower() == "true")

        return subscribe_or_ask

    def _fanning_out(self, fanout: Callable[..., None]) -> Callable[..., None]:
        def fan_out(
            topic_arn: str,
            msg_id: str,
            message: str,
            subject: str,
            message_structure: str = "",
            message_attributes: dict[str, Any] | None = None,
            *more: Any,
            **named: Any,
        ) -> None:
            fanout(topic_arn, msg_id, message, subject, message_structure, message_attributes, *more, **named)
            for subscription in _subscriptions(topic_arn):
                protocol = subscription["protocol"]
                if protocol not in PROTOCOLS or not subscription["confirmed"]:
                    continue
                text = sns._resolve_message_for_protocol(message, message_structure, protocol)
                if sns._matches_filter_policy(subscription, message_attributes or {}, text):
                    notification = Notification(msg_id, topic_arn, subject or "", text)
                    self._put(notification_email(_subscriber(subscription), notification, self._site))

        return fan_out

    def _ask(self, topic_arn: str, subscription: dict[str, Any]) -> None:
        self._put(confirmation_email(_subscriber(subscription), topic_arn, subscription["token"], self._site))

    def _put(self, mail: EmailMessage) -> None:
        self._outgoing.submit(self._deliver, mail)

    def _deliver(self, mail: EmailMessage) -> None:
        try:
            self._send(mail)
        except Exception:
            log.exception("the e-mail %r to %s was not sent", mail["Subject"], mail["To"])


def _subscriber(subscription: dict[str, Any]) -> Subscriber:
    return Subscriber(subscription["arn"], subscription["protocol"], subscription["endpoint"])


def _subscriptions(topic_arn: str) -> list[dict[str, Any]]:
    try:
        with _scope_of(topic_arn):
            topic = sns._topic_by_arn_any_scope(topic_arn)
    except ArnParseError:
        return []
    return list(topic["subscriptions"]) if topic else []


def _scope_of(arn: str) -> Any:
    parsed = parse_arn(arn)
    return request_scope(parsed.account_id, parsed.region)


def _find(topic_arn: str, protocol: str, address: str) -> dict[str, Any]:
    return next(one for one in _subscriptions(topic_arn) if one["protocol"] == protocol and one["endpoint"] == address)


def _make_pending(topic_arn: str, subscription: dict[str, Any]) -> None:
    subscription.update(confirmed=False, token=f"{new_uuid()}{new_uuid()}".replace("-", ""))
    subscription["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
    with _scope_of(topic_arn):
        sns._refresh_subscription_counts(sns._topic_by_arn_any_scope(topic_arn))


def _subscribed(subscription: dict[str, Any], *, wants_arn: bool) -> _Answer:
    arn = subscription["arn"] if subscription["confirmed"] or wants_arn else "pending confirmation"
    result = f"<SubscribeResult><SubscriptionArn>{arn}</SubscriptionArn></SubscribeResult>"
    answer: _Answer = sns._xml(200, "SubscribeResponse", result)
    return answer


def _invalid(message: str) -> _Answer:
    answer: _Answer = sns._error("InvalidParameter", message, 400)
    return answer


def _hiding_pending(list_subscriptions: Callable[[Any], _Answer]) -> Callable[[Any], _Answer]:
    """Listings that say PendingConfirmation in place of the ARN, as SNS's do for every protocol."""

    def listed(params: Any) -> _Answer:
        status, headers, body = list_subscriptions(params)
        pending = (
            one["arn"]
            for topic in sns._topics.all_values()
            for one in topic["subscriptions"]
            if not one.get("confirmed")
        )
        for arn in pending:
            tag = "<SubscriptionArn>{}</SubscriptionArn>"
            body = body.replace(tag.format(arn).encode(), tag.format(PENDING).encode())
        return status, headers, body

    return listed
