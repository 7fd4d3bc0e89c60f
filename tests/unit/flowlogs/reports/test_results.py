import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.reports.results import SectionResult, moment, number, read_result
from tests.unit.flowlogs.reports.hostile import cells, texts
from tests.unit.flowlogs.reports.sample_report import section

THINGS = section()


def as_athena_writes(*rows) -> str:
    """Every value in quotes, NULL as nothing."""
    quoted = [["" if value is None else '"' + value.replace('"', '""') + '"' for value in row] for row in rows]
    return "".join(",".join(row) + "\n" for row in quoted)


def test_rows_have_the_columns_names():
    text = '"what","flows"\n"10.0.0.1","12"\n"10.0.0.2","3"\n'
    assert read_result(THINGS, text) == [{"what": "10.0.0.1", "flows": "12"}, {"what": "10.0.0.2", "flows": "3"}]


def test_nothing_is_null_and_empty_quotes_are_empty_text():
    assert read_result(THINGS, '"what","flows"\n,""\n"",\n,\n') == [
        {"what": None, "flows": ""},
        {"what": "", "flows": None},
        {"what": None, "flows": None},
    ]


def test_null_at_the_end_of_a_file_without_a_last_line_break():
    assert read_result(THINGS, '"what","flows"\n"a",') == [{"what": "a", "flows": None}]


def test_the_only_column_can_be_null():
    one = section(columns={"what": {"label": "What"}})
    assert read_result(one, '"what"\n\n"x"\n') == [{"what": None}, {"what": "x"}]


def test_no_rows():
    assert read_result(THINGS, '"what","flows"\n') == []


def test_a_value_longer_than_the_csv_module_takes():
    long = "x" * 200_000
    assert read_result(THINGS, f'"what","flows"\n"{long}","1"\n')[0]["what"] == long


@settings(deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_what_athena_writes_is_read_as_it_was(rows):
    text = as_athena_writes(("what", "flows"), *rows)
    assert [(row["what"], row["flows"]) for row in read_result(THINGS, text)] == rows


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_what_python_writes_is_read_as_it_was(rows):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("what", "flows"), *rows])
    assert [(row["what"], row["flows"]) for row in read_result(THINGS, file.getvalue())] == rows


@pytest.mark.parametrize("text", ["", '"what"\n', '"flows","what"\n', '"what","flows","more"\n'])
def test_other_columns_than_the_header_s_are_refused(text):
    with pytest.raises(ValueError, match="section things has the columns"):
        read_result(THINGS, text)


@pytest.mark.parametrize("line", ['"a"\n', '"a","b","c"\n', '"a"b,"c"\n', '"a","never closed\n', "\n"])
def test_lines_that_do_not_fit_are_refused(line):
    with pytest.raises(ValueError, match=r"zip|no CSV"):
        read_result(THINGS, f'"what","flows"\n{line}')


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("1.5E3", 1500.0),
        ("-1", -1.0),
        (None, 0.0),
        ("", 0.0),
        ("x", 0.0),
        ("NaN", 0.0),
        ("Infinity", 0.0),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-22 12:00:00.000", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22 12:00:00.000 UTC", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22T12:00:00+02:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("soon", None),
    ],
)
def test_moments_are_utc(text, value):
    assert moment(text) == value


@settings(deadline=None)
@given(cells)
def test_no_text_is_too_much_for_numbers_and_moments(text):
    assert abs(number(text)) < float("inf")
    found = moment(text)
    assert found is None or found.tzinfo is UTC


def rows(count: int):
    return [{"what": "a", "flows": "1"}] * count


def test_as_many_rows_as_were_asked_for_may_be_cut():
    assert SectionResult(THINGS, rows(10), limit=10).is_cut
    assert not SectionResult(THINGS, rows(9), limit=10).is_cut
    assert SectionResult(THINGS, rows(10), "SELECT 1 LIMIT 10", limit=10).is_cut


def test_statements_without_the_limit_are_not_cut():
    assert not SectionResult(THINGS, rows(168), "SELECT 1", limit=100).is_cut
    assert not SectionResult(THINGS, rows(100), "SELECT 1 LIMIT 216", limit=100).is_cut
