"""reports/threat_list.sql."""

import pytest

from tests.sql.conftest import DAY

FILE = "reports/threat_list.sql"


@pytest.fixture
def keep(sql, lake):
    """Puts a list's lines into the lake."""
    sql.rows("tables/threat_list.sql")
    return lambda *lines: sql.athena.put("lake/threat_list/list.txt", "\n".join(lines) + "\n")


def rejected(source, target="10.0.0.1", **values):
    return {"srcaddr": source, "dstaddr": target, **values}


def accepted(source, target, **values):
    return {"action": "ACCEPT", "srcaddr": source, "dstaddr": target, "dstport": 443, **values}


def found(rows):
    return [(row["who"], row["what"], row["listed"]) for row in rows]


def test_a_listed_source_that_was_rejected(lake, keep):
    keep("198.51.100.7,ransomware crew")
    lake.daily(
        rejected("198.51.100.7", flows=3, packets=4, bytes=160, first_seen="01:00"),
        rejected("198.51.100.7", dstport=80, last_seen="13:00"),
        rejected("198.51.100.8"),
        day=DAY,
    )
    assert lake.run("threat_list") == [
        {
            "who": "198.51.100.7", "what": "10.0.0.1", "first_seen": "2026-11-22 01:00:00.000",
            "last_seen": "2026-11-22 13:00:00.000", "amount": "4", "accepted": "0", "rejected": "4",
            "listed": "198.51.100.7", "entry": "198.51.100.7/32", "note": "ransomware crew", "dstport": "",
            "packets": "5", "bytes": "200", "interface_id": "eni-0a", "aws_account": "111122223333",
            "aws_region": "us-east-1", "unreadable_lines": "0",
        }
    ]  # fmt: skip


def test_a_listed_destination_that_was_accepted(lake, keep):
    keep("198.51.100.7")
    lake.daily(accepted("10.0.0.5", "198.51.100.7", flows=2), day=DAY)
    (row,) = lake.run("threat_list")
    assert found([row]) == [("10.0.0.5", "198.51.100.7", "198.51.100.7")]
    assert (row["accepted"], row["dstport"], row["note"]) == ("2", "443", "")


def test_an_empty_list(lake, keep):
    lake.daily(rejected("198.51.100.7"), day=DAY)
    assert lake.run("threat_list") == []
    keep("# nothing yet", "")
    assert lake.run("threat_list") == []


def test_replies_belong_to_who_began(lake, keep):
    keep("198.51.100.0/24")
    lake.records(
        {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "198.51.100.7", "srcport": 50000, "dstport": 443},
        {"action": "ACCEPT", "srcaddr": "198.51.100.7", "dstaddr": "10.0.0.5", "srcport": 443, "dstport": 50000},
        {"action": "ACCEPT", "srcaddr": "198.51.100.8", "dstaddr": "10.0.0.6", "srcport": 50000, "dstport": 443},
        {"action": "ACCEPT", "srcaddr": "10.0.0.6", "dstaddr": "198.51.100.8", "srcport": 443, "dstport": 50000},
    )
    rows = lake.run("threat_list")
    assert found(rows) == [
        ("10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("198.51.100.8", "10.0.0.6", "198.51.100.8"),
    ]
    assert [(row["amount"], row["dstport"]) for row in rows] == [("2", "443"), ("2", "443")]


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("198.51.100.7", ["198.51.100.7"], ["198.51.100.70", "198.51.100.6"]),
        ("198.51.100.7/32", ["198.51.100.7"], ["198.51.100.8"]),
        ("198.51.100.6/31", ["198.51.100.6", "198.51.100.7"], ["198.51.100.5", "198.51.100.8"]),
        ("198.51.100.0/24", ["198.51.100.0", "198.51.100.255"], ["198.51.99.255", "198.51.101.0"]),
        ("198.51.100.9/24", ["198.51.100.200"], ["198.51.101.9"]),
        ("45.134.26.0/23", ["45.134.26.0", "45.134.27.255"], ["45.134.25.255", "45.134.28.0"]),
        ("198.51.0.0/16", ["198.51.0.0", "198.51.255.255"], ["198.50.255.255", "198.52.0.0"]),
        ("198.50.0.0/15", ["198.50.0.0", "198.51.255.255"], ["198.49.255.255", "198.52.0.0"]),
        ("45.0.0.0/8", ["45.0.0.0", "45.255.255.255"], ["44.255.255.255", "46.0.0.0"]),
        ("44.0.0.0/7", ["44.0.0.0", "45.255.255.255"], ["43.255.255.255", "46.0.0.0"]),
        ("0.0.0.0/0", ["1.2.3.4", "223.0.0.1"], ["2001:db8::1"]),
        ("2001:db8::7", ["2001:db8::7", "2001:db8:0:0:0:0:0:7"], ["2001:db8::8"]),
        ("2001:0DB8:0000::7/128", ["2001:db8::7"], ["2001:db8::8"]),
        ("2001:db8:666::/48", ["2001:db8:666::", "2001:db8:666:ffff::1"], ["2001:db8:667::1", "2001:db8:665::1"]),
        ("2001:db8::/32", ["2001:db8:1:2:3:4:5:6"], ["2001:db9::1", "2002:db8::1"]),
        ("2400::/12", ["2400::1", "240f:ffff::1"], ["2410::1", "23ff::1"]),
        ("::/0", ["2400::1"], ["1.2.3.4"]),
        ("::ffff:198.51.100.7", ["198.51.100.7"], ["198.51.100.8"]),
    ],
)
def test_addresses_and_networks(lake, keep, entry, inside, outside):
    keep(entry)
    lake.daily(*(rejected(address) for address in inside + outside), day=DAY)
    assert sorted(row["listed"] for row in lake.run("threat_list")) == sorted(inside)


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("198.51.100.7", ""),
        ("  198.51.100.7  ", ""),
        ("198.51.100.7\r", ""),
        ("198.51.100.0/24\t", ""),
        ("198.51.100.7,", ""),
        ("198.51.100.7, seen twice", "seen twice"),
        ('"198.51.100.7","seen twice"', "seen twice"),
        ("198.51.100.0/24 ; SBL1", "SBL1"),
        ("198.51.100.7 # a botnet", "a botnet"),
        ("198.51.100.7#botnet", "botnet"),
        ("198.51.100.7\tbotnet of spring", "botnet of spring"),
    ],
)
def test_how_lines_may_be_written(lake, keep, line, note):
    keep("# a list", "; of ours", "", "cidr,note", line)
    lake.daily(rejected("198.51.100.7"), day=DAY)
    (row,) = lake.run("threat_list")
    assert (row["note"], row["unreadable_lines"]) == (note, "0")


