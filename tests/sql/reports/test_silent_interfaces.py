"""reports/silent_interfaces.sql."""

FILE = "reports/silent_interfaces.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"
SEVEN_DAYS_BEFORE, EIGHT_DAYS_BEFORE = "2026-11-15", "2026-11-14"


def names(rows):
    return [row["interface_id"] for row in rows]


def test_an_interface_that_had_flows_and_has_none(lake):
    lake.daily(
        {"interface_id": "eni-gone", "flows": 2, "last_seen": "23:10"}, {"interface_id": "eni-here"}, day=YESTERDAY
    )
    lake.daily({"interface_id": "eni-gone", "flows": 3, "action": "ACCEPT", "hour": None}, day="2026-11-18")
    lake.records({"interface_id": "eni-here"}, {"interface_id": "eni-new"})
    assert lake.run("silent_interfaces") == [
        {
            "interface_id": "eni-gone",
            "source": "network",
            "aws_account": "111122223333",
            "aws_region": "us-east-1",
            "last_seen": f"{YESTERDAY} 23:10:00.000",
            "days": "2",
            "flows": "5",
            "still_logging": "2",
        }
    ]


def test_days_before(lake):
    lake.daily({"interface_id": "eni-at"}, day=SEVEN_DAYS_BEFORE)
    lake.daily({"interface_id": "eni-beyond"}, day=EIGHT_DAYS_BEFORE)
    lake.records({})
    assert names(lake.run("silent_interfaces")) == ["eni-at"]
    assert names(lake.run("silent_interfaces", thresholds={"days": 8})) == ["eni-at", "eni-beyond"]
    assert lake.run("silent_interfaces", thresholds={"days": 6}) == []


def test_one_flow_in_the_days_is_enough(lake):
    for name in ("eni-first", "eni-last", "eni-after"):
        lake.daily({"interface_id": name}, day="2026-11-15")
    lake.daily({"interface_id": "eni-first"}, day="2026-11-16")
    lake.daily({"interface_id": "eni-last"}, day=DAY)
    lake.daily({"interface_id": "eni-after"}, day="2026-11-23")
    assert names(lake.run("silent_interfaces", "2026-11-16", DAY)) == ["eni-after"]


def test_silent_in_one_source_is_silent(lake):
    lake.daily({}, day=YESTERDAY)
    lake.daily({}, day=YESTERDAY, origin="other")
    lake.records({}, origin="other")
    (row,) = lake.run("silent_interfaces")
    assert (row["interface_id"], row["source"], row["still_logging"]) == ("eni-0a", "network", "0")


def test_interfaces_of_a_target_that_is_silent_as_a_whole_stand_last(lake):
    lake.daily({"interface_id": "eni-busy", "flows": 100}, day=YESTERDAY, account="222233334444")
    lake.daily({"interface_id": "eni-little"}, {"interface_id": "eni-more", "flows": 2}, day=YESTERDAY)
    lake.records({})
    assert [(row["interface_id"], row["still_logging"]) for row in lake.run("silent_interfaces")] == [
        ("eni-more", "1"),
        ("eni-little", "1"),
        ("eni-busy", "0"),
    ]


def test_flows_without_interface_do_not_go_silent(lake):
    lake.daily({"interface_id": None}, day=YESTERDAY)
    assert lake.run("silent_interfaces") == []


def test_a_week_looks_back_from_its_first_day(lake):
    lake.daily({"interface_id": "eni-at", "hour": 1}, {"interface_id": "eni-at", "hour": 2}, day="2026-11-09")
    lake.daily({}, day="2026-11-16")
    assert [
        (row["interface_id"], row["days"], row["still_logging"])
        for row in lake.run("silent_interfaces", "2026-11-16", DAY)
    ] == [("eni-at", "1", "1")]


def test_equal_ones_in_the_order_of_their_text_rows_at_most(lake):
    lake.daily(*({"interface_id": f"eni-{n}"} for n in (3, 1, 2)), day=YESTERDAY)
    assert names(lake.run("silent_interfaces", limit=2)) == ["eni-1", "eni-2"]
