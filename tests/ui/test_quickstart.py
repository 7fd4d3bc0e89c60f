"""`make run` as a person meets it: everything comes up, the pages show green runs, Ctrl-C leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, free_port

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("quickstart")]

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the pages for the documentation; nowhere unless asked for."""


@dataclass
class Quickstart:
    """A `make run` that has said where to look."""

    airflow_url: str
    output: str


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory) -> Iterator[Quickstart]:
    state = tmp_path_factory.mktemp("run")
    airflow_port = free_port()
    command = [sys.executable, "-m", "quickstart", "--state", str(state), "--days", "2"]
    ports = ["--port", str(free_port()), "--airflow-port", str(airflow_port)]
    environ = {**os.environ, "PYTHONPATH": "plugins", "PYTHONUNBUFFERED": "1", "COLUMNS": "160"}
    log = state / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen([*command, *ports], cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 280
        while "Ctrl-C stops everything" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        started = psutil.Process(process.pid).children(recursive=True)
        yield Quickstart(f"http://127.0.0.1:{airflow_port}", log.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    left = [child for child in started if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert not left, left
    assert "stopped" in log.read_text()


@pytest.fixture(scope="module")
def page(quickstart):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{quickstart.airflow_url}/auth/login")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill("admin")
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        page.wait_for_url(re.compile(r"/$"))
        yield page
        browser.close()


def keep(page, name: str) -> None:
    if SCREENSHOTS is not None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_the_last_lines_say_what_ran_and_where_to_look(quickstart):
    assert f"look: {quickstart.airflow_url}/dags/flow_logs_daily" in quickstart.output
    assert "user admin, password admin" in quickstart.output
    assert re.search(r"ran: flow_logs_daily for \d{4}-\d\d-\d\d in \d+ s, \d{4}-\d\d-\d\d in \d+ s", quickstart.output)
    assert re.search(r"REJECT\s*│\s*6", quickstart.output)


def test_both_days_are_green_in_the_list_of_runs(quickstart, page):
    page.goto(f"{quickstart.airflow_url}/dags/flow_logs_daily/runs")
    page.get_by_text("Success").first.wait_for()
    assert page.get_by_text("Success").count() >= 2
    assert page.get_by_text("Failed").count() == 0
    keep(page, "runs")


def test_the_grid_and_the_graph_show_the_tasks(quickstart, page):
    page.goto(f"{quickstart.airflow_url}/dags/flow_logs_daily")
    page.get_by_text("wait_for_logs").first.wait_for()
    keep(page, "grid")
    page.keyboard.press("g")
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(1500)  # the layout moves the nodes into place
    assert page.locator(".react-flow__node").count() >= 6
    keep(page, "graph")
