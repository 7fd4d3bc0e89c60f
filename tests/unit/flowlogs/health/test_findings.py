"""What is new, worse, resolved or as before, and what a check leaves for the next."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.health.findings import Changes, changes
from flowlogs.health.memory import Memory, pending_key
from flowlogs.health.observations import FailedAction, SeenQueue, SeenTopic, Unknown
from flowlogs.health.rule import Limits
from flowlogs.health.rules import judge
from tests.unit.flowlogs.health.healthy import AT, EMAIL, FUNCTION, HTTP, LAMBDA, QUEUE, SSH, TOPIC, alarm, healthy
from tests.unit.flowlogs.health.test_rules import BROKEN, HTTP_ALARM, HTTP_FILTER, SSH_FILTER

LATER = AT + timedelta(hours=1)
DISABLED = healthy(alarms=(alarm(actions_enabled=False), HTTP_ALARM))


def check(memory: Memory, seen, at=None) -> tuple[Changes, Memory]:
    """A check that is told."""
    seen = seen if at is None else replace(seen, at=at)
    found = changes(memory.findings, seen, judge(seen, Limits()))
    return found, Memory.from_json(memory.after(seen, found.standing).to_json())


def ids(findings):
    return [(finding.rule, finding.subject) for finding in findings]


@pytest.mark.parametrize("rule_id", BROKEN)
def test_a_break_is_told_once_and_once_when_it_is_repaired(rule_id):
    seen, subject, _ = BROKEN[rule_id]
    first, memory = check(Memory(), seen)
    assert ids(first.new) == [(rule_id, subject)]
    second, memory = check(memory, seen)
    assert (second.any, ids(second.same)) == (False, [(rule_id, subject)])
    third, memory = check(memory, healthy(at=LATER))
    assert (ids(third.resolved), third.new, third.worse, third.same) == ([(rule_id, subject)], (), (), ())
    assert not check(memory, healthy())[0].any


def test_a_finding_is_of_its_first_check():
    _, memory = check(Memory(), DISABLED)
    found, _ = check(memory, DISABLED, LATER)
    assert [finding.since for finding in found.standing] == [AT]


def test_other_words_for_the_same_are_no_change():
    def drifted(words):
        return healthy(alarms=(alarm(drift=(words,)), HTTP_ALARM))

    _, memory = check(Memory(), drifted("Threshold is 300, expected 3"))
    found, _ = check(memory, drifted("Threshold is 400, expected 3"))
    assert not found.any
    assert "400" in found.same[0].explanation


def test_worse_is_a_higher_severity():
    pending = replace(EMAIL, confirmed=False, pending_since=AT)

    def seen(at):
        return healthy(at=at, topics=(SeenTopic(TOPIC, subscriptions=(pending, LAMBDA)),))

    _, memory = check(Memory(), seen(AT))
    worse, memory = check(memory, seen(AT + timedelta(hours=30)))
    assert [(finding.rule, finding.severity) for finding in worse.worse] == [("subscription_pending", "high")]
    better, _ = check(memory, seen(AT))
    assert not better.any


class TestWhatCouldNotBeLookedAt:
    def test_is_not_resolved(self):
        _, memory = check(Memory(), DISABLED)
        blind = healthy(alarms=(), unknown=(Unknown("alarms", "AccessDenied"),))
        found, memory = check(memory, blind)
        assert ids(found.new) == [("unknown", "unknown: alarms")]
        assert found.resolved == ()
        assert [(one.rule, one.is_unchecked) for one in found.same] == [("actions_disabled", True)]
        seen_again, _ = check(memory, DISABLED)
        assert ids(seen_again.resolved) == [("unknown", "unknown: alarms")]
        assert [(one.rule, one.is_unchecked) for one in seen_again.same] == [("actions_disabled", False)]

    def test_of_one_subject_leaves_the_others_to_be_resolved(self):
        two = healthy(
            queues=(SeenQueue(QUEUE, FUNCTION, waiting=1), SeenQueue(f"{QUEUE}-2", LAMBDA.endpoint, waiting=1))
        )
        _, memory = check(Memory(), two)
        found, _ = check(memory, healthy(queues=(), unknown=(Unknown("queues", "AccessDenied", f"{QUEUE}-2"),)))
        assert ids(found.resolved) == [("dead_letters_waiting", QUEUE)]
        assert ids(found.same) == [("dead_letters_waiting", f"{QUEUE}-2")]


def test_what_became_a_consequence_stands_untold():
    stuck = alarm(state="INSUFFICIENT_DATA", state_since=AT - timedelta(hours=9))
    seen = healthy(alarms=(stuck, HTTP_ALARM))
    _, memory = check(Memory(), seen)
    found, memory = check(memory, replace(seen, filters=(replace(SSH_FILTER, exists=False), HTTP_FILTER)))
    assert (ids(found.new), found.resolved) == ([("filter_missing", SSH)], ())
    assert ids(found.same) == [("stuck_in_insufficient_data", SSH)]
    repaired, _ = check(memory, seen)
    assert (ids(repaired.resolved), repaired.new) == ([("filter_missing", SSH)], ())


@given(st.lists(st.sampled_from(sorted(BROKEN)), max_size=12))
def test_news_balance_whatever_the_order_of_checks(order):
    """What was told as new and not as resolved is what stands."""
    memory, told = Memory(), set()
    for rule_id in order:
        found, memory = check(memory, BROKEN[rule_id][0])
        told |= {finding.id for finding in found.new}
        told -= {finding.id for finding in found.resolved}
        assert told == {finding.id for finding in found.standing}


class TestMemory:
    def test_is_the_same_after_it_was_kept(self):
        failure = FailedAction(SSH, TOPIC, AT, "„denied“")
        pending = healthy(topics=(SeenTopic(TOPIC, subscriptions=(replace(EMAIL, confirmed=False), LAMBDA)),))
        seen = replace(pending, failed_actions=(failure,))
        found = changes((), seen, judge(seen, Limits()))
        memory = Memory().after(seen, found.standing)
        assert Memory.from_json(memory.to_json()) == memory
        assert memory.failed_actions == (failure,)
        assert memory.pending_since == {pending_key(EMAIL): AT}
        assert memory.filters_right_since == {SSH: AT, HTTP: AT}
        assert (memory.checked_at, memory.digest_day) == (AT, AT.date())

    def test_knows_since_when_a_filter_is_right(self):
        _, memory = check(Memory(), healthy())
        _, memory = check(memory, healthy(at=LATER))
        assert memory.filters_right_since[SSH] == AT
        broken = healthy(at=LATER, filters=(replace(SSH_FILTER, drift=("edited",)), HTTP_FILTER))
        _, memory = check(memory, broken)
        assert memory.filters_right_since == {HTTP: AT}
        _, memory = check(memory, healthy(at=LATER))
        assert memory.filters_right_since == {HTTP: AT, SSH: LATER}

    def test_keeps_what_could_not_be_looked_at(self):
        pending = replace(EMAIL, confirmed=False)
        seen = healthy(
            failed_actions=(FailedAction(SSH, TOPIC, AT, "x"),),
            topics=(SeenTopic(TOPIC, subscriptions=(pending, LAMBDA)),),
        )
        _, memory = check(Memory(), seen)
        blind = healthy(
            at=LATER, topics=(), filters=(),
            unknown=tuple(Unknown(aspect, "denied") for aspect in ("topics", "filters", "history")),
        )  # fmt: skip
        _, after = check(memory, blind)
        for kept in ("failed_actions", "pending_since", "filters_right_since"):
            assert getattr(after, kept) == getattr(memory, kept)

    def test_a_digest_is_due_once_a_day(self):
        memory = Memory()
        assert memory.is_digest_due(AT)
        _, memory = check(memory, healthy())
        assert not memory.is_digest_due(AT + timedelta(hours=11))
        assert memory.is_digest_due(AT + timedelta(hours=12))

    @pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"checked_at": None}), "null"])
    def test_what_is_none_is_refused(self, text):
        with pytest.raises(ValueError, match=r".+"):
            Memory.from_json(text)
