"""Each link of the alarms' chain broken in turn on the local AWS: named exactly, told once, and told when repaired.

The table of it stands in docs/alarm-health.md; `UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from botocore.loaders import Loader

from flowlogs.alarm_health_files import MEMORY, PAGE, AlarmHealthFiles
from flowlogs.alarm_health_tasks import AlarmHealthLink, CheckAlarmsOperator, check_alarms, tell
from flowlogs.health.memory import Memory
from flowlogs.health.rule import BESIDE_THE_CHAIN, LINKS
from flowlogs.health.rules import RULE_NAMED, RULES
from tests.conftest import ROOT
from tests.integration.alarm_stack import AlarmStack, ReadOnce, denying, now, service_elsewhere

pytestmark = pytest.mark.integration

PAGE_IN_DOCS = ROOT / "docs" / "alarm-health.md"


@pytest.fixture(scope="module")
def stack(local_aws, tmp_path_factory) -> Iterator[AlarmStack]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in local_aws.connection.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(Loader, "FILE_LOADER_CLASS", ReadOnce)
        stack = AlarmStack(local_aws, tmp_path_factory.mktemp("alarms"))
        stack.build()
        yield stack
        stack.endpoint.close()


class Checks:
    """Runs of the DAG: each looks, judges and tells."""

    def __init__(self, stack: AlarmStack) -> None:
        self.stack = stack
        self.runs = 0

    def check(self, later: timedelta = timedelta()) -> dict[str, list[dict[str, Any]]]:
        """One run; what was told as new, worse and resolved. Nothing told is empty lists."""
        run_id = self.look(later)
        tell(self.stack.settings, run_id)
        return self.told()

    def look(self, later: timedelta = timedelta()) -> str:
        """The first half of a run; its id."""
        self.runs += 1
        run_id = f"scheduled__{self.runs}"
        self.numbers = check_alarms(self.stack.settings, now() + later, run_id)
        return run_id

    def told(self) -> dict[str, list[dict[str, Any]]]:
        messages = [envelope["Message"] for envelope in self.stack.take(self.stack.told)]
        notices = [json.loads(text) for text in messages if text.startswith("{")]
        assert len(notices) <= 1
        self.digests = [text for text in messages if not text.startswith("{")]
        notice = notices[0] if notices else {}
        return {change: notice.get(change, []) for change in ("new", "worse", "resolved")}


def rules_of(told: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """The rules of what was told."""
    return {change: [finding["rule"] for finding in found] for change, found in told.items() if found}


@pytest.fixture(scope="module")
def checks(stack) -> Checks:
    """The runs so far; the first has told that nothing is wrong."""
    checks = Checks(stack)
    assert rules_of(checks.check()) == {}
    (digest,) = checks.digests
    assert "nothing is wrong" in digest
    return checks


@dataclass
class Break:
    """A way to break one link, and to repair it; `later` is how much later than now the chain is looked at."""

    what: str
    rule: str
    repaired: str
    break_link: Callable[[AlarmStack], Any]
    repair: Callable[[AlarmStack], Any]
    later: timedelta = timedelta()
    repaired_later: timedelta | None = None
    told: list[dict[str, list[dict[str, Any]]]] = field(default_factory=list)
    """What was told when it was broken, when it was looked at again, when it was repaired."""


def edit_filter(stack: AlarmStack) -> None:
    request = stack.wanted.filters[0].request()
    stack.logs.put_metric_filter(**{**request, "filterPattern": request["filterPattern"].replace("443", "444")})


def edit_alarm(stack: AlarmStack) -> None:
    stack.cloudwatch.put_metric_alarm(**{**stack.wanted.alarms[0].request(stack.topic), "Threshold": 5000})


def repair_alarm(stack: AlarmStack) -> None:
    stack.cloudwatch.put_metric_alarm(**stack.wanted.alarms[0].request(stack.topic))


def delete_topic(stack: AlarmStack) -> None:
    stack.sns.delete_topic(TopicArn=stack.topic)


def restore_topic(stack: AlarmStack) -> None:
    stack.make_topic()
    stack.subscribe("lambda", stack.function)
    stack.subscribe("sqs", stack.drill_queue)


def add_pending(stack: AlarmStack) -> None:
    stack.subscribe("http", stack.endpoint.url)


def confirm(stack: AlarmStack) -> None:
    stack.sns.confirm_subscription(TopicArn=stack.topic, Token=stack.endpoint.token())


def watch_nothing(stack: AlarmStack) -> None:
    stack.cloudwatch.put_metric_alarm(
        AlarmName=f"{stack.extra_prefix}orders", Namespace="Shop", MetricName=stack.environment, Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold", AlarmActions=[stack.topic],
    )  # fmt: skip


def publish_something(stack: AlarmStack) -> None:
    stack.cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": stack.environment, "Value": 7}])


def let_function_fail(stack: AlarmStack) -> None:
    stack.fail_function(True)
    function_result(stack, failed=True)


def let_function_work(stack: AlarmStack) -> None:
    stack.fail_function(False)
    function_result(stack, failed=False)


def function_result(stack: AlarmStack, *, failed: bool) -> None:
    """Let the function run, and put the result into a minute of its own, as if time had passed."""
    stack.invoke_function()
    dimensions = [{"Name": "FunctionName", "Value": stack.function.rpartition(":")[2]}]
    later = now() + timedelta(minutes=2 if failed else 4)
    stack.cloudwatch.put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {"MetricName": name, "Value": value, "Dimensions": dimensions, "Timestamp": later}
            for name, value in (("Invocations", 1), ("Errors", int(failed)))
        ],
    )


def delete_bucket(stack: AlarmStack) -> None:
    stack.s3.delete_bucket(Bucket=stack.logs_bucket)


def make_bucket(stack: AlarmStack) -> None:
    stack.s3.create_bucket(Bucket=stack.logs_bucket)


def nothing(stack: AlarmStack) -> None:
    """An hour later, nothing has come since; now, an event has just come."""


def disable_actions(stack: AlarmStack) -> None:
    stack.cloudwatch.disable_alarm_actions(AlarmNames=[stack.wanted.alarms[0].name])


def enable_actions(stack: AlarmStack) -> None:
    stack.cloudwatch.enable_alarm_actions(AlarmNames=[stack.wanted.alarms[0].name])


def put_dead_letter(stack: AlarmStack) -> None:
    stack.sqs.send_message(QueueUrl=stack.queue_url(stack.dead_letters), MessageBody="{}")


def delete_filter(stack: AlarmStack) -> None:
    stack.logs.delete_metric_filter(logGroupName=stack.log_group, filterName=stack.wanted.filters[0].name)


def repair_filter(stack: AlarmStack) -> None:
    stack.make_filter(stack.wanted.filters[0])


def delete_alarm(stack: AlarmStack) -> None:
    stack.cloudwatch.delete_alarms(AlarmNames=[stack.wanted.alarms[0].name])


def empty_queue(stack: AlarmStack) -> None:
    stack.take(stack.dead_letters)


def refuse_action(stack: AlarmStack) -> None:
    stack.let_cloudwatch_publish(False)
    stack.go_off(stack.wanted.alarms[0].name)


def allow_action(stack: AlarmStack) -> None:
    stack.let_cloudwatch_publish(True)
    stack.go_off(stack.wanted.alarms[0].name)


MINUTES, HOUR = timedelta(minutes=6), timedelta(hours=1)
BREAKS = [
    Break("metric filter deleted", "filter_missing", "made again", delete_filter, repair_filter),
    Break("metric filter's pattern edited", "filter_edited", "put back", edit_filter, repair_filter),
    Break("alarm's actions disabled", "actions_disabled", "enabled", disable_actions, enable_actions),
    Break("subscription pending", "subscription_pending", "confirmed", add_pending, confirm),
    Break("topic closed to CloudWatch", "action_failed", "opened, alarm went off again", refuse_action, allow_action),
    Break("topic deleted", "topic_missing", "made and subscribed to again", delete_topic, restore_topic),
    Break("metric without data", "metric_without_data", "data published", watch_nothing, publish_something),
    Break("Lambda failing", "function_failing", "it succeeds", let_function_fail, let_function_work, MINUTES, MINUTES),
    Break("dead letter waiting", "dead_letters_waiting", "queue emptied", put_dead_letter, empty_queue),
    Break("log group silent", "log_group_silent", "events come", nothing, nothing, HOUR),
    Break("flow log not delivered", "flow_log_not_delivering", "its bucket made again", delete_bucket, make_bucket),
    Break("alarm edited", "alarm_edited", "put back", edit_alarm, repair_alarm),
    Break("alarm deleted", "alarm_missing", "made again", delete_alarm, repair_alarm),
]


@pytest.fixture(scope="module")
def broken(stack, checks) -> dict[str, Break]:
    """Every link broken and repaired, one after the other, with what was told."""
    for one in BREAKS:
        one.break_link(stack)
        one.told = [checks.check(one.later), checks.check(one.later)]
        one.repair(stack)
        one.told.append(checks.check(one.repaired_later or timedelta()))
    return {one.rule: one for one in BREAKS}


@pytest.mark.parametrize("rule", [one.rule for one in BREAKS])
class TestABrokenLink:
    def test_is_named_and_no_other(self, broken, rule):
        assert rules_of(broken[rule].told[0]) == {"new": [rule]}
        (finding,) = broken[rule].told[0]["new"]
        assert finding["link"] == RULE_NAMED[rule].link
        assert finding["remedy"] == RULE_NAMED[rule].remedy

    def test_is_told_once(self, broken, rule):
        assert rules_of(broken[rule].told[1]) == {}

    def test_is_told_again_when_it_is_repaired(self, broken, rule):
        assert rules_of(broken[rule].told[2]) == {"resolved": [rule]}
        assert [one["id"] for one in broken[rule].told[2]["resolved"]] == [
            one["id"] for one in broken[rule].told[0]["new"]
        ]


def test_the_table_in_the_docs_is_of_this_run(broken):
    text = page(list(broken.values()))
    if os.environ.get("UPDATE_DOCS"):
        PAGE_IN_DOCS.write_text(text)
    assert PAGE_IN_DOCS.read_text() == text, "run the test with UPDATE_DOCS=1 to write docs/alarm-health.md anew"


def test_a_look_at_a_few_alarms_takes_few_calls(broken, checks):
    assert checks.numbers["alarms"] == 3
    assert checks.numbers["calls"] <= 25


def test_the_digest_comes_once_a_day(broken, checks):
    checks.check()
    assert checks.digests == []
    checks.check(timedelta(days=1))
    assert len(checks.digests) == 1
    checks.check()


class TestTheLedger:
    def test_holds_every_change(self, stack, broken):
        rows = [json.loads(line) for text in texts(stack, "alarm_findings/") for line in text.splitlines()]
        for change in ("new", "resolved"):
            assert {row["rule"] for row in rows if row["change"] == change} >= set(broken)

    def test_is_a_partition_of_the_day(self, stack, broken):
        pages = stack.glue.get_paginator("get_partitions").paginate(
            DatabaseName=stack.environment, TableName="alarm_findings"
        )
        for partition in (one for page in pages for one in page["Partitions"]):
            (day,) = partition["Values"]
            assert partition["StorageDescriptor"]["Location"] == f"s3://{stack.lake}/alarm_findings/dt={day}/"


class TestTelling:
    def test_again_after_it_was_told_is_silent(self, stack, broken, checks):
        disable_actions(stack)
        run_id = checks.look()
        assert tell(stack.settings, run_id)["told"] == ["changes"]
        assert rules_of(checks.told()) == {"new": ["actions_disabled"]}
        assert tell(stack.settings, run_id)["told"] == []
        assert rules_of(checks.told()) == {}
        enable_actions(stack)
        assert rules_of(checks.check()) == {"resolved": ["actions_disabled"]}

    def test_of_another_run_is_refused(self, stack, checks):
        checks.look()
        with pytest.raises(RuntimeError, match="not of manual__9: clear check_alarms"):
            tell(stack.settings, "manual__9")

    def test_fails_with_a_topic_that_is_gone_and_is_made_up_for(self, stack, broken, checks):
        """Without a topic of its own, the check tells the alarms' topic, which must not hide its own breakage."""
        stack.configure(sns_topic_arn=None)
        files = AlarmHealthFiles(stack.settings)
        before = files.read(MEMORY)
        delete_topic(stack)
        run_id = checks.look()
        with pytest.raises(RuntimeError, match=f"{stack.topic} does not take the message, so nobody is told"):
            tell(stack.settings, run_id)
        assert files.read(MEMORY) == before
        assert "Topic is missing" in files.read(PAGE)
        restore_topic(stack)
        stack.unsubscribe(stack.drill_queue)
        stack.take(stack.drill_queue)
        checks.check()
        stack.subscribe("sqs", stack.drill_queue)
        assert stack.take(stack.drill_queue) == []
        run_id = checks.look()
        tell(stack.settings, run_id)
        (told,) = stack.take(stack.drill_queue)
        assert [one["rule"] for one in json.loads(told["Message"])["resolved"]] == ["subscription_missing"]
        stack.configure()


