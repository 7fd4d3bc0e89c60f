"""checks/rows_by_target.sql, over what curate/records.sql wrote: what a day of a source holds, target by target."""

import io
from dataclasses import replace

import pyarrow
import pyarrow.parquet
import pytest

from flowlogs.ledger import RowCount
from flowlogs.reconciliation import curated_counts
from tests.unit.flowlogs.smallest_settings import source

FILE = "checks/rows_by_target.sql"
ONE, TWO = "111122223333", "222233334444"

MIDNIGHT = 1795305600
"""2026-11-22T00:00:00Z, the day's beginning."""
END = MIDNIGHT + 86_400

FORMAT = "${interface-id} ${start} ${log-status}"


def line(start=MIDNIGHT + 3600, status="OK"):
    return f"eni-0a {start} {status}"


def lines(*rows):
    return "\n".join(["interface-id start log-status", *rows]) + "\n"


@pytest.fixture
def counted(sql):
    """Counts of the day by account."""

    def count():
        run = sql.curate("network")
        columns = ("run", "aws_account", "aws_region", "kind", "rows", "skipdata", "outside_day")
        rows = [dict(zip(columns, row, strict=True)) for row in sql.rows(FILE, runs=[run])]
        found = curated_counts(rows, {run: "network"})
        return {
            account: replace(count, accepted=0, rejected=0, without_action=0)
            for (_, account, region), count in found.items()
            if region == "us-east-1"
        }

    return count


@pytest.fixture
def network(sql):
    def set_up(**changes):
        sql.settings(source(**{"accounts": [ONE, TWO], "log_format": FORMAT, **changes}))
        sql.set_up("network")

    return set_up


CASES = [
    pytest.param([], None, id="a file of a header alone"),
    pytest.param([line(), line()], RowCount(records=2), id="records"),
    pytest.param([line(), line(status="NODATA")], RowCount(records=2, nodata=1), id="without traffic"),
    pytest.param([line(), line(status="SKIPDATA")], RowCount(records=2, skipdata=1), id="lost by AWS"),
    pytest.param(["one two three"], RowCount(records=1, unparsable=1), id="another text"),
    pytest.param(["truncat"], RowCount(records=1, unparsable=1), id="a line that ends too early"),
    pytest.param([line(status="nodata")], RowCount(records=1, unparsable=1), id="a status that is none"),
    pytest.param([line(start="-")], RowCount(records=1, unparsable=1), id="a record without start"),
    pytest.param([line(start=MIDNIGHT)], RowCount(records=1), id="the day's first second"),
    pytest.param([line(start=END - 1)], RowCount(records=1), id="the day's last second"),
    pytest.param([line(start=MIDNIGHT - 1)], RowCount(records=1, outside_day=1), id="a second before the day"),
    pytest.param([line(start=END)], RowCount(records=1, outside_day=1), id="a second after the day"),
    pytest.param([line(start=(MIDNIGHT + 3600) * 1000)], RowCount(records=1), id="milliseconds"),
    pytest.param([line(start=MIDNIGHT * 1000)], RowCount(records=1), id="milliseconds of midnight"),
    pytest.param([line(start=END * 1000 - 1)], RowCount(records=1), id="the day's last millisecond"),
    pytest.param([line(start=END * 1000)], RowCount(records=1, outside_day=1), id="the next day's first millisecond"),
    pytest.param(
        [line(start=MIDNIGHT * 1000 - 1)],
        RowCount(records=1, outside_day=1),
        id="the last millisecond of the day before",
    ),
    pytest.param(
        [line(), line(MIDNIGHT - 60, "NODATA"), line(END + 60, "SKIPDATA"), "x", line(start=MIDNIGHT * 1000)],
        RowCount(records=5, nodata=1, skipdata=1, unparsable=1),
        id="some of each; gaps have no day",
    ),
]


@pytest.mark.parametrize(("rows", "count"), CASES)
def test_what_the_lines_of_a_text_file_are(sql, network, counted, rows, count):
    network()
    sql.deliver("network", lines(*rows), account=ONE)
    assert counted() == ({} if count is None else {ONE: count})


def parquet(starts, statuses):
    file = io.BytesIO()
    columns = {
        "interface_id": pyarrow.array(["eni-0a"] * len(starts)),
        "start": pyarrow.array(starts, pyarrow.int64()),
        "log_status": pyarrow.array(statuses, pyarrow.string()),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def test_what_the_rows_of_a_parquet_file_are(sql, network, counted):
    network(file_format="parquet", layout="hive")
    starts = [MIDNIGHT, END, MIDNIGHT * 1000, MIDNIGHT, MIDNIGHT, None, MIDNIGHT]
    statuses = ["OK", "OK", "OK", "NODATA", "SKIPDATA", "OK", None]
    sql.deliver("network", parquet(starts, statuses), account=ONE)
    assert counted() == {ONE: RowCount(records=7, nodata=1, skipdata=1, unparsable=2, outside_day=1)}


def test_targets_are_counted_apart_and_those_without_rows_are_not_there(sql, network, counted):
    network(accounts=[ONE, TWO, "333344445555"])
    sql.deliver("network", lines(line(), line()), account=ONE)
    sql.deliver("network", lines(line(status="NODATA")), account=TWO)
    assert counted() == {ONE: RowCount(records=2), TWO: RowCount(records=1, nodata=1)}


def test_rows_come_in_the_order_of_their_targets(sql, network):
    network()
    for account in (TWO, ONE):
        sql.deliver("network", lines(line()), account=account)
    run = sql.curate("network")
    assert [row[1] for row in sql.rows(FILE, runs=[run]) if row[4] != "0"] == [ONE, TWO]


def test_another_day_is_not_counted(sql, network, counted):
    network()
    for table in ("vpc_flow_logs", "vpc_flow_logs_lines"):
        sql.rows("partitions/add_partitions.sql", "2026-11-21", source="network", table=table, first=0, last=2)
    sql.deliver("network", lines(line()), day="2026-11-21")
    assert counted() == {}


@pytest.mark.parametrize(
    ("log_format", "rows", "count"),
    [
        ("${srcaddr} ${log-status}", ["10.0.0.1 OK", "- NODATA", "x y"], RowCount(records=3, nodata=1, unparsable=1)),
        ("${srcaddr} ${start}", [f"10.0.0.1 {END}", "x y"], RowCount(records=2, unparsable=1, outside_day=1)),
        ("${srcaddr} ${dstaddr}", ["10.0.0.1 10.0.0.2", "x y"], RowCount(records=2, unparsable=1)),
    ],
    ids=["no start", "no log-status", "neither"],
)
def test_a_format_without_a_field_counts_what_it_can(sql, network, counted, log_format, rows, count):
    network(log_format=log_format)
    sql.deliver("network", "\n".join(["header line", *rows]) + "\n")
    assert counted() == {ONE: count}
