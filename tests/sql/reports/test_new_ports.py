"""reports/new_ports.sql."""

FILE = "reports/new_ports.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"
FIRST_OF_BASELINE, BEFORE_BASELINE = "2026-10-25", "2026-10-24"


def ports(rows):
    return [(row["port"], row["protocol"]) for row in rows]


def test_a_port_that_was_not_rejected_before(lake):
    lake.daily({"dstport": 22}, day=YESTERDAY)
    lake.records(
        {"dstport": 22},
        {
            "dstport": 9100,
            "srcaddr": "198.51.100.1",
            "dstaddr": "10.0.0.1",
            "start": "09:00",
            "packets": 2,
            "bytes": 80,
        },
        {"dstport": 9100, "srcaddr": "198.51.100.2", "dstaddr": "10.0.0.1", "start": "08:00"},
        {"dstport": 9100, "srcaddr": "198.51.100.2", "dstaddr": "10.0.0.2", "start": "10:00"},
        {"dstport": 443, "action": "ACCEPT"},
    )
    rows = lake.run("new_ports")
    assert [(row["port"], row["protocol"], row["flows"]) for row in rows] == [("9100", "6", "3")]
    assert [rows[0][name] for name in ("sources", "destinations", "packets", "bytes")] == ["2", "2", "4", "160"]
    assert (rows[0]["first_seen"], rows[0]["last_seen"]) == (f"{DAY} 08:00:00.000", f"{DAY} 10:00:00.000")


def test_the_same_port_of_another_protocol_is_new(lake):
    lake.daily({"dstport": 53, "protocol": 6}, day=YESTERDAY)
    lake.records({"dstport": 53, "protocol": 6}, {"dstport": 53, "protocol": 17})
    assert ports(lake.run("new_ports")) == [("53", "17")]


def test_accepted_before_is_not_rejected_before(lake):
    lake.daily({"dstport": 443, "action": "ACCEPT", "hour": None}, day=YESTERDAY)
    lake.records({"dstport": 443})
    assert ports(lake.run("new_ports")) == [("443", "6")]


def test_the_28_days_before(lake):
    lake.daily({"dstport": 22}, day=FIRST_OF_BASELINE)
    lake.daily({"dstport": 23}, day=BEFORE_BASELINE)
    lake.records({"dstport": 22}, {"dstport": 23})
    assert ports(lake.run("new_ports")) == [("23", "6")]


def test_known_to_another_target_is_known(lake):
    lake.daily({"dstport": 22}, day=YESTERDAY, account="222233334444")
    lake.records({"dstport": 22}, origin="other")
    assert lake.run("new_ports") == []


def test_new_within_the_days_of_a_week(lake):
    lake.daily({"dstport": 22}, day="2026-11-15")
    lake.daily({"dstport": 22, "flows": 9}, {"dstport": 23, "flows": 2}, day="2026-11-16")
    lake.daily({"dstport": 23, "flows": 3}, day=DAY)
    lake.daily({"dstport": 25}, day="2026-11-23")
    rows = lake.run("new_ports", "2026-11-16", DAY)
    assert [(row["port"], row["flows"]) for row in rows] == [("23", "5")]


def test_how_many_there_are_and_how_much_is_known(lake):
    lake.daily({"action": "ACCEPT", "hour": None}, day=YESTERDAY)
    lake.daily({"dstport": 22}, day=FIRST_OF_BASELINE)
    lake.daily({"dstport": 22}, day=BEFORE_BASELINE)
    lake.daily(*({"dstport": n, "flows": n} for n in (11, 12, 13)), day=DAY)
    (row,) = lake.run("new_ports", limit=1)
    assert (row["port"], row["new_ports"], row["baseline_days"]) == ("13", "3", "2")


def test_flows_without_a_port_are_no_new_one(lake):
    lake.daily({"dstport": None}, day=DAY)
    assert lake.run("new_ports") == []


def test_equal_ones_in_their_order(lake):
    lake.daily({"dstport": 9}, {"dstport": 10}, day=DAY)
    assert [row["port"] for row in lake.run("new_ports")] == ["9", "10"]


def test_a_known_day_counts_once_and_a_reported_one_not(lake):
    lake.daily({"hour": 1}, {"hour": 2}, day="2026-11-15")
    lake.daily({}, day="2026-11-16")
    lake.daily({"dstport": 10}, day=DAY)
    (row,) = lake.run("new_ports", "2026-11-16", DAY)
    assert row["baseline_days"] == "1"