class TestWhatCannotBeLookedAt:
    def test_is_a_finding_and_no_crash(self, stack, broken, checks, local_aws, monkeypatch):
        disable_actions(stack)
        assert rules_of(checks.check()) == {"new": ["actions_disabled"]}
        with denying() as url:
            monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", service_elsewhere(local_aws, "cloudwatch", url))
            told = checks.check()
        denied = ("alarms", "history", "metrics", "metrics: AWS/Lambda")
        assert {one["subject"] for one in told["new"]} == {f"unknown: {what}" for what in denied}
        assert "cloudwatch:DescribeAlarms" in told["new"][0]["explanation"]
        assert told["resolved"] == []
        monkeypatch.undo()
        enable_actions(stack)
        repaired = [one["rule"] for one in checks.check()["resolved"]]
        assert sorted(repaired) == ["actions_disabled", *["unknown"] * len(denied)]


def test_a_line_that_no_filter_counted_is_found(stack, broken, checks):
    """It comes while the filter is away; the filter is back before the next check, as if it had never been away."""
    files = AlarmHealthFiles(stack.settings)
    memory = Memory.from_json(files.read(MEMORY))
    name = stack.wanted.filters[1].name
    long_right = {**memory.filters_right_since, name: now() - timedelta(hours=3)}
    files.write(MEMORY, replace(memory, filters_right_since=long_right).to_json())
    stack.logs.delete_metric_filter(logGroupName=stack.log_group, filterName=name)
    stack.put_line(port=22, action="REJECT", ago=timedelta(minutes=20))
    stack.make_filter(stack.wanted.filters[1])
    told = checks.check()
    assert rules_of(told) == {"new": ["filter_not_counting"]}
    assert told["new"][0]["subject"] == name
    assert " 22 6 3 180 " in told["new"][0]["explanation"]
    stack.put_line(port=22, action="REJECT")
    assert rules_of(checks.check()) == {"resolved": ["filter_not_counting"]}


