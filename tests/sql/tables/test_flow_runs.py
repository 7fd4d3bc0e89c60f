"""tables/flow_runs.sql: the ledger, over the lines of JSON that the pipeline writes."""

from datetime import UTC, datetime

from flowlogs.ledger import ObjectCount, RowCount, json_lines, ledger_row
from flowlogs.targets import Target
from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/flow_runs.sql"


def lines(account, **changes):
    values = {
        "status": "complete",
        "reason": "",
        "files": ObjectCount(288, 5_000_000_000, datetime(2026, 11, 23, 0, 1, tzinfo=UTC)),
        "rows": RowCount(900, 80, 7, 6, 5, 700, 100, 7),
        "scanned": 5_000_000_000,
        "cost_usd": 0.025,
        "run_id": "scheduled__1",
        "recorded_at": datetime(2026, 11, 23, 1, tzinfo=UTC),
        **changes,
    }
    return json_lines([ledger_row(Target("network", account, "us-east-1"), **values)])


def test_rows_are_read_as_they_were_written(sql):
    settings = sql.settings(source())
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    folder = "lake/flow_runs/dt=2026-11-22/run=scheduled-1-1/"
    nothing = lines("222233334444", status="missing", reason="no file – of \"fl-1\"", files=ObjectCount(), rows=RowCount(),
                    scanned=0, cost_usd=0.0)  # fmt: skip
    sql.athena.put(f"{folder}rows.json", lines("111122223333") + nothing)
    sql.athena.rows(f"ALTER TABLE flow_runs ADD PARTITION (dt = '2026-11-22') LOCATION 's3://logs/{folder}'")
    assert settings.lake.ledger_location == "s3://logs/lake/flow_runs/"
    common = ("scheduled__1", "2026-11-23T01:00:00Z")
    assert sql.athena.rows("SELECT * FROM flow_runs ORDER BY account") == [
        ("network", "111122223333", "us-east-1", "complete", "", "288", "5000000000", "2026-11-23T00:01:00Z",
         "900", "80", "7", "6", "5", "5000000000", "0.025", *common, "807", "700", "100", "1", "", "", "2026-11-22"),
        ("network", "222233334444", "us-east-1", "missing", 'no file – of "fl-1"', "0", "0", "",
         "0", "0", "0", "0", "0", "0", "0.0", *common, "0", "0", "0", "1", "", "", "2026-11-22"),
    ]  # fmt: skip


def test_the_files_of_a_run_that_was_replaced_are_not_read(sql):
    """The partition points at one run's folder, so what another left beside it stays unseen."""
    sql.settings(source())
    sql.rows("tables/database.sql")
    sql.rows(FILE)
    for run in ("a", "b"):
        sql.athena.put(f"lake/flow_runs/dt=2026-11-22/run={run}-1/rows.json", lines("111122223333", run_id=run))
    location = "s3://logs/lake/flow_runs/dt=2026-11-22/run=b-1/"
    sql.athena.rows(f"ALTER TABLE flow_runs ADD PARTITION (dt = '2026-11-22') LOCATION '{location}'")
    assert sql.athena.rows("SELECT run_id FROM flow_runs WHERE dt = '2026-11-22'") == [("b",)]
