"""reports/egress_rejects.sql."""

import pytest

FILE = "reports/egress_rejects.sql"
DAY = "2026-11-22"
HOST = "10.0.0.5"


def test_hosts_by_port(lake):
    lake.records(
        {"srcaddr": HOST, "dstaddr": "198.51.100.2", "dstport": 25, "start": "09:00", "packets": 2, "bytes": 80},
        {"srcaddr": HOST, "dstaddr": "198.51.100.1", "dstport": 25, "start": "08:00"},
        {"srcaddr": HOST, "dstaddr": "198.51.100.1", "dstport": 123, "protocol": 17},
        {"srcaddr": HOST, "dstaddr": "198.51.100.1", "dstport": 443, "action": "ACCEPT"},
    )
    rows = lake.run("egress_rejects")
    assert [(row["srcaddr"], row["dstport"], row["protocol"], row["flows"]) for row in rows] == [
        (HOST, "25", "6", "2"),
        (HOST, "123", "17", "1"),
    ]
    assert [rows[0][name] for name in ("destinations", "dstaddr", "packets", "bytes")] == [
        "2",
        "198.51.100.1",
        "3",
        "120",
    ]
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 09:00:00.000")


@pytest.mark.parametrize(
    ("srcaddr", "dstaddr", "found"),
    [
        ("172.31.0.1", "198.51.100.1", 1),
        ("fd00:1::1", "2001:db8::1", 1),
        ("10.0.0.5", "172.32.0.1", 1),
        ("10.0.0.5", "172.31.255.254", 0),
        ("172.32.0.1", "198.51.100.1", 0),
        ("198.51.100.1", "10.0.0.5", 0),
        (None, "198.51.100.1", 0),
        ("10.0.0.5", None, 0),
    ],
)
def test_from_private_to_public(lake, srcaddr, dstaddr, found):
    lake.daily({"srcaddr": srcaddr, "dstaddr": dstaddr}, day=DAY)
    assert len(lake.run("egress_rejects")) == found


def test_targets_and_days_add_up(lake):
    row = {"srcaddr": HOST, "dstaddr": "198.51.100.1"}
    lake.daily({**row, "flows": 1}, day="2026-11-20")
    lake.daily({**row, "flows": 2}, day="2026-11-21")
    lake.daily({**row, "flows": 4}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({**row, "flows": 8}, day=DAY, origin="other")
    assert [row["flows"] for row in lake.run("egress_rejects", "2026-11-21", DAY)] == ["14"]


def test_equal_ones_in_the_order_of_address_and_port_rows_at_most(lake):
    row = {"dstaddr": "198.51.100.1"}
    lake.daily(
        {**row, "srcaddr": "10.0.0.6"},
        {**row, "srcaddr": HOST, "dstport": 25},
        {**row, "srcaddr": HOST, "dstport": 22, "hour": 3},
        {**row, "srcaddr": HOST, "dstport": 22, "hour": 4},
        {**row, "srcaddr": HOST, "dstport": 23},
        day=DAY,
    )
    rows = lake.run("egress_rejects", limit=3)
    assert [(row["srcaddr"], row["dstport"], row["flows"]) for row in rows] == [
        (HOST, "22", "2"),
        (HOST, "23", "1"),
        (HOST, "25", "1"),
    ]
    assert rows[0]["destinations"] == "1"
