from __future__ import annotations

import json

import pytest
from failure_message import failure_message
from health_message import health_message
from hypothesis import given, settings
from hypothesis import strategies as st
from notification import notifications
from report_message import report_message
from text_message import text_message

from tests.unit.slack_notifier.block_kit import all_blocks, all_texts, check, title, words
from tests.unit.slack_notifier.published import event
from tests.unit.slack_notifier.test_slack_text import HOSTILE

FAILURE = {
    "kind": "airflow_failure",
    "dag_id": "flow_logs_daily",
    "run_id": "scheduled__2026-11-24T00:00:00+00:00",
    "day": "2026-11-23",
    "task_id": "curate",
    "try_number": 3,
    "error": "QueryFailed: HIVE_BAD_DATA: Malformed `file`\n  at s3://logs/x.gz",
    "hint": "Look at the object that the error names.",
    "log_url": "http://airflow.example/log?a=1&b=2",
    "run_url": "http://airflow.example/run",
    "targets": [f"111122223333/eu-west-{number}" for number in range(1, 14)],
}
FINDING = {
    "id": "f1",
    "subject": "prod-flowlogs-ssh_rejects",
    "severity": "high",
    "title": "Alarm without actions",
    "explanation": "It has no actions: nobody is told.",
    "remedy": "Run flow_logs_setup.",
}
REPORT = {
    "kind": "report",
    "title": "Rejected traffic, 2026-11-23",
    "headline": "12 findings, 11 new",
    "numbers": ["Rejected: 1,234 flows, 1.2 MB", "Logs: 23 of 24 target days complete"],
    "findings": [
        {"severity": "medium", "title": "Port scan", "who": "203.0.113.9", "what": "eni-1", "amount": "ports: 1,000"},
        *[{"severity": "critical", "title": "Brute force", "who": f"203.0.113.{n}", "what": "22"} for n in range(10)],
    ],
    "new": 40,
    "notes": ["Continuing from before: 1."],
    "page": "https://reports.example/index.html",
}


def text_of(message, **options):
    (notification,) = notifications(event(message, **options))
    return text_message(notification)


def test_a_failure_says_what_failed_why_and_what_to_do():
    payload = failure_message(FAILURE, "prod")
    check(payload)
    assert title(payload) == "Failed: flow_logs_daily.curate, 2026-11-23"
    assert payload["text"].startswith("Failed: flow_logs_daily.curate, 2026-11-23: QueryFailed: HIVE_BAD_DATA")
    text = words(payload)
    for part in ("*Day*\n2026-11-23", "*Try*\n3", "*Environment*\nprod", "at s3://logs/x.gz", FAILURE["hint"], "eu-west-10 and 3 more"):  # fmt: skip
        assert part in text, part
    assert "<http://airflow.example/log?a=1&amp;b=2|Task log> · <http://airflow.example/run|Run>" in all_texts(payload)


def test_a_failure_that_says_nothing_is_still_told():
    payload = failure_message({"kind": "airflow_failure"}, "")
    check(payload)
    assert title(payload) == "Failed: a task"


def test_alarm_health_tells_the_worst_first():
    low = {**FINDING, "subject": "low-one", "severity": "low"}
    payload = health_message(
        {
            "new": [low, FINDING],
            "worse": [low],
            "resolved": [{"subject": "was-wrong"}],
            "page_url": "http://a.example/h",
        },
        "prod",
    )
    check(payload)
    assert title(payload) == "Alarm health (prod): 2 new, 1 worse, 1 resolved"
    assert payload["attachments"][0]["color"] == "#d7263d"
    text = words(payload)
    assert text.index("*HIGH* Alarm without actions: prod-flowlogs-ssh_rejects") < text.index(
        "*LOW* Alarm without actions: low-one"
    )
    assert "It has no actions: nobody is told.\n*What to do:* Run flow_logs_setup." in text
    assert "*Resolved:* was-wrong" in text
    assert "|Alarm health page>" in text


