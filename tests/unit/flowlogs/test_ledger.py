"""The ledger's rows: lines of JSON, what queries cost, and each target's share of it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs import ledger
from flowlogs.ledger import ObjectCount, RowCount
from flowlogs.targets import Target

TABLE = Path(__file__).parents[3] / "include" / "sql" / "tables" / "flow_runs.sql"


def row(**changes):
    values = {
        "status": "partial",
        "reason": "files came 3 minutes ago",
        "files": ObjectCount(288, 1_000_000, datetime(2026, 11, 3, 9, 1, 2, 345, tzinfo=timezone(timedelta(hours=9)))),
        "rows": RowCount(records=900, nodata=80, skipdata=7, unparsable=6, outside_day=5),
        "scanned": 1_000_000,
        "cost_usd": 0.00005,
        "run_id": "manual__1",
        "recorded_at": datetime(2026, 11, 3, 1, tzinfo=UTC),
        **changes,
    }
    return ledger.ledger_row(Target("network", "111122223333", "us-east-1"), **values)


def test_a_row_is_a_line_of_json():
    text = ledger.json_lines([row(), row(reason='a "quoted"\nreason – é', files=ObjectCount(), rows=RowCount())])
    first, second = text.splitlines()
    assert text.endswith("}\n")
    assert json.loads(first) == {
        "source": "network", "account": "111122223333", "region": "us-east-1",
        "status": "partial", "reason": "files came 3 minutes ago",
        "objects": 288, "bytes": 1_000_000, "newest_object": "2026-11-03T00:01:02Z",
        "records": 900, "nodata": 80, "skipdata": 7, "unparsable": 6, "outside_day": 5,
        "bytes_scanned": 1_000_000, "cost_usd": 0.00005,
        "run_id": "manual__1", "recorded_at": "2026-11-03T01:00:00Z",
        "curated": 0, "accepted": 0, "rejected": 0,
        "revision": 1, "objects_before": None, "records_before": None,
    }  # fmt: skip
    read = json.loads(second)
    assert (read["reason"], read["newest_object"], read["records"]) == ('a "quoted"\nreason – é', None, 0)


def test_rows_are_read_as_they_were_written():
    rows = [row(), row(reason='a "quoted"\nreason – é', files=ObjectCount())]
    assert ledger.rows_of(ledger.json_lines(rows)) == rows


def test_a_file_without_the_newer_columns_is_of_first_runs():
    values = {name: value for name, value in json.loads(ledger.json_lines([row()])).items() if "revision" not in name}
    del values["objects_before"], values["records_before"]
    assert ledger.rows_of(json.dumps({**values, "a_column_of_the_future": 1})) == [row()]


@pytest.mark.parametrize("text", ["{", "[]", '{"source": "network"}'])
def test_what_is_no_ledger_is_refused(text):
    with pytest.raises(ValueError, match="not rows of the ledger"):
        ledger.rows_of(text)


class TestRevisions:
    files = ObjectCount(288, 1_000_000, datetime(2026, 11, 3, 1, tzinfo=UTC))
    first = row(files=files, rows=RowCount(records=900))

    def test_other_files_make_a_revision_that_tells_what_was_before(self):
        second = row(files=replace(self.files, objects=289), rows=RowCount(records=1000), before=self.first)
        assert (second.revision, second.objects_before, second.records_before, second.records) == (2, 288, 900, 1000)

    def test_a_rerun_of_the_same_files_keeps_what_the_last_revision_told(self):
        second = row(files=replace(self.files, bytes=1), rows=RowCount(records=901), before=self.first)
        third = row(files=replace(self.files, bytes=1), rows=RowCount(records=901), before=second)
        assert (third.revision, third.objects_before, third.records_before) == (2, 288, 900)


def test_the_keys_are_the_tables_columns():
    columns = re.findall(r"^  (\w+) (?:string|bigint|double) COMMENT", TABLE.read_text(), re.MULTILINE)
    assert list(json.loads(ledger.json_lines([row()]))) == columns


def test_no_rows_are_an_empty_file():
    assert ledger.json_lines([]) == ""


@pytest.mark.parametrize(
    ("scanned", "usd"),
    [
        pytest.param(0, 0.0, id="a statement that scans nothing is free"),
        pytest.param(1, 0.00005, id="10 MB are billed at least"),
        pytest.param(10_000_000, 0.00005, id="10 MB"),
        pytest.param(10_000_001, 0.000050000005, id="above, by the byte"),
        pytest.param(10**12, 5.0, id="a terabyte"),
    ],
)
def test_what_a_query_costs(scanned, usd):
    assert ledger.cost_usd(scanned, 5.0) == pytest.approx(usd, rel=1e-12)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (10, [1, 2, 2], [2, 4, 4]),
        (100, [1, 0, 199], [1, 0, 99]),
        (5, [0, 0, 0], [2, 2, 1]),
        (0, [3, 4], [0, 0]),
        (7, [9], [7]),
    ],
)
def test_a_number_divided_in_proportion(total, weights, parts):
    assert ledger.shares(total, weights) == parts


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=50))
def test_shares_add_up_and_are_within_one_of_the_exact_proportion(total, weights):
    parts = ledger.shares(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


def test_the_shares_of_nobody():
    assert ledger.shares(0, []) == []


def test_counts_add_up_column_by_column():
    assert RowCount(1, 2, 3, 4, 5) + RowCount(10, 20, 30, 40, 50) == RowCount(11, 22, 33, 44, 55)


def test_each_try_of_each_run_has_a_folder_of_its_own():
    def folder(run_id, try_number=1):
        return ledger.run_folder("lake/flow_runs/", date(2026, 11, 2), run_id, try_number)

    assert folder("manual__2026-11-03T00:00:00+00:00") == (
        "lake/flow_runs/dt=2026-11-02/run=manual-2026-11-03T00-00-00-00-00-1/"
    )
    assert len({folder("a"), folder("a", 2), folder("b")}) == 3
