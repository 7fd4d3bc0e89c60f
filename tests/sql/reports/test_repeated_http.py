"""reports/repeated_http.sql."""

import pytest

FILE = "reports/repeated_http.sql"


def http(*starts, **values):
    """Attempts on 443 at these times."""
    return [{"dstport": 443, "start": start, **values} for start in starts]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_three_attempts_within_five_minutes(lake):
    lake.records(*http("12:00", "12:02", "12:04", packets=2, bytes=80))
    (row,) = lake.run("repeated_http")
    assert found([row]) == [("203.0.113.9", "10.0.0.1:443", "3")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:04:00.000")
    assert (row["flows"], row["packets"], row["bytes"]) == ("3", "6", "240")
    assert (row["dstaddr"], row["dstport"], row["interface_id"], row["accounts"]) == ("10.0.0.1", "443", "eni-0a", "1")


@pytest.mark.parametrize(
    ("starts", "amounts"),
    [
        (["12:00", "12:01"], []),
        (["12:00", "12:01", "12:05"], ["3"]),
        (["12:00", "12:01", "12:05:01"], []),
        (["12:00", "12:00", "12:00"], ["3"]),
        (["11:58", "11:59", "12:02", "12:03"], ["4"]),
        (["12:00", "12:04", "12:08", "12:12", "12:13", "12:40"], ["3"]),
    ],
)
def test_the_window_slides(lake, starts, amounts):
    lake.records(*http(*starts))
    assert [row["amount"] for row in lake.run("repeated_http")] == amounts


def test_both_ports_count_together(lake):
    lake.records(*http("12:00", "12:02"), *http("12:01", dstport=80))
    (row,) = lake.run("repeated_http")
    assert found([row]) == [("203.0.113.9", "10.0.0.1:80/443", "3")]
    assert row["dstport"] == ""


def test_all_destinations_count_together_and_are_one_finding(lake):
    lake.records(*http("12:00"), *http("12:01", dstaddr="10.0.0.2", interface_id="eni-0b"))
    lake.records(*http("12:02", dstaddr="10.0.0.3", interface_id="eni-0c"), account="222233334444")
    (row,) = lake.run("repeated_http")
    assert found([row]) == [("203.0.113.9", "several destinations:443", "3")]
    assert (row["destinations"], row["dstaddr"], row["interface_id"], row["accounts"]) == ("3", "", "", "2")


def test_each_source_counts_by_itself(lake):
    lake.records(*http("12:00", "12:01"), *http("12:02", srcaddr="203.0.113.10"))
    assert lake.run("repeated_http") == []
    lake.records(*http("12:03", "12:04"), *http("12:03", "12:04", "12:05", srcaddr="10.0.0.7"))
    assert found(lake.run("repeated_http")) == [
        ("203.0.113.9", "10.0.0.1:443", "4"),
        ("10.0.0.7", "10.0.0.1:443", "3"),
    ]


@pytest.mark.parametrize(
    "other", [{"action": "ACCEPT"}, {"dstport": 8080}, {"protocol": 17}, {"srcport": 443, "dstport": 50000}]
)
def test_what_is_no_attempt(lake, other):
    lake.records(*http("12:00", "12:01"), *http("12:02", **other))
    assert lake.run("repeated_http") == []


def test_ipv6(lake):
    lake.records(*http("12:00", "12:01", "12:02", srcaddr="2001:db8::9", dstaddr="2600:1f18::1"))
    assert found(lake.run("repeated_http")) == [("2001:db8::9", "[2600:1f18::1]:443", "3")]


def test_records_without_addresses_are_nobody(lake):
    lake.records(*http("12:00", "12:01", "12:02", srcaddr=None), *http("12:00", "12:01", "12:02", dstaddr=None))
    assert lake.run("repeated_http") == []


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*http("23:58", "23:59"), day="2026-11-21")
    lake.records(*http("00:01"), day="2026-11-22")
    assert lake.run("repeated_http", "2026-11-21") == []
    assert lake.run("repeated_http", "2026-11-22") == []
    (row,) = lake.run("repeated_http", "2026-11-21", "2026-11-22")
    assert (row["amount"], row["last_seen"]) == ("3", "2026-11-22 00:01:00.000")


def test_thresholds(lake):
    lake.records(*http("12:00", "12:00:09", dstport=8080), *http("12:00", "12:00:11", dstport=8080, srcaddr="10.0.0.7"))
    rows = lake.run("repeated_http", thresholds={"attempts": 2, "seconds": 10, "ports": (8080, 8443)})
    assert found(rows) == [("203.0.113.9", "10.0.0.1:8080", "2")]


def test_the_most_attempts_first_and_no_more_than_asked_for(lake):
    lake.records(
        *http("12:00", "12:01", "12:02"),
        *http("12:00", "12:01", "12:02", "12:03", srcaddr="203.0.113.20"),
        *http("12:00", "12:01", "12:02", srcaddr="203.0.113.1"),
    )
    assert [row["who"] for row in lake.run("repeated_http", limit=2)] == ["203.0.113.20", "203.0.113.1"]
