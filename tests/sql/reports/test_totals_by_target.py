"""reports/totals_by_target.sql."""

FILE = "reports/totals_by_target.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"


def places(rows):
    return [(row["source"], row["aws_account"], row["aws_region"]) for row in rows]


def test_targets_by_rejected_flows(lake):
    lake.records({"bytes": 50, "packets": 2}, {"action": "ACCEPT", "bytes": 900, "packets": 9})
    lake.records({}, {}, account="222233334444", region="eu-west-1")
    lake.records({"action": "ACCEPT"}, origin="other")
    rows = lake.run("totals_by_target")
    assert places(rows) == [
        ("network", "222233334444", "eu-west-1"),
        ("network", "111122223333", "us-east-1"),
        ("other", "111122223333", "us-east-1"),
    ]
    assert [(row["flows"], row["rejected_flows"], row["accepted_flows"]) for row in rows] == [
        ("2", "2", "0"),
        ("2", "1", "1"),
        ("1", "0", "1"),
    ]
    assert [rows[1][f"{action}_{what}"] for action in ("rejected", "accepted") for what in ("packets", "bytes")] == [
        "2", "50", "9", "900",
    ]  # fmt: skip


def test_beside_the_day_before(lake):
    accepted = {"action": "ACCEPT", "hour": None}
    lake.daily({"flows": 30}, {**accepted, "flows": 6}, day=DAY)
    lake.daily({"flows": 10}, {**accepted, "flows": 8}, day=YESTERDAY)
    lake.daily({"flows": 1000}, day="2026-11-20")
    lake.daily({"flows": 1000}, day="2026-11-23")
    (row,) = lake.run("totals_by_target")
    assert (row["flows"], row["rejected_flows"], row["rejected_before"], row["rejected_change"]) == (
        "36", "30", "10", "2.0",
    )  # fmt: skip
    assert (row["accepted_flows"], row["accepted_before"], row["accepted_change"]) == ("6", "8", "-0.25")


def test_a_target_that_is_new_has_no_comparison(lake):
    lake.records({})
    lake.daily({}, day=YESTERDAY, account="222233334444")
    found = {row["aws_account"]: row for row in lake.run("totals_by_target")}
    assert (found["111122223333"]["rejected_before"], found["111122223333"]["rejected_change"]) == ("", "")


def test_a_target_without_flows_is_still_there(lake):
    lake.daily({"flows": 4}, day=YESTERDAY)
    (row,) = lake.run("totals_by_target")
    assert (row["flows"], row["rejected_flows"], row["rejected_before"], row["rejected_change"]) == (
        "0", "0", "4", "-1.0",
    )  # fmt: skip
    # None of them was accepted on a day that has a summary: 0.
    assert (row["accepted_before"], row["accepted_change"]) == ("0", "")


def test_flows_without_action_count_in_all(lake):
    lake.daily({"action": "NONE", "hour": None, "flows": 7}, day=DAY)
    (row,) = lake.run("totals_by_target")
    assert (row["flows"], row["rejected_flows"], row["accepted_flows"]) == ("7", "0", "0")


def test_two_days_beside_the_two_before(lake):
    for day, flows in (("2026-11-18", 100), ("2026-11-19", 1), ("2026-11-20", 2), (YESTERDAY, 4), (DAY, 8)):
        lake.daily({"flows": flows}, day=day)
    (row,) = lake.run("totals_by_target", YESTERDAY, DAY)
    assert (row["rejected_flows"], row["rejected_before"], row["rejected_change"]) == ("12", "3", "3.0")


def test_an_action_that_the_day_before_had_not(lake):
    lake.records({})
    lake.daily({"action": "ACCEPT", "hour": None}, day=YESTERDAY)
    (row,) = lake.run("totals_by_target")
    assert (row["rejected_before"], row["rejected_change"]) == ("0", "")
    assert (row["accepted_packets"], row["accepted_bytes"]) == ("0", "0")


def test_equal_ones_in_their_order_rows_at_most(lake):
    lake.daily({}, {"packets": 2, "bytes": 60, "hour": 3}, day=DAY, account="222233334444")
    lake.daily({"flows": 2}, day=DAY)
    lake.daily({"flows": 2}, day=DAY, origin="other")
    rows = lake.run("totals_by_target", limit=2)
    assert places(rows) == [("network", "111122223333", "us-east-1"), ("network", "222233334444", "us-east-1")]
    assert (rows[1]["rejected_packets"], rows[1]["rejected_bytes"]) == ("3", "100")
