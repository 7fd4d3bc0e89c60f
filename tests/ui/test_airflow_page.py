"""The page "Flow logs" in a real browser: read wide and narrow, light and dark, in Airflow's kind of frame; a rerun begun."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowlogs.ledger import json_lines
from flowlogs.settings import load_settings
from tests.ui.test_report_page import contrasts, outside, overflow
from tests.unit.flowlogs.page import sample_ledger as sample
from tests.unit.flowlogs.page.served_page import FakeRuns, Served, open_app, run, served
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.ui]

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the page; nowhere unless asked for."""

TODAY = date(2026, 11, 24)
TARGETS = sample.targets(60)
FAILED = "2026-11-18"
"""A day that is not in the ledger."""


class LedgerInMemory:
    """A ledger in place of the lake: the browser is what is tested here."""

    def __init__(self) -> None:
        self._rows = {f"{day}": sample.rows(day, TARGETS) for day in sample.days(120, date(2026, 11, 23))}
        del self._rows[FAILED]

    def ledger_locations(self) -> dict[str, str]:
        return {day: f"s3://lake/{day}/" for day in self._rows}

    def rows_at(self, location: str) -> str:
        return json_lines(self._rows[location.split("/")[3]])

    def read(self, key: str) -> bytes | None:
        return None

    def write(self, key: str, data: bytes, content_type: str) -> None:
        pass


@pytest.fixture(scope="module")
def page_server(tmp_path_factory) -> Iterator[Served]:
    from flowlogs.page.ledger_view import LedgerView
    from flowlogs.page.reported import Reports

    file = tmp_path_factory.mktemp("page") / "flowlogs.yaml"
    file.write_text(yaml.safe_dump(section(sources=[source()])))
    settings = load_settings(file, environ={})
    runs = FakeRuns()
    app = open_app(lambda: settings, TODAY, runs)
    site = app.state.sites.current()
    site.lake = LedgerInMemory()
    site.ledger, site.reports = LedgerView(site.lake), Reports(settings, site.lake)
    site.ledger.ledger(wait_seconds=30)
    with served(app, runs) as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, page_server) -> Iterator[Any]:
    """Opens the page; whatever it complains of, or asks elsewhere, fails the test."""
    complaints: list[str] = []
    asked: set[str] = set()
    at = datetime(2026, 11, 23, 0, 1, tzinfo=UTC)
    page_server.runs.runs = [
        run("2026-11-22", "running", started_at=at),
        run(FAILED, "failed", started_at=at, ended_at=at),
    ]
    del page_server.posted[:]

    def open_page(width: int = 1400, scheme: str = "light", path: str = "/flowlogs/") -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.add(request.url))
        page.goto(f"{page_server.url}{path}")
        inner = page.frame_locator("iframe") if path == "/plugin" else page
        inner.locator("#targets .matrix-row").nth(5).wait_for()
        inner.locator("svg.bars").wait_for()
        return page

    yield open_page
    for context in chromium.contexts:
        context.close()
    assert complaints == []
    assert {url for url in asked if not url.startswith(page_server.url)} == set()


def keep(page: Any, name: str, **how: Any) -> None:
    if SCREENSHOTS is not None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"page-{name}.png", **how)


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")])
def test_everything_is_read_on_a_desk_and_on_a_phone_by_day_and_by_night(browse, width, scheme):
    page = browse(width, scheme)
    keep(page, f"{width}-{scheme}", full_page=True)
    assert overflow(page) == 0
    assert outside(page) == []
    assert contrasts(page) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 17, 19)"
    assert dark == (scheme == "dark")
    page.locator(".cell").first.click()
    page.locator("#day h3").first.wait_for()
    keep(page, f"day-{width}-{scheme}")
    assert overflow(page) == 0
    assert contrasts(page) == []


def test_states_are_told_apart_without_colour(browse):
    page = browse()
    cells = page.locator(".cell").evaluate_all(
        "cells => cells.map(c => [c.className.match(/s-./)[0], c.innerText.trim()[0] || ''])"
    )
    signs = {(state, sign) for state, sign in cells if sign != "▸"}
    assert len({sign for _, sign in signs}) == len(signs) >= 5
    named = page.locator(".cell").evaluate_all(
        "cells => cells.every(c => c.getAttribute('aria-label').includes(c.dataset.day))"
    )
    assert named
    assert page.locator("#overview .key li").all_inner_texts()[-1].split() == ["×", "missing"]


