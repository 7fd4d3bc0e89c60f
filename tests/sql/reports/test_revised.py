"""reports/revised.sql."""

from datetime import UTC, datetime

from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target

FILE = "reports/revised.sql"
DAY = "2026-11-22"
EARLY, LATE = datetime(2026, 11, 23, 0, 9, tzinfo=UTC), datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


def row(account, files, records, before=None):
    return ledger_row(
        Target("network", account, "us-east-1"), status="complete", reason="", files=files,
        rows=RowCount(records=records), scanned=0, cost_usd=0.0, run_id="test", recorded_at=LATE, before=before,
    )  # fmt: skip


def revised(account, before, now):
    first = row(account, ObjectCount(1, 10, EARLY), before)
    return row(account, ObjectCount(2, 20, LATE), now, before=first)


def test_what_a_revised_target_had_and_has(lake):
    lake.ledger(revised("111122223333", 70, 100))
    assert lake.run("revised") == [
        {
            "dt": DAY, "source": "network", "aws_account": "111122223333", "aws_region": "us-east-1", "revision": "2",
            "records_before": "70", "records": "100", "objects_before": "1", "objects": "2",
            "newest_object": "2026-12-01 07:30:00.000", "recorded_at": "2026-12-01 07:30:00.000",
        }
    ]  # fmt: skip


def test_targets_that_were_never_revised_and_other_days_are_not_there(lake):
    same = row("111122223333", ObjectCount(1, 10, EARLY), 70)
    lake.ledger(same, row("222233334444", ObjectCount(1, 10, EARLY), 70, before=same))
    lake.ledger(revised("111122223333", 1, 2), day="2026-11-21")
    assert lake.run("revised") == []


def test_those_that_changed_most_come_first_and_the_limit_cuts_the_others(lake):
    lake.ledger(revised("111122223333", 10, 11), revised("222233334444", 90, 10), revised("333344445555", 0, 30))
    assert [found["aws_account"] for found in lake.run("revised", limit=2)] == ["222233334444", "333344445555"]
