"""reports/quarantined.sql."""

FILE = "reports/quarantined.sql"
DAY = "2026-11-22"


def test_lines_by_reason_with_a_sample(lake):
    lake.quarantine(
        {"file": "s3://logs/b.log.gz", "line": "1 2"},
        {"file": "s3://logs/a.log.gz", "line": "3 4"},
        {"file": "s3://logs/a.log.gz", "line": "2 3"},
        {"reason": "start is no time"},
    )
    rows = lake.run("quarantined")
    assert rows[0] == {
        "source": "network",
        "aws_account": "111122223333",
        "aws_region": "us-east-1",
        "reason": "has 2 fields, not 14",
        "lines": "3",
        "files": "2",
        "sample_line": "2 3",
        "sample_file": "s3://logs/a.log.gz",
    }
    assert [(row["reason"], row["lines"]) for row in rows[1:]] == [("start is no time", "1")]


def test_targets_apart_and_days_together(lake):
    lake.quarantine({}, day="2026-11-20")
    lake.quarantine({}, {}, day="2026-11-21")
    lake.quarantine({}, day=DAY)
    lake.quarantine({}, day=DAY, account="222233334444", region="eu-west-1")
    lake.quarantine({}, day="2026-11-23")
    rows = lake.run("quarantined", "2026-11-21", DAY)
    assert [(row["aws_account"], row["aws_region"], row["lines"]) for row in rows] == [
        ("111122223333", "us-east-1", "3"),
        ("222233334444", "eu-west-1", "1"),
    ]


def test_a_long_line_is_cut(lake):
    lake.quarantine({"reason": "at", "line": "x" * 300}, {"reason": "over", "line": "y" * 301})
    assert {row["reason"]: row["sample_line"] for row in lake.run("quarantined")} == {
        "at": "x" * 300,
        "over": "y" * 300,
    }
    short = lake.run("quarantined", thresholds={"characters": 5})
    assert {row["sample_line"] for row in short} == {"xxxxx", "yyyyy"}


def test_a_line_that_is_empty_or_of_no_file(lake):
    lake.quarantine({"reason": "a", "file": None}, {"reason": "b", "line": None})
    rows = lake.run("quarantined")
    assert [(row["reason"], row["lines"], row["files"]) for row in rows] == [("a", "1", "0"), ("b", "1", "1")]
    assert [(row["sample_line"], row["sample_file"]) for row in rows] == [
        ("short line", ""),
        ("", "s3://logs/a.log.gz"),
    ]


def test_nothing_in_quarantine(lake):
    assert lake.run("quarantined") == []


def test_rows_at_most(lake):
    lake.quarantine({"reason": "a"}, {"reason": "b"}, {"reason": "b"})
    assert [(row["reason"], row["lines"]) for row in lake.run("quarantined", limit=1)] == [("b", "2")]
