"""tables/database.sql: the database of all tables."""

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/database.sql"


def test_the_database_of_the_settings_is_made_and_may_be_there_already(sql):
    sql.settings(source())
    for _ in range(2):
        sql.rows(FILE)
    assert ("flowlogs",) in {row[:1] for row in sql.athena.rows("SELECT schema_name FROM information_schema.schemata")}


def test_a_table_in_it_survives(sql):
    sql.settings(source())
    sql.set_up("network")
    sql.rows(FILE)
    assert sql.athena.rows("SELECT count(*) FROM vpc_flow_logs") == [("0",)]
