"""`make run` as a person meets it: everything comes up, the pages show green runs, Ctrl-C leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import boto3
import psutil
import pytest

from quickstart.airflow_api import AirflowApi
from tests.conftest import ROOT, free_port

pytestmark = [pytest.mark.ui, pytest.mark.timeout(600)]

DAYS = 5

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the pages for the documentation; nowhere unless asked for."""


@dataclass
class Quickstart:
    """A `make run` that has said where to look."""

    airflow_url: str
    local_aws_url: str
    output: str

    @cached_property
    def api(self) -> AirflowApi:
        api = AirflowApi(self.airflow_url, "admin", "admin")
        api.sign_in()
        return api

    def partitions(self, table: str) -> dict[tuple[str, ...], str]:
        """Values and location of every partition of a table."""
        glue = boto3.client(
            "glue",
            endpoint_url=self.local_aws_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        pages = glue.get_paginator("get_partitions").paginate(DatabaseName="flowlogs", TableName=table)
        return {
            tuple(found["Values"]): found["StorageDescriptor"]["Location"]
            for page in pages
            for found in page["Partitions"]
        }

    def raw_partitions(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """Those of the sources' raw tables."""
        tables = ("vpc_flow_logs", "vpc_flow_logs_v5")
        return {(table, values): place for table in tables for values, place in self.partitions(table).items()}


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory) -> Iterator[Quickstart]:
    state = tmp_path_factory.mktemp("run")
    airflow_port, port = free_port(), free_port()
    command = [sys.executable, "-m", "quickstart", "--state", str(state), "--days", str(DAYS)]
    ports = ["--port", str(port), "--airflow-port", str(airflow_port)]
    environ = {**os.environ, "PYTHONPATH": "plugins", "PYTHONUNBUFFERED": "1", "COLUMNS": "160"}
    log = state / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen([*command, *ports], cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 400
        while "Ctrl-C stops everything" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        started = psutil.Process(process.pid).children(recursive=True)
        yield Quickstart(f"http://127.0.0.1:{airflow_port}", f"http://127.0.0.1:{port}", log.read_text())
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


def test_the_days_are_green_in_the_list_of_runs(quickstart, page):
    page.goto(f"{quickstart.airflow_url}/dags/flow_logs_daily/runs")
    page.get_by_text("Success").first.wait_for()
    assert page.get_by_text("Success").count() >= DAYS
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


def test_a_query_shows_its_rendered_sql_and_a_link_to_athena(quickstart, page):
    run = next(run for run in quickstart.api.runs("flow_logs_daily") if run.state == "success")
    task = f"{quickstart.airflow_url}/dags/flow_logs_daily/runs/{quote(run.run_id, safe='')}/tasks/count_rows/mapped/0"
    page.goto(f"{task}/rendered_templates")
    page.get_by_text(f"'{run.day}'").first.wait_for()
    shown = "".join(page.locator("body").inner_text().split())
    assert f"WHEREdt='{run.day}'" in re.sub(r"(?<=[^0-9-])[0-9]{1,2}(?=[A-Z])", "", shown)
    assert "{{" not in shown
    keep(page, "rendered-sql")
    page.goto(f"{task}/details")
    link = page.get_by_role("link", name="Query Results")
    link.wait_for()
    assert re.search(r"athena/home.*/history/[0-9a-f-]{36}", link.get_attribute("href"))
    keep(page, "athena-link")


def test_the_days_run_again_leave_the_catalog_as_it_was(quickstart):
    """Two sources, four accounts, three regions, five days: every partition once, at the same place, twice over."""
    before = quickstart.raw_partitions()
    days = sorted({values[0] for _, values in before})
    assert len(days) == DAYS
    assert len(before) == DAYS * 2 * 4 * 3

    deadline = time.monotonic() + 120
    while quickstart.api.is_backfilling("flow_logs_daily"):
        assert time.monotonic() < deadline, "the first backfill stays open"
        time.sleep(1)
    again = quickstart.api.backfill("flow_logs_daily", *map(date.fromisoformat, (days[0], days[-1])), "completed")
    deadline = time.monotonic() + 300
    while not quickstart.api.backfill_is_done(again):
        assert time.monotonic() < deadline, quickstart.api.runs("flow_logs_daily")
        time.sleep(1)

    latest = {run.day: run.state for run in quickstart.api.runs("flow_logs_daily")}
    assert latest == dict.fromkeys(days, "success")
    assert quickstart.raw_partitions() == before
    assert {values[0] for values in quickstart.partitions("flow_runs")} == set(days)
