"""curate/summary.sql: the day's summary, made from its records. The lake of the report's tests is made by it, too."""

import pytest

from tests.sql.reports.conftest import Lake

FILE = "curate/summary.sql"
DAY = "2026-11-22"


@pytest.fixture
def summary(sql):
    lake = Lake(sql)

    def summarise(*rows):
        lake.records(*rows)
        lake.summarise()
        return sql.athena.rows(
            "SELECT interface_id, srcaddr, dstport, protocol, action, hour, flows, packets, bytes, first_seen, "
            "last_seen FROM flow_daily ORDER BY action, srcaddr, dstport, hour"
        )

    return summarise


def test_records_that_are_alike_are_one_row(summary):
    found = summary(
        {"start": "10:00", "packets": 1, "bytes": 40},
        {"start": "10:59:59", "packets": 2, "bytes": 80, "srcport": 50000},
        {"start": "10:30", "packets": 3, "bytes": 120},
    )
    assert found == [
        ("eni-0a", "203.0.113.9", "22", "6", "REJECT", "10", "3", "6", "240",
         "2026-11-22 10:00:00.000", "2026-11-22 10:59:59.000"),
    ]  # fmt: skip


def test_rejects_have_hours_and_accepted_flows_have_none(summary):
    found = summary(
        {"start": "00:00"}, {"start": "23:59:59"},
        {"start": "00:00", "action": "ACCEPT"}, {"start": "23:59:59", "action": "ACCEPT"},
    )  # fmt: skip
    assert [(row[4], row[5], row[6]) for row in found] == [
        ("ACCEPT", "", "2"), ("REJECT", "0", "1"), ("REJECT", "23", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("srcport", "dstport", "shown"),
    [
        (443, 32768, ""),
        (443, 32767, "32767"),
        (32767, 50000, ""),
        (32768, 50000, "50000"),
        (40000, 443, "443"),
        (0, 0, "0"),
    ],
    ids=["reply", "below 32768", "reply of a high service", "two clients", "request", "ICMP"],
)
def test_accepted_replies_have_no_port(summary, srcport, dstport, shown):
    (row,) = summary({"action": "ACCEPT", "srcport": srcport, "dstport": dstport})
    assert row[2] == shown


def test_rejects_keep_every_port(summary):
    (row,) = summary({"srcport": 443, "dstport": 50000})
    assert row[2] == "50000"


def test_each_action_is_a_partition(sql, summary):
    summary({}, {"action": "ACCEPT"}, {"action": "ACCEPT", "dstaddr": "10.0.0.2"})
    assert sql.athena.rows("SELECT action, count(*) FROM flow_daily GROUP BY action ORDER BY action") == [
        ("ACCEPT", "2"), ("REJECT", "1"),
    ]  # fmt: skip
