from __future__ import annotations

from flow_record_table import table_of
from hypothesis import given
from hypothesis import strategies as st
from log_lines import LogLine

FIELDS = ("interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "start", "action")
TEN = 1795514400000  # 2026-11-24T10:00:00Z


def lines(*texts: str) -> list[LogLine]:
    return [LogLine(TEN, text) for text in texts]


def test_records_stand_in_columns():
    records = lines(
        "eni-1 203.0.113.9 10.0.0.5 40000 443 1795514460 REJECT",
        "eni-0a1b2c 2001:db8::1 2001:db8:1::22 50 22 1795514461 ACCEPT",
    )
    assert table_of(records, FIELDS).splitlines() == [
        "10:01:00  203.0.113.9:40000  → 10.0.0.5:443         eni-1       REJECT",
        "10:01:01  [2001:db8::1]:50   → [2001:db8:1::22]:22  eni-0a1b2c  ACCEPT",
    ]


def test_no_port_and_no_start():
    assert table_of(lines("eni-1 10.0.0.1 10.0.0.2 - - - ACCEPT"), FIELDS) == (
        "10:00:00  10.0.0.1  → 10.0.0.2  eni-1  ACCEPT"
    )


def test_fields_that_the_format_lacks():
    assert table_of(lines("10.0.0.1 10.0.0.2"), ("srcaddr", "dstaddr")) == "10:00:00  10.0.0.1  → 10.0.0.2  -  -"


def test_a_line_that_is_no_record_is_shown_as_it_is():
    assert table_of(lines("2 unknown eni-1 - NODATA"), FIELDS) == "10:00:00  2 unknown eni-1 - NODATA"
    assert table_of(lines("x " * 500), FIELDS).endswith("… (999 characters, cut)")


@given(st.lists(st.tuples(st.integers(), st.text()), max_size=10), st.lists(st.sampled_from([*FIELDS, "x"])))
def test_any_line_has_one_row(found, fields):
    table = table_of([LogLine(timestamp, text) for timestamp, text in found], fields)
    assert len(table.split("\n")) == max(1, len(found))
