import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from flowlogs.reports.findings import Allowlist
from flowlogs.reports.page import FINDINGS_AT_ONCE, ROWS_AT_ONCE, page_html
from flowlogs.reports.period import Period
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.hostile import HOSTILE, texts
from tests.unit.flowlogs.reports.sample_report import (
    DAY,
    coverage,
    detection,
    full_report,
    report,
    row,
    section,
    totals,
)

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """What a page is made of: its elements, its texts, and whether every element is closed where it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "title"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def page(*results, **changes) -> Page:
    return Page(page_html(report(*results, **changes), "run=1-1/"))


@pytest.fixture(scope="module")
def full() -> Page:
    return Page(page_html(full_report(), "run=1-1/"))


def test_the_page_needs_nothing_but_itself(full):
    (policy,) = [meta["content"] for meta in full.tags("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script" not in policy
    assert not {tag for tag, _ in full.elements} & {"script", "link", "img", "iframe", "form", "object", "base"}
    assert not [name for _, attributes in full.elements for name in attributes if name.startswith("on")]
    assert not re.search(r"@import|url\((?!#)", full.html)
    addresses = [attributes["href"] for attributes in full.tags("a")]
    assert all(re.fullmatch(r"#[\w-]+|run=1-1/[a-z_0-9]+\.csv", address) for address in addresses), addresses


def test_ids_are_unique_and_links_lead_to_them(full):
    ids = [attributes["id"] for _, attributes in full.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in full.tags("a") if a["href"].startswith("#")} <= set(ids)


def test_the_same_report_makes_the_same_page(full):
    assert page_html(full_report(), "run=1-1/") == full.html


def test_every_section_stands_there_with_its_csv_and_its_sql(full):
    made = full_report()
    for result in made.results:
        assert result.section.title in full.text
        if result.error is None:
            assert f'href="run=1-1/{result.section.name}.csv"' in full.html
    assert len(full.tags("pre")) == len(made.results) - 1


def test_headline_numbers():
    text = page(
        totals(), coverage("missing", "complete"), SectionResult(detection(), [row()], "", "", 10**9, 0.03)
    ).text
    for part in ("34,567 rejected flows +15% to the day before 123.5 MB", "120,000 accepted flows +300% to the day before",
                 "1 finding 1 new 1 high", "1 of 2 target days complete", "$0.03 cost of the queries 1.0 GB scanned"):  # fmt: skip
        assert part in text


def test_what_is_not_known_is_not_said_to_be_nothing():
    text = page(SectionResult(section(), error="failed")).text
    assert "– rejected flows the totals have no answer" in text
    assert "no detection has an answer" in text
    assert "nothing is known of findings" in text
    assert "unknown coverage of the logs" in text
    assert "No detection found anything" not in text


def test_nothing_found_is_said():
    text = page(SectionResult(detection()), coverage("complete")).text
    assert "No detection found anything." in text
    assert "Section scans nothing found" in text


def test_new_and_continuing_findings_are_told_apart():
    before = report(SectionResult(detection(), [row(who="a")])).found[0].identity
    found = page(SectionResult(detection(), [row(who="a"), row(who="b")]), continuing=[before])
    assert "1 new, 1 continuing" in found.text
    assert "2 findings, 1 new" in found.text
    badges = [a["class"] for a in found.tags("span") if a.get("class", "").startswith("badge")]
    assert badges == ["badge new", "badge continuing", "badge high"]


def test_a_finding_says_who_what_when_how_much_and_its_evidence():
    text = page(SectionResult(detection(dstport="port", packets="number"), [row(dstport="22", packets="1234")])).text
    assert "203.0.113.9 → 10.0.0.5:22 new amount: 12 · 2026-11-22 12:00:00 to 12:05:00 UTC" in text
    assert "Dstport 22 ssh" in text
    assert "Packets 1,234" in text


def test_findings_and_rows_beyond_the_first_wait_behind_a_click():
    rows = [row(who=f"203.0.113.{n}") for n in range(ROWS_AT_ONCE + 2)]
    text = page(SectionResult(detection(), rows)).text
    assert f"{len(rows) - FINDINGS_AT_ONCE} more" in text
    assert "2 more rows" in text
    exact = page(SectionResult(section(), [{"what": "a", "flows": "1"}] * ROWS_AT_ONCE)).text
    assert "more rows" not in exact
    assert f"{ROWS_AT_ONCE} rows" in exact


def test_a_cut_section_says_so():
    made = page(SectionResult(section(), [{"what": "a", "flows": "1"}] * 3, limit=3))
    assert "3 rows, perhaps the first of more" in made.text
    assert "3 rows, perhaps" not in page(SectionResult(section(), [{"what": "a", "flows": "1"}] * 3, limit=4)).text


def test_a_failed_section_says_why_at_the_top_and_in_its_place():
    text = page(SectionResult(section(), error="its query ran out of time")).text
    assert "1 section without an answer Section things : its query ran out of time" in text
    assert "No answer: its query ran out of time" in text


def test_values_are_shown_by_their_kinds():
    columns = {"port": {"label": "Port", "kind": "port"}, "protocol": {"label": "Protocol", "kind": "protocol"},
               "bytes": {"label": "Bytes", "kind": "bytes"}, "seen": {"label": "Seen", "kind": "time"}}  # fmt: skip
    made = page(
        SectionResult(section(columns=columns), [{"port": "3389", "protocol": "17", "bytes": "1234567", "seen": None}])
    )
    assert "3389 rdp UDP 1.2 MB –" in made.text
    assert 'title="1,234,567 bytes"' in made.html
    assert "Seen UTC" in made.text


def test_the_allowlist_is_listed_with_what_it_kept_out():
    allowlist = Allowlist(cidrs=("203.0.113.0/24",), ports=(22, 8080), interfaces=("eni-0a",))
    text = page(SectionResult(detection(), [row(), row(who="10.0.0.9")]), allowlist=allowlist).text
    assert "Addresses 203.0.113.0/24" in text
    assert "Ports 22, 8080" in text
    assert "Interfaces eni-0a" in text
    assert (
        "1 finding kept out: Detection Who What Amount Entry Section scans 203.0.113.9 10.0.0.5:22 12 203.0.113.0/24"
        in text
    )
    assert "1 of them on the allowlist" in text
    assert "It is empty: every finding is shown." in page().text


def test_thresholds_are_told():
    with_thresholds = section(thresholds={"attempts": 3, "http_ports": [80, 443]})
    text = page(SectionResult(with_thresholds, [{"what": "a", "flows": "1"}])).text
    assert "thresholds: attempts 3; http ports 80, 443" in text


@pytest.mark.parametrize(
    ("edition", "words"), [("weekly", "the week before"), ("monthly", "the month before"), ("daily", "the day before")]
)
def test_editions_compare_with_their_like(edition, words):
    text = page(totals(), period=Period.of(edition, DAY)).text
    assert f"+15% to {words}" in text
    assert f"continuing when {words} had it too" in text
    if edition == "weekly":
        assert "2026-11-16 to 2026-11-22" in text


def test_an_empty_report_is_a_page():
    assert "Rejected traffic, 22 November 2026" in page().text


COLUMNS = {"what": {"label": "What"}, "flows": {"label": "Flows", "kind": "number"}, "name": {"label": "Name"}}
CHARTS = [
    {"type": "bars", "x": "what", "y": "flows"},
    {"type": "stacked_bars", "x": "what", "y": "flows", "series": "name"},
]


def hostile_page(*values: str) -> Page:
    rows = [{"what": text, "flows": text, "name": text} for text in values]
    kinds = ("number", "bytes", "share", "time", "day", "address", "port", "protocol", "interface")
    detections = SectionResult(
        detection(who="text", place="text", **{f"a_{kind}": kind for kind in kinds}),
        [row(who=t, what=t, place=t, amount=t, first_seen=t, **{f"a_{kind}": t for kind in kinds}) for t in values],
        sql="\n".join(values), query_id=values[0],
    )  # fmt: skip
    charts = [SectionResult(section(f"c{n}", chart=chart, columns=COLUMNS), rows) for n, chart in enumerate(CHARTS)]
    failed = SectionResult(section("failed"), error=values[0])
    allowlist = Allowlist(cidrs=("203.0.113.0/24",))
    kept_out = SectionResult(
        detection("kept", dstaddr="address"), [row(who=values[0], what=values[0], dstaddr="203.0.113.9")]
    )
    return page(
        detections, *charts, failed, kept_out, coverage(*values), allowlist=allowlist, environment=values[0],
        run_id=values[0],
    )  # fmt: skip


def harmless(made: Page) -> None:
    assert {tag for tag, _ in made.elements}.isdisjoint({"script", "img", "textarea", "b" + "ase", "iframe", "form"})
    assert not [name for _, attributes in made.elements for name in attributes if name.startswith("on")]
    assert all(re.match(r"#|run=1-1/", a["href"]) for a in made.tags("a"))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", made.html)


@pytest.mark.filterwarnings("ignore:Glyph", "ignore:constrained_layout")
def test_hostile_texts_are_texts():
    made = hostile_page(*HOSTILE)
    harmless(made)
    assert made.text.count("<script>alert(1)</script>") >= 10
    assert "⟨U+202E⟩gnp.exe" in made.text
    assert "{{ 7*7 }}" in made.text
    assert len(made.html) < 2_000_000


@pytest.mark.filterwarnings("ignore:Glyph", "ignore:constrained_layout")
@settings(max_examples=25, deadline=None)
@given(texts)
def test_any_text_is_a_text(text):
    harmless(hostile_page(text, "x"))
