"""reports/top_rejected_ports.sql."""

FILE = "reports/top_rejected_ports.sql"


def test_ports_by_rejected_flows(lake):
    lake.records(
        {"dstport": 22, "srcaddr": "198.51.100.1"},
        {"dstport": 22, "srcaddr": "198.51.100.2", "packets": 3, "bytes": 120},
        {"dstport": 53, "protocol": 17},
        {"dstport": 443, "action": "ACCEPT"},
    )
    rows = lake.run("top_rejected_ports")
    assert [(row["port"], row["protocol"], row["flows"], row["sources"]) for row in rows] == [
        ("22", "6", "2", "2"),
        ("53", "17", "1", "1"),
    ]
    assert (rows[0]["packets"], rows[0]["bytes"]) == ("4", "160")


def test_a_week_adds_its_days(lake):
    lake.records({"dstport": 22}, day="2026-11-21")
    lake.records({"dstport": 22}, day="2026-11-22")
    lake.records({"dstport": 22}, day="2026-11-23")
    assert [row["flows"] for row in lake.run("top_rejected_ports", "2026-11-21", "2026-11-22")] == ["2"]


def test_nothing_rejected(lake):
    lake.records({"action": "ACCEPT"})
    assert lake.run("top_rejected_ports") == []
