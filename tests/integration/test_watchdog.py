"""The watchdog: what no callback told is told, once."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from airflow.sdk import DAG

from flowlogs import watchdog_tasks
from flowlogs.airflow_settings import airflow_settings
from flowlogs.hooks.airflow_runs import AirflowRunsHook
from flowlogs.notifications import callbacks
from flowlogs.notifications.failure_notes import FailureNotes
from tests.integration.test_failure_messages import inbox, of_run, task_of  # noqa: F401

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]


class AnAirflow:
    """An API server with the runs that a test puts there; `pages` of the size that Airflow answers."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.port = 0
        self.asked: list[str] = []

    def add(
        self, run_id: str, state: str, *, hours_ago: float, dag_id: str = "flow_logs_daily", **changes: Any
    ) -> None:
        at = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
        ended = {"end_date": at} if state == "failed" else {"end_date": None}
        run = {"dag_id": dag_id, "dag_run_id": run_id, "partition_key": "2026-11-22", "conf": None, "state": state}
        self.runs.append({**run, "start_date": at, "queued_at": at, **ended, **changes})

    def answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        limit, offset = int(query["limit"][0]), int(query["offset"][0])
        if path == "/api/v2/dags":
            assert query["tags"] == ["flow-logs"]
            return {"dags": [{"dag_id": "flow_logs_daily"}, {"dag_id": "rejected_traffic_report"}][offset:]}
        since = query.get("end_date_gte", ["0"])[0]
        runs = [
            run
            for run in self.runs
            if run["state"] in query["state"] and (since == "0" or (run["end_date"] or "") >= since)
        ]
        return {"dag_runs": runs[offset : offset + limit]}


@contextlib.contextmanager
def running(airflow: AnAirflow) -> Iterator[AnAirflow]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply(201 if given == {"username": "watch", "password": "secret"} else 401, {"access_token": "t0k"})

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t0k"
            parts = urlsplit(self.path)
            airflow.asked.append(self.path)
            self._reply(200, airflow.answer(parts.path, parse_qs(parts.query)))

        def _reply(self, status: int, body: dict[str, Any]) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    airflow.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield airflow
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def airflow(inbox, monkeypatch) -> Iterator[AnAirflow]:  # noqa: F811
    with running(AnAirflow()) as found:
        connection = {
            "conn_type": "http", "host": "127.0.0.1", "port": found.port, "login": "watch", "password": "secret",
        }  # fmt: skip
        monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
        monkeypatch.setenv("FLOWLOGS__WATCHDOG__AIRFLOW_CONN_ID", "airflow_api")
        context = {"dag": DAG("flow_logs_watchdog", schedule=None), "params": {}}
        monkeypatch.setattr(watchdog_tasks, "get_current_context", lambda: context)
        yield found


def test_a_failure_whose_callback_was_lost_is_told_once_with_its_error(airflow, inbox):  # noqa: F811
    callbacks.note_task_failure(task_of("lost", ValueError("Access Denied")))
    callbacks.tell_of_failed_run(of_run("told"))
    airflow.add("told", "failed", hours_ago=0.2, end_date=(datetime.now(UTC) - timedelta(minutes=6)).isoformat())
    inbox()
    told_again = watchdog_tasks.tell_untold_failures.function()
    assert told_again == []
    airflow.add("lost", "failed", hours_ago=0.2)
    airflow.add("just now", "failed", hours_ago=0.01)
    airflow.add("long ago", "failed", hours_ago=60)
    airflow.add("of others", "failed", hours_ago=0.2, dag_id="somebody_else")
    assert watchdog_tasks.tell_untold_failures.function() == ["lost"]
    (message,) = inbox()
    assert "flow_logs_daily failed for 2026-11-22" in message["Subject"]
    assert "Access Denied" in message["Message"]
    assert watchdog_tasks.tell_untold_failures.function() == []
    assert inbox() == []


def test_a_run_that_failed_again_untold_is_told_again(airflow, inbox):  # noqa: F811
    settings = airflow_settings()
    FailureNotes(settings, "flow_logs_daily", "2026-11-22").sent("run", datetime.now(UTC) - timedelta(hours=3))
    airflow.add("run", "failed", hours_ago=1)
    assert watchdog_tasks.tell_untold_failures.function() == ["run"]
    assert len(inbox()) == 1


