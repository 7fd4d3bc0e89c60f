"""The part of Airflow's dag-processor that runs callbacks, asked as the scheduler asks it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog

from tests.conftest import ROOT


@contextlib.contextmanager
def in_airflow(environ: dict[str, str]) -> Iterator[None]:
    """What a process of Airflow has around it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        yield


class DagProcessor:
    """Airflow's dag-processor, in which the callbacks of runs and of lost tasks run, asked as the scheduler asks it."""

    def __init__(self, environ: dict[str, str]) -> None:
        from airflow.dag_processing.dagbag import DagBag

        self._environ = environ
        with in_airflow(self._environ):
            self._dags = DagBag(ROOT / "dags" / "flow_logs_daily.py")
        assert not self._dags.import_errors

    def task_failed(self, day: str, task_id: str, why: str) -> None:
        """The scheduler found that a task's worker is lost; so the run failed."""
        from airflow.callbacks.callback_requests import TaskCallbackRequest
        from airflow.dag_processing.processor import _execute_task_callbacks

        run, ti = self._run(day, task_id)
        context = {"dag_run": run, "max_tries": 0}
        request = {
            **self._request,
            "msg": why,
            "ti": ti,
            "task_callback_type": "failed",
            "context_from_server": context,
        }
        with in_airflow(self._environ):
            _execute_task_callbacks(self._dags, TaskCallbackRequest.model_validate(request), structlog.get_logger())
        self.run_failed(day, task_id)

    def run_failed(self, day: str, task_id: str) -> None:
        """The scheduler found that a run failed in a task."""
        from airflow.callbacks.callback_requests import DagCallbackRequest
        from airflow.dag_processing.processor import _execute_dag_callbacks

        run, ti = self._run(day, task_id)
        context = {"dag_run": run, "last_ti": ti}
        named = {
            "dag_id": run["dag_id"],
            "run_id": run["run_id"],
            "msg": "task_failure",
            "context_from_server": context,
        }
        with in_airflow(self._environ):
            request = DagCallbackRequest.model_validate({**self._request, **named})
            _execute_dag_callbacks(self._dags, request, structlog.get_logger())

    @property
    def _request(self) -> dict[str, Any]:
        return {"filepath": "flow_logs_daily.py", "bundle_name": "dags-folder", "bundle_version": None}

    @staticmethod
    def _run(day: str, task_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        at = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(days=1)
        which = {"dag_id": "flow_logs_daily", "run_id": f"scheduled__{at.isoformat()}"}
        run = {
            **which, "partition_key": day, "logical_date": None, "data_interval_start": None, "data_interval_end": None,
            "run_after": at, "start_date": at, "end_date": None, "run_type": "scheduled", "state": "running",
            "consumed_asset_events": [],
        }  # fmt: skip
        return run, {**which, "id": UUID(int=1), "dag_version_id": UUID(int=2), "task_id": task_id, "try_number": 1}
