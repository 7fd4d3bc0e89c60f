"""tables/flow_staging.sql: made once, kept when it is there. What it shows is tested where it is written (tests/sql/curate)."""

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/flow_staging.sql"
KEYS = ["lake_table", "dt", "run"]


def test_the_table_is_made_once_and_empty(sql):
    sql.settings(source(log_format="${srcaddr} ${my-new-field}", extra_fields={"my-new-field": "bigint"}))
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    assert sql.table("flow_staging")["StorageDescriptor"]["Location"] == "s3://logs/lake/flow_staging/"
    keys = [key["Name"] for key in sql.table("flow_staging")["PartitionKeys"]]
    assert keys == KEYS
    query = "SELECT * FROM flow_staging WHERE lake_table = 'flow_records' AND dt = '2026-11-22' AND run = 'x'"
    assert sql.athena.rows(query) == []