@pytest.mark.parametrize(
    "line",
    [
        "198.51.100.7/33", "198.51.100.0/", "198.51.100.0/x", "198.51.100.0/-1", "198.51.100", "198.51.100.256",
        "198.51.100.0/24/24", "198.51.100.7-198.51.100.9", "2001:db8::/129", "2001:db8::1::2", "evil.example.com",
        "198.51.100.7extra", "/24", "bad", "1.2.3.4/99999", "::ffff:198.51.100.0/120", ",note", "'198.51.100.7'",
    ],
)  # fmt: skip
def test_a_line_that_is_no_entry_is_skipped_and_counted(lake, keep, line):
    keep(line, "203.0.113.9")
    lake.daily(rejected("198.51.100.7"), rejected("203.0.113.9"), day=DAY)
    rows = lake.run("threat_list")
    assert [row["listed"] for row in rows] == ["203.0.113.9"]
    # A lone word may be the header of the column.
    assert rows[0]["unreadable_lines"] == ("0" if line in ("bad", ",note") else "1")


def test_of_several_entries_the_narrowest(lake, keep):
    keep("198.51.0.0/16,wide", "198.51.100.7,the host", "198.51.100.0/24,network", "198.51.100.7,the host")
    lake.daily(rejected("198.51.100.7", flows=5), rejected("198.51.100.8", flows=4), day=DAY)
    assert [(row["amount"], row["entry"], row["note"]) for row in lake.run("threat_list")] == [
        ("5", "198.51.100.7/32", "the host"),
        ("4", "198.51.100.0/24", "network"),
    ]


def test_private_addresses_are_our_own_even_on_a_list(lake, keep):
    keep("10.0.0.0/8", "192.168.0.0/16", "127.0.0.1", "fc00::/7", "203.0.113.9")
    lake.daily(
        rejected("10.0.0.7", "10.0.0.1"), rejected("203.0.113.8"), rejected("fd00::1", "fd00::2"),
        rejected("203.0.113.9"), day=DAY,
    )  # fmt: skip
    assert found(lake.run("threat_list")) == [("203.0.113.9", "10.0.0.1", "203.0.113.9")]


def test_both_ends_listed_count_once(lake, keep):
    keep("2001:db8::/32")
    lake.daily(rejected("2001:db8::1", "2001:db8::2", flows=3), day=DAY)
    assert [(row["who"], row["what"], row["amount"]) for row in lake.run("threat_list")] == [
        ("2001:db8::1", "2001:db8::2", "3")
    ]


def test_missing_values(lake, keep):
    keep("198.51.100.7")
    lake.daily(
        rejected(None), rejected("198.51.100.7", None), rejected("x.y", "10.0.0.1"),
        rejected("198.51.100.7", dstport=None, interface_id=None, packets=None, bytes=None), day=DAY,
    )  # fmt: skip
    (row,) = lake.run("threat_list")
    assert (row["who"], row["amount"], row["bytes"], row["interface_id"]) == ("198.51.100.7", "1", "", "")


def test_days_and_networks(lake, keep):
    keep("198.51.100.7")
    lake.daily(rejected("198.51.100.7"), day="2026-11-20")
    lake.daily(rejected("198.51.100.7"), day="2026-11-21")
    lake.daily(rejected("198.51.100.7", interface_id="eni-0b"), day=DAY, account="222233334444")
    (row,) = lake.run("threat_list", "2026-11-21", DAY)
    assert (row["amount"], row["aws_account"], row["interface_id"]) == ("2", "111122223333, 222233334444", "")


def test_accepted_traffic_is_not_crowded_out(lake, keep):
    keep("198.51.100.0/24")
    lake.daily(*(rejected(f"198.51.100.{number}", flows=100 + number) for number in range(1, 5)), day=DAY)
    lake.daily(accepted("10.0.0.5", "198.51.100.9"), day=DAY)
    assert [row["who"] for row in lake.run("threat_list", limit=3)] == ["198.51.100.4", "198.51.100.3", "10.0.0.5"]
