"""reports/cleartext_accepted.sql."""

import pytest

FILE = "reports/cleartext_accepted.sql"


def accepted(**values):
    """A record: a stranger let in on Telnet."""
    common = {"action": "ACCEPT", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1", "srcport": 40000, "dstport": 23}
    return {**common, "packets": 9, "bytes": 900, **values}


def test_a_stranger_on_telnet(lake):
    lake.records(accepted(start="09:00"), accepted(start="09:10"), accepted(start="11:00", srcport=40001))
    assert lake.run("cleartext_accepted") == [
        {
            "who": "203.0.113.9", "what": "10.0.0.1:23", "first_seen": "2026-11-22 09:00:00.000",
            "last_seen": "2026-11-22 11:00:00.000", "amount": "3", "service": "Telnet", "connections": "2",
            "dstaddr": "10.0.0.1", "dstport": "23", "packets": "27", "bytes": "2700", "interface_id": "eni-0a",
            "aws_account": "111122223333", "aws_region": "us-east-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("port", "service"),
    [
        (21, "FTP"), (25, "SMTP"), (110, "POP3"), (143, "IMAP"), (389, "LDAP"), (3306, "MySQL"),
        (5432, "PostgreSQL"), (6379, "Redis"), (9200, "Elasticsearch"), (27017, "MongoDB"),
    ],
)  # fmt: skip
def test_services(lake, port, service):
    lake.records(accepted(dstport=port))
    assert [(row["what"], row["service"]) for row in lake.run("cleartext_accepted")] == [(f"10.0.0.1:{port}", service)]


@pytest.mark.parametrize(
    "values",
    [
        {"action": "REJECT"},
        {"srcaddr": "10.9.0.1"},
        {"srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9"},
        {"protocol": 17},
        {"dstport": 22},
        {"dstport": 443},
        {"srcport": 23, "dstport": 40000},
        {"srcport": 1023},
        {"srcport": 443, "dstport": 5432},
        {"srcport": 8443, "dstport": 5432, "tcp_flags": 18},
        {"srcport": 8443, "dstport": 5432, "tcp_flags": 19},
        {"dstaddr": None},
        {"srcaddr": None},
        {"srcaddr": "2600:1f18::1", "dstaddr": "2001:db8::1", "flow_direction": "egress"},
    ],
)
def test_what_is_no_service_of_ours_that_a_stranger_reached(lake, values):
    lake.records(accepted(**values))
    assert lake.run("cleartext_accepted") == []


@pytest.mark.parametrize(
    "values",
    [
        {"srcport": 1024},
        {"srcport": None},
        {"protocol": None},
        {"tcp_flags": 2, "flow_direction": "ingress"},
        {"tcp_flags": 3, "srcport": 443},
        {"tcp_flags": 0},
        {"srcaddr": "2001:db8::1", "dstaddr": "2600:1f18::1"},
    ],
)
def test_what_is_one(lake, values):
    lake.records(accepted(**values))
    (row,) = lake.run("cleartext_accepted")
    assert row["what"] == ("[2600:1f18::1]:23" if "dstaddr" in values else "10.0.0.1:23")


def test_the_answer_to_a_connection_of_ours(lake):
    lake.records(
        {"action": "ACCEPT", "srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9", "srcport": 50000, "dstport": 25},
        {"action": "ACCEPT", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1", "srcport": 25, "dstport": 50000},
    )
    assert lake.run("cleartext_accepted") == []


def test_days_networks_order_and_limit(lake):
    lake.records(accepted(), day="2026-11-21")
    lake.records(accepted(), accepted(srcaddr="203.0.113.1"), accepted(dstport=21), accepted(dstaddr="10.0.0.2"))
    lake.records(accepted(interface_id="eni-0b"), account="222233334444")
    rows = lake.run("cleartext_accepted", "2026-11-21", "2026-11-22")
    assert [(row["who"], row["what"], row["amount"]) for row in rows] == [
        ("203.0.113.9", "10.0.0.1:23", "3"),
        ("203.0.113.1", "10.0.0.1:23", "1"),
        ("203.0.113.9", "10.0.0.1:21", "1"),
        ("203.0.113.9", "10.0.0.2:23", "1"),
    ]
    assert (rows[0]["aws_account"], rows[0]["interface_id"]) == ("111122223333, 222233334444", "")
    assert [row["amount"] for row in lake.run("cleartext_accepted", limit=1)] == ["2"]


def test_thresholds(lake):
    lake.records(accepted(dstport=11211), accepted(dstport=8080), accepted())
    rows = lake.run("cleartext_accepted", thresholds={"ports": (8080, 11211)})
    assert [(row["dstport"], row["service"]) for row in rows] == [("11211", "Memcached"), ("8080", "")]
