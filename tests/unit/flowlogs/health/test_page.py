"""The page: chains drawn as they are, findings with what to do, nothing that a name can do."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from flowlogs.health.chains import chains
from flowlogs.health.findings import changes
from flowlogs.health.observations import MetricKey, SeenAlarm, Unknown
from flowlogs.health.page import HealthPage
from flowlogs.health.rule import Limits
from flowlogs.health.rules import RULE_NAMED, judge
from tests.unit.flowlogs.health.healthy import HTTP, SSH, alarm, healthy
from tests.unit.flowlogs.health.test_rules import BROKEN, HTTP_ALARM, HTTP_FILTER, SSH_FILTER


def page(seen, **more):
    judgement = judge(seen, Limits())
    return HealthPage("prod", seen, judgement, changes((), seen, judgement), {"sns:Publish": 1}, **more).html()


def drawn(seen, name=SSH):
    judgement = judge(seen, Limits())
    found = chains(seen, judgement, changes((), seen, judgement).standing)
    (chain,) = (chain for chain in found if chain.alarm.name == name)
    return {node.link: node.status for node in chain.nodes}


def test_every_link_of_a_healthy_alarm_holds():
    assert set(drawn(healthy()).values()) == {"good"}


@pytest.mark.parametrize("rule_id", [rule_id for rule_id, (_, _, alarms) in BROKEN.items() if SSH in alarms])
def test_the_broken_link_is_red_and_no_other(rule_id):
    statuses = drawn(BROKEN[rule_id][0])
    assert [link for link, status in statuses.items() if status == "bad"] == [RULE_NAMED[rule_id].link]


@pytest.mark.parametrize("rule_id", ["filter_missing", "alarm_edited", "actions_disabled"])
def test_an_alarm_that_is_not_touched_stays_green(rule_id):
    assert set(drawn(BROKEN[rule_id][0], HTTP).values()) == {"good"}


def test_what_follows_is_no_break():
    stuck = alarm(state="INSUFFICIENT_DATA", state_since=BROKEN["stuck_in_insufficient_data"][0].alarms[0].state_since)
    seen = healthy(alarms=(stuck, HTTP_ALARM), filters=(replace(SSH_FILTER, exists=False), HTTP_FILTER))
    statuses = drawn(seen)
    assert (statuses["filter"], statuses["alarm"], statuses["topic"]) == ("bad", "after", "good")


def test_links_that_an_alarm_has_not_are_left_out_and_unknown_ones_are_not():
    other = SeenAlarm("cpu", metrics=(MetricKey("AWS/EC2", "CPUUtilization"),), actions=("arn:aws:automate:x",))
    statuses = drawn(healthy(alarms=(other,)), "cpu")
    assert [statuses[link] for link in ("flow_log", "filter", "metric", "topic")] == ["none", "none", "good", "none"]
    blind = healthy(alarms=(other,), unknown=(Unknown("topics", "denied"),), topics=())
    assert drawn(blind, "cpu")["topic"] == "unknown"


def test_broken_chains_come_first_and_whole_ones_behind_a_click():
    html = page(BROKEN["filter_missing"][0])
    assert html.index(f"<bdi>{SSH}</bdi>") < html.index("<details") < html.index(f"<h3><bdi>{HTTP}</bdi>")


def test_a_finding_says_what_is_wrong_and_what_to_do():
    html = page(BROKEN["filter_missing"][0])
    assert "Log group /flowlogs/vpc has no metric filter" in html
    assert RULE_NAMED["filter_missing"].remedy in html


DRILL = {
    "passed": False, "alarm": SSH, "started_at": "2026-11-01T09:00:00+00:00", "expected": ["sqs:drill", "lambda:slack"],
    "arrived": {"sqs:drill": 0.4}, "unobserved": ["email:a@example.com"],
}  # fmt: skip


def test_the_last_drill_is_there():
    html = page(healthy(), drill=DRILL)
    assert "1 of 2" in html
    assert "sqs:drill" in html
    assert "cannot be observed" in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}",
    "\u202egnp",
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_and_do_nothing(name):
    named = alarm(name, state_reason=name, actions_enabled=False, drift=(name,))
    drill = {**DRILL, "alarm": name, "expected": [name], "arrived": {}, "unobserved": [name]}
    seen = healthy(
        alarms=(named, HTTP_ALARM), unknown=(Unknown("queues", name, name),), filters=(replace(SSH_FILTER, name=name),)
    )
    tags = Tags()
    html = page(seen, drill=drill)
    tags.feed(html)
    assert not tags.found & {"script", "img", "svg", "iframe", "link"}
    assert str(escape(name.replace("\u202e", "⟨U+202E⟩"))) in html
    assert "\u202e" not in html
