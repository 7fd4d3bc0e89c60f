"""reports/unapproved_dns.sql."""

import pytest

from tests.sql.conftest import DAY

FILE = "reports/unapproved_dns.sql"


def lookup(**values):
    """A row of the summary: one host of ours at one public resolver."""
    common = {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "198.51.100.53", "dstport": 53, "protocol": 17}
    return {**common, "flows": 3, "packets": 3, "bytes": 210, **values}


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_lookups_at_a_public_resolver(lake):
    lake.daily(lookup(first_seen="03:00"), lookup(protocol=6, interface_id="eni-0b", last_seen="14:00"), day=DAY)
    assert lake.run("unapproved_dns") == [
        {
            "who": "10.0.0.5", "what": "198.51.100.53:53", "first_seen": "2026-11-22 03:00:00.000",
            "last_seen": "2026-11-22 14:00:00.000", "amount": "6", "dstaddr": "198.51.100.53", "dstport": "53",
            "packets": "6", "bytes": "420", "interface_id": "", "aws_account": "111122223333",
            "aws_region": "us-east-1",
        }
    ]  # fmt: skip


def test_dns_over_tls_is_a_finding_of_its_own(lake):
    lake.daily(lookup(), lookup(dstport=853, protocol=6, flows=9), day=DAY)
    assert found(lake.run("unapproved_dns")) == [
        ("10.0.0.5", "198.51.100.53:853", "9"),
        ("10.0.0.5", "198.51.100.53:53", "3"),
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"action": "REJECT"},
        {"dstaddr": "10.0.0.2"},
        {"srcaddr": "203.0.113.1"},
        {"srcaddr": "203.0.113.1", "dstaddr": "10.0.0.2"},
        {"dstport": 443},
        {"dstport": 5353},
        {"dstport": None},
        {"protocol": 1},
        {"srcaddr": None},
        {"dstaddr": None},
        {"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::53", "flow_direction": "ingress"},
    ],
)
def test_what_is_no_lookup_of_ours_at_a_public_resolver(lake, values):
    lake.daily(lookup(**values), day=DAY)
    assert lake.run("unapproved_dns") == []


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"protocol": None}, "198.51.100.53:53"),
        ({"srcaddr": "fd00::5", "dstaddr": "2001:db8::53"}, "[2001:db8::53]:53"),
        ({"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::53", "flow_direction": "egress"}, "[2001:db8::53]:53"),
    ],
)
def test_other_formats_and_addresses(lake, values, what):
    lake.daily(lookup(**values), day=DAY)
    assert [row["what"] for row in lake.run("unapproved_dns")] == [what]


def test_the_resolvers_answer_is_no_lookup(lake):
    lake.records(
        {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "198.51.100.53", "dstport": 53, "protocol": 17},
        {"action": "ACCEPT", "srcaddr": "198.51.100.53", "dstaddr": "10.0.0.5", "srcport": 53, "dstport": 40000,
         "protocol": 17},
    )  # fmt: skip
    assert found(lake.run("unapproved_dns")) == [("10.0.0.5", "198.51.100.53:53", "1")]


def test_approved_resolvers(lake):
    resolvers = ["198.51.100.53", "198.51.100.54", "203.0.113.7", "203.0.113.8", "2001:db8::53", "2001:db8:1::1"]
    for resolver in resolvers:
        source = "fd00::5" if ":" in resolver else "10.0.0.5"
        lake.daily(lookup(srcaddr=source, dstaddr=resolver), day=DAY)
    assert len(lake.run("unapproved_dns")) == 6
    approved = ("198.51.100.53", "203.0.113.0/29", "2001:0DB8:0::53", "192.0.2.0/24")
    rows = lake.run("unapproved_dns", thresholds={"resolvers": approved})
    assert sorted(row["dstaddr"] for row in rows) == ["198.51.100.54", "2001:db8:1::1", "203.0.113.8"]
    everything = ("0.0.0.0/0", "::/0")
    assert lake.run("unapproved_dns", thresholds={"resolvers": everything}) == []


def test_the_same_host_of_two_networks_and_days(lake):
    lake.daily(lookup(), day="2026-11-21")
    lake.daily(lookup(), day=DAY, account="222233334444", region="eu-west-1")
    (row,) = lake.run("unapproved_dns", "2026-11-16", DAY)
    assert (row["amount"], row["aws_account"]) == ("6", "111122223333, 222233334444")
    assert row["aws_region"] == "eu-west-1, us-east-1"
    assert found(lake.run("unapproved_dns")) == [("10.0.0.5", "198.51.100.53:53", "3")]


def test_ports_order_and_limit(lake):
    lake.daily(lookup(dstport=5353), lookup(dstport=5353, srcaddr="10.0.0.4"), lookup(), day=DAY)
    rows = lake.run("unapproved_dns", thresholds={"ports": (5353,)})
    assert [row["who"] for row in rows] == ["10.0.0.4", "10.0.0.5"]
    assert len(lake.run("unapproved_dns", limit=1, thresholds={"ports": (53, 5353)})) == 1
