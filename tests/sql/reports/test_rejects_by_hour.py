"""reports/rejects_by_hour.sql."""

FILE = "reports/rejects_by_hour.sql"
DAY = "2026-11-22"


def shown(rows):
    return {(row["hour"], row["port"]): int(row["flows"]) for row in rows if row["flows"] != "0"}


def test_hours_by_port(lake):
    lake.records(
        {"start": "00:00", "dstport": 22},
        {"start": "00:59:59", "dstport": 22},
        {"start": "01:00", "dstport": 22},
        {"start": "23:59", "dstport": 445},
        {"start": "05:00", "dstport": 443, "action": "ACCEPT"},
    )
    rows = lake.run("rejects_by_hour")
    assert shown(rows) == {("0", "22"): 2, ("1", "22"): 1, ("23", "445"): 1}
    assert [(row["hour"], row["port"]) for row in rows] == [(str(h), port) for h in range(24) for port in ("22", "445")]


def test_ports_beyond_the_threshold_are_one(lake):
    rows = [{"dstport": port, "flows": 100 - port} for port in range(1, 5)]
    lake.daily(*rows, {"dstport": 4, "hour": 3}, day=DAY)
    at = lake.run("rejects_by_hour", thresholds={"ports": 4})
    assert shown(at) == {("12", "1"): 99, ("12", "2"): 98, ("12", "3"): 97, ("12", "4"): 96, ("3", "4"): 1}
    above = lake.run("rejects_by_hour", thresholds={"ports": 2})
    assert shown(above) == {("12", "1"): 99, ("12", "2"): 98, ("12", "other"): 97 + 96, ("3", "other"): 1}
    assert [row["port"] for row in above[:3]] == ["1", "2", "other"]


def test_equal_ports_in_the_order_of_their_number(lake):
    lake.daily({"dstport": 9}, {"dstport": 8}, {"dstport": 7}, day=DAY)
    assert shown(lake.run("rejects_by_hour", thresholds={"ports": 2})) == {
        ("12", "7"): 1, ("12", "8"): 1, ("12", "other"): 1,
    }  # fmt: skip


def test_the_reports_limit_cuts_no_hour(lake):
    lake.daily(*({"dstport": port} for port in range(20)), day=DAY)
    rows = lake.run("rejects_by_hour", limit=5)
    assert len(rows) == 24 * 9
    assert sum(int(row["flows"]) for row in rows) == 20


def test_a_port_of_two_protocols_is_one(lake):
    lake.daily({"dstport": 53, "protocol": 6}, {"dstport": 53, "protocol": 17}, day=DAY)
    assert shown(lake.run("rejects_by_hour")) == {("12", "53"): 2}


def test_flows_without_a_port(lake):
    lake.daily({"dstport": None}, day=DAY)
    assert shown(lake.run("rejects_by_hour")) == {("12", "none"): 1}


def test_days_and_targets_add_up(lake):
    lake.daily({"flows": 1}, day="2026-11-20")
    lake.daily({"flows": 2}, day="2026-11-21")
    lake.daily({"flows": 4}, day=DAY, account="222233334444")
    assert shown(lake.run("rejects_by_hour", "2026-11-21", DAY)) == {("12", "22"): 6}


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("rejects_by_hour") == []


def test_ports_by_all_their_flows_not_by_those_of_an_hour(lake):
    lake.daily(
        {"dstport": 22, "hour": 1, "flows": 5}, *({"dstport": 23, "hour": h, "flows": 2} for h in range(3)), day=DAY
    )
    found = shown(lake.run("rejects_by_hour", thresholds={"ports": 1}))
    assert found == {("0", "23"): 2, ("1", "23"): 2, ("2", "23"): 2, ("1", "other"): 5}
