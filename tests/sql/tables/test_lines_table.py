"""tables/lines_table.sql: the files of a text source line by line."""

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/lines_table.sql"


def test_lines_are_whole_whatever_is_in_them(sql):
    sql.settings(source())
    sql.set_up("network")
    lines = ["2 a b c", "", '"quoted" ,;|\t\\ text', "trailing space ", "\\N", "ünïcode ‮ text"]
    sql.deliver("network", "\n".join(["the header", *lines]) + "\n")
    shown = sql.athena.rows("SELECT line, 1 FROM vpc_flow_logs_lines")
    # Hive reads \\N, its NULL, as none.
    assert sorted(line for line, _ in shown) == sorted(line.replace("\\N", "") for line in lines)


def test_the_table_is_kept_when_it_is_there(sql):
    sql.settings(source())
    sql.set_up("network")
    sql.rows(FILE, source="network")
    assert sql.athena.rows('SELECT dt FROM "vpc_flow_logs_lines$partitions"') == [("2026-11-22",)]
