"""reports/totals.sql."""

FILE = "reports/totals.sql"
DAY, YESTERDAY, WEEK_BEFORE = "2026-11-22", "2026-11-21", "2026-11-15"


def by_action(rows):
    return {row.pop("action"): row for row in rows}


def test_both_actions_over_all_targets(lake):
    lake.records({"packets": 2, "bytes": 80}, {"action": "ACCEPT", "packets": 9, "bytes": 900})
    lake.records({"packets": 1, "bytes": 40}, account="222233334444", region="eu-west-1")
    lake.records({"packets": 3, "bytes": 60}, origin="other")
    found = by_action(lake.run("totals"))
    assert list(found) == ["ACCEPT", "REJECT"]
    assert (found["REJECT"]["flows"], found["REJECT"]["packets"], found["REJECT"]["bytes"]) == ("3", "6", "180")
    assert (found["ACCEPT"]["flows"], found["ACCEPT"]["packets"], found["ACCEPT"]["bytes"]) == ("1", "9", "900")


def test_beside_yesterday_and_the_same_weekday_last_week(lake):
    lake.daily({"flows": 30}, {"action": "ACCEPT", "hour": None, "flows": 5}, day=DAY)
    lake.daily({"flows": 20}, {"action": "ACCEPT", "hour": None, "flows": 10}, day=YESTERDAY)
    lake.daily({"flows": 40}, day=WEEK_BEFORE)
    for day in ("2026-11-14", "2026-11-16", "2026-11-20", "2026-11-23"):
        lake.daily({"flows": 1000}, day=day)
    found = by_action(lake.run("totals"))
    rejected, accepted = found["REJECT"], found["ACCEPT"]
    assert (rejected["flows"], rejected["flows_before"], rejected["change"]) == ("30", "20", "0.5")
    assert (rejected["flows_week_before"], rejected["week_change"]) == ("40", "-0.25")
    assert (accepted["flows_before"], accepted["change"]) == ("10", "-0.5")
    # That day has a summary, which knows no accepted flow: 0, of which no change can be told.
    assert (accepted["flows_week_before"], accepted["week_change"]) == ("0", "")


def test_days_without_a_summary_are_unknown(lake):
    lake.records({})
    (accepted, rejected) = lake.run("totals")
    assert (accepted["flows"], accepted["packets"], accepted["bytes"]) == ("0", "0", "0")
    assert {rejected[name] for name in ("flows_before", "change", "flows_week_before", "week_change")} == {""}


def test_no_flow_at_all(lake):
    assert [(row["action"], row["flows"]) for row in lake.run("totals")] == [("ACCEPT", "0"), ("REJECT", "0")]


def test_flows_without_action_are_said(lake):
    lake.daily({"action": "NONE", "hour": None, "flows": 7}, day=DAY)
    assert by_action(lake.run("totals"))["NONE"]["flows"] == "7"


def test_packets_that_no_format_has_are_unknown(lake):
    lake.daily({"packets": None, "bytes": None}, day=DAY)
    rejected = by_action(lake.run("totals"))["REJECT"]
    assert (rejected["flows"], rejected["packets"], rejected["bytes"]) == ("1", "", "")


def test_a_week_beside_the_week_before(lake):
    lake.daily({"flows": 1}, day="2026-11-16")
    lake.daily({"flows": 2}, day=DAY)
    lake.daily({"flows": 4}, day="2026-11-09")
    lake.daily({"flows": 8}, day=WEEK_BEFORE)
    lake.daily({"flows": 100}, day="2026-11-08")
    lake.daily({"flows": 100}, day="2026-11-23")
    rejected = by_action(lake.run("totals", "2026-11-16", DAY))["REJECT"]
    assert [rejected[name] for name in ("flows", "flows_before", "flows_week_before")] == ["3", "12", "12"]


def test_a_month_beside_as_many_days_and_the_same_weekdays(lake):
    lake.daily({"flows": 1}, day="2026-11-01")
    lake.daily({"flows": 2}, day="2026-11-30")
    lake.daily({"flows": 4}, day="2026-10-02")  # 30 days before the first
    lake.daily({"flows": 8}, day="2026-10-31")
    lake.daily({"flows": 16}, day="2026-10-01")
    lake.daily({"flows": 32}, day="2026-09-27")  # 35 days before the first, a Sunday too
    lake.daily({"flows": 64}, day="2026-09-26")
    rejected = by_action(lake.run("totals", "2026-11-01", "2026-11-30"))["REJECT"]
    assert [rejected[name] for name in ("flows", "flows_before", "flows_week_before")] == ["3", "12", str(4 + 16 + 32)]


def test_an_action_that_the_days_before_had_not(lake):
    lake.records({})
    lake.daily({"action": "ACCEPT", "hour": None}, day=YESTERDAY)
    rejected = by_action(lake.run("totals"))["REJECT"]
    assert (rejected["flows_before"], rejected["change"], rejected["flows_week_before"]) == ("0", "", "")
