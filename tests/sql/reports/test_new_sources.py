"""reports/new_sources.sql."""

FILE = "reports/new_sources.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"
FIRST_OF_BASELINE, BEFORE_BASELINE = "2026-10-25", "2026-10-24"
OLD, NEW = "198.51.100.1", "198.51.100.2"


def addresses(rows):
    return [row["srcaddr"] for row in rows]


def test_a_source_that_was_not_rejected_before(lake):
    lake.daily({"srcaddr": OLD}, day=YESTERDAY)
    lake.records(
        {"srcaddr": OLD},
        {"srcaddr": NEW, "dstaddr": "10.0.0.1", "dstport": 22, "start": "09:00", "packets": 2, "bytes": 80},
        {"srcaddr": NEW, "dstaddr": "10.0.0.2", "dstport": 23, "start": "08:00"},
        {"srcaddr": NEW, "dstaddr": "10.0.0.2", "dstport": 22, "start": "10:00"},
        {"srcaddr": "10.9.9.9"},
        {"srcaddr": "198.51.100.9", "action": "ACCEPT"},
    )
    rows = lake.run("new_sources")
    assert [(row["srcaddr"], row["network"], row["flows"]) for row in rows] == [
        (NEW, "public", "3"),
        ("10.9.9.9", "private", "1"),
    ]
    assert [rows[0][name] for name in ("destinations", "ports", "packets", "bytes")] == ["2", "2", "4", "160"]
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 10:00:00.000")


def test_accepted_before_is_not_rejected_before(lake):
    lake.daily({"srcaddr": NEW, "action": "ACCEPT", "hour": None}, day=YESTERDAY)
    lake.records({"srcaddr": NEW})
    assert addresses(lake.run("new_sources")) == [NEW]


def test_the_28_days_before(lake):
    lake.daily({"srcaddr": OLD}, day=FIRST_OF_BASELINE)
    lake.daily({"srcaddr": NEW}, day=BEFORE_BASELINE)
    lake.records({"srcaddr": OLD}, {"srcaddr": NEW})
    assert addresses(lake.run("new_sources")) == [NEW]


def test_known_to_another_target_is_known(lake):
    lake.daily({"srcaddr": OLD}, day=YESTERDAY, account="222233334444")
    lake.records({"srcaddr": OLD}, origin="other")
    assert lake.run("new_sources") == []


def test_new_within_the_days_of_a_week(lake):
    lake.daily({"srcaddr": OLD}, day="2026-11-15")
    lake.daily({"srcaddr": OLD, "flows": 9}, {"srcaddr": NEW, "flows": 2}, day="2026-11-16")
    lake.daily({"srcaddr": NEW, "flows": 3}, day=DAY)
    lake.daily({"srcaddr": "198.51.100.3"}, day="2026-11-23")
    rows = lake.run("new_sources", "2026-11-16", DAY)
    assert [(row["srcaddr"], row["flows"]) for row in rows] == [(NEW, "5")]


def test_how_many_there_are_and_how_much_is_known(lake):
    lake.daily({"action": "ACCEPT", "hour": None}, day=YESTERDAY)
    lake.daily({"srcaddr": OLD}, day=FIRST_OF_BASELINE)
    lake.daily({"srcaddr": OLD}, day=BEFORE_BASELINE)
    lake.daily(*({"srcaddr": f"198.51.100.{n}", "flows": n} for n in (11, 12, 13)), day=DAY)
    (row,) = lake.run("new_sources", limit=1)
    assert (row["srcaddr"], row["new_sources"], row["baseline_days"]) == ("198.51.100.13", "3", "2")


def test_nothing_is_known_of_the_days_before(lake):
    lake.records({"srcaddr": NEW})
    assert [(row["srcaddr"], row["baseline_days"]) for row in lake.run("new_sources")] == [(NEW, "0")]


def test_flows_without_a_source_are_no_new_one(lake):
    lake.daily({"srcaddr": None}, day=DAY)
    assert lake.run("new_sources") == []


def test_equal_ones_in_their_order(lake):
    lake.daily({"srcaddr": "198.51.100.2"}, {"srcaddr": "198.51.100.10"}, day=DAY)
    assert [row["srcaddr"] for row in lake.run("new_sources")] == ["198.51.100.10", "198.51.100.2"]


def test_a_known_day_counts_once_and_a_reported_one_not(lake):
    lake.daily({"hour": 1}, {"hour": 2}, day="2026-11-15")
    lake.daily({}, day="2026-11-16")
    lake.daily({"srcaddr": "198.51.100.10"}, day=DAY)
    (row,) = lake.run("new_sources", "2026-11-16", DAY)
    assert row["baseline_days"] == "1"
