"""The alarms' path made on the local AWS: once, then not again; edited by hand, then told and mended."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowlogs.alarm_setup import AlarmSetupError, SetupResult, set_up_alarms
from flowlogs.alarms.wanted import WantedAlarms, wanted
from flowlogs.setting_up.slack_function import when_role_is_known
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section

pytestmark = pytest.mark.integration

READS = ("Get", "List", "Describe", "Test")
CUSTOM = "${action} ${pkt-srcaddr} ${dstport} ${bytes} ${log-status} ${protocol}"


def rule(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "title": name.title(), "description": "Look at it.", "threshold": 3, **values}


RULES = [rule("http", where={"dstport": [80, 443], "protocol": 6}), rule("spike", where={"action": "REJECT"})]


@dataclass
class Setup:
    """Runs of the setup, of an environment of the test's own, and the calls that they made."""

    local_aws: Any
    environment: str
    clients: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = client = self.local_aws.client(service)
            client.meta.events.register("before-call", self._note)
        return self.clients[service]

    def _note(self, model: Any, **_: Any) -> None:
        self.calls.append(model.name)

    def settings(self, **alarms: Any) -> Settings:
        values = {
            "log_group": f"/flowlogs/{self.environment}",
            "namespace": self.environment,
            "anomaly_detection": False,
            "subscriptions": {"emails": ["team@example.com"], "slack_webhook": f"ssm:/{self.environment}/slack"},
            "rules": RULES,
            **alarms,
        }
        return Settings.model_validate(section(environment=self.environment, alarms=values))

    def wanted(self, **alarms: Any) -> WantedAlarms:
        return wanted(self.settings(**alarms))

    def run(self, *, repair: bool = True, **alarms: Any) -> SetupResult:
        self.calls.clear()
        return set_up_alarms(self.wanted(**alarms), self.client, repair=repair)

    @property
    def changing_calls(self) -> list[str]:
        return [name for name in self.calls if not name.startswith(READS)]

    @property
    def name(self) -> str:
        return f"{self.environment}-flowlogs"

    @property
    def topic(self) -> str:
        return f"arn:aws:sns:us-east-1:000000000000:{self.name}-alarms"

    def subscription(self, endpoint: str) -> str:
        found = self.client("sns").list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        return next(one["SubscriptionArn"] for one in found if one["Endpoint"].endswith(endpoint))

    def queue_url(self, name: str) -> str:
        return self.client("sqs").get_queue_url(QueueName=f"{self.name}-{name}")["QueueUrl"]

    def alarm(self, rule_name: str) -> dict[str, Any]:
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[f"{self.name}-{rule_name}"])["MetricAlarms"]
        return found


