"""reports/top_rejected_pairs.sql."""

FILE = "reports/top_rejected_pairs.sql"
DAY = "2026-11-22"


def test_pairs_by_rejected_flows(lake):
    lake.records(
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.1", "dstport": 22, "start": "09:00", "packets": 2, "bytes": 80},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.1", "dstport": 23, "start": "08:00"},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.1", "dstport": 23, "start": "10:00"},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.2"},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.3", "action": "ACCEPT"},
    )
    rows = lake.run("top_rejected_pairs")
    assert [(row["srcaddr"], row["dstaddr"], row["flows"], row["share"], row["ports"]) for row in rows] == [
        ("198.51.100.1", "10.0.0.1", "3", "0.75", "2"),
        ("198.51.100.1", "10.0.0.2", "1", "0.25", "1"),
    ]
    assert (rows[0]["packets"], rows[0]["bytes"]) == ("4", "160")
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 10:00:00.000")


def test_the_way_back_is_another_pair(lake):
    lake.records({"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2"}, {"srcaddr": "10.0.0.2", "dstaddr": "10.0.0.1"})
    assert [(row["srcaddr"], row["dstaddr"]) for row in lake.run("top_rejected_pairs")] == [
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.1"),
    ]


def test_targets_and_days_add_up(lake):
    lake.daily({"flows": 1}, day="2026-11-20")
    lake.daily({"flows": 2}, day="2026-11-21")
    lake.daily({"flows": 4}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({"flows": 8}, day=DAY, origin="other")
    assert [row["flows"] for row in lake.run("top_rejected_pairs", "2026-11-21", DAY)] == ["14"]


def test_rows_at_most(lake):
    lake.daily(*({"dstaddr": f"10.0.0.{n}", "flows": n} for n in (1, 2, 3)), day=DAY)
    assert [(row["flows"], row["share"]) for row in lake.run("top_rejected_pairs", limit=1)] == [("3", "0.5")]


def test_flows_without_addresses_are_said(lake):
    lake.daily({"srcaddr": None, "dstaddr": None, "dstport": None}, day=DAY)
    (row,) = lake.run("top_rejected_pairs")
    assert [row[column] for column in ("srcaddr", "dstaddr", "flows", "ports")] == ["", "", "1", "0"]


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("top_rejected_pairs") == []
