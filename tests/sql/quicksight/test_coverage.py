"""quicksight/coverage.sql."""

from datetime import UTC, datetime

from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target
from tests.sql.quicksight.conftest import day_before_today

FILE = "quicksight/coverage.sql"
YESTERDAY = day_before_today(1)
NEWEST = datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC)


def row(account="111122223333", status="complete", reason="", files=None, rows=None, hour=1, before=None):
    return ledger_row(
        Target("network", account, "us-east-1"), status=status, reason=reason, files=files or ObjectCount(),
        rows=rows or RowCount(), scanned=0, cost_usd=0.5, run_id="test",
        recorded_at=datetime(2026, 11, 23, hour, tzinfo=UTC), before=before,
    )  # fmt: skip


def test_a_row_of_the_ledger(lake):
    counts = RowCount(records=70, nodata=4, skipdata=3, unparsable=2, outside_day=1, accepted=40, rejected=20)
    lake.ledger(row(files=ObjectCount(240, 9000, NEWEST), rows=counts), day=YESTERDAY)
    assert lake.data_set("coverage") == [
        {
            "day": f"{YESTERDAY} 00:00:00.000", "account": "111122223333", "region": "us-east-1", "source": "network",
            "status": "complete", "reason": "", "objects": "240", "bytes": "9000", "records": "70", "curated": "60",
            "accepted": "40", "rejected": "20", "quarantined": "2", "nodata": "4", "skipdata": "3",
            "outside_day": "1", "newest_object": "2026-11-22 23:59:30.000", "revision": "1", "late": "0",
            "late_objects": "0", "late_records": "0", "cost_usd": "0.5", "recorded_at": "2026-11-23 01:00:00.000",
        }
    ]  # fmt: skip


def test_the_newest_row_of_a_target(lake):
    lake.ledger(row(status="missing", hour=1), row(status="complete", hour=2), day=YESTERDAY)
    assert [found["status"] for found in lake.data_set("coverage")] == ["complete"]


def test_files_that_came_late(lake):
    first = row(files=ObjectCount(10, 100, NEWEST), rows=RowCount(records=50))
    lake.ledger(row(files=ObjectCount(12, 140, NEWEST), rows=RowCount(records=58), before=first), day=YESTERDAY)
    (found,) = lake.data_set("coverage")
    assert [found[name] for name in ("revision", "late", "late_objects", "late_records")] == ["2", "1", "2", "8"]


def test_a_target_without_a_file(lake):
    lake.ledger(row(status="missing", reason="no file came"), day=YESTERDAY)
    (found,) = lake.data_set("coverage")
    assert [found[name] for name in ("status", "reason", "newest_object", "objects")] == [
        "missing",
        "no file came",
        "",
        "0",
    ]


def test_days_of_the_history_only(lake, monkeypatch):
    monkeypatch.setenv("FLOWLOGS__QUICKSIGHT__HISTORY_DAYS", "5")
    for days in (1, 5, 6):
        lake.ledger(row(), day=day_before_today(days))
    days = sorted(found["day"][:10] for found in lake.data_set("coverage"))
    assert days == [day_before_today(5), day_before_today(1)]
