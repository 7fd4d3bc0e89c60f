"""reports/interface_traffic.sql."""

FILE = "reports/interface_traffic.sql"
DAY = "2026-11-22"
COUNTS = [f"{action}_{what}" for what in ("flows", "packets", "bytes") for action in ("accepted", "rejected")]


def test_interfaces_by_bytes(lake):
    lake.records(
        {"interface_id": "eni-a", "packets": 2, "bytes": 80},
        {"interface_id": "eni-b", "packets": 3, "bytes": 300, "action": "ACCEPT"},
        {"interface_id": "eni-b", "packets": 4, "bytes": 400, "action": "ACCEPT"},
        {"interface_id": "eni-b", "packets": 1, "bytes": 40},
    )
    rows = lake.run("interface_traffic")
    assert [(row["interface_id"], row["bytes"]) for row in rows] == [("eni-b", "740"), ("eni-a", "80")]
    assert [rows[0][name] for name in COUNTS] == ["2", "1", "7", "1", "700", "40"]
    assert [rows[1][name] for name in COUNTS] == ["0", "1", "0", "2", "0", "80"]
    assert (rows[0]["aws_account"], rows[0]["aws_region"]) == ("111122223333", "us-east-1")


def test_targets_apart_and_days_together(lake):
    lake.daily({"bytes": 1}, day="2026-11-20")
    lake.daily({"bytes": 2}, day="2026-11-21")
    lake.daily({"bytes": 4}, day=DAY)
    lake.daily({"bytes": 8}, day=DAY, account="222233334444")
    rows = lake.run("interface_traffic", "2026-11-21", DAY)
    assert [(row["aws_account"], row["bytes"]) for row in rows] == [("222233334444", "8"), ("111122223333", "6")]


def test_flows_without_action_count_in_all_bytes(lake):
    lake.daily({"action": "NONE", "hour": None, "bytes": 9}, day=DAY)
    (row,) = lake.run("interface_traffic")
    assert [row[name] for name in ("bytes", *COUNTS)] == ["9", *["0"] * 6]


def test_rows_at_most(lake):
    lake.daily(*({"interface_id": f"eni-{n}", "bytes": n} for n in (1, 2, 3)), day=DAY)
    assert [row["interface_id"] for row in lake.run("interface_traffic", limit=2)] == ["eni-3", "eni-2"]


def test_bytes_and_interfaces_that_the_format_lacks(lake):
    lake.daily({"interface_id": None, "bytes": None, "packets": None}, {"bytes": 1}, day=DAY)
    assert [(row["interface_id"], row["bytes"]) for row in lake.run("interface_traffic")] == [
        ("eni-0a", "1"),
        ("", "0"),
    ]


def test_no_traffic(lake):
    assert lake.run("interface_traffic") == []
