"""Airflow's REST API, as far as the run needs it (https://airflow.apache.org/docs/ stable REST API v2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

FINAL_STATES = frozenset({"success", "failed"})


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG, as far as a person watching it cares."""

    run_id: str
    day: str | None
    """The partition key, `YYYY-MM-DD`."""
    state: str
    seconds: float | None


class AirflowApi:
    """A client of one Airflow, signed in with a user's name and password."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self._credentials = {"username": username, "password": password}
        self._client = httpx.Client(base_url=url, timeout=30)

    def is_healthy(self) -> bool:
        """Whether the API server answers and the other components have a heartbeat."""
        try:
            health = self._client.get("/api/v2/monitor/health").json()
        except (httpx.HTTPError, ValueError):
            return False
        components = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return all(health.get(component, {}).get("status") == "healthy" for component in components)

    def sign_in(self) -> None:
        """Get a token for all further calls."""
        answer = self._client.post("/auth/token", json=self._credentials)
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def dag_ids(self) -> set[str]:
        """The ids of all DAGs that Airflow has parsed."""
        return {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """What went wrong with DAG files that do not load."""
        errors = self._get("/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in errors]

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Let the scheduler start no more runs of the DAG."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run by hand; its run id."""
        run = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        return str(run["dag_run_id"])

    def backfill(self, dag_id: str, first: date, last: date, reprocess: str) -> int:
        """Backfill the days from `first` to `last` (inclusive); the backfill's id.

        Args:
            reprocess: what to do with days that have a run already: none, failed, completed.
        """
        body = {
            "dag_id": dag_id,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "reprocess_behavior": reprocess,
            "max_active_runs": 4,
        }
        return int(self._call("POST", "/api/v2/backfills", body)["id"])

    def backfill_is_done(self, backfill_id: int) -> bool:
        """Whether all runs of a backfill have ended."""
        return self._get(f"/api/v2/backfills/{backfill_id}")["completed_at"] is not None

    def is_backfilling(self, dag_id: str) -> bool:
        """Whether a backfill of the DAG is open; Airflow closes it some seconds after its last run, and allows one."""
        backfills = self._get("/api/v2/backfills", dag_id=dag_id, limit=100)["backfills"]
        return any(backfill["completed_at"] is None for backfill in backfills)

    def runs(self, dag_id: str) -> list[DagRun]:
        """All runs of a DAG, oldest first."""
        found: list[DagRun] = []
        while True:
            page = self._get(f"/api/v2/dags/{dag_id}/dagRuns", limit=100, offset=len(found), order_by="run_after")[
                "dag_runs"
            ]
            found += [
                DagRun(run["dag_run_id"], run.get("partition_key"), run["state"], run.get("duration")) for run in page
            ]
            if len(page) < 100:
                return found

    def clear(self, dag_id: str, run_id: str) -> None:
        """Let the failed tasks of a run, and those behind them, run again."""
        body = {"dry_run": False, "only_failed": True}
        self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/clear", body)

    def running_tasks(self) -> int:
        """How many task instances run now, of all DAGs."""
        found = self._get("/api/v2/dags/~/dagRuns/~/taskInstances", state="running", limit=1)
        return int(found["total_entries"])

    def failed_tasks(self, dag_id: str, run_ids: Sequence[str]) -> list[str]:
        """`run id / task` of every failed task instance of the runs."""
        return [
            f"{run_id} / {task['task_id']}"
            for run_id in run_ids
            for task in self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=1000)["task_instances"]
            if task["state"] == "failed"
        ]

    def _get(self, path: str, **params: Any) -> Any:
        answer = self._client.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def _call(self, method: str, path: str, body: dict[str, Any]) -> Any:
        answer = self._client.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: HTTP {answer.status_code}: {answer.text[:1000]}")
        return answer.json()
