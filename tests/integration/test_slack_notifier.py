"""The Slack Lambda in the local AWS, with its role's policy enforced: from an alarm to the webhook."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LocalAws, free_port
from tests.unit.slack_notifier.block_kit import check, title, words
from tests.unit.slack_notifier.published import event
from tests.unit.slack_notifier.slack_server import running_slack

pytestmark = pytest.mark.integration

INCLUDE = Path(__file__).parents[2] / "include"
PATTERN = "[version, account, interface, source, destination, sourceport, port=80 || port=443, protocol=6, ...]"
FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


@pytest.fixture(scope="module")
def guarded_aws(tmp_path_factory):
    """A local AWS that enforces IAM."""
    server = LocalAws(tmp_path_factory.mktemp("guarded") / "data", free_port(), {"AUTH": "true"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def slack():
    with running_slack() as server:
        yield server


@dataclass
class Deployed:
    """The Lambda, subscribed to a topic that an alarm tells."""

    aws: LocalAws
    environment: str

    @property
    def function(self) -> str:
        return f"{self.environment}-flowlogs-slack"

    @property
    def alarm(self) -> str:
        return f"{self.environment}-flowlogs-http_attempts"

    @property
    def queue(self) -> str:
        return self.aws.client("sqs").get_queue_url(QueueName=f"{self.function}-dead-letters")["QueueUrl"]

    def set_state(self, state: str, reason: str) -> None:
        self.aws.client("cloudwatch").set_alarm_state(AlarmName=self.alarm, StateValue=state, StateReason=reason)

    def deliver(self, *ports: int) -> None:
        """Put a rejected attempt on each port into the log group, as a flow log does."""
        now = int(time.time())
        events = [
            {
                "timestamp": now * 1000,
                "message": f"2 111122223333 eni-0a1b 203.0.113.9 10.0.0.5 40000 {port} 6 1 60 {now} {now} REJECT OK",
            }
            for port in ports
        ]
        self.aws.client("logs").put_log_events(
            logGroupName=f"/flowlogs/{self.environment}", logStreamName="eni-0a1b-all", logEvents=events
        )

    def log(self) -> list[str]:
        events = self.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{self.function}")["events"]
        return [entry["message"] for entry in events]


def policy(name: str, *, without: str = "", **words: str) -> str:
    """A policy document of include/iam, with the words in capitals replaced."""
    text = (INCLUDE / "iam" / name).read_text()
    for word, value in words.items():
        text = text.replace(word, value)
    document = json.loads(text)
    return json.dumps({**document, "Statement": [s for s in document["Statement"] if s["Sid"] != without]})


def package() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for module in sorted((INCLUDE / "slack_notifier").glob("*.py")):
            file.write(module, module.name)
    return archive.getvalue()


def deploy(
    aws: LocalAws, webhook_url: str, *, without: str = "", kept_in: str = "secretsmanager", knows_pattern: bool = True
) -> Deployed:
    """Everything of one environment, its role without one statement of the policy."""
    deployed = Deployed(aws, f"t{uuid.uuid4().hex[:8]}")
    name, group = deployed.environment, f"/flowlogs/{deployed.environment}"
    account = aws.client("sts").get_caller_identity()["Account"]
    role = aws.client("iam").create_role(
        RoleName=deployed.function, AssumeRolePolicyDocument=policy("slack_notifier_trust.json")
    )["Role"]["Arn"]
    allowed = policy(
        "slack_notifier_role.json", without=without, REGION="us-east-1", ACCOUNT=account, ENVIRONMENT=name,
        LOG_GROUP=group, WEBHOOK_SECRET=f"{name}/slack", WEBHOOK_PARAMETER=f"{name}/slack",
    )  # fmt: skip
    aws.client("iam").put_role_policy(RoleName=deployed.function, PolicyName="slack", PolicyDocument=allowed)
    if kept_in == "secretsmanager":
        aws.client("secretsmanager").create_secret(Name=f"{name}/slack", SecretString=webhook_url)
    else:
        aws.client("ssm").put_parameter(Name=f"/{name}/slack", Value=webhook_url, Type="SecureString")
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="eni-0a1b-all")
    metric = {"metricNamespace": "FlowLogs", "metricName": f"{name}_http_attempts", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName=group, filterName=deployed.alarm, filterPattern=PATTERN, metricTransformations=[metric]
    )
    sqs, lambda_, sns = aws.client("sqs"), aws.client("lambda"), aws.client("sns")
    queue = sqs.create_queue(QueueName=f"{deployed.function}-dead-letters")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    environ = {
        "WEBHOOK": f"{kept_in}:{'/' * (kept_in == 'ssm')}{name}/slack",
        "ENVIRONMENT": name,
        "LOG_GROUP": group,
        **({"FILTER_PATTERNS": json.dumps({deployed.alarm: PATTERN})} if knows_pattern else {}),
        "LOG_FIELDS": json.dumps(FIELDS.split()),
    }
    function = lambda_.create_function(
        FunctionName=deployed.function, Runtime="python3.13", Role=role, Handler="handler.handler", Timeout=60,
        Code={"ZipFile": package()}, Environment={"Variables": environ}, DeadLetterConfig={"TargetArn": queue_arn},
    )["FunctionArn"]  # fmt: skip
    lambda_.put_function_event_invoke_config(FunctionName=deployed.function, MaximumRetryAttempts=0)
    topic = sns.create_topic(Name=f"{name}-flowlogs-alarms")["TopicArn"]
    lambda_.add_permission(
        FunctionName=deployed.function, StatementId="sns", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=topic,
    )  # fmt: skip
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=deployed.alarm, AlarmDescription="Repeated HTTP attempts\nSeverity: high\nLook at the source.",
        Namespace="FlowLogs", MetricName=f"{name}_http_attempts", Statistic="Sum", Period=300, EvaluationPeriods=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold", Threshold=3, AlarmActions=[topic], OKActions=[topic],
        TreatMissingData="ignore",
    )  # fmt: skip
    return deployed


def when(found: Any, seconds: float = 20) -> Any:
    """What `found` answers as soon as it is something."""
    deadline = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


@pytest.mark.parametrize("knows_pattern", [True, False], ids=["pattern given", "pattern looked up"])
def test_attempts_go_from_the_log_group_to_slack(guarded_aws, slack, knows_pattern):
    deployed = deploy(guarded_aws, slack.url, knows_pattern=knows_pattern)
    deployed.deliver(443, 22, 80, 443)
    (payload,) = when(lambda: slack.posted)
    check(payload)
    assert title(payload) == "ALARM: Repeated HTTP attempts"
    text = words(payload)
    assert "*How many*\n3 in 300 s" in text
    assert "*Alarm at*\n3 or more" in text
    assert "*3 log lines*" in text
    assert text.count("203.0.113.9:40000  → 10.0.0.5:443  eni-0a1b  REJECT") == 2
    assert ":22 " not in text


def test_a_drill_is_told_and_its_end_too(guarded_aws, slack):
    deployed = deploy(guarded_aws, slack.url)
    for number, state in enumerate(("ALARM", "OK"), 1):
        deployed.set_state(state, "[drill abc-1] a test of the path")
        when(lambda number=number: len(slack.posted) == number)
    in_alarm, ok = slack.posted
    assert title(in_alarm) == "[drill abc-1] ALARM: Repeated HTTP attempts"
    assert f"{deployed.alarm} is OK again, was in ALARM for less than a minute" in words(ok)
    assert any("drill abc-1 posted to Slack" in line for line in deployed.log())


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("ReadOffendingLines", "The log lines could not be fetched: AccessDenied"),
        ("ReadAlarmHistory", "its history does not tell since when"),
    ],
)
def test_what_the_role_may_not_read_is_missing_in_the_message(guarded_aws, slack, statement, missing):
    deployed = deploy(guarded_aws, slack.url, without=statement, kept_in="ssm")
    for number, state in enumerate(("ALARM", "OK"), 1):
        deployed.set_state(state, "a test")
        when(lambda number=number: len(slack.posted) == number)
    assert missing in "".join(map(words, slack.posted))


@pytest.mark.parametrize(
    ("statement", "kept_in"), [("ReadWebhookSecret", "secretsmanager"), ("ReadWebhookParameter", "ssm")]
)
def test_a_message_that_cannot_be_posted_is_kept_in_the_dead_letter_queue(guarded_aws, slack, statement, kept_in):
    deployed = deploy(guarded_aws, slack.url, without=statement, kept_in=kept_in)
    published = event("the only message")
    guarded_aws.client("lambda").invoke(
        FunctionName=deployed.function, InvocationType="Event", Payload=json.dumps(published)
    )
    letters = when(lambda: guarded_aws.client("sqs").receive_message(QueueUrl=deployed.queue).get("Messages"))
    assert "the only message" in letters[0]["Body"]
    assert slack.posted == []
    assert any("cannot be read: AccessDenied" in line for line in deployed.log())
