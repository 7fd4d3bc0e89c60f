"""reports/egress_vertical_scan.sql."""

import random

import pytest

FILE = "reports/egress_vertical_scan.sql"
SECTION = "egress_vertical_scan"
OURS, THEIRS = "10.0.0.1", "198.51.100.7"
HOUR = 3600


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def probe(port, at, **values):
    """A reject of ours on the way out."""
    return {"srcaddr": OURS, "dstaddr": THEIRS, "dstport": port, "start": clock(at), "end": clock(at), **values}


def probes(count, *, every=60, at=12 * HOUR, port=100, **values):
    """Rejects on as many ports, so many seconds apart."""
    return [probe(port + n, at + every * n, **values) for n in range(count)]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_ten_ports_of_one_public_address(lake):
    lake.records(*probes(10, packets=2, bytes=80))
    (row,) = lake.run(SECTION)
    assert found([row]) == [(OURS, THEIRS, "10")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:09:00.000")
    assert row["ports"] == "100, 101, 102, 103, 104, 105, 106, 107, 108, 109"
    assert (row["flows"], row["packets"], row["bytes"]) == ("10", "20", "800")
    assert (row["dstaddr"], row["interface_id"]) == (THEIRS, "eni-0a")
    assert (row["aws_account"], row["aws_region"]) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        (probes(9), []),
        (probes(10, every=400), ["10"]),
        (probes(10, every=401), []),
        (probes(12, every=360), ["11"]),
        (probes(30, every=450), []),
        ([*probes(8), *(probe(22, 12 * HOUR + n) for n in range(30))], []),
        ([*probes(9), *(probe(22, 9 * HOUR + 600 * n) for n in range(30))], ["10"]),
    ],
)
def test_the_window_slides(lake, records, amounts):
    lake.records(*records)
    assert [row["amount"] for row in lake.run(SECTION)] == amounts


@pytest.mark.parametrize("seed", range(3))
def test_the_most_ports_of_any_window_at_random(lake, seed):
    chance = random.Random(seed)
    seen = [(chance.randrange(240) * 300 + chance.choice((0, 0, 1)), 1 + chance.randrange(12)) for _ in range(100)]
    lake.records(*(probe(port, at) for at, port in seen))
    most = max(len({port for at, port in seen if end - HOUR <= at <= end}) for end, _ in seen)
    assert found(lake.run(SECTION, thresholds={"ports": 2})) == [(OURS, THEIRS, str(most))]


@pytest.mark.parametrize(
    "values",
    [
        {"flow_direction": "egress"},
        {"srcaddr": "2600:1f18::1", "dstaddr": "2001:db8::9", "flow_direction": "egress"},
        {"srcaddr": "fd00::1", "dstaddr": "2001:db8::9"},
        {"protocol": 17},
        {"tcp_flags": 2, "srcport": 443, "port": 50000},
        # At a NAT gateway, whose own address is no destination.
        {"dstaddr": "10.0.9.9", "pkt_dstaddr": THEIRS, "flow_direction": "ingress"},
    ],
)
def test_scans(lake, values):
    lake.records(*probes(10, **values))
    assert [row["amount"] for row in lake.run(SECTION)] == ["10"]
    assert lake.run("vertical_scan") == []


def test_what_a_nat_gateway_records_again_counts_once(lake):
    lake.records(*probes(9, pkt_srcaddr=OURS, pkt_dstaddr=THEIRS))
    lake.records(*probes(9, dstaddr="10.0.9.9", pkt_srcaddr=OURS, pkt_dstaddr=THEIRS, interface_id="eni-0b"))
    assert lake.run(SECTION) == []
    assert lake.run("vertical_scan") == []
    lake.records(probe(22, 12 * HOUR, pkt_srcaddr=OURS, pkt_dstaddr=THEIRS))
    assert found(lake.run(SECTION)) == [(OURS, THEIRS, "10")]


@pytest.mark.parametrize(
    "values",
    [
        {"dstaddr": "10.0.0.2"},
        {"srcaddr": THEIRS, "dstaddr": OURS},
        {"srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1"},
        {"srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1", "flow_direction": "ingress"},
    ],
)
def test_scans_that_do_not_leave_us(lake, values):
    lake.records(*probes(10, **values))
    assert lake.run(SECTION) == []
    assert [row["amount"] for row in lake.run("vertical_scan")] == ["10"]


@pytest.mark.parametrize(
    "values",
    [
        {"action": "ACCEPT"},
        # Replies to a client, which a network ACL stops.
        {"srcport": 443, "port": 1024},
        {"srcport": 8443, "port": 50000},
        {"srcport": 8443, "port": 20000, "tcp_flags": 18},
        # A traceroute.
        {"port": 33434, "protocol": 17},
        {"srcaddr": None},
        {"dstaddr": None},
        {"dstport": None},
        {"dstport": 0, "protocol": 1},
    ],
)
def test_what_is_no_scan(lake, values):
    lake.records(*probes(20, **values))
    assert lake.run(SECTION) == []
    assert lake.run("vertical_scan") == []


def test_hosts_destinations_and_networks_count_by_themselves(lake):
    lake.records(*probes(9), *probes(9, port=200, srcaddr="10.0.0.2"), *probes(9, port=300, dstaddr="198.51.100.8"))
    lake.records(*probes(9, port=400), account="222233334444")
    assert lake.run(SECTION) == []
    lake.records(*probes(2, port=500), account="222233334444")
    lake.records(*probes(1, port=500))
    (row,) = lake.run(SECTION)
    assert found([row]) == [(OURS, THEIRS, "11")]
    assert row["aws_account"] == "111122223333, 222233334444"


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*probes(6, at=23 * HOUR + 1800), day="2026-11-21")
    lake.records(*probes(6, at=0, port=200), day="2026-11-22")
    assert lake.run(SECTION, "2026-11-21") == lake.run(SECTION, "2026-11-22") == []
    assert [row["amount"] for row in lake.run(SECTION, "2026-11-21", "2026-11-22")] == ["12"]


def test_thresholds_and_limit(lake):
    lake.records(
        *probes(3, every=300), *probes(3, every=301, dstaddr="198.51.100.8"), *probes(4, dstaddr="198.51.100.9")
    )
    rows = lake.run(SECTION, thresholds={"ports": 3, "minutes": 10})
    assert found(rows) == [(OURS, "198.51.100.9", "4"), (OURS, THEIRS, "3")]
    assert len(lake.run(SECTION, thresholds={"ports": 3, "minutes": 10}, limit=1)) == 1