def test_much_of_alarm_health_fits():
    many = [{**FINDING, "explanation": "x" * 9000, "remedy": "&" * 9000}] * 300
    payload = health_message({"new": many, "worse": many, "resolved": many}, "prod")
    check(payload)
    assert words(payload).count("and 288 more") == 3


def test_only_resolved_is_good_news():
    payload = health_message({"resolved": [FINDING]}, "")
    check(payload)
    assert (title(payload), payload["attachments"][0]["color"]) == ("Alarm health: 1 resolved", "#2e9e6b")


def test_a_report_tells_what_is_new():
    payload = report_message(REPORT)
    check(payload)
    assert title(payload) == REPORT["title"]
    assert payload["text"] == "Rejected traffic, 2026-11-23: 12 findings, 11 new"
    assert payload["attachments"][0]["color"] == "#8b0000"
    text = words(payload)
    assert "Rejected: 1,234 flows, 1.2 MB\nLogs: 23 of 24 target days complete" in text
    assert "• *MEDIUM* Port scan: 203.0.113.9 → eni-1, ports: 1,000\n• *CRITICAL* Brute force" in text
    assert "and 30 more in the report" in text
    assert "<https://reports.example/index.html|Open the report>" in text


def test_text_keeps_its_paragraphs_and_its_addresses_become_links():
    message = (
        "Rejected traffic, 2026-11-23\nEnvironment: prod\n\nNew findings, the most severe first (1):\n"
        "- HIGH Port scan: 203.0.113.9 -> eni-1, ports: 1,000\n\nThe report: https://reports.example/a?b=1&c=2"
    )
    payload = text_of(message, subject="[prod] Rejected traffic, 2026-11-23: 1 finding")
    check(payload)
    assert title(payload) == "[prod] Rejected traffic, 2026-11-23: 1 finding"
    assert payload["attachments"][0]["color"] == "#d7263d"
    assert "first (1):\n- HIGH Port scan: 203.0.113.9 -> eni-1" in words(payload)
    assert "<https://reports.example/a?b=1&amp;c=2|The report (reports.example)>" in all_texts(payload)
    assert "SNS topic prod-flowlogs-alarms, sent 2026-11-24T10:05:13.000Z, message 00000000" in words(payload)


def test_text_without_a_subject_and_json_of_no_known_kind():
    assert title(text_of("\n\nfirst line\nsecond", subject=None)) == "first line"
    assert title(text_of("", subject=None)) == "Notification"
    assert '"kind": "something new"' in words(text_of({"kind": "something new", "n": [1, 2]}))


def test_a_long_text_is_cut_and_that_is_said():
    payload = text_of("word " * 50_000)
    check(payload)
    assert "(249,999 characters, cut)" in words(payload)
    assert len(list(all_blocks(payload))) < 10


VALUES = st.recursive(
    HOSTILE | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("make", "example"),
    [
        (lambda values: failure_message(values, "prod"), FAILURE),
        (lambda values: health_message(values, "prod"), {"new": [FINDING], "worse": [FINDING], "resolved": [FINDING], "page_url": ""}),
        (report_message, REPORT),
        (lambda values: text_of(json.dumps(values)), {"any": "thing"}),
        (lambda values: text_of("\n".join(map(str, values.values())), subject=str(values)[:100]), {"a": "", "b": ""}),
    ],
    ids=["failure", "health", "report", "json", "text"],
)  # fmt: skip
def test_any_value_anywhere_makes_a_message_that_slack_takes(make, example):
    @settings(max_examples=25)
    @given(
        st.dictionaries(
            st.sampled_from(sorted(example)),
            VALUES | st.lists(st.dictionaries(st.sampled_from([*FINDING, *REPORT["findings"][0]]), VALUES), max_size=3),
        )
    )
    def holds(values):
        check(make({**example, **values}))

    holds()
