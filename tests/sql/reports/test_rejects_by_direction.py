"""reports/rejects_by_direction.sql."""

FILE = "reports/rejects_by_direction.sql"
DAY = "2026-11-22"


def test_directions_of_rejected_flows(lake):
    lake.records(
        {"flow_direction": "ingress", "srcaddr": "198.51.100.1", "packets": 2, "bytes": 80},
        {"flow_direction": "ingress", "srcaddr": "198.51.100.2", "interface_id": "eni-b"},
        {"flow_direction": "ingress", "srcaddr": "198.51.100.2", "dstaddr": "10.0.0.2"},
        {"flow_direction": "egress", "srcaddr": "10.0.0.1", "dstaddr": "198.51.100.1"},
        {"flow_direction": "egress", "action": "ACCEPT"},
    )
    rows = lake.run("rejects_by_direction")
    assert [(row["flow_direction"], row["flows"], row["share"]) for row in rows] == [
        ("ingress", "3", "0.75"),
        ("egress", "1", "0.25"),
    ]
    counts = [rows[0][name] for name in ("sources", "destinations", "interfaces", "packets", "bytes")]
    assert counts == ["2", "2", "2", "4", "160"]


def test_logs_without_direction_do_not_count(lake):
    lake.records({"flow_direction": "ingress"}, {}, {})
    assert [(row["flow_direction"], row["flows"], row["share"]) for row in lake.run("rejects_by_direction")] == [
        ("ingress", "1", "1.0")
    ]


def test_no_log_has_a_direction(lake):
    lake.records({})
    assert lake.run("rejects_by_direction") == []


def test_targets_and_days_add_up(lake):
    row = {"flow_direction": "egress"}
    lake.daily({**row, "flows": 1}, day="2026-11-20")
    lake.daily({**row, "flows": 2}, day="2026-11-21")
    lake.daily({**row, "flows": 4}, day=DAY, account="222233334444", region="eu-west-1")
    lake.daily({**row, "flows": 8}, day=DAY, origin="other")
    assert [row["flows"] for row in lake.run("rejects_by_direction", "2026-11-21", DAY)] == ["14"]
