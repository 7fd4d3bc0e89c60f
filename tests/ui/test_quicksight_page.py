"""The pages of the local QuickSight in a real browser: wide and narrow, light and dark, filtered by a reader."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.quicksight.page.dashboards import TEMPLATES, Dashboards
from tests.unit.local_aws.quicksight import sample_dashboard as sample
from tests.unit.local_aws.quicksight.conftest import Results, started

pytestmark = [pytest.mark.ui]

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the pages; nowhere unless asked for."""

SITE = "http://quicksight.invalid"
LOOKS = [(1400, "light"), (390, "dark"), *([(1400, "dark"), (390, "light")] if SCREENSHOTS else [])]


@pytest.fixture(scope="module")
def dashboards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboards]:
    """The sample's dashboard over the rows of two weeks."""
    folder = tmp_path_factory.mktemp("quicksight")
    quicksight = started(folder / "state", Results(folder, list(sample.COLUMNS), list(sample.rows())))
    source = quicksight.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    data_set = quicksight.call("create_data_set", **sample.data_set("SELECT 1", source["Arn"]))
    quicksight.ended(sample.SET, data_set["IngestionId"])
    definition = sample.definition(data_set["Arn"])
    quicksight.call("create_dashboard", DashboardId="sample", Name="Sample dashboard", Definition=definition)
    yield Dashboards(quicksight.operations)
    quicksight.operations.close()


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


def test_a_dashboard_on_every_screen(dashboards: Dashboards, chromium: Any) -> None:
    complaints: list[str] = []

    def answer(route: Any) -> None:
        path, _, query = route.request.url.removeprefix(f"{SITE}/_quicksight").partition("?")
        if path == "/quicksight.css":
            route.fulfill(body=(TEMPLATES / "quicksight.css").read_text(), content_type="text/css")
        elif "/sn/data-sets/" in path:
            route.fulfill(body=dashboards.data_set(path.rpartition("/")[2]), content_type="text/html; charset=utf-8")
        else:
            page = dashboards.dashboard(path.strip("/"), query) if path.strip("/") else dashboards.listing()
            route.fulfill(body=page, content_type="text/html; charset=utf-8")

    for width, scheme in LOOKS:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.route("**/*", answer)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{SITE}/_quicksight")
        page.locator("table a").first.click()
        assert page.get_by_role("cell", name="COMPLETED").count() == 1, "the history of the data set's refreshes"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
        page.go_back()
        page.get_by_role("link", name="Sample dashboard").click()
        assert page.locator("svg.chart:visible").count() == 4, "one picture of each chart, for this width"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
        if SCREENSHOTS is not None:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"quicksight-{width}-{scheme}.png", full_page=True)
        context.close()

    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{SITE}/_quicksight/sample")
    rows = page.locator("#table tbody tr")
    assert rows.count() == 3
    page.get_by_text("Region", exact=True).first.click()
    page.get_by_label("eu-west-1").check()
    page.get_by_label("Day, first day").fill("2026-11-03")
    page.get_by_role("button", name="Apply").click()
    assert rows.count() == 1
    assert page.locator(".choose .value").nth(1).inner_text() == "eu-west-1"
    assert page.locator("#heat thead th").count() == 1 + 12, "days from the third on"
    page.get_by_role("link", name="Ports").click()
    assert page.locator("#ports-table tbody tr").count() == 3
    assert "f.region=eu-west-1" in page.url
    page.get_by_role("link", name="Traffic").click()
    page.get_by_role("link", name="Reset").click()
    assert rows.count() == 3
    context.close()
    assert complaints == []
