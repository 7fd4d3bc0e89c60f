"""reports/vertical_scan.sql."""

import random

import pytest

FILE = "reports/vertical_scan.sql"
SECTION = "vertical_scan"
HOUR = 3600


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def probes(count, *, every=60, at=12 * HOUR, port=100, **values):
    """Rejects on as many ports, so many seconds apart."""
    return [
        {"start": clock(at + every * n), "end": clock(at + every * n), "dstport": port + n, **values}
        for n in range(count)
    ]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_ten_ports_of_one_destination(lake):
    lake.records(*probes(10, packets=2, bytes=80))
    (row,) = lake.run(SECTION)
    assert found([row]) == [("203.0.113.9", "10.0.0.1", "10")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:09:00.000")
    assert row["ports"] == "100, 101, 102, 103, 104, 105, 106, 107, 108, 109"
    assert (row["flows"], row["packets"], row["bytes"]) == ("10", "20", "800")
    assert (row["dstaddr"], row["interface_id"]) == ("10.0.0.1", "eni-0a")
    assert (row["aws_account"], row["aws_region"]) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        (probes(9), []),
        (probes(9) + probes(9, at=13 * HOUR), []),
        (probes(10, every=400), ["10"]),
        (probes(10, every=401), []),
        (probes(30, every=450), []),
        (probes(12, every=360), ["11"]),
        (probes(5) + probes(5, at=12 * HOUR + 1800, port=200), ["10"]),
        # The window counts a port once, however often it comes, and as long as it comes.
        ([*probes(8), *(probes(1, port=22, at=12 * HOUR + n)[0] for n in range(30))], []),
        (probes(9) + [probes(1, port=22, at=12 * HOUR - 3000 + 600 * n)[0] for n in range(20)], ["10"]),
        (probes(5) + probes(5, at=13 * HOUR) + probes(5, at=13 * HOUR, port=200), ["10"]),
        (probes(5) + probes(5, at=12 * HOUR + 4000) + probes(4, at=12 * HOUR + 4000, port=200), []),
        (probes(1, at=9 * HOUR) + probes(9, at=10 * HOUR, port=200, every=0), ["10"]),
        (probes(1, at=9 * HOUR) + probes(9, at=10 * HOUR + 1, port=200, every=0), []),
    ],
)
def test_the_window_slides(lake, records, amounts):
    lake.records(*records)
    assert [row["amount"] for row in lake.run(SECTION)] == amounts
    assert amounts == ([str(most_ports(records))] if most_ports(records) >= 10 else [])


def most_ports(records, seconds=HOUR):
    """The most distinct ports of any window, counted plainly."""
    seen = [
        (int(h) * 3600 + int(m) * 60 + int(s), row["dstport"])
        for row in records
        for h, m, s in [row["start"].split(":")]
    ]
    return max(len({port for time, port in seen if end - seconds <= time <= end}) for end, _ in seen)


@pytest.mark.parametrize("seed", range(6))
def test_the_most_ports_of_any_window_at_random(lake, seed):
    chance = random.Random(seed)
    records = [
        {"dstport": 1 + chance.randrange(12), "start": clock(chance.randrange(240) * 300 + chance.choice((0, 0, 1)))}
        for _ in range(60 + 40 * seed)
    ]
    lake.records(*records)
    rows = lake.run(SECTION, thresholds={"ports": 2})
    assert found(rows) == [("203.0.113.9", "10.0.0.1", str(most_ports(records)))]
    assert rows[0]["flows"] == str(len(records))


def test_sources_and_destinations_count_by_themselves(lake):
    lake.records(*probes(9), *probes(9, port=200, srcaddr="203.0.113.10"), *probes(9, port=300, dstaddr="10.0.0.2"))
    assert lake.run(SECTION) == []
    lake.records(*probes(1, port=400), *probes(2, port=400, dstaddr="10.0.0.2"))
    assert found(lake.run(SECTION)) == [
        ("203.0.113.9", "10.0.0.2", "11"),
        ("203.0.113.9", "10.0.0.1", "10"),
    ]


