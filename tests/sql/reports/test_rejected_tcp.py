"""reports/rejected_tcp.sql."""

FILE = "reports/rejected_tcp.sql"
DAY = "2026-11-22"


def test_the_columns_of_the_projects_brief(lake):
    lake.records({"interface_id": "eni-0b", "srcaddr": "198.51.100.1", "dstport": 3389})
    assert lake.run("rejected_tcp") == [
        {
            "day": "7",
            "dt": DAY,
            "interface_id": "eni-0b",
            "srcaddr": "198.51.100.1",
            "dstport": "3389",
            "action": "REJECT",
            "protocol": "6",
        }
    ]


def test_only_rejected_tcp(lake):
    lake.records({"dstport": 1}, {"dstport": 2, "action": "ACCEPT"}, {"dstport": 3, "protocol": 17}, {"protocol": None})
    assert [row["dstport"] for row in lake.run("rejected_tcp")] == ["1"]


def test_records_one_by_one_ordered_by_source(lake):
    lake.records(
        {"srcaddr": "198.51.100.2"}, {"srcaddr": "198.51.100.1"}, {"srcaddr": "198.51.100.2"}, {"srcaddr": None}
    )
    assert [row["srcaddr"] for row in lake.run("rejected_tcp")] == ["198.51.100.1", "198.51.100.2", "198.51.100.2", ""]


def test_all_days_and_targets(lake):
    lake.records({}, day="2026-11-20")
    lake.records({}, day="2026-11-21")
    lake.records({}, day=DAY, account="222233334444", region="eu-west-1")
    lake.records({}, day=DAY, origin="other")
    lake.records({}, day="2026-11-23")
    rows = lake.run("rejected_tcp", "2026-11-21", DAY)
    assert [(row["day"], row["dt"]) for row in rows] == [("6", "2026-11-21"), ("7", DAY), ("7", DAY)]


def test_rows_at_most(lake):
    lake.records(*({"dstport": port} for port in (3, 1, 2)))
    assert [row["dstport"] for row in lake.run("rejected_tcp", limit=2)] == ["1", "2"]
