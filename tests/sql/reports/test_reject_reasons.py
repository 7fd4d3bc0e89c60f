"""reports/reject_reasons.sql."""

FILE = "reports/reject_reasons.sql"
DAY = "2026-11-22"


def test_reasons_by_flows(lake):
    lake.records(
        {"reject_reason": "BPA", "srcaddr": "198.51.100.1", "packets": 2, "bytes": 80},
        {"reject_reason": "BPA", "srcaddr": "198.51.100.2", "interface_id": "eni-b"},
        {"reject_reason": "BPA", "srcaddr": "198.51.100.2", "dstaddr": "10.0.0.2"},
        {"reject_reason": "EC", "srcaddr": "198.51.100.1"},
    )
    rows = lake.run("reject_reasons")
    assert [(row["reject_reason"], row["flows"], row["share"]) for row in rows] == [
        ("BPA", "3", "0.75"),
        ("EC", "1", "0.25"),
    ]
    counts = [rows[0][name] for name in ("sources", "destinations", "interfaces", "packets", "bytes")]
    assert counts == ["2", "2", "2", "4", "160"]


def test_logs_without_reason_do_not_count(lake):
    lake.records({"reject_reason": "BPA"}, {}, {})
    assert [(row["reject_reason"], row["flows"], row["share"]) for row in lake.run("reject_reasons")] == [
        ("BPA", "1", "1.0")
    ]


def test_no_log_has_a_reason(lake):
    lake.records({})
    assert lake.run("reject_reasons") == []


def test_accepted_flows_do_not_count(lake):
    lake.records({"reject_reason": "BPA", "action": "ACCEPT"})
    assert lake.run("reject_reasons") == []


def test_targets_and_days_add_up(lake):
    row = {"reject_reason": "BPA"}
    lake.records(row, day="2026-11-20")
    lake.records(row, day="2026-11-21")
    lake.records(row, day=DAY, account="222233334444", region="eu-west-1")
    lake.records(row, day=DAY, origin="other")
    lake.records(row, day="2026-11-23")
    assert [row["flows"] for row in lake.run("reject_reasons", "2026-11-21", DAY)] == ["3"]


def test_equal_ones_in_the_order_of_their_text_rows_at_most(lake):
    lake.records({"reject_reason": "C"}, {"reject_reason": "B"}, {"reject_reason": "A"}, {"reject_reason": "A"})
    rows = lake.run("reject_reasons", limit=2)
    # The share is of all, not of those shown.
    assert [(row["reject_reason"], row["share"]) for row in rows] == [("A", "0.5"), ("B", "0.25")]
