"""reports/horizontal_scan.sql."""

import random

import pytest

FILE = "reports/horizontal_scan.sql"
SECTION = "horizontal_scan"
THEIRS = "203.0.113.9"
HOUR = 3600


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def probe(host, at, **values):
    """A reject on 445 of the host of a number."""
    times = {"start": clock(at), "end": clock(at)}
    return {
        "srcaddr": THEIRS,
        "dstaddr": f"10.0.0.{host}",
        "interface_id": f"eni-{host}",
        "dstport": 445,
        **times,
        **values,
    }


def probes(count, *, every=60, at=12 * HOUR, host=1, **values):
    """Rejects on as many hosts, so many seconds apart."""
    return [probe(host + n, at + every * n, **values) for n in range(count)]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_one_port_of_25_destinations(lake):
    lake.records(*probes(25, packets=2, bytes=80))
    (row,) = lake.run(SECTION)
    assert found([row]) == [(THEIRS, "port 445", "25")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:24:00.000")
    assert (row["dstport"], row["protocol"]) == ("445", "6")
    assert row["destinations"] == "10.0.0.1, 10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, …"
    assert (row["flows"], row["packets"], row["bytes"], row["accounts"]) == ("25", "50", "2000", "1")


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        (probes(24), []),
        (probes(25, every=150), ["25"]),
        (probes(25, every=151), []),
        (probes(60, every=160), []),
        (probes(30, every=144), ["26"]),
        (probes(24) + probes(24, at=14 * HOUR, host=100), []),
        (probes(24) + probes(24, at=12 * HOUR + 10), []),
        ([*probes(24), *(probe(99, 9 * HOUR + 600 * n) for n in range(30))], ["25"]),
        ([probe(99, 11 * HOUR), *probes(24, every=0)], ["25"]),
        ([probe(99, 11 * HOUR - 1), *probes(24, every=0)], []),
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
    assert found(lake.run(SECTION, thresholds={"destinations": 2})) == [(THEIRS, "port 445", str(most))]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({}, "port 445"),
        ({"protocol": 17, "dstport": 161}, "UDP port 161"),
        ({"protocol": 1, "srcport": 0, "dstport": 0}, "ICMP"),
        ({"protocol": 58, "srcport": 0, "dstport": 0}, "ICMPv6"),
        ({"protocol": 47, "srcport": 0, "dstport": 0}, "protocol 47"),
        ({"protocol": 132, "dstport": 3868}, "protocol 132 port 3868"),
        ({"srcaddr": "10.0.9.9"}, "port 445"),
        ({"srcaddr": "10.0.9.9", "flow_direction": "egress"}, "port 445"),
        ({"tcp_flags": 2, "srcport": 443, "dstport": 50000}, "port 50000"),
        ({"srcport": None}, "port 445"),
    ],
)
def test_scans(lake, values, what):
    lake.records(*probes(25, **values))
    assert [(row["what"], row["amount"]) for row in lake.run(SECTION)] == [(what, "25")]
    assert lake.run("egress_horizontal_scan") == []


def test_ipv6(lake):
    for direction in (None, "ingress"):
        lake.records(
            *(probe(n, 12 * HOUR, srcaddr="2001:db8::9", dstaddr=f"2600:1f18::{n}", flow_direction=direction)
              for n in range(1, 26))
        )  # fmt: skip
    assert found(lake.run(SECTION)) == [("2001:db8::9", "port 445", "25")]
    assert lake.run("egress_horizontal_scan") == []


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
    assert lake.run("egress_horizontal_scan") == []


def test_sources_ports_and_protocols_count_by_themselves(lake):
    lake.records(*probes(24), *probes(24, host=50, dstport=22), *probes(24, host=100, protocol=17))
    lake.records(*probes(24, host=150, srcaddr="203.0.113.10"))
    assert lake.run(SECTION) == []
    lake.records(*probes(1, host=200), *probes(2, host=200, protocol=17))
    assert found(lake.run(SECTION)) == [(THEIRS, "UDP port 445", "26"), (THEIRS, "port 445", "25")]


def test_all_networks_count_together_and_each_has_its_own_private_addresses(lake):
    lake.records(*probes(10))
    lake.records(*probes(10), account="222233334444")
    assert lake.run(SECTION) == []
    lake.records(*probes(5), account="222233334444", region="eu-west-1")
    (row,) = lake.run(SECTION)
    assert found([row]) == [(THEIRS, "port 445", "25")]
    assert (row["accounts"], row["flows"]) == ("2", "25")


def test_the_packets_own_addresses(lake):
    lake.records(*(probe(1, 12 * HOUR, pkt_dstaddr=f"10.0.7.{n}", pkt_srcaddr="198.51.100.7") for n in range(25)))
    assert found(lake.run(SECTION)) == [("198.51.100.7", "port 445", "25")]


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*probes(13, at=23 * HOUR + 1800), day="2026-11-21")
    lake.records(*probes(13, at=0, host=50), day="2026-11-22")
    assert lake.run(SECTION, "2026-11-21") == lake.run(SECTION, "2026-11-22") == []
    (row,) = lake.run(SECTION, "2026-11-21", "2026-11-22")
    assert (row["amount"], row["last_seen"]) == ("26", "2026-11-22 00:12:00.000")


def test_thresholds_and_limit(lake):
    lake.records(*probes(3, every=300), *probes(3, every=301, dstport=22), *probes(4, dstport=23))
    rows = lake.run(SECTION, thresholds={"destinations": 3, "minutes": 10})
    assert found(rows) == [(THEIRS, "port 23", "4"), (THEIRS, "port 445", "3")]
    assert rows[1]["destinations"] == "10.0.0.1, 10.0.0.2, 10.0.0.3"
    assert len(lake.run(SECTION, thresholds={"destinations": 3, "minutes": 10}, limit=1)) == 1
