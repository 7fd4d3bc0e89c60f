"""reports/admin_port_accepted.sql."""

import pytest

FILE = "reports/admin_port_accepted.sql"


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_accepted_from_a_public_address(lake):
    lake.records(
        {"action": "ACCEPT", "start": "12:00", "packets": 20, "bytes": 4000},
        {"action": "ACCEPT", "start": "12:01", "packets": 10, "bytes": 2000},
        {"action": "ACCEPT", "start": "13:00", "srcport": 50000, "packets": 5, "bytes": 1000},
    )
    (row,) = lake.run("admin_port_accepted")
    assert found([row]) == [("203.0.113.9", "10.0.0.1:22", "3")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 13:00:00.000")
    assert (row["connections"], row["packets"], row["bytes"]) == ("2", "35", "7000")
    assert (row["dstaddr"], row["dstport"], row["interface_id"]) == ("10.0.0.1", "22", "eni-0a")
    assert (row["aws_account"], row["aws_region"]) == ("111122223333", "us-east-1")


@pytest.mark.parametrize("port", [22, 23, 3389, 5900, 5985, 5986])
def test_ports(lake, port):
    lake.records({"action": "ACCEPT", "dstport": port})
    assert found(lake.run("admin_port_accepted")) == [("203.0.113.9", f"10.0.0.1:{port}", "1")]


@pytest.mark.parametrize(
    "values",
    [
        {"action": "REJECT"},
        {"dstport": 443},
        {"srcport": 22, "dstport": 50000},
        {"protocol": 17},
        {"srcaddr": "10.240.0.9"},
        {"srcaddr": "192.168.1.9"},
        {"srcaddr": "fd00::9"},
        {"srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9"},
        {"srcaddr": "2600:1f18::1", "dstaddr": "2001:db8::1", "flow_direction": "egress"},
        {"srcaddr": None},
        {"dstaddr": None},
        {"dstport": None},
    ],
)
def test_what_is_no_login(lake, values):
    lake.records({"action": "ACCEPT", **values})
    assert lake.run("admin_port_accepted") == []


@pytest.mark.parametrize(
    ("values", "is_login"),
    [
        ({"srcport": 443, "dstport": 3389}, False),
        ({"srcport": 1023, "dstport": 3389}, False),
        ({"srcport": 1024, "dstport": 3389}, True),
        ({"srcport": None, "dstport": 3389}, True),
        ({"srcport": 443, "dstport": 22}, True),
        ({"srcport": 443, "dstport": 3389, "tcp_flags": 0}, False),
        ({"srcport": 443, "dstport": 3389, "tcp_flags": 3}, True),
        ({"srcport": 8443, "dstport": 3389, "tcp_flags": 19}, False),
        ({"srcport": 8443, "dstport": 3389, "tcp_flags": 1}, True),
    ],
)
def test_replies_to_clients_of_ours_are_no_logins(lake, values, is_login):
    lake.records({"action": "ACCEPT", **values})
    assert len(lake.run("admin_port_accepted")) == is_login


def test_ipv6_without_a_direction_and_inwards(lake):
    lake.records({"action": "ACCEPT", "srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1"})
    lake.records({"action": "ACCEPT", "srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1", "flow_direction": "ingress"})
    assert found(lake.run("admin_port_accepted")) == [("2001:db8::9", "[2600:1f18::1]:22", "2")]


def test_several_sources_destinations_accounts_and_days(lake):
    lake.records({"action": "ACCEPT"}, {"action": "ACCEPT", "dstport": 3389}, day="2026-11-21")
    lake.records({"action": "ACCEPT"}, {"action": "ACCEPT", "srcaddr": "203.0.113.10"}, day="2026-11-22")
    lake.records({"action": "ACCEPT", "interface_id": "eni-0b"}, account="222233334444", region="eu-west-1")
    assert len(lake.run("admin_port_accepted", "2026-11-21")) == 2
    rows = lake.run("admin_port_accepted", "2026-11-21", "2026-11-22")
    assert found(rows) == [
        ("203.0.113.9", "10.0.0.1:22", "3"),
        ("203.0.113.10", "10.0.0.1:22", "1"),
        ("203.0.113.9", "10.0.0.1:3389", "1"),
    ]
    assert (rows[0]["aws_account"], rows[0]["aws_region"]) == ("111122223333, 222233334444", "eu-west-1, us-east-1")
    assert rows[0]["interface_id"] == ""


def test_ports_of_the_settings_and_no_more_than_asked_for(lake):
    lake.records({"action": "ACCEPT"}, *({"action": "ACCEPT", "dstport": port} for port in (2222, 6443)))
    rows = lake.run("admin_port_accepted", thresholds={"ports": (2222, 6443)})
    assert [row["dstport"] for row in rows] == ["2222", "6443"]
    rows = lake.run("admin_port_accepted", thresholds={"ports": (2222, 6443)}, limit=1)
    assert [row["dstport"] for row in rows] == ["2222"]