@pytest.fixture(scope="module")
def setup(local_aws) -> Setup:
    return Setup(local_aws, f"t{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def first_run(setup) -> SetupResult:
    return setup.run()


def test_the_first_run_creates_everything(setup, first_run):
    name = setup.name
    assert first_run.drift == first_run.notes == ()
    assert first_run.created == (
        f"queue {name}-drill",
        f"queue {name}-slack-dead-letters",
        f"topic {name}-alarms",
        f"role {name}-slack",
        f"Lambda function {name}-slack",
        f"permission of the topic to invoke {name}-slack",
        "subscription of email team@example.com",
        f"subscription of sqs arn:aws:sqs:us-east-1:000000000000:{name}-drill",
        f"subscription of lambda arn:aws:lambda:us-east-1:000000000000:function:{name}-slack",
        f"log group /flowlogs/{setup.environment}, kept for 30 days",
        f"metric filter {name}-http",
        f"metric filter {name}-spike",
        f"alarm {name}-http",
        f"alarm {name}-spike",
    )


def test_the_second_run_changes_nothing(setup, first_run):
    result = setup.run()
    assert result.created == result.drift == ()
    assert result.notes == ("subscription of email team@example.com waits for its confirmation",)
    assert setup.changing_calls == []


def test_what_is_made_is_tagged(setup, first_run):
    tags = {"flowlogs": setup.environment}
    as_list = [{"Key": "flowlogs", "Value": setup.environment}]
    function = setup.client("lambda").get_function(FunctionName=f"{setup.name}-slack")
    assert function["Tags"] == tags
    assert setup.client("sqs").list_queue_tags(QueueUrl=setup.queue_url("drill"))["Tags"] == tags
    assert setup.client("sns").list_tags_for_resource(ResourceArn=setup.topic)["Tags"] == as_list
    arn = setup.alarm("http")["AlarmArn"]
    assert setup.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"] == as_list
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:/flowlogs/{setup.environment}"
    assert setup.client("logs").list_tags_for_resource(resourceArn=group)["tags"] == tags
    assert setup.client("iam").list_role_tags(RoleName=f"{setup.name}-slack")["Tags"] == as_list


def test_the_role_may_do_no_more_than_its_work(setup, first_run):
    policy = setup.client("iam").get_role_policy(RoleName=f"{setup.name}-slack", PolicyName="slack-notifier")
    text = json.dumps(policy["PolicyDocument"])
    assert f"parameter/{setup.environment}/slack" in text
    assert f"log-group:/flowlogs/{setup.environment}:*" in text
    for word in ("REGION", "ACCOUNT", "LOG_GROUP", "WEBHOOK", "secretsmanager"):
        assert word not in text


def edit_filter(setup: Setup) -> None:
    request = setup.wanted().filters[0].request()
    pattern = request["filterPattern"].replace("443", "444")
    setup.client("logs").put_metric_filter(**{**request, "filterPattern": pattern})


def set_topic_policy(setup: Setup) -> None:
    statement = {"Sid": "Mine", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                 "Action": "sns:Publish", "Resource": setup.topic}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    setup.client("sns").set_topic_attributes(TopicArn=setup.topic, AttributeName="Policy", AttributeValue=policy)


def close_queue(setup: Setup) -> None:
    attributes = {"Policy": "", "MessageRetentionPeriod": "60"}
    setup.client("sqs").set_queue_attributes(QueueUrl=setup.queue_url("drill"), Attributes=attributes)


def edit_function(setup: Setup) -> None:
    client, name = setup.client("lambda"), f"{setup.name}-slack"
    client.update_function_configuration(
        FunctionName=name, Timeout=3, Environment={"Variables": {"WEBHOOK": "ssm:/other"}}
    )


def edit_role(setup: Setup) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    setup.client("iam").put_role_policy(
        RoleName=f"{setup.name}-slack", PolicyName="slack-notifier", PolicyDocument=json.dumps(document)
    )


def invite_others(setup: Setup) -> None:
    client, name = setup.client("lambda"), f"{setup.name}-slack"
    client.remove_permission(FunctionName=name, StatementId="TopicMayInvoke")
    client.add_permission(
        FunctionName=name, StatementId="TopicMayInvoke", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )


def edit_alarm(setup: Setup) -> None:
    request = setup.wanted().alarms[0].request(setup.topic)
    setup.client("cloudwatch").put_metric_alarm(**{**request, "Threshold": 5000, "OKActions": []})


def disable_actions(setup: Setup) -> None:
    setup.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{setup.name}-spike"])


def keep_for_ever(setup: Setup) -> None:
    setup.client("logs").delete_retention_policy(logGroupName=f"/flowlogs/{setup.environment}")


def deliver_raw(setup: Setup) -> None:
    setup.client("sns").set_subscription_attributes(
        SubscriptionArn=setup.subscription("-drill"), AttributeName="RawMessageDelivery", AttributeValue="true"
    )


EDITS: dict[Callable[[Setup], None], tuple[str, ...]] = {
    close_queue: (
        "queue {}-drill: its policy does not let the topic send",
        "queue {}-drill: messages are kept 60 seconds, expected 86400",
    ),
    set_topic_policy: ("topic {}-alarms: its policy does not let CloudWatch publish",),
    edit_role: ("role {}-slack: its policy differs from include/iam/slack_notifier_role.json",),
    edit_function: (
        "Lambda function {}-slack: Timeout is 3, expected 60; environment variables differ: ENVIRONMENT, "
        "FILTER_PATTERNS, LOG_FIELDS, LOG_GROUP, WEBHOOK",
    ),
    invite_others: ("Lambda function {}-slack: its policy does not let the topic invoke it",),
    deliver_raw: (
        "subscription of sqs arn:aws:sqs:us-east-1:000000000000:{}-drill: RawMessageDelivery is true, expected false",
    ),
    keep_for_ever: ("log group /flowlogs/{environment}: records are kept for ever, expected for 30 days",),
    edit_filter: ("metric filter {}-http: pattern is '{edited}', expected '{pattern}'",),
    edit_alarm: ('alarm {}-http: actions for OK is none, expected ["{topic}"]; threshold is 5000, expected 3',),
    disable_actions: ("alarm {}-spike: actions enabled is False, expected True",),
}
"""What is edited by hand, and what is told of it."""


class TestEditsByHand:
    @pytest.fixture(scope="class")
    def results(self, setup, first_run) -> tuple[SetupResult, list[str], SetupResult, SetupResult]:
        """Only told, the changing calls of that; mended; looked at again."""
        for edit in EDITS:
            edit(setup)
        told, calls = setup.run(repair=False), setup.changing_calls
        return told, calls, setup.run(), setup.run()

    @pytest.mark.parametrize("edit", EDITS)
    def test_each_is_told(self, setup, results, edit):
        pattern = setup.wanted().filters[0].pattern
        words = {"environment": setup.environment, "topic": setup.topic, "pattern": pattern}
        expected = {text.format(setup.name, edited=pattern.replace("443", "444"), **words) for text in EDITS[edit]}
        assert expected <= set(results[0].drift)

    def test_nothing_else_is_told(self, results):
        assert len(results[0].drift) == sum(map(len, EDITS.values()))

    def test_only_told_means_nothing_is_changed(self, results):
        told, changing_calls, mended, _ = results
        assert changing_calls == []
        assert not told.repaired
        assert (mended.drift, mended.repaired, mended.created) == (told.drift, True, ())

    def test_all_are_mended(self, results):
        assert results[3].drift == results[3].created == ()


def test_a_mended_policy_keeps_the_statements_of_others(setup, first_run):
    set_topic_policy(setup)
    setup.run()
    policy = json.loads(setup.client("sns").get_topic_attributes(TopicArn=setup.topic)["Attributes"]["Policy"])
    assert [one["Sid"] for one in policy["Statement"]] == ["Mine", "CloudWatchMayPublish"]


def test_code_that_changed_is_put(setup, first_run, tmp_path, monkeypatch):
    code = setup.client("lambda").get_function(FunctionName=f"{setup.name}-slack")["Configuration"]["CodeSha256"]
    monkeypatch.setattr("flowlogs.setting_up.slack_function.package", lambda: other_package())
    assert setup.run().drift == (f"Lambda function {setup.name}-slack: its code differs from include/slack_notifier",)
    assert "UpdateFunctionCode" in setup.changing_calls
    monkeypatch.undo()
    setup.run()
    now = setup.client("lambda").get_function(FunctionName=f"{setup.name}-slack")["Configuration"]["CodeSha256"]
    assert now == code


def other_package() -> bytes:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): ...")
    return packed.getvalue()


