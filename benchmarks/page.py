"""Seconds to the first paint of the page in Airflow with 1,000 targets and 400 days, and to its other parts.

The ledger's objects are in the local AWS, as `record_day` writes them; the page is served by uvicorn, as Airflow serves it,
without its rights and database. Measured are a process that has just started where nobody has read the ledger before, one
that finds the digest file, and one that knows the days; the first is the baseline, for it is what each view would cost
without the digests. The browser is chromium, with an empty cache for each view.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.own_local_aws import own_local_aws
from benchmarks.record import Result
from tests.unit.flowlogs.page import sample_ledger as sample
from tests.unit.flowlogs.page.served_page import FakeRuns, open_app, served

TARGETS = 1_000
DAYS = 400
LAST = date(2026, 11, 20)
TURNS = 5


def main() -> None:
    """Write the ledger, measure the three states of a process, save the figures."""
    with tempfile.TemporaryDirectory() as scratch, own_local_aws(Path(scratch)):
        settings = _settings(Path(scratch))
        size = _write_ledger(settings)
        rows = []
        shown: dict[str, float] = {}
        for state in ("no digest file", "digest file", "days known"):
            turns = 1 if state == "no digest file" else TURNS
            measured = [_measure(settings, state) for _ in range(turns)]
            seconds = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
            shown[state] = seconds["all days in the answer"]
            rows.append({"process": state} | {name: f"{value:.2f}" for name, value in seconds.items()})
    Result(
        name="page",
        title="The page in Airflow",
        what=f"{TARGETS:,} targets and {DAYS} days, {size / 1e6:,.0f} MB of ledger in {DAYS} objects. Seconds; medians of "
        f"{TURNS} processes where there is a digest file. Goal: the first paint under a second in each state.",
        rows=rows,
        ratios=[
            f"with the digest file a process that has just started shows all days {shown['no digest file'] / shown['digest file']:.0f} times "
            "sooner",
        ],
    ).save()


def _measure(settings: Any, state: str) -> dict[str, float]:
    """A process's page from its first request on: the app is new, its imports are made."""
    known = state == "days known"
    paint = 0.0
    if not known:
        with _page(settings) as address:
            paint = _first_paint(f"{address}/")
            _all_days_shown(address)
    if state == "no digest file":
        _client("s3").delete_object(Bucket="lake", Key="page/ledger_digests.json.gz")
    with _page(settings) as address:
        started = time.perf_counter()
        _all_days_shown(address)
        shown = time.perf_counter() - started
        if known:
            paint = _first_paint(f"{address}/")
            shown = _seconds(lambda: httpx.get(f"{address}/overview"))
        return {
            "first paint": paint,
            "all days in the answer": shown,
            "targets, 30 days": _seconds(lambda: httpx.get(f"{address}/targets?last=30")),
            "targets, 400 days": _seconds(lambda: httpx.get(f"{address}/targets?last=400")),
            "a day": _seconds(lambda: httpx.get(f"{address}/day/{LAST}")),
        }


@contextmanager
def _page(settings: Any) -> Iterator[str]:
    runs = FakeRuns()
    with served(open_app(lambda: settings, LAST + timedelta(days=1), runs), runs) as page:
        yield f"{page.url}/flowlogs"


def _first_paint(url: str) -> float:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        milliseconds: float = page.evaluate(
            "() => new Promise(done => new PerformanceObserver(found => done(found.getEntries()[0].startTime))"
            ".observe({type: 'paint', buffered: true}))"
        )
        browser.close()
    return milliseconds / 1000


def _all_days_shown(address: str) -> None:
    while 'data-to-read="0" data-known="yes"' not in httpx.get(f"{address}/overview", timeout=60).text:
        time.sleep(0.05)


def _seconds(ask: Callable[[], httpx.Response]) -> float:
    found = []
    for _ in range(TURNS):
        started = time.perf_counter()
        ask().raise_for_status()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def _write_ledger(settings: Any) -> int:
    """Bytes of the objects."""
    from flowlogs.ledger import json_lines

    clients = {"s3": _client("s3"), "glue": _client("glue")}
    table = {"DatabaseName": settings.athena.database, "TableName": "flow_runs"}
    clients["s3"].create_bucket(Bucket="lake")
    clients["glue"].create_database(DatabaseInput={"Name": settings.athena.database})
    clients["glue"].create_table(
        DatabaseName=settings.athena.database,
        TableInput={"Name": "flow_runs", "PartitionKeys": [{"Name": "dt", "Type": "string"}], "StorageDescriptor": {}},
    )
    targets, size = sample.targets(TARGETS), 0
    for day in sample.days(DAYS, LAST):
        folder = f"flow_runs/dt={day}/run=scheduled-1/"
        body = json_lines(sample.rows(day, targets)).encode()
        clients["s3"].put_object(Bucket="lake", Key=f"{folder}rows.json", Body=body)
        place = {"Values": [f"{day}"], "StorageDescriptor": {"Location": f"s3://lake/{folder}", "Columns": []}}
        clients["glue"].create_partition(**table, PartitionInput=place)
        size += len(body)
    return size


def _client(service: str) -> Any:
    import boto3

    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")


def _settings(folder: Path) -> Any:
    from flowlogs.settings import load_settings

    file = folder / "flowlogs.yaml"
    values = {
        "environment": "benchmark",
        "athena": {"output_location": "s3://lake/athena/"},
        "lake": {"bucket": "lake"},
        "sources": [{"name": "network", "bucket": "logs", "accounts": ["111122223333"], "regions": ["us-east-1"]}],
    }
    file.write_text(yaml.safe_dump(values))
    return load_settings(file, environ={})


if __name__ == "__main__":
    main()
