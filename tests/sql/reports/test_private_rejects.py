"""reports/private_rejects.sql."""

import pytest

FILE = "reports/private_rejects.sql"
DAY = "2026-11-22"


def test_flows_between_private_addresses(lake):
    lake.records(
        {"srcaddr": "10.0.0.5", "dstaddr": "10.0.1.7", "dstport": 5432, "start": "09:00", "packets": 2, "bytes": 80},
        {"srcaddr": "10.0.0.5", "dstaddr": "10.0.1.7", "dstport": 5432, "start": "08:00", "interface_id": "eni-b"},
        {"srcaddr": "10.0.0.5", "dstaddr": "10.0.1.7", "dstport": 53, "protocol": 17},
        {"srcaddr": "10.0.0.5", "dstaddr": "10.0.1.7", "dstport": 443, "action": "ACCEPT"},
    )
    rows = lake.run("private_rejects")
    assert [(row["srcaddr"], row["dstaddr"], row["dstport"], row["protocol"], row["flows"]) for row in rows] == [
        ("10.0.0.5", "10.0.1.7", "5432", "6", "2"),
        ("10.0.0.5", "10.0.1.7", "53", "17", "1"),
    ]
    assert [rows[0][name] for name in ("interfaces", "packets", "bytes")] == ["2", "3", "120"]
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 09:00:00.000")


@pytest.mark.parametrize(
    ("srcaddr", "dstaddr", "found"),
    [
        ("10.0.0.5", "192.168.0.1", 1),
        ("172.16.0.1", "172.31.255.254", 1),
        ("100.64.0.1", "10.0.0.5", 1),
        ("fd00:1::1", "fd00:1::2", 1),
        ("172.15.0.1", "10.0.0.5", 0),
        ("10.0.0.5", "172.32.0.1", 0),
        ("198.51.100.1", "10.0.0.5", 0),
        ("10.0.0.5", "198.51.100.1", 0),
        ("2001:db8::1", "fd00:1::2", 0),
        (None, "10.0.0.5", 0),
        ("10.0.0.5", None, 0),
    ],
)
def test_both_have_to_be_private(lake, srcaddr, dstaddr, found):
    lake.daily({"srcaddr": srcaddr, "dstaddr": dstaddr}, day=DAY)
    assert len(lake.run("private_rejects")) == found


def test_targets_and_days_add_up(lake):
    row = {"srcaddr": "10.0.0.5"}
    lake.daily({**row, "flows": 1}, day="2026-11-20")
    lake.daily({**row, "flows": 2}, day="2026-11-21")
    lake.daily({**row, "flows": 4}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({**row, "flows": 8}, day=DAY, origin="other")
    assert [row["flows"] for row in lake.run("private_rejects", "2026-11-21", DAY)] == ["14"]


def test_flows_without_a_port(lake):
    lake.daily({"srcaddr": "10.0.0.5", "dstport": None, "protocol": None}, day=DAY)
    assert [(row["dstport"], row["protocol"], row["flows"]) for row in lake.run("private_rejects")] == [("", "", "1")]


def test_equal_ones_in_the_order_of_address_and_port_rows_at_most(lake):
    lake.daily(
        {"srcaddr": "10.0.0.6"},
        {"srcaddr": "10.0.0.5", "dstport": 25},
        {"srcaddr": "10.0.0.5", "dstport": 22, "hour": 3},
        {"srcaddr": "10.0.0.5", "dstport": 22, "hour": 4},
        {"srcaddr": "10.0.0.5", "dstport": 23},
        day=DAY,
    )
    rows = lake.run("private_rejects", limit=3)
    assert [(row["srcaddr"], row["dstport"], row["flows"]) for row in rows] == [
        ("10.0.0.5", "22", "2"),
        ("10.0.0.5", "23", "1"),
        ("10.0.0.5", "25", "1"),
    ]
    assert rows[0]["interfaces"] == "1"