class TestTheOperator:
    @pytest.fixture
    def operator(self, stack, monkeypatch):
        monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        monkeypatch.setenv("FLOWLOGS_CONFIG", str(stack.file))
        return CheckAlarmsOperator(task_id="check_alarms")

    def test_has_a_link_to_the_page(self, stack, broken, operator):
        result = operator.execute({"run_id": "manual__1"})
        assert result["alarms"] == 3
        url = AlarmHealthLink().get_link(operator, ti_key=None)
        assert url == AlarmHealthFiles(stack.settings).page_url() == result["page"]
        assert stack.wanted.alarms[0].name in AlarmHealthFiles(stack.settings).read(PAGE)

    def test_is_skipped_without_alarms(self, stack, operator):
        stack.configure(log_group=None, extra_alarm_prefixes=[])
        with pytest.raises(AirflowSkipException, match=r"set alarms\.log_group"):
            operator.execute({"run_id": "manual__1"})
        stack.configure()


def texts(stack: AlarmStack, prefix: str) -> list[str]:
    """The objects of a prefix of the lake."""
    pages = stack.s3.get_paginator("list_objects_v2").paginate(Bucket=stack.lake, Prefix=prefix)
    keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    return [stack.s3.get_object(Bucket=stack.lake, Key=key)["Body"].read().decode() for key in keys]


