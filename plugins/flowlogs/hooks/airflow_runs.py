"""Airflow's own REST API, as far as the watchdog needs it: tasks have no other way to see other runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.sdk import BaseHook

_PAGE = 100
"""Entries that the API gives at once (`api.maximum_page_limit`)."""


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run as the API tells it."""

    dag_id: str
    run_id: str
    day: str | None
    """Its partition key, or its parameter `day`."""
    state: str
    started: datetime | None
    """When it was started; of one that still waits for a slot, when it was queued."""
    ended: datetime | None


class AirflowRunsHook(BaseHook):
    """Reads runs through Airflow's REST API v2.

    :param airflow_conn_id: connection (HTTP) to the API server: host, port, schema, login, password
    """

    def __init__(self, airflow_conn_id: str) -> None:
        super().__init__()
        self._conn_id = airflow_conn_id
        self._client: Any = None

    def runs(self, tag: str, states: Sequence[str], ended_since: datetime | None = None) -> list[SeenRun]:
        """The runs of all DAGs with a tag that are in one of the states.

        Args:
            tag: of the DAGs.
            states: failed, running, queued, success.
            ended_since: only those that ended since then.

        Raises:
            RuntimeError: when Airflow refuses, with its words; httpx's errors when it cannot be reached.
        """
        dag_ids = {dag["dag_id"] for dag in self._all("/api/v2/dags", "dags", {"tags": [tag]})}
        query: dict[str, Any] = {"state": list(states), "order_by": "run_after"}
        if ended_since is not None:
            query["end_date_gte"] = ended_since.isoformat()
        found = self._all("/api/v2/dags/~/dagRuns", "dag_runs", query)
        return [_seen(run) for run in found if run["dag_id"] in dag_ids]

    def _all(self, path: str, name: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._get(path, {**query, "limit": _PAGE, "offset": offset})[name]
            yield from page
            if len(page) < _PAGE:
                return
            offset += _PAGE

    def _get(self, path: str, query: dict[str, Any]) -> dict[str, Any]:
        if self._client is None:
            self._client = self._signed_in()
        answer = self._client.get(path, params=query)
        if answer.is_error:
            raise RuntimeError(f"Airflow's API answers HTTP {answer.status_code} to {path}: {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found

    def _signed_in(self) -> Any:
        import httpx

        connection = self.get_connection(self._conn_id)
        port = f":{connection.port}" if connection.port else ""
        url = f"{connection.schema or 'http'}://{connection.host}{port}"
        client = httpx.Client(base_url=url, timeout=30)
        answer = client.post("/auth/token", json={"username": connection.login, "password": connection.password})
        if answer.is_error:
            raise RuntimeError(
                f"Airflow's API does not take the user of the connection {self._conn_id}: HTTP {answer.status_code}"
            )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client


def _seen(run: dict[str, Any]) -> SeenRun:
    day = run.get("partition_key") or (run.get("conf") or {}).get("day")
    return SeenRun(
        dag_id=run["dag_id"],
        run_id=run["dag_run_id"],
        day=str(day) if day else None,
        state=run["state"],
        started=_moment(run.get("start_date") or run.get("queued_at")),
        ended=_moment(run.get("end_date")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
