"""search/daily.sql."""

from __future__ import annotations

from collections import Counter

from tests.sql.conftest import DAY

FILE = "search/daily.sql"


def test_a_row_of_the_summary(lake):
    lake.daily({"flows": 3, "packets": 6, "bytes": 240, "first_seen": "01:02:03", "last_seen": "01:09"}, day=DAY)
    assert lake.exported("daily", most=100) == [
        {
            "aws_account": "111122223333", "aws_region": "us-east-1", "source": "network", "interface_id": "eni-0a",
            "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1", "dstport": "22", "protocol": "6", "flow_direction": "",
            "hour": "12", "action": "REJECT", "flows": "3", "packets": "6", "bytes": "240",
            "start": "2026-11-22 01:02:03.000", "end": "2026-11-22 01:09:00.000", "detail": "summary",
        }
    ]  # fmt: skip


def test_an_empty_day(lake):
    assert lake.exported("daily", most=100) == []


def test_beyond_the_limit_the_smallest_are_added_up_and_sums_stay(lake):
    rows = [
        {"srcaddr": f"203.0.113.{n}", "flows": n + 1, "bytes": 10 * n, "action": "REJECT" if n % 2 else "ACCEPT"}
        for n in range(20)
    ]
    lake.daily(*rows, day=DAY)
    found = lake.exported("daily", most=6)
    kept = [row for row in found if row["detail"] == "summary"]
    rest = [row for row in found if row["detail"] == "other"]
    # The largest of each action, in turn.
    assert sorted(row["srcaddr"].rsplit(".")[-1] for row in kept) == ["14", "15", "16", "17", "18", "19"]
    assert sorted((row["action"], row["hour"], row["srcaddr"]) for row in rest) == [
        ("ACCEPT", "", ""),
        ("REJECT", "12", ""),
    ]
    sums = Counter()
    for row in found:
        sums[row["action"], "flows"] += int(row["flows"])
        sums[row["action"], "bytes"] += int(row["bytes"])
    assert sums == {
        ("ACCEPT", "flows"): sum(range(1, 20, 2)), ("REJECT", "flows"): sum(range(2, 21, 2)),
        ("ACCEPT", "bytes"): 10 * sum(range(0, 20, 2)), ("REJECT", "bytes"): 10 * sum(range(1, 20, 2)),
    }  # fmt: skip
