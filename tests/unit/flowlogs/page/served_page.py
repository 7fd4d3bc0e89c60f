"""The page served alone, on a port of this machine: with rights and runs that a test sets, beside a stand-in of Airflow's
REST API that keeps what is posted.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flowlogs.page.runs import Run
from flowlogs.settings import Settings


@dataclass
class FakeRuns:
    """Runs as a test wants them; what `AirflowRuns` answers."""

    runs: list[Run] = field(default_factory=list)
    paused: bool = False

    def active(self) -> list[Run]:
        return [run for run in self.runs if run.is_active]

    def latest(self, days: list[str]) -> dict[str, Run]:
        found: dict[str, Run] = {}
        for run in self.runs:
            if run.day in days:
                found.setdefault(run.day, run)
        return found

    def of_day(self, day: str) -> list[Run]:
        return [run for run in self.runs if run.day == day]

    def is_paused(self) -> bool:
        return self.paused


def run(day: str | None, state: str, **changes: Any) -> Run:
    values: dict[str, Any] = {
        "dag_id": "flow_logs_daily", "run_id": f"backfill__{day}", "state": state, "kind": "backfill", "day": day,
        "targets": (), "queued_at": None, "started_at": None, "ended_at": None,
    }  # fmt: skip
    return Run(**{**values, **changes})


def open_app(settings: Callable[[], Settings], today: date, runs: FakeRuns, may_trigger: bool = True) -> Any:
    """The application without Airflow's rights and database."""
    from flowlogs.page import access, app

    page = app.create_app(settings, lambda: today)
    for right in (access.MAY_SEE, access.MAY_SEE_REPORTS, access.MAY_SEE_ALARMS, access.MAY_TRIGGER):
        page.dependency_overrides[right.dependency] = lambda: None
    page.dependency_overrides[access.may_trigger] = lambda: may_trigger
    page.dependency_overrides[app._runs] = lambda: runs
    return page


@dataclass
class Served:
    url: str
    posted: list[tuple[str, Any]]
    runs: FakeRuns


@contextmanager
def served(page: Any, runs: FakeRuns) -> Iterator[Served]:
    """The page below `/flowlogs`, a frame around it at `/plugin`, and `/api/v2/`, which begins runs of what is posted."""
    import uvicorn
    from fastapi import FastAPI, Request
    from fastapi.responses import HTMLResponse

    posted: list[tuple[str, Any]] = []
    root = FastAPI()

    @root.post("/api/v2/{path:path}")
    async def api(path: str, request: Request) -> dict[str, int]:
        body = await request.json()
        posted.append((path, body))
        days = [body["partition_key"]] if "partition_key" in body else [body["from_date"][:10], body["to_date"][:10]]
        runs.runs[:0] = [run(day, "running") for day in dict.fromkeys(days)]
        return {"id": len(posted)}

    @root.get("/plugin")
    def frame() -> HTMLResponse:
        return HTMLResponse(
            '<!DOCTYPE html><html class="dark"><title>Airflow</title><link rel="icon" href="data:,"><body style="margin:0">'
            '<iframe src="/flowlogs/" sandbox="allow-scripts allow-same-origin allow-forms allow-downloads" '
            'style="border:0;width:100vw;height:100vh"></iframe>'
        )

    root.mount("/flowlogs", page)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(root, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", posted, runs)
        server.should_exit = True
        thread.join(timeout=10)
