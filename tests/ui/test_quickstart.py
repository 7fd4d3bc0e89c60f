"""`make run` as a person meets it: everything comes up, the pages show green runs, Ctrl-C leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import boto3
import psutil
import pytest

from quickstart.airflow_api import AirflowApi
from tests.conftest import ROOT, free_port

pytestmark = [pytest.mark.ui, pytest.mark.timeout(900)]

DAYS = int(os.environ.get("QUICKSTART_DAYS", "2"))
"""How many days to run, and to run again; each takes half a minute."""

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
        deadline = time.monotonic() + 500
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
    task = (
        f"{quickstart.airflow_url}/dags/flow_logs_daily/runs/{quote(run.run_id, safe='')}/tasks/count_records/mapped/0"
    )
    page.goto(f"{task}/rendered_templates")
    page.get_by_text(f"'{run.day}'").first.wait_for()
    shown = "".join(page.locator("body").inner_text().split())
    assert f"ANDdt='{run.day}'" in re.sub(r"(?<=[^0-9-])[0-9]{1,2}(?=[A-Z])", "", shown)
    assert "{{" not in shown
    keep(page, "rendered-sql")
    page.goto(f"{task}/details")
    link = page.get_by_role("link", name="Query Results")
    link.wait_for()
    assert re.search(r"athena/home.*/history/[0-9a-f-]{36}", link.get_attribute("href"))
    keep(page, "athena-link")


def test_the_report_is_read_on_a_desk_on_a_phone_in_the_dark_and_on_paper(quickstart, page, tmp_path):
    """The page that the task's button opens: it needs no network, and nothing runs off its side."""
    (address,) = re.findall(r"read: (\S+)", quickstart.output)
    asked, complaints = [], []
    desk = page.context.browser.new_context()
    desk.on("request", lambda request: asked.append(request.url))
    desk.on("console", lambda message: complaints.append(message.text))
    for width, scheme in ((1400, "light"), (390, "light"), (1400, "dark"), (390, "dark")):
        sheet = desk.new_page()
        sheet.emulate_media(color_scheme=scheme)
        sheet.set_viewport_size({"width": width, "height": 900})
        sheet.goto(address)
        assert sheet.title().startswith("Rejected traffic, ")
        assert sheet.evaluate("document.documentElement.scrollWidth") == width
        assert sheet.locator("svg.chart").count() >= 5
        assert sheet.locator(".found li").count() >= 10
        assert sheet.get_by_text("target days complete").count() == 1
        if SCREENSHOTS is not None:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            clip = {"x": 0, "y": 0, "width": width, "height": 1500}
            sheet.screenshot(path=SCREENSHOTS / f"report-{width}-{scheme}.png", clip=clip, full_page=True)
        sheet.close()
    sheet = desk.new_page()
    sheet.goto(address)
    sheet.locator("#top_rejected_ports details.sql summary").click()
    assert "FROM flow_daily" in sheet.locator("#top_rejected_ports pre").inner_text()
    assert sheet.pdf(path=str(tmp_path / "report.pdf"), format="A4")[:5] == b"%PDF-"
    link = sheet.locator("#top_rejected_ports a", has_text="CSV").get_attribute("href")
    csv = sheet.request.get(f"{address.rpartition('/')[0]}/{link}").text()
    assert csv.splitlines()[0].startswith("\ufeffPort,Protocol,")
    desk.close()
    assert set(asked) == {address}
    assert complaints == []


def test_the_task_that_wrote_the_report_links_to_it(quickstart, page):
    runs = quickstart.api.runs("rejected_traffic_report")
    assert {run.state for run in runs} == {"success"}
    # Around the hour of the schedule the latest day is run twice: by the backfill and by the scheduler.
    assert len({run.day for run in runs}) == DAYS
    run = max(runs, key=lambda run: run.day)
    where = (
        f"{quickstart.airflow_url}/dags/rejected_traffic_report/runs/{quote(run.run_id, safe='')}/tasks/write_report"
    )
    page.goto(f"{where}/details")
    link = page.get_by_role("link", name="Report", exact=True)
    link.wait_for()
    assert f"read: {link.get_attribute('href')}" in quickstart.output
    keep(page, "report-link")


