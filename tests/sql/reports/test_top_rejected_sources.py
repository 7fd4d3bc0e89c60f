"""reports/top_rejected_sources.sql."""

FILE = "reports/top_rejected_sources.sql"
DAY = "2026-11-22"


def test_addresses_by_rejected_flows(lake):
    lake.records(
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.1", "dstport": 22, "start": "09:00", "packets": 2, "bytes": 80},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.2", "dstport": 23, "start": "08:00"},
        {"srcaddr": "198.51.100.1", "dstaddr": "10.0.0.2", "dstport": 22, "start": "10:00"},
        {"srcaddr": "10.9.9.9", "dstaddr": "10.0.0.1"},
        {"srcaddr": "198.51.100.7", "dstaddr": "10.0.0.1", "action": "ACCEPT"},
    )
    rows = lake.run("top_rejected_sources")
    assert [(row["srcaddr"], row["network"], row["flows"], row["share"]) for row in rows] == [
        ("198.51.100.1", "public", "3", "0.75"),
        ("10.9.9.9", "private", "1", "0.25"),
    ]
    assert [rows[0][column] for column in ("destinations", "ports", "packets", "bytes")] == ["2", "2", "4", "160"]
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 10:00:00.000")


def test_targets_and_days_add_up(lake):
    lake.daily({"flows": 1}, day="2026-11-20")
    lake.daily({"flows": 2}, day="2026-11-21")
    lake.daily({"flows": 4}, day=DAY)
    lake.daily({"flows": 8}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({"flows": 16}, day=DAY, origin="other")
    lake.daily({"flows": 32}, day="2026-11-23")
    assert [row["flows"] for row in lake.run("top_rejected_sources", "2026-11-21", DAY)] == ["30"]


def test_the_share_is_of_all_not_of_those_shown(lake):
    lake.daily({"srcaddr": "198.51.100.2", "flows": 1}, {"srcaddr": "198.51.100.1", "flows": 3}, day=DAY)
    assert [(row["srcaddr"], row["share"]) for row in lake.run("top_rejected_sources", limit=1)] == [
        ("198.51.100.1", "0.75")
    ]


def test_equal_ones_in_the_order_of_their_text(lake):
    lake.daily({"srcaddr": "198.51.100.2"}, {"srcaddr": "198.51.100.1"}, day=DAY)
    assert [row["srcaddr"] for row in lake.run("top_rejected_sources")] == ["198.51.100.1", "198.51.100.2"]


def test_flows_without_the_address_are_said(lake):
    lake.daily({"srcaddr": None, "dstaddr": None, "dstport": None}, day=DAY)
    (row,) = lake.run("top_rejected_sources")
    assert [row[column] for column in ("srcaddr", "network", "flows", "destinations", "ports")] == [
        "",
        "",
        "1",
        "0",
        "0",
    ]


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("top_rejected_sources") == []
