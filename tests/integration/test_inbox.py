"""The inbox of the local AWS: SNS's e-mails, any e-mail, Slack, and the Lambda function that posts to it."""

from __future__ import annotations

import io
import json
import smtplib
import uuid
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import LocalAws, free_port
from tests.integration.inbox import Inbox, link_to, wait_for

pytestmark = pytest.mark.integration

SLACK_NOTIFIER = Path(__file__).parents[2] / "include" / "slack_notifier"
POSTER = '''
import json, os, urllib.request

def handler(event, context):
    """Posts each notification; raises when Slack does not take it."""
    for record in event["Records"]:
        body = json.dumps({"text": record["Sns"]["Message"]}).encode()
        urllib.request.urlopen(os.environ["WEBHOOK_URL"], body)
    return "posted"
'''


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """A local AWS whose asynchronous invocations are tried again at once."""
    server = LocalAws(
        tmp_path_factory.mktemp("inbox") / "data", free_port(), {"LOCAL_AWS_LAMBDA_RETRY_SECONDS": "0.1,0.2"}
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def inbox(aws) -> Inbox:
    return Inbox(aws.endpoint_url)


@pytest.fixture
def sns(aws):
    return aws.client("sns")


@pytest.fixture
def name() -> str:
    return f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def topic(sns, name) -> str:
    return sns.create_topic(Name=name)["TopicArn"]


@pytest.fixture
def address(name) -> str:
    return f"{name}@example.com"


def subscriptions(sns, topic) -> list[str]:
    return [one["SubscriptionArn"] for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]


def confirm(inbox, sns, topic, address) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    asked = inbox.wait_for("email", address)[0]
    assert inbox.get(link_to("confirm-subscription", asked))[0] == 200


def test_an_address_gets_messages_from_its_confirmation_until_it_unsubscribes(inbox, sns, topic, address):
    asked = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    assert asked["SubscriptionArn"] == "pending confirmation"
    assert subscriptions(sns, topic) == ["PendingConfirmation"]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"
    sns.publish(TopicArn=topic, Message="before")

    confirmation = link_to("confirm-subscription", inbox.wait_for("email", address)[0])
    status, page = inbox.get(confirmation)
    assert status == 200
    (arn,) = subscriptions(sns, topic)
    assert arn in page
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    assert inbox.get(confirmation)[0] == 400

    sns.publish(TopicArn=topic, Subject="Between", Message="a message")
    notified = inbox.wait_for("email", address, 2)[1]
    assert notified["subject"] == "Between"
    assert notified["text"].startswith("a message\n")
    assert notified["from"] == "no-reply@sns.amazonaws.com"

    unsubscribe = link_to("unsubscribe", notified)
    assert inbox.get(unsubscribe)[0] == 200
    assert subscriptions(sns, topic) == []
    assert inbox.get(unsubscribe)[0] == 400
    sns.publish(TopicArn=topic, Message="after")
    # E-mails leave in order: one of "after" would come before this one.
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    subjects = [message["subject"] for message in inbox.wait_for("email", address, 3)]
    assert subjects == ["AWS Notification - Subscription Confirmation", "Between", subjects[0]]


def test_a_repeated_subscription_asks_again_and_a_wrong_address_is_refused(inbox, sns, topic, address):
    for _ in range(2):
        sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=address)
    first, second = (json.loads(mail["text"]) for mail in inbox.wait_for("email", address, 2))
    assert first["Token"] == second["Token"]
    arn = sns.confirm_subscription(TopicArn=topic, Token=first["Token"])["SubscriptionArn"]
    assert subscriptions(sns, topic) == [arn]
    with pytest.raises(sns.exceptions.InvalidParameterException, match="Email address"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="nobody")