def test_many_untold_failures_are_one_message_and_all_pages_are_read(airflow, inbox):  # noqa: F811
    for number in range(120):
        airflow.add(f"run {number}", "failed", hours_ago=1)
    assert len(watchdog_tasks.tell_untold_failures.function()) == 120
    (message,) = inbox()
    assert message["Subject"] == "[test] 120 failed runs"
    assert "and 70 more" in message["Message"]


def test_what_a_storm_held_back_is_told_together(airflow, inbox):  # noqa: F811
    settings = airflow_settings()
    for number in range(3):
        what = {
            "dag_id": "flow_logs_daily",
            "run_id": f"run {number}",
            "day": f"2026-11-0{number + 1}",
            "url": "https://a",
        }
        notes = FailureNotes(settings, "flow_logs_daily", what["day"])
        notes.hold(what["run_id"], datetime.now(UTC) - timedelta(minutes=11), what)
    assert watchdog_tasks.tell_held_failures.function() == 3
    (message,) = inbox()
    assert "flow_logs_daily for 2026-11-02" in message["Message"]
    assert watchdog_tasks.tell_held_failures.function() == 0
    assert inbox() == []
    airflow.add("run 1", "failed", hours_ago=0.2)
    assert watchdog_tasks.tell_untold_failures.function() == [], "a run that was held was told"


def test_a_run_that_does_not_end_is_told_once(airflow, inbox):  # noqa: F811
    airflow.add("waits", "running", hours_ago=17)
    airflow.add("never started", "queued", hours_ago=20, start_date=None)
    airflow.add("young", "running", hours_ago=1)
    for _ in range(2):
        assert watchdog_tasks.tell_endless_runs.function() == ["waits", "never started"]
    messages = inbox()
    assert len(messages) == 2
    assert all("more than 16 hours" in message["Message"] for message in messages)


def test_a_day_that_is_not_ready_by_its_deadline_is_told_once(airflow, inbox, database, monkeypatch, local_aws):  # noqa: F811
    monkeypatch.setenv("FLOWLOGS__ATHENA__DATABASE", database)
    monkeypatch.setenv("FLOWLOGS__WATCHDOG__DEADLINES__CURATED", "00:00")
    monkeypatch.setenv("FLOWLOGS__WATCHDOG__DEADLINES__REPORTED", "00:00")
    storage = {"Columns": [{"Name": "n", "Type": "bigint"}], "Location": "s3://nowhere/", "SerdeInfo": {}}
    keys = [{"Name": "dt", "Type": "string"}]
    glue = local_aws.client("glue")
    glue.create_table(
        DatabaseName=database, TableInput={"Name": "flow_runs", "PartitionKeys": keys, "StorageDescriptor": storage}
    )
    day = datetime.now(UTC).date() - timedelta(days=1)
    for _ in range(2):
        assert watchdog_tasks.check_deadlines.function() == [f"{day} curated", f"{day} reported"]
    subjects = {message["Subject"] for message in inbox()}
    assert subjects == {f"[test] {day} is not {what} by 00:00 UTC" for what in ("curated", "reported")}


def test_without_a_connection_or_a_topic_nothing_is_asked(airflow, inbox, monkeypatch):  # noqa: F811
    airflow.add("lost", "failed", hours_ago=1)
    monkeypatch.setenv("FLOWLOGS__WATCHDOG__AIRFLOW_CONN_ID", "null")
    assert watchdog_tasks.tell_untold_failures.function() == []
    assert watchdog_tasks.tell_endless_runs.function() == []
    assert airflow.asked == []


def test_a_refused_user_is_named_and_no_secret(airflow, monkeypatch):
    wrong = {"conn_type": "http", "host": "127.0.0.1", "port": airflow.port, "login": "watch", "password": "hunter2"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(wrong))
    with pytest.raises(RuntimeError, match="does not take the user of the connection airflow_api: HTTP 401") as caught:
        AirflowRunsHook("airflow_api").runs("flow-logs", ["failed"])
    assert "hunter2" not in str(caught.value)
