"""Whether a day adds up, and what is said when it does not."""

from flowlogs.ledger import RowCount
from flowlogs.reconciliation import curated_counts, differing_targets, lost_in_summary
from flowlogs.targets import Target

ONE = Target("network", "111122223333", "us-east-1")
TWO = Target("network", "222233334444", "us-east-1")
SOURCES = {"run-1": "network"}


def row(kind, rows, skipdata=0, outside_day=0, account="111122223333"):
    return {
        "run": "run-1", "aws_account": account, "aws_region": "us-east-1", "kind": kind,
        "rows": str(rows), "skipdata": str(skipdata), "outside_day": str(outside_day),
    }  # fmt: skip


def test_counts_by_kind():
    rows = [row("ACCEPT", 10), row("ACCEPT", 0, 0, 3), row("REJECT", 5), row("NONE", 2), row("GAP", 7, 4), row("GAP", 0, 0, 9),
            row("QUARANTINE", 1)]  # fmt: skip
    assert curated_counts(rows, SOURCES) == {
        ("network", "111122223333", "us-east-1"): RowCount(
            records=25, nodata=3, skipdata=4, unparsable=1, outside_day=3, accepted=10, rejected=5, without_action=2
        )
    }


def test_every_row_of_the_files_must_be_somewhere():
    counts = curated_counts([row("ACCEPT", 10), row("QUARANTINE", 2)], SOURCES)
    files = {("111122223333", "us-east-1"): 12}
    assert differing_targets([ONE, TWO], counts, files) == []
    assert differing_targets([ONE, TWO], counts, {**files, ("222233334444", "us-east-1"): 1}) == [
        "network/222233334444/us-east-1: 1 rows in the files, 0 curated (0 records, 0 NODATA, 0 SKIPDATA, 0 quarantined)"
    ]
    assert differing_targets([ONE], counts, {("111122223333", "us-east-1"): 13}) == [
        "network/111122223333/us-east-1: 13 rows in the files, 12 curated (10 records, 0 NODATA, 0 SKIPDATA, 2 quarantined)"
    ]


def test_every_record_must_be_in_the_summary():
    counts = curated_counts([row("ACCEPT", 10), row("REJECT", 5), row("GAP", 7)], SOURCES)
    summary = {"run": "run-1", "aws_account": "111122223333", "aws_region": "us-east-1", "rows": "3"}
    assert lost_in_summary([{**summary, "flows": "15"}], SOURCES, counts) == []
    assert lost_in_summary([{**summary, "flows": "14"}], SOURCES, counts) == [
        "network/111122223333/us-east-1: 15 records, 14 flows in the summary"
    ]
    assert lost_in_summary([], SOURCES, counts) == [
        "network/111122223333/us-east-1: 15 records, 0 flows in the summary"
    ]
