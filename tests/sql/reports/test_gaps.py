"""reports/gaps.sql."""

from datetime import UTC, datetime

from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target

FILE = "reports/gaps.sql"
DAY, YESTERDAY = "2026-11-22", "2026-11-21"


def row(source="network", account="111122223333", **counts):
    return ledger_row(
        Target(source, account, "us-east-1"),
        status="complete",
        reason="",
        files=ObjectCount(),
        rows=RowCount(**counts),
        scanned=0,
        cost_usd=0.0,
        run_id="test",
        recorded_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
    )


def test_counts_and_shares(lake):
    lake.ledger(row(records=200, nodata=50, skipdata=1))
    assert lake.run("gaps") == [
        {
            "source": "network",
            "aws_account": "111122223333",
            "aws_region": "us-east-1",
            "records": "200",
            "skipdata": "1",
            "skipdata_share": "0.005",
            "nodata": "50",
            "nodata_share": "0.25",
        }
    ]


def test_lost_records_first(lake):
    lake.ledger(
        row(records=100, nodata=90),
        row(source="other", records=100, nodata=10),
        row(account="222233334444", records=1000, skipdata=5),
        row(account="333344445555", records=100, skipdata=1),
    )
    assert [(row["source"], row["aws_account"]) for row in lake.run("gaps")] == [
        ("network", "333344445555"),
        ("network", "222233334444"),
        ("network", "111122223333"),
        ("other", "111122223333"),
    ]


def test_targets_without_gaps_are_left_out(lake):
    lake.ledger(row(records=100, accepted=100), row(account="222233334444"))
    assert lake.run("gaps") == []


def test_the_days_of_a_week_add_up(lake):
    lake.ledger(row(records=100, skipdata=100), day="2026-11-20")
    lake.ledger(row(records=100, skipdata=2, nodata=1), day=YESTERDAY)
    lake.ledger(row(records=300, skipdata=1, nodata=3), day=DAY)
    lake.ledger(row(records=100, skipdata=100), day="2026-11-23")
    (found,) = lake.run("gaps", YESTERDAY, DAY)
    assert [found[name] for name in ("records", "skipdata", "skipdata_share", "nodata", "nodata_share")] == [
        "400", "3", "0.0075", "4", "0.01",
    ]  # fmt: skip


def test_rows_at_most(lake):
    lake.ledger(row(records=100, skipdata=1), row(source="other", records=100, skipdata=2))
    assert [row["source"] for row in lake.run("gaps", limit=1)] == ["other"]


def test_a_target_whose_lines_were_not_counted(lake):
    lake.ledger(row(records=0, skipdata=1))
    (found,) = lake.run("gaps")
    assert (found["skipdata"], found["skipdata_share"]) == ("1", "")
