"""reports/unusual_protocol.sql."""

import pytest

from tests.sql.conftest import DAY

FILE = "reports/unusual_protocol.sql"


def flow(protocol, **values):
    common = {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "198.51.100.9", "dstport": 0}
    return {**common, "protocol": protocol, "flows": 2, **values}


def test_an_unusual_protocol(lake):
    lake.daily(
        flow(41, packets=5, bytes=700, first_seen="02:00"),
        flow(41, action="REJECT", packets=1, bytes=60, last_seen="15:00", flows=1),
        day=DAY,
    )
    assert lake.run("unusual_protocol") == [
        {
            "who": "10.0.0.5", "what": "IPv6 in IPv4 (41) to 198.51.100.9", "first_seen": "2026-11-22 02:00:00.000",
            "last_seen": "2026-11-22 15:00:00.000", "amount": "3", "accepted": "2", "rejected": "1",
            "protocol": "41", "dstaddr": "198.51.100.9", "packets": "6", "bytes": "760", "interface_id": "eni-0a",
            "aws_account": "111122223333", "aws_region": "us-east-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("protocol", [1, 6, 17, 58, 47, 50, None])
def test_usual_protocols(lake, protocol):
    lake.daily(flow(protocol), flow(protocol, action="REJECT"), day=DAY)
    assert lake.run("unusual_protocol") == []


@pytest.mark.parametrize(
    ("protocol", "what"),
    [
        (0, "IPv6 hop-by-hop options (0)"),
        (4, "IP in IP (4)"),
        (89, "OSPF (89)"),
        (103, "PIM (103)"),
        (132, "SCTP (132)"),
        (136, "UDPLite (136)"),
        (253, "protocol 253"),
    ],
)
def test_protocols_have_names(lake, protocol, what):
    lake.daily(flow(protocol, srcaddr="203.0.113.5", dstaddr="10.0.0.1", action="REJECT"), day=DAY)
    assert [row["what"] for row in lake.run("unusual_protocol")] == [f"{what} to 10.0.0.1"]


def test_sources_destinations_and_protocols_count_by_themselves(lake):
    lake.daily(flow(132), flow(132, srcaddr="10.0.0.6"), flow(132, dstaddr="198.51.100.8"), flow(4, flows=7), day=DAY)
    lake.daily(flow(132, dstaddr=None), flow(132, srcaddr=None), day=DAY)
    assert [(row["who"], row["what"]) for row in lake.run("unusual_protocol")] == [
        ("10.0.0.5", "IP in IP (4) to 198.51.100.9"),
        ("10.0.0.5", "SCTP (132) to 198.51.100.8"),
        ("10.0.0.5", "SCTP (132) to 198.51.100.9"),
        ("10.0.0.6", "SCTP (132) to 198.51.100.9"),
    ]
    assert len(lake.run("unusual_protocol", limit=2)) == 2


def test_days_and_networks_of_one_finding(lake):
    lake.daily(flow(4), day="2026-11-21")
    lake.daily(flow(4, interface_id="eni-0b"), day=DAY, account="222233334444")
    assert [row["amount"] for row in lake.run("unusual_protocol")] == ["2"]
    (row,) = lake.run("unusual_protocol", "2026-11-21", DAY)
    assert (row["amount"], row["interface_id"], row["aws_account"]) == ("4", "", "111122223333, 222233334444")


def test_more_protocols_can_be_usual(lake):
    lake.daily(flow(132), flow(89), day=DAY)
    rows = lake.run("unusual_protocol", thresholds={"protocols": (1, 6, 17, 132)})
    assert [row["protocol"] for row in rows] == ["89"]
