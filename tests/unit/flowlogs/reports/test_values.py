import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.reports.sections import Kind
from flowlogs.reports.services import SERVICES, service_name
from flowlogs.reports.values import bytes_in_units, cost, count, exact_bytes, shown, visible, visible_lines
from tests.unit.flowlogs.reports.hostile import cells, texts


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (None, "number", "–"),
        ("", "text", "–"),
        ("1234567", "number", "1,234,567"),
        ("9007199254740993", "number", "9,007,199,254,740,993"),
        ("12.25", "number", "12.2"),
        ("1.0", "number", "1"),
        ("NaN", "number", "NaN"),
        ("999", "bytes", "999 B"),
        ("1000", "bytes", "1.0 kB"),
        ("999949", "bytes", "999.9 kB"),
        ("999951", "bytes", "1.0 MB"),
        ("123456789012", "bytes", "123.5 GB"),
        ("-2500", "bytes", "-2.5 kB"),
        ("0.1234", "share", "12.3%"),
        ("-0.5", "share", "-50.0%"),
        ("12.5", "share", "+1,250%"),
        ("22", "port", "22 ssh"),
        ("443", "port", "443 https"),
        ("51234", "port", "51234"),
        ("1e300", "number", "1e+300"),
        ("1e300", "bytes", "1e+285 PB"),
        ("1e300", "share", "1e+302%"),
        ("any", "port", "any"),
        ("6", "protocol", "TCP"),
        ("253", "protocol", "protocol 253"),
        ("2026-11-22 12:00:01.234", "time", "2026-11-22 12:00:01"),
        ("later", "time", "later"),
        ("10.0.0.1", "address", "10.0.0.1"),
    ],
)
def test_values_as_people_read_them(text, kind, expected):
    assert shown(text, kind) == expected


@settings(deadline=None)
@given(cells, st.sampled_from(Kind.__args__))
def test_any_text_of_any_kind_is_shown_without_hidden_characters(text, kind):
    found = shown(text, kind)
    assert found
    assert not [c for c in found if unicodedata.category(c) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")]
    assert len(found) < 4000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\nb\tc\x00", "a⟨U+000A⟩b⟨U+0009⟩c⟨U+0000⟩"),
        ("\u200b\ufeff", "⟨U+200B⟩⟨U+FEFF⟩"),
        ("\U000e0041\uffff", "⟨U+E0041⟩⟨U+FFFF⟩"),
        ("Zürich 東京 ١", "Zürich 東京 ١"),
    ],
)
def test_hidden_characters_are_shown_by_their_codes(text, expected):
    assert visible(text) == expected


def test_long_texts_are_cut():
    assert visible("x" * 300) == "x" * 300
    assert visible("x" * 301) == "x" * 300 + "…"
    assert visible("abcdef", 3) == "abc…"


@settings(deadline=None)
@given(texts)
def test_lines_and_indentation_of_statements_stay(text):
    found = visible_lines(text)
    assert (found.count("\n"), found.count("\t")) == (text.count("\n"), text.count("\t"))
    assert not [c for c in found if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t"]


def test_statements_are_not_cut():
    assert visible_lines("SELECT 1\n" * 1000) == "SELECT 1\n" * 1000


@pytest.mark.parametrize(
    ("text", "expected"), [("1234567", "1,234,567 bytes"), ("999", None), (None, None), ("x", None)]
)
def test_exact_bytes_where_units_hide_them(text, expected):
    assert exact_bytes(text) == expected


def test_counts_units_and_costs():
    assert [count(0), count(1234.0), count(0.5)] == ["0", "1,234", "0.5"]
    assert bytes_in_units(5e18) == "5,000.0 PB"
    assert [cost(0), cost(0.0099), cost(0.01), cost(1234.5)] == ["under 1 cent", "under 1 cent", "$0.01", "$1,234.50"]


def test_services_are_ports():
    assert all(0 < port < 65536 and name for port, name in SERVICES.items())
    assert service_name(3389) == "rdp"
    assert service_name(0) is None
