"""What holds for every DAG of the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.dags

_PARSE = """
import json, socket, sys

def refuse(*arguments, **options):
    raise AssertionError(f"parsing a DAG file opened a connection: {arguments}")

from airflow.dag_processing.dagbag import DagBag
before = set(sys.modules)
socket.socket.connect = socket.create_connection = refuse
bag = DagBag(sys.argv[1])
heavy = {"pandas", "numpy", "pyarrow", "duckdb", "matplotlib", "sqlglot"}
print(json.dumps({
    "errors": bag.import_errors,
    "heavy": sorted(heavy & (set(sys.modules) - before)),
    "dags": {
        dag_id: {
            "doc": dag.doc_md, "tags": sorted(dag.tags), "max_active_runs": dag.max_active_runs,
            "catchup": dag.catchup,
            "tasks": {
                task.task_id: {
                    "owner": task.owner, "retries": task.retries,
                    "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
                    "kind": task.task_type,
                    "deferrable": getattr(task, "deferrable", None)
                    if not hasattr(task, "partial_kwargs") else task.partial_kwargs.get("deferrable", True),
                }
                for task in dag.tasks
            },
        }
        for dag_id, dag in bag.dags.items()
    },
}))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory) -> dict[str, Any]:
    """The DAGs as a process that may talk to nobody sees them."""
    home = tmp_path_factory.mktemp("airflow")
    environ = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    answer = subprocess.run(
        [sys.executable, "-c", _PARSE, str(ROOT / "dags")], env=environ, capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return json.loads(answer.stdout.splitlines()[-1])


def test_every_file_loads(parsed):
    assert parsed["errors"] == {}
    assert set(parsed["dags"]) == {
        "flow_logs_setup",
        "alarm_drill",
        "alarm_health",
        "flow_logs_daily",
        "flow_logs_watchdog",
        "lake_cleanup",
        "lake_retention",
        "late_arrivals",
        "quicksight_refresh",
        "rejected_traffic_report",
        "rejected_traffic_report_weekly",
        "rejected_traffic_report_monthly",
        "search_export",
    }


def test_parsing_loads_nothing_heavy(parsed):
    assert parsed["heavy"] == []


def test_every_dag_explains_itself(parsed):
    for dag_id, dag in parsed["dags"].items():
        assert dag["doc"], dag_id
        assert dag["doc"].strip().startswith("###"), dag_id
        assert "flow-logs" in dag["tags"], dag_id


def test_every_task_has_an_owner_a_time_out_and_retries(parsed):
    for dag_id, dag in parsed["dags"].items():
        for task_id, task in dag["tasks"].items():
            assert task["owner"] == "data-engineering", f"{dag_id}.{task_id}"
            assert task["timeout"], f"{dag_id}.{task_id}"
            assert task["retries"] >= 1, f"{dag_id}.{task_id}"


def test_what_waits_is_deferrable(parsed):
    waiting = {
        task_id: task["deferrable"]
        for dag in parsed["dags"].values()
        for task_id, task in dag["tasks"].items()
        if task["kind"] in ("FlowLogsAthenaOperator", "FlowLogArrivalSensor")
    }
    assert waiting
    assert all(waiting.values()), waiting


def test_days_do_not_start_by_themselves_for_the_past(parsed):
    daily = parsed["dags"]["flow_logs_daily"]
    assert daily["catchup"] is False
    assert daily["max_active_runs"] >= 2


def test_a_mistake_in_the_settings_names_itself(tmp_path: Path):
    """The import error that Airflow's page shows."""
    environ = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT / "plugins"),
        "FLOWLOGS__ARRIVAL__ON_TIMEOUT": "shrug",
    }
    answer = subprocess.run(
        [sys.executable, "-c", _PARSE, str(ROOT / "dags")], env=environ, capture_output=True, text=True, timeout=120
    )
    errors = json.loads(answer.stdout.splitlines()[-1])["errors"]
    assert len(errors) == len(list((ROOT / "dags").glob("*.py")))
    assert all("arrival.on_timeout" in text and "'shrug'" in text for text in errors.values()), errors
