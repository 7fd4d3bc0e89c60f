import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.reports.charts import PALETTE, chart_svg
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.hostile import HOSTILE, cells
from tests.unit.flowlogs.reports.sample_report import section

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = {
    "hour": {"label": "Hour (UTC)", "kind": "number"},
    "name": {"label": "Name"},
    "flows": {"label": "Rejected flows", "kind": "number"},
}
CHARTS = [
    {"type": "bars", "x": "name", "y": "flows"},
    {"type": "stacked_bars", "x": "hour", "y": "flows", "series": "name"},
    {"type": "stacked_bars", "x": "name", "y": "flows"},
    {"type": "line", "x": "hour", "y": "flows", "series": "name"},
    {"type": "line", "x": "name", "y": "flows"},
    {"type": "heatmap", "x": "hour", "y": "flows", "series": "name"},
]


def rows(*values):
    return [dict(zip(("hour", "name", "flows"), value, strict=True)) for value in values]


def drawn(chart, *values, name="things") -> str:
    svg = chart_svg(SectionResult(section(name, chart=chart, columns=COLUMNS), rows(*values)))
    assert svg is not None
    return svg


def texts_of(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def told(svg: str) -> list[str]:
    """What a pointer is told."""
    return [title.text or "" for title in ElementTree.fromstring(svg).iter(f"{SVG}title")][1:]


def test_no_chart_and_no_rows_draw_nothing():
    assert chart_svg(SectionResult(section(), [{"what": "x", "flows": "1"}])) is None
    assert chart_svg(SectionResult(section(chart=CHARTS[0], columns=COLUMNS))) is None


@pytest.mark.parametrize("chart", CHARTS)
def test_the_same_rows_draw_the_same_text(chart):
    values = [("0", "22", "5"), ("1", "22", "7"), ("1", "443", "9")]
    assert drawn(chart, *values) == drawn(chart, *values)


@pytest.mark.parametrize("chart", CHARTS)
def test_a_drawing_stands_alone_and_has_the_page_s_colours_and_font(chart):
    svg = drawn(chart, ("0", "22", "5"), ("1", "443", "7"))
    ElementTree.fromstring(svg)
    assert "currentColor" in svg
    assert "font-family" not in svg
    assert not re.search(r"<(script|style|image|metadata|foreignObject)|DOCTYPE|\bon[a-z]+=", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    # Every colour is the page's, or has a fallback beside the page's.
    assert not [tag for tag in re.findall(r"<[^>]*>", svg) if re.search(r"(?<!, )#[0-9a-f]{6}", tag)]


def test_series_have_colours_of_their_own_and_the_rest_is_grey():
    svg = drawn(CHARTS[1], ("0", "22", "5"), ("0", "443", "3"), ("0", "other", "4"))
    assert PALETTE[0] in svg
    assert PALETTE[1] in svg
    assert "var(--c2" not in svg
    assert len(set(PALETTE)) == len(PALETTE)


def test_screen_readers_are_told_what_it_shows_and_the_largest():
    svg = ElementTree.fromstring(drawn(CHARTS[1], ("0", "22", "5"), ("3", "443", "7000")))
    assert svg.get("role") == "img"
    named = {element.get("id"): element.text for element in svg if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[name] for name in svg.get("aria-labelledby").split()] == [
        "Section things",
        "Stacked bars of rejected flows by hour (utc) and name. The largest is 7,000: 443, 3.",
    ]


def test_a_pointer_is_told_each_value():
    assert told(drawn(CHARTS[0], ("0", "a", "1234"), ("0", "b", "5"))) == ["a, 1,234", "b, 5"]
    assert "Hour (UTC) 1, 443, 7" in told(drawn(CHARTS[1], ("0", "22", "5"), ("1", "443", "7")))
    assert "Monday 13, 5" in told(drawn(CHARTS[5], ("13", "Monday", "5")))


def test_ids_differ_between_drawings():
    def ids(name: str) -> set[str]:
        return set(re.findall(r'\bid="([^"]+)"', drawn(CHARTS[1], ("0", "22", "5"), name=name)))

    assert ids("one").isdisjoint(ids("two"))
    svg = drawn(CHARTS[1], ("0", "22", "5"), name="one")
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= ids("one")


def test_bars_are_the_first_twelve_with_their_figures():
    svg = drawn(CHARTS[0], *[("0", f"name {n}", str(1000 * (20 - n))) for n in range(20)])
    found = texts_of(svg)
    assert [text for text in found if text.startswith("name")] == [f"name {n}" for n in range(12)]
    assert {"20,000", "9,000", "Rejected flows"} <= set(found)


def test_hours_are_all_there():
    found = texts_of(drawn(CHARTS[1], ("3", "22", "5")))
    assert [text for text in found if text in set(map(str, range(24)))][:24] == [str(hour) for hour in range(24)]


def test_numbers_along_x_are_in_order():
    found = texts_of(drawn({"type": "line", "x": "name", "y": "flows"}, ("0", "10", "1"), ("0", "9", "2")))
    assert found.index("9") < found.index("10")


def test_heat_is_opacity():
    svg = drawn(CHARTS[5], ("0", "Monday", "0"), ("1", "Monday", "50"), ("2", "Monday", "100"))
    assert re.findall(r"fill: var\(--heat[^;]*; opacity: ([0-9.]+)", svg)[:2] == ["0.05", "0.525"]


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("value", [None, "", "0", "NaN", "x", "-5", "1e300"])
def test_values_that_are_none_draw_something(chart, value):
    ElementTree.fromstring(drawn(chart, ("0", "a", value), (None, None, value)))


def test_long_names_keep_room_for_the_bars():
    svg = drawn(CHARTS[0], ("0", "x" * 5000, "5"))
    assert max(map(len, texts_of(svg))) <= 34


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("chart", CHARTS)
def test_hostile_texts_are_texts(chart):
    svg = drawn(chart, *[("1", text, str(number)) for number, text in enumerate(HOSTILE[:40])])
    assert not re.search(r"<(script|img|b|a)\b|[\u202e\u2066\x00\x1b]", svg)
    ElementTree.fromstring(svg)


def test_dollars_and_underscores_are_shown_as_they_are():
    assert {"$x$ $y$", "\u200a_x"} <= set(texts_of(drawn(CHARTS[1], ("0", "$x$ $y$", "1"), ("0", "_x", "1"))))


@pytest.mark.filterwarnings("ignore:Glyph")
@settings(max_examples=25, deadline=None)
@given(st.sampled_from(CHARTS), st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4))
def test_any_values_make_well_formed_svg(chart, values):
    svg = drawn(chart, *values)
    ElementTree.fromstring(svg)
    assert re.fullmatch(r"<svg .*</svg>\s*", svg, re.DOTALL)
