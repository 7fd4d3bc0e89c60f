from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alarm import Alarm
from alarm_message import alarm_message
from configuration import Configuration
from log_lines import LogLine, LogLines
from notification import notifications

from tests.unit.slack_notifier.block_kit import all_texts, check, title, words
from tests.unit.slack_notifier.published import ALARM, alarm, event

FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
CONFIGURATION = Configuration("ssm:/x", environment="prod", log_group="/flowlogs/vpc", log_fields=tuple(FIELDS.split()))
RECORD = "2 111122223333 eni-0a1b 203.0.113.{} 10.0.0.5 40000 443 6 1 60 1795514460 1795514519 REJECT OK"


def lines(count: int, **values) -> LogLines:
    first = tuple(LogLine(1795514460000, RECORD.format(number)) for number in range(min(count, 10)))
    return LogLines(first, count, **{"pattern": "[version, ...]", **values})


def message_of(message, **options):
    (notification,) = notifications(event(message))
    payload = alarm_message(Alarm.of(notification), options.pop("configuration", CONFIGURATION), **options)
    check(payload)
    return payload


def test_an_alarm_says_what_where_how_many_since_when_and_shows_the_lines():
    payload = message_of(alarm(), lines=lines(3))
    assert title(payload) == "ALARM: Repeated HTTP attempts"
    assert payload["text"] == "ALARM: Repeated HTTP attempts: 5 in 300 s; prod, 111122223333, eu-west-1"
    assert payload["attachments"][0]["color"] == "#d7263d"
    text = words(payload)
    for part in (
        "*How many*\n5 in 300 s",
        "*Alarm at*\n3 or more",
        "*Since*\n2026-11-24 10:05:12 UTC",
        "*Metric*\nFlowLogs / prod_http_attempts / Sum",
        "*Account and region*\n111122223333, eu-west-1",
        "*Log group*\n/flowlogs/vpc",
        "3 or more attempts on 80 or 443.",
        "*3 log lines*, times in UTC",
        "10:01:00  203.0.113.1:40000  → 10.0.0.5:443  eni-0a1b  REJECT",
        "CloudWatch: Threshold Crossed: 1 out of the last 1 datapoints",
    ):
        assert part in text, part
    assert text.count("Repeated HTTP attempts") == 2, "the headline and the notification say it"
    assert "Severity: high" not in text
    assert "more" not in text.partition("log lines")[2].partition("CloudWatch:")[0]


def test_many_lines_are_counted():
    assert "The first 10 of 1,234 log lines" in words(message_of(alarm(), lines=lines(1234)))
    text = words(message_of(alarm(), lines=lines(1234, is_complete=False)))
    assert "The first 10 of at least 1,234 log lines" in text
    assert "and at least 1,224 more" in text


def test_what_keeps_lines_from_being_fetched_is_said():
    text = words(message_of(alarm(), lines=LogLines(problem="AccessDeniedException: not yours", is_complete=False)))
    assert "The log lines could not be fetched: AccessDeniedException: not yours" in text
    text = words(message_of(alarm(), lines=lines(2, problem="ThrottlingException: slow down", is_complete=False)))
    assert "The log lines could not all be fetched: ThrottlingException" in text
    assert "203.0.113.1:40000" in text


def test_no_lines():
    assert "No log line of that time matches the filter pattern [version, ...]" in words(
        message_of(alarm(), lines=lines(0))
    )
    assert "No log line found in the time there was" in words(message_of(alarm(), lines=lines(0, is_complete=False)))


@pytest.mark.parametrize(
    ("severity", "colour"), [("critical", "#8b0000"), ("low", "#e8c547"), ("unheard of", "#d7263d")]
)
def test_the_bar_shows_the_severity(severity, colour):
    payload = message_of(alarm(AlarmDescription=f"A title\nSeverity: {severity}\nand more"))
    assert payload["attachments"][0]["color"] == colour


def test_links_to_the_alarm_the_lines_and_insights():
    (text,) = [t for t in all_texts(message_of(alarm(), lines=lines(1))) if "|Alarm>" in t]
    home = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#"
    assert f"<{home}alarmsV2:alarm/{ALARM}|Alarm>" in text
    assert "logsV2:log-groups/log-group/$252Fflowlogs$252Fvpc/log-events$3FfilterPattern$3D$255Bversion" in text
    assert "$26start$3D1795514400000$26end$3D1795514700000|Log lines>" in text
    assert "|Logs Insights>" in text


def test_without_a_console_or_a_region_nothing_is_linked():
    bare = Configuration("ssm:/x", console_url="")
    assert "|Alarm>" not in "".join(all_texts(message_of(alarm(), configuration=bare)))
    (notification,) = notifications({"Records": [{"Sns": {"Message": "{}"}}]})
    nowhere = Alarm.of(notification)
    assert "<" not in "".join(all_texts(alarm_message(nowhere, CONFIGURATION)))


def test_ok_again_is_short_and_says_how_long_it_was_not():
    since = datetime(2026, 11, 24, 9, 53, tzinfo=UTC)
    payload = message_of(alarm("OK"), in_alarm_since=since)
    assert title(payload) == "OK again: Repeated HTTP attempts"
    assert payload["attachments"][0]["color"] == "#2e9e6b"
    assert f"{ALARM} is OK again, was in ALARM for 12 min (since 2026-11-24 09:53 UTC)." in words(payload)
    assert "attempts on 80" not in words(payload)


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=10), "less than a minute"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=5, minutes=3), "5 h 3 min"),
        (timedelta(days=3, hours=4), "3 days 4 h"),
        (timedelta(seconds=-1), "less than a minute"),
    ],
)
def test_how_long(length, shown):
    changed_at = datetime(2026, 11, 24, 10, 5, 12, 345000, tzinfo=UTC)
    assert f"for {shown} (" in words(message_of(alarm("OK"), in_alarm_since=changed_at - length))


def test_ok_when_the_past_is_not_known():
    assert "its history does not tell since when" in words(message_of(alarm("OK")))
    text = words(message_of(alarm("OK", OldStateValue="INSUFFICIENT_DATA")))
    assert "is OK; before, CloudWatch had too little data to tell" in text


def test_insufficient_data():
    payload = message_of(alarm("INSUFFICIENT_DATA", NewStateReason="Insufficient Data: 1 datapoint was unknown."))
    assert title(payload) == "No data to judge: Repeated HTTP attempts"
    assert payload["attachments"][0]["color"] == "#8a8d91"
    assert "too little data to tell whether this alarm should go off" in words(payload)


def test_a_drill_says_so_first():
    payload = message_of(alarm(NewStateReason="[drill abc-1] test of the path"), lines=lines(0))
    assert title(payload) == "[drill abc-1] ALARM: Repeated HTTP attempts"
    assert payload["text"].startswith("[drill abc-1] ALARM")
    assert payload["attachments"][0]["color"] == "#3a7ca5"
    assert "*This is a drill* (abc-1)" in words(payload)
    assert "This is a drill" not in words(message_of(alarm(), lines=lines(0)))