class Reader:
    """Someone who asks for the curated days again and again, from a thread of their own."""

    QUESTION = (
        "SELECT dt, count(*), sum(bytes), count(DISTINCT aws_account || aws_region || source) FROM flow_records "
        "GROUP BY dt ORDER BY dt"
    )
    SUMMARY = "SELECT dt, sum(flows), sum(bytes) FROM flow_daily GROUP BY dt ORDER BY dt"

    def __init__(self, local_aws_url: str) -> None:
        self._client = boto3.client(
            "athena", endpoint_url=local_aws_url, region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test",
        )  # fmt: skip
        self.answers: list[tuple[object, object]] = []
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=60)

    def ask(self, sql: str) -> list[list[str]]:
        query = self._client.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": "flowlogs"}, WorkGroup="flowlogs"
        )["QueryExecutionId"]
        while (state := self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])[
            "State"
        ] in (
            "QUEUED",
            "RUNNING",
        ):
            time.sleep(0.05)
        assert state["State"] == "SUCCEEDED", state
        rows = self._client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows[1:]]

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                self.answers.append((self.ask(self.QUESTION), self.ask(self.SUMMARY)))
            except Exception as error:
                self.failures.append(repr(error))
            self._stop.wait(1)


def test_the_page_in_airflow_shows_the_days(quickstart, page):
    page.goto(f"{quickstart.airflow_url}/plugin/flow-logs")
    frame = page.frame_locator("iframe")
    frame.locator("#targets .matrix-row").nth(5).wait_for()
    assert frame.locator(".cell.s-c").count() == DAYS
    keep(page, "airflow-page")


def test_the_inbox_has_the_alarm_and_the_reports(quickstart, page):
    page.goto(re.search(r"sent: (\S+/_inbox)", quickstart.output)[1])
    page.get_by_text("ALARM: Repeated HTTP attempts").first.wait_for()
    assert page.get_by_text("Rejected traffic, ").count() >= DAYS
    keep(page, "inbox")


def test_days_run_again_from_the_page_leave_the_catalog_as_it_was(quickstart, page):
    """Two sources, four accounts, three regions: every partition once, at the same place, twice over."""
    before = quickstart.raw_partitions()
    days = sorted({values[0] for _, values in before})
    assert len(days) == DAYS
    assert len(before) == DAYS * 2 * 4 * 3

    deadline = time.monotonic() + 120
    while quickstart.api.is_backfilling("flow_logs_daily"):
        assert time.monotonic() < deadline, "the first backfill stays open"
        time.sleep(1)
    quickstart.api.pause("rejected_traffic_report")
    locations = quickstart.partitions("flow_records")
    with Reader(quickstart.local_aws_url) as reader:
        as_it_was = (reader.ask(reader.QUESTION), reader.ask(reader.SUMMARY))
        page.goto(f"{quickstart.airflow_url}/plugin/flow-logs")
        frame = page.frame_locator("iframe")
        for day in days:
            frame.locator(f".cell[data-day='{day}']").click(modifiers=["ControlOrMeta"])
        frame.locator("#chosen-run").click()
        frame.get_by_text("One backfill").wait_for()
        keep(page, "backfill-plan")
        frame.locator("#rerun-start").click()
        frame.get_by_text("Started.").wait_for()
        frame.get_by_text("Done: every run ended well.").wait_for(timeout=400_000)
        keep(page, "backfill-done")
    # Whoever read meanwhile saw every day whole, never twice, and no error.
    assert reader.failures == []
    assert len(reader.answers) > 20
    assert [answer for answer in reader.answers if answer != as_it_was] == []
    assert len(as_it_was[0]) == DAYS
    moved = quickstart.partitions("flow_records")
    assert moved.keys() == locations.keys()
    assert all(moved[values] != locations[values] for values in moved)

    latest = {run.day: run.state for run in quickstart.api.runs("flow_logs_daily")}
    assert latest == dict.fromkeys(days, "success")
    assert quickstart.raw_partitions() == before
    assert {values[0] for values in quickstart.partitions("flow_runs")} == set(days)
