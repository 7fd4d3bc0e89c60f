"""tables/flow_records.sql: made once, kept when it is there. What it shows is tested where it is written (tests/sql/curate)."""

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/flow_records.sql"
KEYS = ["dt", "aws_account", "aws_region", "source", "action"]


def test_the_table_is_made_once_and_empty(sql):
    sql.settings(source(log_format="${srcaddr} ${my-new-field}", extra_fields={"my-new-field": "bigint"}))
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    assert sql.table("flow_records")["StorageDescriptor"]["Location"] == "s3://logs/lake/flow_records/"
    keys = [key["Name"] for key in sql.table("flow_records")["PartitionKeys"]]
    assert keys == KEYS
    assert sql.athena.rows("SELECT * FROM flow_records WHERE dt = '2026-11-22'") == []
    columns = {column["Name"]: column["Type"] for column in sql.table("flow_records")["StorageDescriptor"]["Columns"]}
    assert columns["my_new_field"] == "bigint"
    assert (columns["start"], columns["srcport"], columns["tgw_id"]) == ("timestamp", "int", "string")
