"""tables/flow_quarantine.sql: made once, kept when it is there. What it shows is tested where it is written (tests/sql/curate)."""

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/flow_quarantine.sql"
KEYS = ["dt", "aws_account", "aws_region", "source"]


def test_the_table_is_made_once_and_empty(sql):
    sql.settings(source(log_format="${srcaddr} ${my-new-field}", extra_fields={"my-new-field": "bigint"}))
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    assert sql.table("flow_quarantine")["StorageDescriptor"]["Location"] == "s3://logs/lake/flow_quarantine/"
    keys = [key["Name"] for key in sql.table("flow_quarantine")["PartitionKeys"]]
    assert keys == KEYS
    assert sql.athena.rows("SELECT * FROM flow_quarantine WHERE dt = '2026-11-22'") == []
