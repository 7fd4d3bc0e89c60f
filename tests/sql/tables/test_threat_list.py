"""tables/threat_list.sql: the files that the team puts there."""

import gzip

import pytest

from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/threat_list.sql"


@pytest.fixture
def listed(sql):
    """The table's rows."""
    sql.settings(source())
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE)
    return lambda: sorted(sql.athena.rows("SELECT * FROM threat_list"))


def test_nobody_keeps_a_list(listed):
    assert listed() == []


def test_the_lines_of_all_files(sql, listed):
    sql.athena.put("lake/threat_list/ours.txt", "# ours, all\n198.51.100.7\r\n\n203.0.113.0/24,botnet\r\n")
    sql.athena.put("lake/threat_list/feed/today.csv.gz", gzip.compress(b"2001:db8::/32,seen, twice\n"))
    assert listed() == [
        ("", ""),
        ("# ours", " all"),
        ("198.51.100.7", ""),
        ("2001:db8::/32", "seen"),
        ("203.0.113.0/24", "botnet"),
    ]


def test_it_lies_in_the_lake(sql, listed):
    table = sql.table("threat_list")
    assert table["StorageDescriptor"]["Location"].rstrip("/") == "s3://logs/lake/threat_list"
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["cidr", "note"]