def page(breaks: list[Break]) -> str:
    lines = [
        "# Alarm health",
        "",
        "The DAG `alarm_health` looks every 15 minutes at every alarm in scope and at what it hangs on: "
        f"{' → '.join(LINKS[link] for link in LINKS if link not in BESIDE_THE_CHAIN)}. A broken link is a finding; what only follows from it is not told. "
        "The page of the last check is linked from the task `check_alarms`.",
        "",
        "## Each link broken in turn",
        "",
        "Written by `tests/integration/test_alarm_health.py`: on the local AWS, each link is broken while all others hold, "
        "looked at twice, repaired and looked at again.",
        "",
        "| broken | link | found | severity | told | looked at again | repaired | told |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in breaks:
        rule = RULE_NAMED[one.rule]
        told = [_told(words) for words in one.told]
        (found,) = one.told[0]["new"]
        lines.append(
            f"| {one.what} | {LINKS[rule.link]} | {found['title']} (`{rule.id}`) | {found['severity']} | {told[0]} | {told[1]} | "
            f"{one.repaired} | {told[2]} |"
        )
    lines += [
        "",
        "## The rules",
        "",
        "| rule | link | severity | what it means | what to do |",
        "|---|---|---|---|---|",
    ]
    for rule in RULES:
        lines.append(
            f"| {rule.title} (`{rule.id}`) | {LINKS[rule.link]} | {rule.severity} | {rule.explanation} | {rule.remedy} |"
        )
    return "\n".join(lines) + "\n"


def _told(told: dict[str, list[dict[str, Any]]]) -> str:
    return ", ".join(f"{len(found)} {change}" for change, found in told.items() if found) or "nothing"
