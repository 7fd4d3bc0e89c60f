"""reports/reject_heatmap.sql."""

FILE = "reports/reject_heatmap.sql"
SUNDAY = "2026-11-22"


def shown(rows):
    return {(row["weekday"], row["hour"]): row["flows"] for row in rows if row["flows"] != "0"}


def test_weekdays_and_hours(lake):
    lake.daily({"hour": 0, "flows": 3}, {"hour": 23, "flows": 4}, day=SUNDAY)
    lake.daily({"hour": 0, "flows": 5}, day="2026-11-16")
    rows = lake.run("reject_heatmap")
    assert shown(rows) == {("Sunday", "0"): "3", ("Sunday", "23"): "4", ("Monday", "0"): "5"}
    assert [(row["weekday"], row["hour"]) for row in rows] == [
        (day, str(hour)) for day in ("Monday", "Sunday") for hour in range(24)
    ]


def test_every_weekday_has_its_name(lake):
    for day in range(16, 23):
        lake.daily({}, day=f"2026-11-{day}")
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert list(shown(lake.run("reject_heatmap"))) == [(name, "12") for name in names]


def test_a_day_counts_on_average_of_those_with_a_summary(lake):
    lake.daily({"flows": 4}, day=SUNDAY)
    lake.daily({"flows": 2}, {"flows": 1, "hour": 5}, day="2026-11-15")
    lake.daily({"action": "ACCEPT", "hour": None, "flows": 99}, day="2026-11-08")
    rows = {(row["weekday"], row["hour"]): row for row in lake.run("reject_heatmap")}
    noon, early, night = (rows["Sunday", hour] for hour in ("12", "5", "3"))
    assert (noon["flows"], noon["days"], noon["flows_per_day"]) == ("6", "3", "2.0")
    assert (early["flows"], early["days"], early["flows_per_day"]) == ("1", "3", "0.3")
    assert (night["flows"], night["days"], night["flows_per_day"]) == ("0", "3", "0.0")


def test_the_last_28_days_the_reported_among_them(lake):
    lake.daily({"hour": 1}, day="2026-10-26")  # 27 days before the day
    lake.daily({"hour": 2}, day="2026-10-25")
    lake.daily({"hour": 3}, day="2026-11-23")
    assert shown(lake.run("reject_heatmap")) == {("Monday", "1"): "1"}
    assert shown(lake.run("reject_heatmap", "2026-11-16", SUNDAY)) == {("Monday", "1"): "1"}


def test_a_month_of_more_than_four_weeks_in_whole_weeks(lake):
    lake.daily({"hour": 1}, day="2026-09-27")  # 35 days, the last included
    lake.daily({"hour": 2}, day="2026-09-26")
    lake.daily({"hour": 3}, day="2026-10-01")
    found = shown(lake.run("reject_heatmap", "2026-10-01", "2026-10-31"))
    assert found == {("Thursday", "3"): "1", ("Sunday", "1"): "1"}


def test_fewer_weeks_by_the_settings(lake):
    lake.daily({"hour": 1}, day="2026-11-16")
    lake.daily({"hour": 2}, day="2026-11-15")
    assert shown(lake.run("reject_heatmap", thresholds={"weeks": 1})) == {("Monday", "1"): "1"}


def test_the_reports_limit_cuts_no_hour(lake):
    lake.daily({}, day=SUNDAY)
    assert len(lake.run("reject_heatmap", limit=5)) == 24


def test_nothing_rejected_is_0_and_no_summary_is_nothing(lake):
    assert lake.run("reject_heatmap") == []
    lake.records({"action": "ACCEPT"})
    assert {(row["weekday"], row["flows"]) for row in lake.run("reject_heatmap")} == {("Sunday", "0")}


def test_targets_add_up_to_one_day(lake):
    lake.daily({"flows": 4}, {"flows": 8, "interface_id": "eni-b"}, day=SUNDAY)
    lake.daily({"flows": 2}, day=SUNDAY, account="222233334444", region="eu-west-1")
    lake.daily({"flows": 1}, day=SUNDAY, origin="other")
    (noon,) = (row for row in lake.run("reject_heatmap") if row["flows"] != "0")
    assert (noon["flows"], noon["days"], noon["flows_per_day"]) == ("15", "1", "15.0")


def test_a_month_of_four_weeks(lake):
    lake.daily({"hour": 1}, day="2026-01-31")
    lake.daily({"hour": 2}, day="2026-02-01")
    lake.daily({"hour": 3}, day="2026-02-28")
    lake.daily({"hour": 4}, day="2026-03-01")
    found = shown(lake.run("reject_heatmap", "2026-02-01", "2026-02-28"))
    assert found == {("Saturday", "3"): "1", ("Sunday", "2"): "1"}
