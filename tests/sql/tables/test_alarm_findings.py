"""tables/alarm_findings.sql: the ledger of alarm health, over the lines of JSON that its checks write."""

from dataclasses import replace
from datetime import UTC, datetime

from flowlogs.health.findings import Changes, Finding
from flowlogs.health.ledger import file_name, finding_rows, json_lines
from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/alarm_findings.sql"
AT = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
FINDING = Finding(
    rule="filter_missing", link="filter", subject="test-flowlogs-ssh", severity="high", title="Metric filter is missing",
    explanation='no "filter" – anywhere', remedy="Run the DAG.", alarms=("a", "b"), since=AT,
)  # fmt: skip
ROW = ("2026-11-22T10:15:00Z", "new", FINDING.id, "filter_missing", "filter", "high", "test-flowlogs-ssh",
       "Metric filter is missing", 'no "filter" – anywhere', "Run the DAG.", "2", "2026-11-22T10:15:00Z", "scheduled__1",
       "2026-11-22")  # fmt: skip


def test_rows_are_read_as_they_were_written(sql):
    settings = sql.settings(source())
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    folder = "lake/alarm_findings/dt=2026-11-22/"
    other = replace(FINDING, subject="test-flowlogs-rdp")
    checks = [
        (AT, Changes(new=(FINDING,)), "scheduled__1"),
        (AT.replace(hour=11), Changes(resolved=(FINDING,), same=(other,)), "manual__2"),
    ]
    for at, changes, run_id in checks:
        rows = finding_rows(changes, at, run_id, with_standing=run_id == "manual__2")
        sql.athena.put(f"{folder}{file_name(at, run_id)}", json_lines(rows))
    sql.athena.rows(f"ALTER TABLE alarm_findings ADD PARTITION (dt = '2026-11-22') LOCATION 's3://logs/{folder}'")
    assert settings.lake.location_of("alarm_findings") == "s3://logs/lake/alarm_findings/"
    found = sql.athena.rows("SELECT * FROM alarm_findings ORDER BY checked_at, change")
    assert found[0] == ROW
    assert [(row[0][11:16], row[1], row[6]) for row in found] == [
        ("10:15", "new", "test-flowlogs-ssh"),
        ("11:15", "resolved", "test-flowlogs-ssh"),
        ("11:15", "standing", "test-flowlogs-rdp"),
    ]


def test_a_check_that_is_recorded_again_replaces_its_file():
    assert file_name(AT, "scheduled__2026-11-22T10:15:00+00:00") == "101500_scheduled-2026-11-22T10-15-00-00-00.json"