def test_an_alarm_comes_by_email_and_to_slack(aws, inbox, sns, topic, name, address):
    confirm(inbox, sns, topic, address)
    aws.client("secretsmanager").create_secret(Name=name, SecretString=f"{inbox.site}/_inbox/slack/{name}")
    modules = {path.name: path.read_text() for path in SLACK_NOTIFIER.glob("*.py")}
    function = create_function(aws, name, modules, "handler.handler", WEBHOOK=f"secretsmanager:{name}")
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    alarm = f"{name}-flowlogs-http_attempts"
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm, AlarmDescription="Repeated HTTP attempts\nSeverity: high", Namespace=name, MetricName="http",
        Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=3, AlarmActions=[topic],
        ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="3 attempts")

    mail = inbox.wait_for("email", address, 2)[1]
    assert mail["subject"] == f'ALARM: "{alarm}" in US East (N. Virginia)'
    assert mail["text"].startswith(
        f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm}" in the'
    )
    assert 'has entered the ALARM state, because "3 attempts" at "' in mail["text"]
    (post,) = inbox.wait_for("slack", name)
    assert "Repeated HTTP attempts" in post["text"]
    page = inbox.get(f"/_inbox/{post['id']}")[1]
    assert "Repeated HTTP attempts" in page[: page.index("As received")]


@pytest.mark.parametrize("password", [None, "any"])
def test_any_client_can_send_email(inbox, address, password):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Grüße", "somebody@example.com", "hidden"
    mail.set_content("to the copy's recipient as well")
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port) as client:
        if password:
            client.login("somebody", password)
        client.send_message(mail, to_addrs=[address, "copy@example.com"])
    (message,) = inbox.messages("email", address)
    assert message["to"] == [address, "copy@example.com"]
    assert (message["subject"], message["text"]) == ("Grüße", "to the copy's recipient as well\n")


def test_airflow_can_send_email(inbox, address, monkeypatch):
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": inbox.smtp_port, "login": "a", "password": "b"}
    connection["extra"] = {"disable_ssl": True, "disable_tls": True, "from_email": "airflow@example.com"}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
    with SmtpHook() as hook:
        hook.send_email_smtp(to=address, subject="A task failed", html_content="<b>load</b>")
    (message,) = inbox.messages("email", address)
    assert (message["subject"], message["html"].strip()) == ("A task failed", "<b>load</b>")


def test_slack_takes_what_slack_takes(inbox, name):
    assert inbox.post(name, {"text": "hello"}) == (200, "ok")
    assert inbox.post(name, {"text": "a", "blocks": [{"type": "no_such"}]}) == (400, "invalid_blocks")
    assert inbox.post(name, {}) == (400, "no_text")
    inbox.fail_next(1, status=429)
    assert inbox.post(name, {"text": "refused"}) == (429, "rate_limited")
    assert inbox.post(name, {"text": "\ud800"}) == (200, "ok")
    assert [message["text"] for message in inbox.messages("slack", name)] == ["hello", "?"]
    assert inbox.get("/_inbox?kind=%ff")[0] == 400
    assert inbox.get("/_inbox/no-such-message")[0] == 404


def test_a_function_that_fails_is_tried_twice_more_and_then_the_event_is_a_dead_letter(aws, inbox, sns, topic, name):
    dead_letters = queue(aws, f"{name}-dead-letters")
    subscribe_poster(aws, sns, topic, name, DeadLetterConfig={"TargetArn": dead_letters[1]})
    inbox.fail_next(2)
    sns.publish(TopicArn=topic, Message="the third attempt posts it")
    assert [message["text"] for message in inbox.wait_for("slack", name)] == ["the third attempt posts it"]

    inbox.fail_next(3)
    sns.publish(TopicArn=topic, Subject="A subject", Message="nobody posts it")
    letter = wait_for(lambda: receive(aws, dead_letters[0]))
    (record,) = json.loads(letter["Body"])["Records"]
    assert (record["EventSource"], record["Sns"]["Subject"], record["Sns"]["Message"]) == (
        "aws:sns", "A subject", "nobody posts it"
    )  # fmt: skip
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert "HTTP Error 500" in attributes["ErrorMessage"]
    assert attributes["ErrorCode"] == "200"
    # All three attempts failed, and there was no fourth.
    assert inbox.post(name, {"text": "taken again"}) == (200, "ok")
    assert len(inbox.messages("slack", name)) == 2