def test_what_is_gone_is_made_again_even_when_drift_is_only_told(setup, first_run):
    setup.client("logs").delete_metric_filter(
        logGroupName=f"/flowlogs/{setup.environment}", filterName=f"{setup.name}-http"
    )
    setup.client("sns").unsubscribe(SubscriptionArn=setup.subscription("-drill"))
    assert setup.run(repair=False).created == (
        f"subscription of sqs arn:aws:sqs:us-east-1:000000000000:{setup.name}-drill",
        f"metric filter {setup.name}-http",
    )
    assert setup.run().created == ()


def test_what_nobody_wants_is_told_and_left(setup, first_run):
    extra = "arn:aws:sqs:us-east-1:000000000000:other"
    setup.client("sns").subscribe(TopicArn=setup.topic, Protocol="sqs", Endpoint=extra)
    notes = setup.run(rules=RULES[:1], subscriptions={}).notes
    assert "subscription of email team@example.com is not in the settings; add it there, or end it in SNS" in notes
    assert f"subscription of sqs {extra} is not in the settings; add it there, or end it in SNS" in notes
    assert f"metric filter {setup.name}-spike is of no rule in the settings; delete it if nobody needs it" in notes
    assert f"alarm {setup.name}-spike is of no rule in the settings; delete it if nobody needs it" in notes
    assert setup.changing_calls == []
    setup.client("sns").unsubscribe(SubscriptionArn=setup.subscription(":other"))


