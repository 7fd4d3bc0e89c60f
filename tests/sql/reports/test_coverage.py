"""reports/coverage.sql."""

from datetime import UTC, datetime

from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target

FILE = "reports/coverage.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"


def row(source="network", account="111122223333", status="complete", reason="", files=None, records=0):
    return ledger_row(
        Target(source, account, "us-east-1"),
        status=status,
        reason=reason,
        files=files or ObjectCount(),
        rows=RowCount(records=records),
        scanned=0,
        cost_usd=0.0,
        run_id="test",
        recorded_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
    )


def test_a_targets_row(lake):
    newest = datetime(2026, 11, 23, 0, 9, 30, tzinfo=UTC)
    lake.ledger(row(status="partial", reason="last file at 20:05", files=ObjectCount(240, 9000, newest), records=70))
    assert lake.run("coverage") == [
        {
            "dt": DAY,
            "status": "partial",
            "source": "network",
            "aws_account": "111122223333",
            "aws_region": "us-east-1",
            "reason": "last file at 20:05",
            "objects": "240",
            "newest_object": "2026-11-23 00:09:30.000",
            "records": "70",
        }
    ]


def test_missing_and_partial_ones_first(lake):
    lake.ledger(
        row(source="other"),
        row(account="111122223333"),
        row(account="222233334444", status="partial", reason="late"),
        row(account="333344445555", status="missing", reason="no file"),
        row(account="444455556666", status="unheard of"),
    )
    assert [(row["status"], row["source"], row["aws_account"]) for row in lake.run("coverage")] == [
        ("missing", "network", "333344445555"),
        ("partial", "network", "222233334444"),
        ("unheard of", "network", "444455556666"),
        ("complete", "network", "111122223333"),
        ("complete", "other", "111122223333"),
    ]


def test_the_limit_cuts_complete_ones(lake):
    lake.ledger(row(), row(account="222233334444", status="missing"))
    assert [row["status"] for row in lake.run("coverage", limit=1)] == ["missing"]


def test_a_missing_target_has_no_newest_file(lake):
    lake.ledger(row(status="missing", reason="no file"))
    (found,) = lake.run("coverage")
    assert (found["objects"], found["newest_object"], found["records"]) == ("0", "", "0")


def test_the_days_of_a_week(lake):
    lake.ledger(row(), day="2026-11-20")
    lake.ledger(row(), day=YESTERDAY)
    lake.ledger(row(status="missing"), day=DAY)
    lake.ledger(row(), day="2026-11-23")
    rows = lake.run("coverage", YESTERDAY, DAY)
    assert [(row["dt"], row["status"]) for row in rows] == [(DAY, "missing"), (YESTERDAY, "complete")]


def test_a_day_that_no_run_recorded(lake):
    assert lake.run("coverage") == []