def test_the_same_private_address_of_two_networks_is_two_destinations_in_one_finding(lake):
    lake.records(*probes(9))
    lake.records(*probes(9, port=200, interface_id="eni-0b"), account="222233334444")
    assert lake.run(SECTION) == []
    lake.records(*probes(1, port=300))
    lake.records(*probes(2, port=300, interface_id="eni-0b"), account="222233334444")
    (row,) = lake.run(SECTION)
    assert found([row]) == [("203.0.113.9", "10.0.0.1", "11")]
    assert (row["aws_account"], row["interface_id"], row["flows"]) == ("111122223333, 222233334444", "", "21")
    lake.records(*probes(20, every=450), region="eu-west-1")
    assert [row["aws_region"] for row in lake.run(SECTION)] == ["us-east-1"]


@pytest.mark.parametrize(
    "values",
    [
        {"srcaddr": "10.0.0.7"},
        {"srcaddr": "10.0.0.7", "flow_direction": "egress"},
        {"srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1"},
        {"srcaddr": "2001:db8::9", "dstaddr": "2600:1f18::1", "flow_direction": "ingress"},
        {"protocol": 17},
        {"tcp_flags": 2},
        {"tcp_flags": 1},
        {"srcport": 53},
        {"srcport": None},
        {"srcport": 443, "port": 50000, "tcp_flags": 2},
        {"srcport": 40000, "port": 50000},
        # The addresses of the interface are the NAT gateway's, those of the packet are not.
        {"srcaddr": "10.0.0.7", "dstaddr": "203.0.113.9", "pkt_dstaddr": "10.1.0.1"},
    ],
)
def test_scans(lake, values):
    lake.records(*probes(10, **values))
    assert [row["amount"] for row in lake.run(SECTION)] == ["10"]
    assert lake.run("egress_vertical_scan") == []


@pytest.mark.parametrize(
    "values",
    [
        {"action": "ACCEPT"},
        # A server's late replies.
        {"srcport": 443, "port": 1024},
        {"srcport": 8443, "port": 50000},
        {"srcport": 8443, "port": 20000, "tcp_flags": 18},
        {"srcport": 53, "port": 40000, "protocol": 17},
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
    assert lake.run("egress_vertical_scan") == []


def test_a_scan_of_tcp_and_udp_counts_a_port_once(lake):
    lake.records(*probes(9), *probes(9, protocol=17))
    assert lake.run(SECTION) == []


def test_the_packets_own_addresses(lake):
    lake.records(*probes(10, dstaddr="10.0.0.1", pkt_srcaddr="198.51.100.7", pkt_dstaddr="10.0.9.9"))
    (row,) = lake.run(SECTION)
    assert (row["who"], row["what"], row["dstaddr"]) == ("198.51.100.7", "10.0.9.9", "10.0.9.9")


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*probes(6, at=23 * HOUR + 1800), day="2026-11-21")
    lake.records(*probes(6, at=0, port=200), day="2026-11-22")
    assert lake.run(SECTION, "2026-11-21") == lake.run(SECTION, "2026-11-22") == []
    (row,) = lake.run(SECTION, "2026-11-21", "2026-11-22")
    assert (row["amount"], row["last_seen"]) == ("12", "2026-11-22 00:05:00.000")


def test_many_ports_are_cut_short(lake):
    lake.records(*probes(25, every=1))
    (row,) = lake.run(SECTION)
    assert row["ports"] == ", ".join(map(str, range(100, 120))) + ", …"


def test_thresholds(lake):
    lake.records(*probes(3, every=300), *probes(3, every=301, srcaddr="203.0.113.1"))
    rows = lake.run(SECTION, thresholds={"ports": 3, "minutes": 10})
    assert found(rows) == [("203.0.113.9", "10.0.0.1", "3")]


def test_the_most_ports_first_and_no_more_than_asked_for(lake):
    lake.records(*probes(10), *probes(11, srcaddr="203.0.113.20"), *probes(10, srcaddr="203.0.113.1"))
    assert [row["who"] for row in lake.run(SECTION, limit=2)] == ["203.0.113.20", "203.0.113.1"]