def test_another_rule_is_another_entry(setup, first_run):
    rules = [*RULES, rule("ssh", where={"dstport": 22})]
    name = f"{setup.name}-ssh"
    result = setup.run(rules=rules, repair=False)
    assert result.created == (f"metric filter {name}", f"alarm {name}")
    assert result.drift == (f"Lambda function {setup.name}-slack: environment variables differ: FILTER_PATTERNS",)
    setup.client("logs").delete_metric_filter(logGroupName=f"/flowlogs/{setup.environment}", filterName=name)
    setup.client("cloudwatch").delete_alarms(AlarmNames=[name])


class TestACustomFormat:
    RULE = rule("big", where={"pkt-srcaddr": "10.0.*", "dstport": ">= 1024 && < 2000"}, value="bytes")

    def test_gets_the_right_positions(self, local_aws):
        own = Setup(local_aws, f"t{uuid.uuid4().hex[:8]}")
        own.run(log_format=CUSTOM, rules=[self.RULE], subscriptions={})
        logs, group = own.client("logs"), f"/flowlogs/{own.environment}"
        (found,) = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
        assert found["filterPattern"] == (
            '[action, pkt_srcaddr="10.0.*", dstport>=1024 && dstport<2000, bytes, log_status, protocol]'
        )
        records = ["ACCEPT 10.0.3.4 1500 700 OK 6", "ACCEPT 10.9.3.4 1500 700 OK 6", "ACCEPT 10.0.3.4 2000 700 OK 6"]
        logs.create_log_stream(logGroupName=group, logStreamName="eni")
        answer = logs.test_metric_filter(filterPattern=found["filterPattern"], logEventMessages=records)["matches"]
        assert [(one["eventNumber"], one["extractedValues"]["$bytes"]) for one in answer] == [(1, "700")]

    def test_a_pattern_that_selects_the_wrong_records_is_refused_before_anything_is_made(self, local_aws):
        own = Setup(local_aws, f"t{uuid.uuid4().hex[:8]}")
        right = own.wanted(log_format=CUSTOM, rules=[self.RULE])
        one = right.filters[0]
        shifted = replace(one, pattern=one.pattern.replace("[action, ", "[").replace("bytes,", "bytes, action,"))
        with pytest.raises(AlarmSetupError) as caught:
            set_up_alarms(replace(right, filters=(shifted,)), own.client, repair=True)
        assert "rule big: its pattern does not select a record, though it fulfils all conditions" in str(caught.value)
        assert shifted.pattern in str(caught.value)
        assert own.changing_calls == []

    def test_a_value_read_from_the_wrong_field_is_refused(self, local_aws):
        own = Setup(local_aws, f"t{uuid.uuid4().hex[:8]}")
        right = own.wanted(log_format=CUSTOM, rules=[self.RULE])
        wrong = replace(right.filters[0], value="$dstport")
        with pytest.raises(AlarmSetupError, match=r"rule big: its pattern reads '1024' as \$dstport, not '4249'"):
            set_up_alarms(replace(right, filters=(wrong,)), own.client, repair=True)


def test_a_step_that_aws_refuses_is_named(setup, first_run):
    wrong = replace(setup.wanted(), retention_days=2)
    with pytest.raises(AlarmSetupError, match=r"log group .* expected for 2 days: .*PutRetentionPolicy"):
        set_up_alarms(wrong, setup.client, repair=True)


class TestARoleThatIsNew:
    """The local AWS knows a role at once; AWS does not."""

    ERROR = ClientError(
        {"Error": {"Code": "InvalidParameterValueException", "Message": "The role … cannot be assumed by Lambda."}},
        "CreateFunction",
    )

    def test_is_waited_for(self):
        answers: list[Exception | None] = [self.ERROR, self.ERROR, None]
        waits: list[float] = []

        def create() -> None:
            if (error := answers.pop(0)) is not None:
                raise error

        when_role_is_known(create, waits.append)
        assert (answers, waits) == ([], [1, 2])

    def test_is_given_up_at_last(self):
        waits: list[float] = []

        def create() -> None:
            raise self.ERROR

        with pytest.raises(AlarmSetupError, match="Lambda cannot assume the function's role"):
            when_role_is_known(create, waits.append)
        assert sum(waits) > 30
