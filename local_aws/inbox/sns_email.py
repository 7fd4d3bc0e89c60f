"""The e-mails that SNS sends: the request to confirm a subscription, and the notifications."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html import escape
from urllib.parse import urlencode

from local_aws.inbox.alarm_email import alarm_text

SENDER = Address("AWS Notifications", addr_spec="no-reply@sns.amazonaws.com")
"""Who SNS's e-mails are from."""

DEFAULT_SUBJECT = "AWS Notification Message"
CONFIRMATION_SUBJECT = "AWS Notification - Subscription Confirmation"
_SUPPORT = (
    "Please do not reply directly to this email. If you have any questions or comments regarding this email, "
    "please contact us at https://aws.amazon.com/support"
)
_LONGEST_ADDRESS = 256


@dataclass(frozen=True, slots=True)
class Notification:
    """What a subscriber is told: SNS's message id, the topic's ARN, the subject (empty: none) and the text."""

    message_id: str
    topic: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription of protocol `email` or `email-json`: its ARN and the address."""

    arn: str
    protocol: str
    address: str


def valid_address(address: str) -> bool:
    """Whether SNS takes it as the endpoint of an e-mail subscription."""
    if len(address) > _LONGEST_ADDRESS or not address.isascii():
        return False
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, HeaderParseError):  # what Address raises, by what is wrong
        return False
    return bool(parsed.username and parsed.domain) and parsed.addr_spec == address


def confirmation_email(subscriber: Subscriber, topic: str, token: str, site: str) -> EmailMessage:
    """The request to confirm; `site` is where the local AWS answers, such as http://localhost:4566."""
    query = urlencode({"TopicArn": topic, "Token": token, "Endpoint": subscriber.address})
    link = f"{site}/_inbox/confirm-subscription?{query}"
    if subscriber.protocol == "email-json":
        content = {
            "Type": "SubscriptionConfirmation",
            "Token": token,
            "TopicArn": topic,
            "Message": f"You have chosen to subscribe to the topic {topic}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message.",
            "SubscribeURL": link,
            "Timestamp": _timestamp(),
        }
        return _email(subscriber.address, CONFIRMATION_SUBJECT, json.dumps(content, indent=2) + "\n")
    mail = _email(
        subscriber.address,
        CONFIRMATION_SUBJECT,
        f"You have chosen to subscribe to the topic:\n{topic}\n\n"
        "To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n"
        f"{link}\n\n{_SUPPORT}\n",
    )
    mail.add_alternative(
        f"<p>You have chosen to subscribe to the topic:<br><b>{escape(topic)}</b></p>"
        "<p>To confirm this subscription, click or visit the link below "
        "(If this was in error no action is necessary):<br>"
        f'<a href="{escape(link)}" target="_top">Confirm subscription</a></p>'
        f"<p><small>{_SUPPORT}</small></p>\n",
        subtype="html",
    )
    return mail


def notification_email(subscriber: Subscriber, notification: Notification, site: str) -> EmailMessage:
    """The e-mail of a published message; an alarm's JSON becomes the text that CloudWatch writes for people."""
    query = urlencode({"SubscriptionArn": subscriber.arn, "Endpoint": subscriber.address})
    unsubscribe = f"{site}/_inbox/unsubscribe?{query}"
    subject = notification.subject or DEFAULT_SUBJECT
    if subscriber.protocol == "email-json":
        content = {
            "Type": "Notification",
            "MessageId": notification.message_id,
            "TopicArn": notification.topic,
            **({"Subject": notification.subject} if notification.subject else {}),
            "Message": notification.message,
            "Timestamp": _timestamp(),
            "SignatureVersion": "1",
            "UnsubscribeURL": unsubscribe,
        }
        return _email(subscriber.address, subject, json.dumps(content, indent=2) + "\n")
    text = alarm_text(notification.message) or notification.message
    return _email(
        subscriber.address,
        subject,
        f"{text.rstrip()}\n\n--\n"
        "If you wish to stop receiving notifications from this topic, "
        f"please click or visit the link below to unsubscribe:\n{unsubscribe}\n\n{_SUPPORT}\n",
    )


def _email(to: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = SENDER
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", _encodable(subject))
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = make_msgid(domain="sns.amazonaws.com")
    mail.set_content(_encodable(text))
    return mail


def _encodable(text: str) -> str:
    """The text without lone surrogates, which JSON's escapes can write and UTF-8 cannot."""
    return text.encode(errors="replace").decode()


def _timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
