"""reports/top_rejected_interfaces.sql."""

FILE = "reports/top_rejected_interfaces.sql"
DAY = "2026-11-22"


def shown(rows):
    return [(row["interface_id"], row["rejected_flows"], row["accepted_flows"], row["rejected_share"]) for row in rows]


def test_rejected_against_accepted(lake):
    lake.records(
        {"interface_id": "eni-a", "srcaddr": "198.51.100.1", "dstport": 22},
        {"interface_id": "eni-a", "srcaddr": "198.51.100.2", "dstport": 22},
        {"interface_id": "eni-a", "srcaddr": "198.51.100.2", "dstport": 23},
        {"interface_id": "eni-a", "srcaddr": "198.51.100.3", "dstport": 443, "action": "ACCEPT"},
        {"interface_id": "eni-b"},
        {"interface_id": "eni-c", "action": "ACCEPT"},
    )
    rows = lake.run("top_rejected_interfaces")
    assert shown(rows) == [("eni-a", "3", "1", "0.75"), ("eni-b", "1", "0", "1.0")]
    # Only of the rejected ones.
    assert (rows[0]["sources"], rows[0]["ports"]) == ("2", "2")
    assert (rows[0]["aws_account"], rows[0]["aws_region"]) == ("111122223333", "us-east-1")


def test_targets_apart_and_days_together(lake):
    lake.daily({"flows": 1}, day="2026-11-20")
    lake.daily({"flows": 2}, day="2026-11-21")
    lake.daily({"flows": 4}, {"action": "ACCEPT", "hour": None, "flows": 2}, day=DAY)
    lake.daily({"flows": 3}, day=DAY, account="222233334444")
    assert shown(lake.run("top_rejected_interfaces", "2026-11-21", DAY)) == [
        ("eni-0a", "6", "2", "0.75"),
        ("eni-0a", "3", "0", "1.0"),
    ]


def test_flows_without_interface_are_said(lake):
    lake.daily({"interface_id": None}, day=DAY)
    assert shown(lake.run("top_rejected_interfaces")) == [("", "1", "0", "1.0")]


def test_flows_without_action_are_neither(lake):
    lake.daily({"flows": 1}, {"action": "NONE", "hour": None, "flows": 9}, day=DAY)
    assert shown(lake.run("top_rejected_interfaces")) == [("eni-0a", "1", "0", "1.0")]


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("top_rejected_interfaces") == []