def test_what_needs_a_look_leads_to_the_day_and_back(browse):
    page = browse()
    look = page.locator(".days-list")
    assert "not in the ledger: its run failed" in look.inner_text()
    assert "no file of the day came" in look.inner_text()
    day = look.locator("a", has_text="2026-11-0").first
    name = day.inner_text()
    day.click()
    drawer = page.locator("#day")
    drawer.get_by_role("heading", name=name).wait_for()
    assert drawer.locator("tbody tr td .sign").first.inner_text().strip().startswith("×")
    drawer.locator("[data-sort='-rejected']").click()
    drawer.locator("th[aria-sort=descending]", has_text="REJECT").wait_for()
    rejects = [int(text.replace(",", "")) for text in drawer.locator("table.targets td:nth-child(7)").all_inner_texts()]
    assert rejects == sorted(rejects, reverse=True)
    assert len(rejects) == 50
    drawer.locator("input[name=q]").fill("no file")
    drawer.locator("tbody tr", has_text="no file").first.wait_for()
    drawer.locator("table.targets tbody tr").nth(10).wait_for(state="detached")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    assert not drawer.is_visible()
    assert page.url.endswith("/flowlogs/#")


def test_targets_are_filtered_turned_over_and_a_click_opens_target_and_day(browse):
    page = browse()
    rows = page.locator("#targets .matrix-row:not(.head)")
    assert rows.count() == 25
    first = rows.first.locator(".name").get_attribute("title")
    page.locator("#targets").get_by_role("button", name="Next").click()
    page.get_by_text("page 2 of 3").wait_for()
    assert rows.first.locator(".name").get_attribute("title") != first
    account, region = first.split("/")[1:]
    page.locator("#targets-form input[name=q]").fill(f"{account} {region}")
    page.get_by_text("1 target", exact=True).wait_for()
    strip = rows.first.locator(".strip")
    assert strip.locator("i.s-m, i.s-l, i.s-n").count() >= 1
    box = strip.bounding_box()
    page.mouse.click(box["x"] + box["width"] * (28.5 / 30), box["y"] + 8)
    page.locator("#day").get_by_role("heading", name="2026-11-22").wait_for()
    assert page.locator("#day table.targets tbody tr").count() == 1


def test_chosen_days_are_posted_to_airflow_s_own_api_and_followed_to_green(browse, page_server):
    page = browse()
    page.locator(".cell[data-day='2026-11-20']").click(modifiers=["Control"])
    page.locator(".cell[data-day='2026-11-21']").click(modifiers=["Shift"])
    page.locator("#chosen-run").click()
    page.get_by_text("One backfill of flow_logs_daily: 2026-11-20 to 2026-11-21, 2 days.").wait_for()
    keep(page, "rerun")
    page.locator("#rerun-start").click()
    page.get_by_text("Started.").wait_for()
    assert page_server.posted == [
        (
            "backfills",
            {
                "dag_id": "flow_logs_daily", "from_date": "2026-11-20T00:00:00Z", "to_date": "2026-11-21T00:00:00Z",
                "reprocess_behavior": "completed", "max_active_runs": 4,
            },
        )
    ]  # fmt: skip
    page.locator("#rerun-progress").get_by_text("running").first.wait_for()
    page_server.runs.runs = [run("2026-11-20", "success"), run("2026-11-21", "success")]
    page.get_by_text("Done: every run ended well.").wait_for()
    page.locator("#rerun-close").click()
    assert not page.locator("#chosen").is_visible()


def test_days_with_gaps_between_them_get_a_run_each_of_what_is_not_complete(browse, page_server):
    page = browse()
    days = page.locator(".days-list [data-choose]").evaluate_all("boxes => boxes.map(b => b.dataset.choose)")
    page.locator("[data-choose-all]").click()
    page.locator("#chosen-run").click()
    page.get_by_text(f"{len(days)} runs of flow_logs_daily, one for each day.").wait_for()
    page.get_by_text("only targets that are missing or late").click()
    page.locator("#rerun-start:enabled").click()
    page.get_by_text("Started.").wait_for()
    assert [path for path, _ in page_server.posted] == ["dags/flow_logs_daily/dagRuns"] * len(days)
    posted = {body["partition_key"]: body["conf"] for _, body in page_server.posted}
    assert sorted(posted) == sorted(days)
    assert posted[FAILED] == {}
    others = [conf["targets"] for day, conf in posted.items() if day != FAILED]
    assert all(0 < len(targets) < len(TARGETS) for targets in others)


def test_in_airflow_s_frame_it_is_dark_with_it_and_links_lead_out(browse, page_server):
    page = browse(path="/plugin")
    frame = page.frame_locator("iframe")
    assert frame.locator("html").get_attribute("class") == "dark"
    page.evaluate("document.documentElement.classList.remove('dark')")
    frame.locator("html:not(.dark)").wait_for()
    page.evaluate("addEventListener('popstate', () => { window.asked = location.pathname; })")
    frame.get_by_role("link", name="what failed").click()
    page.wait_for_function("window.asked")
    assert page.evaluate("window.asked") == f"/dags/flow_logs_daily/runs/backfill__{FAILED}"
    assert frame.locator("#targets").count() == 1  # the frame itself stays where it was
