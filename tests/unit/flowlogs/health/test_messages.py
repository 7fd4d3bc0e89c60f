"""What SNS is given: it is taken, however many findings there are and whatever their names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.health.findings import Changes, Finding, changes
from flowlogs.health.messages import Scope, changes_message, digest_message
from flowlogs.health.rule import Limits
from flowlogs.health.rules import judge
from tests.unit.flowlogs.health.healthy import AT, SSH, ago
from tests.unit.flowlogs.health.test_rules import BROKEN

SCOPE = Scope("prod", AT, 6, 1, "https://example.com/alarm_health/index.html")
MISSING = changes((), BROKEN["filter_missing"][0], judge(BROKEN["filter_missing"][0], Limits())).new[0]


def finding(subject="x", explanation="y", **more):
    values = {
        "rule": "filter_missing",
        "link": "filter",
        "severity": "high",
        "title": "T",
        "remedy": "R.",
        "alarms": (),
    }
    return Finding(**{**values, "subject": subject, "explanation": explanation, "since": ago(hours=3), **more})


def test_people_read_text_and_machines_json():
    texts = changes_message(Changes(new=(MISSING,), same=(finding(),)), SCOPE).texts
    assert texts["default"] == (
        "Alarm health of prod: 1 new\n"
        "2026-11-24 12:00 UTC; 6 alarms looked at, 1 of them in ALARM\n\n"
        "New (1):\n"
        "- HIGH Metric filter is missing: prod-flowlogs-ssh_rejects\n"
        "  Log group /flowlogs/vpc has no metric filter prod-flowlogs-ssh_rejects.\n"
        "  What to do: Run the DAG flow_logs_setup: it puts it back as the settings say.\n\n"
        "Findings that stand now: 2.\n"
        "All of it: https://example.com/alarm_health/index.html"
    )
    notice = json.loads(texts["lambda"])
    assert texts["lambda"] == texts["sqs"] == texts["https"]
    assert notice["kind"] == "alarm_health"
    assert notice["page_url"] == SCOPE.page_url
    (item,) = notice["new"]
    assert {name: item[name] for name in ("id", "subject", "severity")} == {
        "id": MISSING.id, "subject": SSH, "severity": "high",
    }  # fmt: skip
    assert item["explanation"] in texts["default"]
    assert item["remedy"] in texts["default"]
    assert (notice["worse"], notice["resolved"]) == ([], [])


def test_worse_and_resolved_have_their_places():
    message = changes_message(Changes(worse=(finding("a"),), resolved=(finding("b"),)), SCOPE)
    assert message.subject == "[prod] Alarm health: 1 worse, 1 resolved"
    assert "Worse (1):\n- HIGH T: a, for 3 hours\n" in message.texts["default"]
    assert "Resolved (1):\n- T: b\n" in message.texts["default"]


@pytest.mark.parametrize(
    ("standing", "headline"), [((), "nothing is wrong"), ((finding(),), "1 finding stands"), ((finding(),) * 2, "2 findings stand")]
)  # fmt: skip
def test_the_digest_speaks_of_what_stands(standing, headline):
    message = digest_message(standing, SCOPE)
    assert message.subject == f"[prod] Alarm health, daily digest: {headline}"
    assert headline in message.texts["default"]
    assert message.texts["default"].count("- HIGH T: x, for 3 hours") == len(standing)


hostile = st.text(max_size=3000) | st.sampled_from(["line\nbreak", "\x00\u202e", "😀" * 2000, '"' * 3000])


@settings(max_examples=60)
@given(
    st.builds(finding, hostile, hostile), st.integers(1, 3000), st.sampled_from(["new", "worse", "resolved"]), hostile
)
def test_sns_takes_it(one, number, what, environment):
    """SNS API reference, Publish: subject, size, JSON with a default."""
    scope = Scope(environment[:128], AT, 2000, 0, "https://example.com/")
    for message in (changes_message(Changes(**{what: (one,) * number}), scope), digest_message((one,) * number, scope)):
        assert message.subject.isascii()
        assert message.subject.isprintable()
        assert 0 < len(message.subject) < 100
        assert len(message.body.encode()) < 256 * 1024
        assert message.texts["default"]
