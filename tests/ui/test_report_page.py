"""The report's page in a real browser: wide and narrow, light and dark, on paper; it needs nothing but itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowlogs.reports.page import page_html
from tests.unit.flowlogs.reports.sample_report import detection, full_report, report, row, section

pytestmark = [pytest.mark.ui]

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the page; nowhere unless asked for."""

LOOKS = [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")]


class Browser:
    """Opens files, and remembers what the pages asked for and complained of."""

    def __init__(self, chromium) -> None:
        self._chromium = chromium
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, path: Path, width: int = 1400, scheme: str = "light"):
        context = self._chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        return page


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium) -> Iterator[Browser]:
    browser = Browser(chromium)
    yield browser
    assert browser.complaints == []
    assert len(browser.requests) == len({*browser.requests}), browser.requests
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def full_page(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("report"), page_html(full_report(), "run=1/"))


def written(folder: Path, html: str) -> Path:
    path = folder / "index.html"
    path.write_text(html)
    if SCREENSHOTS is not None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / "index.html").write_text(html)
    return path


def keep(shoot: Callable[..., bytes], name: str, **how) -> None:
    if SCREENSHOTS is not None:
        shoot(path=SCREENSHOTS / name, **how)


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def outside(page) -> list[str]:
    """What stands outside the window and in no box that scrolls."""
    return page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, pre') && e.checkVisibility()
             && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
    )


def contrasts(page) -> list[str]:
    """Texts whose contrast with what is behind them is under 4.5 to 1 (WCAG 2.2, AA)."""
    return page.evaluate(
        """() => {
          const rgb = text => text.match(/[0-9.]+/g).map(Number);
          const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const behind = e => { for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
          const found = new Set();
          for (const e of document.querySelectorAll('main *')) {
            if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
            if ((a + .05) / (b + .05) < 4.5) found.add(`${e.tagName}.${e.className} ${((a + .05) / (b + .05)).toFixed(2)}`);
          }
          return [...found];
        }"""
    )


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_nothing_is_wider_than_the_window_and_every_text_is_read(browser, full_page, width, scheme):
    page = browser.open(full_page, width, scheme)
    keep(page.screenshot, f"{width}_{scheme}.png", full_page=True)
    assert overflow(page) == 0
    assert outside(page) == []
    assert contrasts(page) == []
    assert browser.requests == [full_page.as_uri()]


@pytest.mark.parametrize("width", [1400, 390])
def test_everything_opened_is_not_wider_either(browser, full_page, width):
    page = browser.open(full_page, width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    keep(page.screenshot, f"{width}_open.png", full_page=True)
    assert overflow(page) == 0
    assert outside(page) == []


def test_dark_is_dark_and_charts_are_of_the_text_s_colour(browser, full_page):
    def colours(scheme: str) -> tuple[str, str, str]:
        page = browser.open(full_page, 1400, scheme)
        browser.requests.clear()
        return page.evaluate(
            """() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
                 getComputedStyle(document.querySelector('svg.chart text')).fill]"""
        )

    for paper, ink, chart in (colours("light"), colours("dark")):
        assert ink == chart
        assert paper != ink
    assert colours("light")[0] != colours("dark")[0]


def test_links_of_the_contents_lead_somewhere(browser, full_page):
    page = browser.open(full_page)
    assert page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.hash.slice(1))).length"
    ) == 0  # fmt: skip
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == page.evaluate(
        "document.querySelectorAll('[id]').length"
    )


def test_a_click_shows_the_sql_and_the_rest_of_the_rows(browser, full_page):
    page = browser.open(full_page)
    card = page.locator("section.card", has=page.locator("details.rest")).first
    assert not card.locator("pre").is_visible()
    card.get_by_text("SQL", exact=True).click()
    assert "SELECT" in card.locator("pre").inner_text()
    before = card.locator("tbody tr:visible").count()
    card.locator("details.rest > summary").click()
    assert card.locator("tbody tr:visible").count() > before


def test_on_paper_nothing_is_cut_and_findings_are_all_there(browser, full_page, tmp_path):
    page = browser.open(full_page, 1400, "dark")
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 1031, "height": 700})  # A4, landscape, less its margins
    assert overflow(page) == 0
    assert not page.locator("details.sql").first.is_visible()
    hidden = "[...document.querySelectorAll('.found li')].filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length"
    assert page.evaluate(hidden) == 0
    assert page.locator(".found details.all").count() > 0
    # The paper is white, whatever the screen is.
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 3 <= pdf.count(b"/Type /Page\n") <= 60
    keep(lambda path: path.write_bytes(pdf), "print.pdf")


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "';alert(1);//",
    "</title></style></pre></svg><script>alert(1)</script>", "{{ 7*7 }}{% raw %}", "javascript:alert(1)",
    "\u202egnp.exe\u2066", "line\nbreak\ttab\r\x00\x1b[31m", "=HYPERLINK(1)", "x" * 5000, "W" * 290 + "$a$b_{", "&lt;b&gt;",
    "z\u0335\u0336\u0337" * 50,
]  # fmt: skip


@pytest.mark.parametrize("width", [1400, 390])
def test_hostile_values_do_nothing_anywhere(browser, tmp_path, width):
    from flowlogs.reports.results import SectionResult

    drawn = section(
        "drawn", chart={"type": "stacked_bars", "x": "what", "y": "flows", "series": "series"},
        columns={"what": {"label": "What"}, "flows": {"label": "Flows", "kind": "number"}, "series": {"label": "S"}},
    )  # fmt: skip
    bars = section("bars", chart={"type": "bars", "x": "what", "y": "flows"})
    rows = [{"what": text, "flows": str(position), "series": text} for position, text in enumerate(HOSTILE)]
    results = [
        SectionResult(detection(place="text"), [row(who=t, what=t, place=t) for t in HOSTILE], sql="\n".join(HOSTILE)),
        SectionResult(drawn, rows),
        SectionResult(bars, [{"what": r["what"], "flows": r["flows"]} for r in rows]),
        *[SectionResult(section(f"failed{n}"), error=text) for n, text in enumerate(HOSTILE)],
    ]
    html = page_html(report(*results, environment=HOSTILE[0], run_id=HOSTILE[4]), "run=1/")
    page = browser.open(written(tmp_path, html), width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert overflow(page) == 0
    assert outside(page) == []
    assert page.locator("script, img, iframe, [onload], [onerror]").count() == 0
    assert page.locator("bdi", has_text="<script>alert(1)</script>").count() >= 5
    assert "U+202E" in page.locator("main").inner_text()
    assert len(browser.requests) == 1
