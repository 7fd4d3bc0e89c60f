"""reports/egress_horizontal_scan.sql."""

import random

import pytest

FILE = "reports/egress_horizontal_scan.sql"
SECTION = "egress_horizontal_scan"
OURS = "10.0.0.1"
HOUR = 3600


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def probe(host, at, **values):
    """A reject of ours on the way out to 445 of the host of a number."""
    times = {"start": clock(at), "end": clock(at)}
    return {"srcaddr": OURS, "dstaddr": f"198.51.100.{host}", "dstport": 445, **times, **values}


def probes(count, *, every=60, at=12 * HOUR, host=1, **values):
    """Rejects on the way to as many hosts, so many seconds apart."""
    return [probe(host + n, at + every * n, **values) for n in range(count)]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_one_port_of_25_public_addresses(lake):
    lake.records(*probes(25, packets=2, bytes=80))
    (row,) = lake.run(SECTION)
    assert found([row]) == [(OURS, "port 445", "25")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:24:00.000")
    assert (row["dstport"], row["protocol"]) == ("445", "6")
    assert row["destinations"] == "198.51.100.1, 198.51.100.10, 198.51.100.11, 198.51.100.12, 198.51.100.13, …"
    assert (row["flows"], row["packets"], row["bytes"], row["interface_id"]) == ("25", "50", "2000", "eni-0a")
    assert (row["aws_account"], row["aws_region"]) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        (probes(24), []),
        (probes(25, every=150), ["25"]),
        (probes(25, every=151), []),
        (probes(30, every=144), ["26"]),
        (probes(24) + probes(24, at=14 * HOUR, host=100), []),
        ([*probes(24), *(probe(99, 9 * HOUR + 600 * n) for n in range(30))], ["25"]),
    ],
)
def test_the_window_slides(lake, records, amounts):
    lake.records(*records)
    assert [row["amount"] for row in lake.run(SECTION)] == amounts


@pytest.mark.parametrize("seed", range(3))
def test_the_most_destinations_of_any_window_at_random(lake, seed):
    chance = random.Random(seed)
    seen = [(chance.randrange(240) * 300 + chance.choice((0, 0, 1)), 1 + chance.randrange(12)) for _ in range(100)]
    lake.records(*(probe(host, at) for at, host in seen))
    most = max(len({host for at, host in seen if end - HOUR <= at <= end}) for end, _ in seen)
    assert found(lake.run(SECTION, thresholds={"destinations": 2})) == [(OURS, "port 445", str(most))]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"flow_direction": "egress"}, "port 445"),
        ({"protocol": 17, "dstport": 53}, "UDP port 53"),
        ({"protocol": 1, "srcport": 0, "dstport": 0}, "ICMP"),
        ({"protocol": 47, "srcport": 0, "dstport": 0}, "protocol 47"),
        ({"tcp_flags": 2, "srcport": 443, "dstport": 50000}, "port 50000"),
        ({"srcport": None}, "port 445"),
    ],
)
def test_scans(lake, values, what):
    lake.records(*probes(25, **values))
    assert [(row["what"], row["amount"]) for row in lake.run(SECTION)] == [(what, "25")]
    assert lake.run("horizontal_scan") == []


def test_ipv6_where_the_log_has_directions(lake):
    for n in range(1, 26):
        lake.records(probe(n, 12 * HOUR, srcaddr="2600:1f18::1", dstaddr=f"2001:db8::{n}", flow_direction="egress"))
    assert found(lake.run(SECTION)) == [("2600:1f18::1", "port 445", "25")]
    assert lake.run("horizontal_scan") == []


def test_at_a_nat_gateway_the_packets_destinations_count(lake):
    lake.records(*(probe(1, 12 * HOUR, dstaddr="10.0.9.9", pkt_dstaddr=f"198.51.100.{n}") for n in range(25)))
    lake.records(*(probe(n, 12 * HOUR) for n in range(25)))
    assert found(lake.run(SECTION)) == [(OURS, "port 445", "25")]
    assert lake.run("horizontal_scan") == []


@pytest.mark.parametrize(
    "values",
    [
        {"action": "ACCEPT"},
        {"srcport": 443, "dstport": 1024},
        {"srcport": 8443, "dstport": 50000},
        {"tcp_flags": 18, "srcport": 8443, "dstport": 20000},
        {"srcaddr": None},
        {"dstaddr": None},
        {"dstport": None},
    ],
)
def test_what_is_no_scan(lake, values):
    lake.records(*probes(30, **values))
    assert lake.run(SECTION) == []
    assert lake.run("horizontal_scan") == []


@pytest.mark.parametrize("source", ["10.0.0.7", "203.0.113.9"])
def test_scans_that_do_not_leave_us(lake, source):
    lake.records(*(probe(n, 12 * HOUR, srcaddr=source, dstaddr=f"10.0.7.{n}") for n in range(30)))
    assert lake.run(SECTION) == []
    assert [row["amount"] for row in lake.run("horizontal_scan")] == ["30"]


def test_hosts_ports_and_networks_count_by_themselves(lake):
    lake.records(*probes(24), *probes(24, host=50, dstport=22), *probes(24, host=100, srcaddr="10.0.0.2"))
    lake.records(*probes(24, host=150, interface_id="eni-0b"), account="222233334444")
    assert lake.run(SECTION) == []
    lake.records(*probes(1, host=200))
    (row,) = lake.run(SECTION)
    assert found([row]) == [(OURS, "port 445", "25")]
    assert (row["aws_account"], row["interface_id"]) == ("111122223333", "eni-0a")


def test_only_the_networks_of_the_scans_are_shown_in_one_finding(lake):
    lake.records(*probes(25))
    lake.records(*probes(30, every=160), account="222233334444")
    lake.records(*probes(26, interface_id="eni-0b"), region="eu-west-1")
    (row,) = lake.run(SECTION)
    assert found([row]) == [(OURS, "port 445", "26")]
    assert (row["aws_account"], row["aws_region"], row["flows"]) == ("111122223333", "eu-west-1, us-east-1", "51")
    assert row["interface_id"] == ""


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*probes(13, at=23 * HOUR + 1800), day="2026-11-21")
    lake.records(*probes(13, at=0, host=50), day="2026-11-22")
    assert lake.run(SECTION, "2026-11-21") == lake.run(SECTION, "2026-11-22") == []
    assert [row["amount"] for row in lake.run(SECTION, "2026-11-21", "2026-11-22")] == ["26"]


def test_thresholds_and_limit(lake):
    lake.records(*probes(3, every=300), *probes(3, every=301, dstport=22), *probes(4, dstport=23))
    rows = lake.run(SECTION, thresholds={"destinations": 3, "minutes": 10})
    assert found(rows) == [(OURS, "port 23", "4"), (OURS, "port 445", "3")]
    assert len(lake.run(SECTION, thresholds={"destinations": 3, "minutes": 10}, limit=1)) == 1
