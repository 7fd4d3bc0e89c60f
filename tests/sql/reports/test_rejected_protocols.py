"""reports/rejected_protocols.sql."""

FILE = "reports/rejected_protocols.sql"
DAY = "2026-11-22"


def test_protocols_by_rejected_flows(lake):
    lake.records(
        {"protocol": 6, "srcaddr": "198.51.100.1", "packets": 2, "bytes": 80},
        {"protocol": 6, "srcaddr": "198.51.100.2", "dstport": 23},
        {"protocol": 6, "srcaddr": "198.51.100.2", "dstaddr": "10.0.0.2"},
        {"protocol": 1, "dstport": 0, "srcport": 0},
        {"protocol": 17, "action": "ACCEPT"},
    )
    rows = lake.run("rejected_protocols")
    assert [(row["protocol"], row["flows"], row["share"]) for row in rows] == [("6", "3", "0.75"), ("1", "1", "0.25")]
    assert [rows[0][name] for name in ("sources", "destinations", "packets", "bytes")] == ["2", "2", "4", "160"]


def test_targets_and_days_add_up(lake):
    lake.daily({"flows": 1}, day="2026-11-20")
    lake.daily({"flows": 2}, day="2026-11-21")
    lake.daily({"flows": 4}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({"flows": 8}, day=DAY, origin="other")
    assert [row["flows"] for row in lake.run("rejected_protocols", "2026-11-21", DAY)] == ["14"]


def test_the_share_is_of_all_not_of_those_shown(lake):
    lake.daily({"protocol": 47, "flows": 3}, {"protocol": 50, "flows": 1}, day=DAY)
    assert [(row["protocol"], row["share"]) for row in lake.run("rejected_protocols", limit=1)] == [("47", "0.75")]


def test_flows_without_protocol_are_said(lake):
    lake.daily({"protocol": None}, day=DAY)
    assert [(row["protocol"], row["flows"]) for row in lake.run("rejected_protocols")] == [("", "1")]


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("rejected_protocols") == []
