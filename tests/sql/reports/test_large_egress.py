"""reports/large_egress.sql."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import DAY

FILE = "reports/large_egress.sql"

MB = 1_000_000


def sent(megabytes, **values):
    """A row of the summary: one host of ours to one public address."""
    common = {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "203.0.113.9", "dstport": 443, "flows": 4}
    return {**common, "packets": 1000, "bytes": int(megabytes * MB), **values}


def baseline(lake, megabytes, **values):
    """What was sent on the days before, the latest first."""
    for number, count in enumerate(megabytes, start=1):
        lake.daily(sent(count, **values), day=str(date.fromisoformat(DAY) - timedelta(days=number)))


def amounts(rows):
    return [int(row["amount"]) // MB for row in rows]


def test_more_than_500_megabytes_in_a_day(lake):
    lake.daily(sent(300, first_seen="01:00"), sent(250, dstport=8443, last_seen="20:00"), day=DAY)
    assert lake.run("large_egress") == [
        {
            "who": "10.0.0.5", "what": "203.0.113.9", "first_seen": "2026-11-22 01:00:00.000",
            "last_seen": "2026-11-22 20:00:00.000", "amount": "550000000", "day": DAY, "usual": "",
            "baseline_days": "0", "days": "1", "flows": "8", "packets": "2000", "bytes": "550000000",
            "dstaddr": "203.0.113.9", "dstport": "", "interface_id": "eni-0a", "aws_account": "111122223333",
            "aws_region": "us-east-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "found"), [(500 * MB, 0), (500 * MB + 1, 1)])
def test_exactly_500_megabytes_are_not_more(lake, size, found):
    lake.daily(sent(0, bytes=size), day=DAY)
    assert len(lake.run("large_egress")) == found


@pytest.mark.parametrize(
    "values",
    [
        {"action": "REJECT"},
        {"srcaddr": "203.0.113.1"},
        {"dstaddr": "10.0.0.9"},
        {"srcaddr": "203.0.113.9", "dstaddr": "10.0.0.5"},
        {"srcaddr": None},
        {"dstaddr": None},
        {"bytes": None},
        {"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::9"},
        {"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::9", "flow_direction": "ingress"},
    ],
)
def test_what_does_not_leave_us(lake, values):
    lake.daily(sent(900, **values), day=DAY)
    assert lake.run("large_egress") == []


@pytest.mark.parametrize(
    "values",
    [{"dstport": None}, {"flow_direction": "egress"}, {"protocol": 17},
     {"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::9", "flow_direction": "egress"}],
)  # fmt: skip
def test_what_leaves_us(lake, values):
    lake.daily(sent(900, **values), day=DAY)
    (row,) = lake.run("large_egress")
    assert row["dstport"] == ("" if "dstport" in values else "443")


def test_replies_of_our_servers_count(lake):
    lake.records(
        {"action": "ACCEPT", "srcaddr": "10.0.0.5", "srcport": 443, "dstaddr": "203.0.113.9", "dstport": 50000,
         "bytes": 400 * MB},
        {"action": "ACCEPT", "srcaddr": "10.0.0.5", "srcport": 443, "dstaddr": "203.0.113.9", "dstport": 50001,
         "bytes": 200 * MB},
    )  # fmt: skip
    assert amounts(lake.run("large_egress")) == [600]


def test_pairs_networks_and_interfaces_count_by_themselves(lake):
    lake.daily(
        sent(400),
        sent(400, dstaddr="203.0.113.10"),
        sent(400, srcaddr="10.0.0.6"),
        sent(400, interface_id="eni-0b"),
        day=DAY,
    )
    lake.daily(sent(400), day=DAY, account="222233334444")
    lake.daily(sent(400), day=DAY, region="eu-west-1")
    assert lake.run("large_egress") == []


def test_the_same_pair_of_two_networks_is_one_finding(lake):
    lake.daily(sent(600), day=DAY)
    lake.daily(sent(700, interface_id="eni-0b"), day=DAY, account="222233334444")
    (row,) = lake.run("large_egress")
    assert (row["amount"], row["bytes"], row["interface_id"]) == (str(700 * MB), str(1300 * MB), "")
    assert row["aws_account"] == "111122223333, 222233334444"


@pytest.mark.parametrize(("megabytes", "found"), [(130, []), (130.1, [130])])
def test_more_than_its_own_mean_and_three_deviations(lake, megabytes, found):
    # Mean 70, deviation of the sample 20.
    baseline(lake, [90, 50, 90, 50, 70])
    lake.daily(sent(megabytes), day=DAY)
    rows = lake.run("large_egress")
    assert amounts(rows) == found
    assert [(row["usual"], row["baseline_days"]) for row in rows] == [("70000000", "5")] * len(found)


@pytest.mark.parametrize(("days", "found"), [(4, []), (5, [120])])
def test_five_days_are_needed(lake, days, found):
    baseline(lake, [10] * days)
    lake.daily(sent(120), day=DAY)
    assert amounts(lake.run("large_egress")) == found


@pytest.mark.parametrize(("size", "found"), [(50 * MB, 0), (50 * MB + 1, 1)])
def test_the_floor(lake, size, found):
    baseline(lake, [1] * 6)
    lake.daily(sent(0, bytes=size), day=DAY)
    assert len(lake.run("large_egress")) == found


@pytest.mark.parametrize(("megabytes", "found"), [(149, []), (150, [150])])
def test_a_backup_of_always_the_same_size_may_grow(lake, megabytes, found):
    baseline(lake, [100] * 10)
    lake.daily(sent(megabytes), day=DAY)
    assert amounts(lake.run("large_egress")) == found


def test_what_is_usual_is_found_too_when_it_is_more_than_500_megabytes(lake):
    baseline(lake, [900] * 6)
    lake.daily(sent(900), day=DAY)
    (row,) = lake.run("large_egress")
    assert (row["usual"], row["baseline_days"]) == ("900000000", "6")


def test_the_baseline_is_the_pairs_own_and_of_accepted_flows(lake):
    baseline(lake, [1] * 6, dstaddr="203.0.113.10")
    baseline(lake, [1] * 6, srcaddr="10.0.0.6")
    baseline(lake, [1] * 6, action="REJECT")
    lake.daily(sent(120), day=DAY)
    assert lake.run("large_egress") == []


def test_the_baseline_without_interface(lake):
    baseline(lake, [10] * 5, interface_id=None)
    lake.daily(sent(120, interface_id=None), day=DAY)
    assert [(row["amount"], row["interface_id"]) for row in lake.run("large_egress")] == [("120000000", "")]


def test_a_week_is_judged_day_by_day(lake):
    for day, megabytes in (("2026-11-20", 300), ("2026-11-21", 510), ("2026-11-22", 520)):
        lake.daily(sent(megabytes), day=day)
    (row,) = lake.run("large_egress", "2026-11-16", "2026-11-22")
    assert (row["amount"], row["day"], row["days"], row["bytes"]) == ("520000000", DAY, "2", "1030000000")
    lake.daily(sent(300, dstaddr="203.0.113.1"), day="2026-11-20")
    lake.daily(sent(300, dstaddr="203.0.113.1"), day="2026-11-21")
    assert len(lake.run("large_egress", "2026-11-16", "2026-11-22")) == 1


def test_thresholds_order_and_limit(lake):
    lake.daily(sent(2), sent(3, srcaddr="10.0.0.6"), sent(1, srcaddr="10.0.0.7"), day=DAY)
    rows = lake.run("large_egress", thresholds={"bytes": 1 * MB})
    assert [row["who"] for row in rows] == ["10.0.0.6", "10.0.0.5"]
    assert [row["who"] for row in lake.run("large_egress", limit=1, thresholds={"bytes": 1 * MB})] == ["10.0.0.6"]
    baseline(lake, [0.1, 0.1, 0.4])
    own = {"sigmas": 1, "days_needed": 3, "floor_bytes": MB, "growth": 10}
    assert [row["who"] for row in lake.run("large_egress", thresholds=own)] == ["10.0.0.5"]
    assert lake.run("large_egress", thresholds={**own, "growth": 11}) == []
