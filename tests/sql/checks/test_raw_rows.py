"""checks/raw_rows.sql: rows in the files, counted anew."""

import pytest

from tests.unit.flowlogs.smallest_settings import source

FILE = "checks/raw_rows.sql"
ONE, TWO = "111122223333", "222233334444"


@pytest.fixture
def network(sql):
    sql.settings(source(accounts=[ONE, TWO], log_format="${srcaddr}"))
    sql.set_up("network")
    sql.deliver("network", "srcaddr\n10.0.0.1\nnot even an address\n\n", account=ONE)
    sql.deliver("network", "srcaddr\n10.0.0.1\n", account=TWO)


def test_every_line_counts_headers_aside(sql, network):
    assert sql.rows(FILE, source="network", first=0, last=2) == [(ONE, "us-east-1", "3"), (TWO, "us-east-1", "1")]


def test_a_statement_counts_its_targets_alone(sql, network):
    assert sql.rows(FILE, source="network", first=1, last=2) == [(TWO, "us-east-1", "1")]
