import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.reports.csv_files import csv_text, harmless
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.hostile import HOSTILE, cells, texts
from tests.unit.flowlogs.reports.sample_report import section

SIGNS = "=+-@\t\r＝＋－＠|"


def read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_labels_and_rows_with_a_byte_order_mark_for_excel():
    text = csv_text(SectionResult(section(), [{"what": "Zürich, north", "flows": "12"}, {"what": None, "flows": ""}]))
    assert text == '\ufeffWhat,Flows\r\n"Zürich, north",12\r\n,\r\n'
    assert text.encode()[:3] == b"\xef\xbb\xbf"


def test_values_are_whole_and_unformatted():
    text = csv_text(SectionResult(section(), [{"what": "x" * 5000, "flows": "1234567"}]))
    assert read(text)[1] == ["x" * 5000, "1234567"]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@A1", "\tx", "\rx", " =1", "＝1", "－x", "|x", "\ufeff=1", "-", "--1"]
)
def test_formulas_are_led_by_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-5", "+5", "-1.5e-3", "12", "10.0.0.1", "eu-west-1", "a=b", "2026-11-22 12:00:00", "", "x"]
)
def test_numbers_and_plain_texts_stay(cell):
    assert harmless(cell) == cell


@pytest.mark.parametrize(
    ("cell", "written"), [("a;=1", "a;'=1"), ("a\n=1", "a\n'=1"), ("a\t @x", "a\t' @x"), ("a;b", "a;b")]
)
def test_formulas_behind_another_separator_are_too(cell, written):
    assert harmless(cell) == written


@settings(deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=4))
def test_no_cell_begins_a_formula_however_it_is_parted(rows):
    text = csv_text(SectionResult(section(), [{"what": what, "flows": flows} for what, flows in rows]))
    assert [len(line) for line in read(text)] == [2] * (len(rows) + 1)
    for line in read(text):
        for cell in line:
            for part in re.split(r"[;\t\r\n]", cell):
                number = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", part)
                assert number or not part.strip(" \ufeff\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0").startswith(tuple(SIGNS))


@settings(deadline=None)
@given(texts)
def test_what_was_put_in_can_be_read_out(text):
    cell = read(csv_text(SectionResult(section(), [{"what": text, "flows": "1"}])))[1][0]
    assert cell.replace("'", "") == text.replace("'", "")


def test_labels_are_made_harmless_too():
    labelled = section(columns={"what": {"label": "=1"}})
    assert read(csv_text(SectionResult(labelled, [{"what": text} for text in HOSTILE])))[0] == ["'=1"]
