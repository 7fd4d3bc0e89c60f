"""Each rule on its own, and what becomes of one broken link: it alone is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowlogs.health.observations import (
    FailedAction,
    MetricKey,
    SearchedDay,
    SeenFlowLog,
    SeenFunction,
    SeenLogGroup,
    SeenMetric,
    SeenQueue,
    SeenSearch,
    SeenTopic,
    Unknown,
)
from flowlogs.health.rule import Limits, lasting
from flowlogs.health.rules import ASPECTS, RULE_NAMED, RULES, judge
from tests.unit.flowlogs.health.healthy import (
    AT,
    EMAIL,
    FUNCTION,
    GROUP,
    HTTP,
    HTTP_METRIC,
    LAMBDA,
    QUEUE,
    SSH,
    SSH_METRIC,
    TOPIC,
    ago,
    alarm,
    healthy,
)

BOTH = (HTTP, SSH)
HEALTHY = healthy()
HTTP_ALARM = alarm(HTTP, HTTP_METRIC)
SSH_FILTER, HTTP_FILTER = HEALTHY.filters
SILENT = SeenLogGroup(GROUP, receives=False, last_event=ago(hours=5))
OTHER_METRIC = MetricKey("Shop", "orders", (("shop", "a"),))
PENDING = replace(EMAIL, confirmed=False, pending_since=ago(hours=3))


def failing(**changes):
    return SeenFunction(FUNCTION, dead_letter_queue=QUEUE, **changes)


def searched(wanted, found):
    return healthy(search=SeenSearch("search", days=(SearchedDay("2026-11-22", wanted, found),)))


BROKEN = {
    "flow_log_missing": (healthy(log_groups=(SILENT,), flow_logs=()), GROUP, BOTH),
    "flow_log_inactive": (
        healthy(flow_logs=(SeenFlowLog("fl-1", "vpc-1", GROUP, status="DELETING"),)), "fl-1", BOTH,
    ),
    "flow_log_not_delivering": (
        healthy(flow_logs=(SeenFlowLog("fl-1", "vpc-1", "bucket", delivery="FAILED", error="Access error"),)), "fl-1", (),
    ),
    "log_group_missing": (
        healthy(
            log_groups=(SeenLogGroup(GROUP, exists=False, receives=False),),
            filters=(replace(SSH_FILTER, exists=False), replace(HTTP_FILTER, exists=False)),
            flow_logs=(SeenFlowLog("fl-1", "vpc-1", GROUP, delivery="FAILED", error="Access error"),),
        ), GROUP, BOTH,
    ),
    "log_group_silent": (healthy(log_groups=(SILENT,)), GROUP, BOTH),
    "filter_missing": (healthy(filters=(replace(SSH_FILTER, exists=False), HTTP_FILTER)), SSH, (SSH,)),
    "filter_edited": (healthy(filters=(replace(SSH_FILTER, drift=("the pattern is …",)), HTTP_FILTER)), SSH, (SSH,)),
    "filter_not_counting": (healthy(filters=(replace(SSH_FILTER, uncounted="2 1111 …"), HTTP_FILTER)), SSH, (SSH,)),
    "metric_without_data": (
        healthy(
            alarms=(alarm(), HTTP_ALARM, alarm("orders", OTHER_METRIC, is_wanted=False, missing_data="missing")),
            metrics={**HEALTHY.metrics, OTHER_METRIC: SeenMetric(OTHER_METRIC)},
        ), "Shop/orders (shop=a)", ("orders",),
    ),
    "alarm_missing": (healthy(alarms=(alarm(exists=False), HTTP_ALARM)), SSH, (SSH,)),
    "alarm_edited": (healthy(alarms=(alarm(drift=("Threshold is 300, expected 3",)), HTTP_ALARM)), SSH, (SSH,)),
    "stuck_in_insufficient_data": (
        healthy(alarms=(alarm(state="INSUFFICIENT_DATA", state_since=ago(hours=7)), HTTP_ALARM)), SSH, (SSH,),
    ),
    "stuck_in_alarm": (healthy(alarms=(alarm(state="ALARM", state_since=ago(hours=25)), HTTP_ALARM)), SSH, (SSH,)),
    "actions_disabled": (healthy(alarms=(alarm(actions_enabled=False), HTTP_ALARM)), SSH, (SSH,)),
    "no_action": (healthy(alarms=(alarm(actions=()), HTTP_ALARM)), SSH, (SSH,)),
    "action_failed": (
        healthy(failed_actions=(FailedAction(SSH, TOPIC, ago(minutes=9), "not authorized"),)), f"{SSH} -> {TOPIC}", (SSH,),
    ),
    "topic_missing": (
        healthy(
            topics=(SeenTopic(TOPIC, exists=False),), functions=(), queues=(),
            failed_actions=(FailedAction(SSH, TOPIC, ago(minutes=9), "does not exist"),),
        ), TOPIC, BOTH,
    ),
    "no_confirmed_subscription": (healthy(topics=(SeenTopic(TOPIC, subscriptions=(PENDING,)),)), TOPIC, BOTH),
    "subscription_pending": (
        healthy(topics=(SeenTopic(TOPIC, subscriptions=(PENDING, LAMBDA)),)), f"email:a@example.com of {TOPIC}", BOTH,
    ),
    "subscription_missing": (
        healthy(topics=(SeenTopic(TOPIC, subscriptions=(replace(EMAIL, exists=False), LAMBDA)),)),
        f"email:a@example.com of {TOPIC}", BOTH,
    ),
    "function_missing": (healthy(functions=(SeenFunction(FUNCTION, exists=False),)), FUNCTION, BOTH),
    "function_failing": (
        healthy(
            functions=(failing(last_error=ago(minutes=2), last_success=ago(minutes=3)),),
            queues=(SeenQueue(QUEUE, FUNCTION, waiting=3),),
        ), FUNCTION, BOTH,
    ),
    "dead_letters_waiting": (healthy(queues=(SeenQueue(QUEUE, FUNCTION, waiting=3),)), QUEUE, BOTH),
    "dead_letter_queue_missing": (healthy(queues=(SeenQueue(QUEUE, FUNCTION, exists=False),)), QUEUE, BOTH),
    "search_unreachable": (healthy(search=SeenSearch("search", problem="it does not answer")), "search", ()),
    "search_day_missing": (searched({"rejected": 5, "daily": 7}, {"daily": 7}), "2026-11-22", ()),
    "search_day_differs": (searched({"rejected": 5, "daily": 7}, {"rejected": 4, "daily": 7}), "2026-11-22", ()),
    "unknown": (healthy(unknown=(Unknown("queues", "AccessDenied", QUEUE),)), f"unknown: queues: {QUEUE}", ()),
}  # fmt: skip
"""For each rule: what breaks its link and nothing else, the subject, and the alarms that it touches."""


def test_every_rule_has_a_case():
    assert set(BROKEN) == {rule.id for rule in RULES}


def test_nothing_is_found_of_a_healthy_chain():
    judgement = judge(HEALTHY, Limits())
    assert (judgement.faults, judgement.consequences, judgement.not_judged) == ((), (), frozenset())


@pytest.mark.parametrize("rule_id", BROKEN)
def test_a_rule_finds_its_link_broken(rule_id):
    seen, subject, alarms = BROKEN[rule_id]
    (fault,) = RULE_NAMED[rule_id].judge(seen, Limits())
    assert (fault.subject, tuple(sorted(fault.alarms))) == (subject, alarms)
    assert subject in fault.explanation or subject.split(" ")[0] in fault.explanation or rule_id == "unknown"


@pytest.mark.parametrize("rule_id", BROKEN)
def test_a_rule_finds_nothing_of_a_healthy_chain(rule_id):
    assert list(RULE_NAMED[rule_id].judge(HEALTHY, Limits())) == []


@pytest.mark.parametrize("rule_id", BROKEN)
def test_one_broken_link_is_one_fault_whatever_follows_from_it(rule_id):
    judgement = judge(BROKEN[rule_id][0], Limits())
    assert [one.rule.id for one in judgement.faults] == [rule_id]


@pytest.mark.parametrize("flows", [{"rejected": 5, "daily": 7}, {"rejected": 0, "daily": 7}])
def test_a_day_that_search_has_as_the_ledger_has_it_is_well(flows):
    found = {kind: number for kind, number in flows.items() if number}
    assert judge(searched(flows, found), Limits()).faults == ()


class TestConsequences:
    def test_what_follows_is_named_as_such(self):
        """Hours after a filter was deleted: no data, an alarm that is stuck."""
        stuck = alarm(state="INSUFFICIENT_DATA", state_since=ago(hours=9), missing_data="missing")
        seen = healthy(
            alarms=(stuck, HTTP_ALARM),
            filters=(replace(SSH_FILTER, exists=False, has_default=True), HTTP_FILTER),
            metrics={**HEALTHY.metrics, SSH_METRIC: SeenMetric(SSH_METRIC)},
        )
        judgement = judge(seen, Limits())
        assert [one.rule.id for one in judgement.faults] == ["filter_missing"]
        assert [one.rule.id for one in judgement.consequences] == ["metric_without_data", "stuck_in_insufficient_data"]

    def test_a_fault_that_touches_other_alarms_too_is_told(self):
        stuck = {"state": "INSUFFICIENT_DATA", "state_since": ago(hours=9)}
        seen = healthy(
            alarms=(alarm(**stuck), alarm(HTTP, HTTP_METRIC, **stuck)),
            filters=(replace(SSH_FILTER, exists=False), HTTP_FILTER),
        )
        assert [(one.rule.id, one.fault.subject) for one in judge(seen, Limits()).faults] == [
            ("filter_missing", SSH), ("stuck_in_insufficient_data", HTTP),
        ]  # fmt: skip

    def test_no_rule_explains_itself_by_way_of_others(self):
        """Two faults that explained each other would both go untold."""

        def explaining(rule_id, path=()):
            assert rule_id not in path, path
            for other in RULE_NAMED[rule_id].explained_by:
                explaining(other, (*path, rule_id))

        for rule in RULES:
            explaining(rule.id)


class TestWhatIsUnknown:
    @pytest.mark.parametrize("aspect", ASPECTS)
    def test_is_told_with_the_permission_that_lacks(self, aspect):
        judgement = judge(healthy(unknown=(Unknown(aspect, "AccessDenied"),)), Limits())
        assert [one.rule.id for one in judgement.faults] == ["unknown"]
        assert ASPECTS[aspect][1] in judgement.faults[0].fault.explanation

    def test_keeps_rules_that_need_it_from_judging(self):
        seen = healthy(filters=(), unknown=(Unknown("filters", "AccessDenied"),), log_groups=(SILENT,))
        judgement = judge(seen, Limits())
        assert {one.rule.id for one in judgement.faults} == {"unknown", "log_group_silent"}
        assert "filter_missing" in judgement.not_judged

    def test_of_one_subject_leaves_the_others_to_be_judged(self):
        seen = healthy(
            unknown=(Unknown("queues", "AccessDenied", "another"),), queues=(SeenQueue(QUEUE, FUNCTION, waiting=1),)
        )
        assert {one.rule.id for one in judge(seen, Limits()).faults} == {"unknown", "dead_letters_waiting"}


class TestLimits:
    @pytest.mark.parametrize(("state", "hours"), [("ALARM", 24), ("INSUFFICIENT_DATA", 6)])
    def test_a_state_may_last_as_long_as_the_settings_say(self, state, hours):
        def found(lasted):
            seen = healthy(alarms=(alarm(state=state, state_since=AT - lasted),))
            return judge(seen, Limits(timedelta(hours=24), timedelta(hours=6))).faults

        assert not found(timedelta(hours=hours))
        assert found(timedelta(hours=hours, seconds=1))


class TestAlarms:
    def test_of_a_composite_alarm_need_no_actions(self):
        speaking = alarm("all", children=(SSH, HTTP), is_composite=True, is_wanted=False, metrics=())
        silent = [alarm(actions=(), wanted_actions=()), alarm(HTTP, HTTP_METRIC, actions_enabled=False)]
        assert judge(healthy(alarms=(speaking, *silent)), Limits()).faults == ()
        mute = replace(speaking, actions_enabled=False)
        assert [one.rule.id for one in judge(healthy(alarms=(mute, *silent)), Limits()).faults] == [
            "actions_disabled", "actions_disabled", "no_action",
        ]  # fmt: skip

    def test_that_ignore_missing_data_watch_rare_metrics_rightly(self):
        rare = alarm("orders", OTHER_METRIC, is_wanted=False, missing_data="notBreaching")
        seen = healthy(alarms=(rare,), metrics={OTHER_METRIC: SeenMetric(OTHER_METRIC)}, filters=())
        assert judge(seen, Limits()).faults == ()

    def test_with_an_action_that_is_no_topic_are_told_by_it(self):
        other = alarm(actions=("arn:aws:automate:us-east-1:ec2:reboot",), wanted_actions=(), is_wanted=False)
        assert judge(healthy(alarms=(other, HTTP_ALARM)), Limits()).faults == ()


def test_a_metric_whose_filter_has_a_default_must_have_data():
    seen = healthy(
        filters=(replace(SSH_FILTER, has_default=True), HTTP_FILTER),
        metrics={**HEALTHY.metrics, SSH_METRIC: SeenMetric(SSH_METRIC)},
    )
    assert [one.rule.id for one in judge(seen, Limits()).faults] == ["metric_without_data"]


class TestSubscriptions:
    def test_a_pending_one_is_worse_when_it_will_soon_be_gone(self):
        def severity(hours):
            pending = replace(PENDING, pending_since=ago(hours=hours))
            seen = healthy(topics=(SeenTopic(TOPIC, subscriptions=(pending, LAMBDA)),))
            (fault,) = judge(seen, Limits()).faults
            return fault.severity

        assert [severity(hours) for hours in (1, 24, 25)] == ["medium", "medium", "high"]

    def test_pending_ones_are_named_with_their_age(self):
        (fault,) = judge(BROKEN["no_confirmed_subscription"][0], Limits()).faults
        assert "email:a@example.com (pending for at least 3 hours)" in fault.fault.explanation


@pytest.mark.parametrize(
    ("last_error", "last_success", "fails"),
    [(None, None, False), (1, None, True), (1, 2, True), (2, 1, False), (2, 2, False)],
)
def test_a_function_fails_when_its_newest_invocations_did(last_error, last_success, fails):
    times = {"last_error": last_error, "last_success": last_success}
    function = failing(**{name: minutes and ago(minutes=minutes) for name, minutes in times.items()})
    assert bool(judge(healthy(functions=(function,)), Limits()).faults) == fails


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 minutes"), (1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (2880, "2 days")]
)
def test_durations_in_words(minutes, text):
    assert lasting(timedelta(minutes=minutes, seconds=59)) == text


def test_every_rule_says_what_it_means_and_what_to_do():
    for rule in RULES:
        assert rule.explanation.endswith("."), rule.id
        assert rule.remedy.endswith("."), rule.id
        assert rule.judge.__doc__, rule.id
