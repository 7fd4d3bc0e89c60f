import json
import re
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_aws.inbox.sns_email import (
    Notification,
    Subscriber,
    confirmation_email,
    notification_email,
    valid_address,
)
from tests.unit.local_aws.inbox.published import ALARM_MESSAGE, TOPIC

SITE = "http://127.0.0.1:4566"
ANNE = Subscriber(f"{TOPIC}:1234", "email", "anne+alarms@example.com")
MACHINE = Subscriber(f"{TOPIC}:5678", "email-json", "machine@example.com")


def received(mail):
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def text_of(mail):
    return received(mail).get_body(("plain",)).get_content()


def links(text):
    return re.findall(r"http\S+", text)


def test_a_confirmation_asks_with_a_link_that_has_the_token():
    mail = confirmation_email(ANNE, TOPIC, "t0ken", SITE)
    assert mail["Subject"] == "AWS Notification - Subscription Confirmation"
    assert mail["From"] == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert mail["To"] == "anne+alarms@example.com"
    link = urlsplit(links(text_of(mail))[0])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{SITE}/_inbox/confirm-subscription"
    assert parse_qs(link.query) == {"TopicArn": [TOPIC], "Token": ["t0ken"], "Endpoint": [ANNE.address]}
    html = received(mail).get_body(("html",)).get_content()
    assert f'href="{link.geturl().replace("&", "&amp;")}"' in html


def test_a_machine_is_asked_in_json():
    asked = json.loads(text_of(confirmation_email(MACHINE, TOPIC, "t0ken", SITE)))
    assert asked["Type"] == "SubscriptionConfirmation"
    assert (asked["Token"], asked["TopicArn"]) == ("t0ken", TOPIC)
    assert asked["SubscribeURL"].startswith(f"{SITE}/_inbox/confirm-subscription?")


def test_a_notification_has_the_text_and_how_to_unsubscribe():
    mail = notification_email(ANNE, Notification("id", TOPIC, "", "Hello\nthere"), SITE)
    assert mail["Subject"] == "AWS Notification Message"
    assert text_of(mail).startswith("Hello\nthere\n\n--\nIf you wish to stop receiving notifications")
    query = parse_qs(urlsplit(links(text_of(mail))[0]).query)
    assert query == {"SubscriptionArn": [ANNE.arn], "Endpoint": [ANNE.address]}


def test_people_get_an_alarm_as_text_and_machines_get_its_json():
    alarm = Notification("id", TOPIC, 'ALARM: "a" in US East (N. Virginia)', ALARM_MESSAGE)
    person = notification_email(ANNE, alarm, SITE)
    assert person["Subject"] == 'ALARM: "a" in US East (N. Virginia)'
    assert text_of(person).startswith("You are receiving this email because your Amazon CloudWatch Alarm")
    told = json.loads(text_of(notification_email(MACHINE, alarm, SITE)))
    assert told["Message"] == ALARM_MESSAGE
    assert told["Subject"] == alarm.subject
    assert (told["Type"], told["MessageId"], told["TopicArn"]) == ("Notification", "id", TOPIC)


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=200))
@example("a\nBcc: eve@example.com", "long " * 400)
@example("\ud800", "\ud800")
def test_no_subject_and_no_text_breaks_an_email(subject, message):
    mail = received(notification_email(ANNE, Notification("id", TOPIC, subject, message), SITE))
    assert mail["Bcc"] is None
    assert mail["To"] == ANNE.address
    assert mail.get_body(("plain",)) is not None


@pytest.mark.parametrize(
    "address", ["", "anne", "@example.com", "anne@", "a b@example.com", "a@b@c", "a@example.com\n"]
)
def test_what_is_no_address_is_refused(address):
    assert not valid_address(address)


@given(st.emails() | st.text(st.characters(max_codepoint=127), max_size=20))
def test_an_address_that_is_taken_can_be_written_to(address):
    if valid_address(address):
        subscriber = Subscriber("arn", "email", address)
        assert str(confirmation_email(subscriber, TOPIC, "t", SITE)["To"]) == address