def test_destinations_are_told_how_it_ended(aws, inbox, sns, topic, name):
    failed, succeeded = queue(aws, f"{name}-failed"), queue(aws, f"{name}-succeeded")
    function = subscribe_poster(aws, sns, topic, name)
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": failed[1]}, "OnSuccess": {"Destination": succeeded[1]}},
    )
    inbox.fail_next(2)
    sns.publish(TopicArn=topic, Message="lost")
    sns_event = json.loads(wait_for(lambda: receive(aws, failed[0]))["Body"])
    assert sns_event["requestContext"] | {"requestId": ""} == {
        "requestId": "",
        "functionArn": f"{function}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 2,
    }
    assert sns_event["requestPayload"]["Records"][0]["Sns"]["Message"] == "lost"
    assert sns_event["responsePayload"]["errorType"] == "HTTPError"
    sns.publish(TopicArn=topic, Message="posted")
    told = json.loads(wait_for(lambda: receive(aws, succeeded[0]))["Body"])
    assert told["requestContext"]["condition"] == "Success"
    assert told["responsePayload"] == "posted"


def test_destinations_of_an_alias_are_its_own(aws, sns, topic, name):
    failed = queue(aws, f"{name}-failed")
    function = create_function(
        aws, name, {"failing.py": "def handler(event, context):\n    1 / 0\n"}, "failing.handler"
    )
    functions = aws.client("lambda")
    functions.publish_version(FunctionName=name)
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    functions.put_function_event_invoke_config(
        FunctionName=name,
        Qualifier="live",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": failed[1]}},
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=alias)
    sns.publish(TopicArn=topic, Message="divided by zero")
    told = json.loads(wait_for(lambda: receive(aws, failed[0]))["Body"])
    assert told["requestContext"]["functionArn"] == f"{function}:1"
    assert told["responsePayload"]["errorType"] == "ZeroDivisionError"


def test_a_restart_loses_no_message_no_confirmation_and_no_event(aws, inbox, sns, topic, name, address):
    subscribe_poster(aws, sns, topic, name)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    inbox.post(name, {"text": "kept"})
    (asked,) = inbox.wait_for("email", address)
    functions = aws.client("lambda")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    sns.publish(TopicArn=topic, Message="posted after the restart")
    # Throttled once, it is tried again after a second.
    (queued,) = wait_for(
        lambda: [path for path in (aws.data / "lambda").glob("*.json") if json.loads(path.read_text())["throttles"]]
    )
    functions.delete_function_concurrency(FunctionName=name)
    aws.stop()
    aws.start()
    assert inbox.messages("email", address) == [asked]
    assert inbox.get(link_to("confirm-subscription", asked))[0] == 200
    texts = [message["text"] for message in inbox.wait_for("slack", name, 2)]
    assert texts == ["kept", "posted after the restart"]
    wait_for(lambda: not queued.exists())


def create_function(aws, name: str, modules: dict[str, str], handler: str, *, options=None, **environ: str) -> str:
    """A function of these modules; its ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for module, text in modules.items():
            archive.writestr(module, text)
    return aws.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler=handler, Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": packed.getvalue()}, Environment={"Variables": environ}, Timeout=30, **(options or {}),
    )["FunctionArn"]  # fmt: skip


def subscribe_poster(aws, sns, topic: str, name: str, **options) -> str:
    """A function that posts to the webhook `name`, subscribed to the topic; its ARN."""
    webhook = f"{aws.endpoint_url}/_inbox/slack/{name}"
    function = create_function(aws, name, {"poster.py": POSTER}, "poster.handler", options=options, WEBHOOK_URL=webhook)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    return function


def queue(aws, name: str) -> tuple[str, str]:
    """A new queue's URL and ARN."""
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def receive(aws, url: str) -> dict:
    """The message that waits in a queue; empty when none does."""
    answer = aws.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    return next(iter(answer.get("Messages", [])), {})
