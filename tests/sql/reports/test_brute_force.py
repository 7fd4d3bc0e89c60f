"""reports/brute_force.sql."""

import pytest

FILE = "reports/brute_force.sql"


def attempts(count, *, every=60, first=0, **values):
    """Records on 22 from 12:00 on, so many seconds apart, each from another source port."""
    times = [12 * 3600 + first + every * number for number in range(count)]
    return [
        {
            "start": f"{time // 3600:02}:{time // 60 % 60:02}:{time % 60:02}",
            "end": f"{time // 3600:02}:{time // 60 % 60:02}:{time % 60:02}",
            "srcport": 40000 + first + number,
            **values,
        }
        for number, time in enumerate(times)
    ]


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_ten_rejected_attempts(lake):
    lake.records(*attempts(10))
    (row,) = lake.run("brute_force")
    assert found([row]) == [("203.0.113.9", "SSH on 10.0.0.1", "10")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 12:09:00.000")
    assert (row["rejected"], row["accepted"], row["packets"], row["bytes"]) == ("10", "0", "10", "400")
    assert (row["dstaddr"], row["dstport"], row["interface_id"]) == ("10.0.0.1", "22", "eni-0a")
    assert (row["aws_account"], row["aws_region"]) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        (attempts(9), []),
        (attempts(10, every=400), ["10"]),
        (attempts(10, every=401), []),
        (attempts(30, every=480), []),
        (attempts(12, every=360), ["11"]),
    ],
)
def test_the_window_slides(lake, records, amounts):
    lake.records(*records)
    assert [row["amount"] for row in lake.run("brute_force")] == amounts


@pytest.mark.parametrize(
    ("ports", "what"),
    [
        ([22], "SSH"),
        ([3389], "RDP"),
        ([5985, 5986], "WinRM"),
        ([1433, 1521, 3306, 5432, 27017], "database"),
    ],
)
def test_services(lake, ports, what):
    for number, port in enumerate(ports):
        lake.records(*attempts(10 // len(ports), first=600 * number, dstport=port))
    (row,) = lake.run("brute_force")
    assert found([row]) == [("203.0.113.9", f"{what} on 10.0.0.1", "10")]
    assert row["dstport"] == (str(ports[0]) if len(ports) == 1 else "")


def test_services_sources_and_destinations_count_by_themselves(lake):
    lake.records(*attempts(9))
    lake.records(*attempts(9, first=1, dstport=3389))
    lake.records(*attempts(9, first=2, srcaddr="203.0.113.10"))
    lake.records(*attempts(9, first=3, dstaddr="10.0.0.2"))
    assert lake.run("brute_force") == []
    lake.records(*attempts(1, first=600))
    assert found(lake.run("brute_force")) == [("203.0.113.9", "SSH on 10.0.0.1", "10")]


def test_the_same_private_address_of_two_networks_is_two_destinations_in_one_finding(lake):
    lake.records(*attempts(9))
    lake.records(*attempts(9, first=600, interface_id="eni-0b"), account="222233334444")
    assert lake.run("brute_force") == []
    lake.records(*attempts(1, first=1200), *attempts(1, first=1300))
    lake.records(*attempts(1, first=1200, interface_id="eni-0b"), account="222233334444")
    (row,) = lake.run("brute_force")
    assert found([row]) == [("203.0.113.9", "SSH on 10.0.0.1", "11")]
    assert (row["aws_account"], row["interface_id"], row["rejected"]) == ("111122223333, 222233334444", "", "21")
    lake.records(*attempts(20, every=480), region="eu-west-1")
    assert [row["aws_region"] for row in lake.run("brute_force")] == ["us-east-1"]


def test_accepted_connections_are_attempts_too(lake):
    lake.records(*attempts(6), *attempts(4, first=600, action="ACCEPT"))
    (row,) = lake.run("brute_force")
    assert (row["amount"], row["rejected"], row["accepted"]) == ("10", "6", "4")


def test_the_records_of_one_long_accepted_connection_are_one_attempt(lake):
    lake.records(*attempts(60, action="ACCEPT", srcport=40000))
    assert lake.run("brute_force") == []
    lake.records(*attempts(8, first=30, action="ACCEPT", srcaddr="203.0.113.9"))
    assert lake.run("brute_force") == []
    lake.records(*attempts(1, first=1000, action="ACCEPT"))
    assert found(lake.run("brute_force")) == [("203.0.113.9", "SSH on 10.0.0.1", "10")]


def test_each_rejected_record_is_an_attempt_from_whatever_port(lake):
    lake.records(*attempts(10, srcport=61000))
    assert [row["amount"] for row in lake.run("brute_force")] == ["10"]


@pytest.mark.parametrize(
    "values",
    [
        {"srcaddr": "10.0.0.7"},
        {"srcaddr": "10.0.0.7", "dstaddr": "203.0.113.9"},
        {"protocol": 17},
        {"dstport": 8443},
        {"srcaddr": "2600:1f18::1", "dstaddr": "2001:db8::1", "flow_direction": "egress"},
        {"srcport": 443, "dstport": 3389},
        {"tcp_flags": 18, "srcport": 8443, "dstport": 5985},
        {"dstaddr": None},
        {"srcaddr": None},
    ],
)
def test_what_is_no_attempt(lake, values):
    lake.records(*attempts(20, **values))
    assert lake.run("brute_force") == []


@pytest.mark.parametrize(
    "values",
    [
        {"tcp_flags": 2, "flow_direction": "ingress"},
        {"tcp_flags": 3, "srcport": 443, "dstport": 3389},
        {"tcp_flags": 0},
        {"srcport": 443},
        {"srcport": None},
        {"srcaddr": "2001:db8::1", "dstaddr": "2600:1f18::1"},
    ],
)
def test_what_is_an_attempt(lake, values):
    lake.records(*attempts(10, **values))
    assert [row["amount"] for row in lake.run("brute_force")] == ["10"]


def test_the_window_slides_over_midnight_of_an_edition_of_several_days(lake):
    lake.records(*({**row, "start": f"23:5{row['start'][4]}"} for row in attempts(5)), day="2026-11-21")
    lake.records(*({**row, "start": f"00:0{row['start'][4]}"} for row in attempts(5)), day="2026-11-22")
    assert lake.run("brute_force", "2026-11-21") == lake.run("brute_force", "2026-11-22") == []
    assert [row["amount"] for row in lake.run("brute_force", "2026-11-21", "2026-11-22")] == ["10"]


def test_thresholds(lake):
    lake.records(*attempts(3, dstport=5900, every=60), *attempts(3, dstport=5900, every=61, srcaddr="203.0.113.1"))
    rows = lake.run("brute_force", thresholds={"attempts": 3, "minutes": 2, "ports": (5900,)})
    assert found(rows) == [("203.0.113.9", "port 5900 on 10.0.0.1", "3")]


def test_the_most_attempts_first_and_no_more_than_asked_for(lake):
    lake.records(*attempts(10), *attempts(11, srcaddr="203.0.113.20"), *attempts(10, srcaddr="203.0.113.1"))
    assert [row["who"] for row in lake.run("brute_force", limit=2)] == ["203.0.113.20", "203.0.113.1"]
