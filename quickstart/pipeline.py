"""The pipeline's runs, started through Airflow's API as a person would start them, and watched to their end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

from quickstart.airflow_api import FINAL_STATES, AirflowApi, DagRun
from quickstart.processes import Watched
from quickstart.progress import Step

SETUP = "flow_logs_setup"
DAILY = "flow_logs_daily"
REPORT = "rejected_traffic_report"
REFRESH = "quicksight_refresh"
SEARCH = "search_export"


class RunsFailed(Exception):
    """Runs of the pipeline failed; the message names their tasks."""


def dags_are_there(api: AirflowApi) -> bool:
    """Whether Airflow has parsed the pipeline's DAGs.

    Raises:
        RunsFailed: when a DAG file does not load, with the reason.
    """
    if {SETUP, DAILY, REPORT, REFRESH, SEARCH} <= api.dag_ids():
        return True
    if errors := api.import_errors():
        raise RunsFailed("a DAG file does not load:\n" + "\n".join(errors))
    return False


def set_up(api: AirflowApi, processes: Watched, current: Step, timeout_seconds: float = 300) -> DagRun:
    """Run `flow_logs_setup` once and wait for its end.

    Raises:
        RunsFailed: naming the failed tasks.
    """
    api.unpause(SETUP)
    run_id = api.trigger(SETUP)
    return _watch(api, processes, SETUP, current, timeout_seconds, run_ids={run_id})[0]


def run_days(
    api: AirflowApi, processes: Watched, days: Sequence[date], current: Step, timeout_seconds: float = 900
) -> list[DagRun]:
    """See that every day has a successful run of `flow_logs_daily`: backfill those that have none.

    Raises:
        RunsFailed: naming the failed tasks.
    """
    start_days(api, days)
    return wait_for_days(api, processes, DAILY, days, current, timeout_seconds)


def start_days(api: AirflowApi, days: Sequence[date]) -> None:
    """Switch on the DAGs of a day, and backfill the days that have no successful run yet."""
    api.unpause(REPORT)
    api.unpause(REFRESH)
    api.unpause(SEARCH)  # it has no schedule unless the settings want it
    api.unpause(DAILY)
    wanted = {day.isoformat() for day in days}
    _wait_for_the_schedules_run(api, max(days))
    done = {run.day for run in api.runs(DAILY) if run.state == "success"}
    if wanted - done:
        api.backfill(DAILY, min(days), max(days), reprocess="failed")


def wait_for_days(
    api: AirflowApi,
    processes: Watched,
    dag_id: str,
    days: Sequence[date],
    current: Step,
    timeout_seconds: float = 900,
) -> list[DagRun]:
    """Wait until each day's latest run of a DAG has ended well.

    Raises:
        RunsFailed: naming the failed tasks.
    """
    wanted = {day.isoformat() for day in days}
    return _watch(api, processes, dag_id, current, timeout_seconds, days=wanted)


def _wait_for_the_schedules_run(api: AirflowApi, latest: date, patience_seconds: float = 15) -> None:
    """The scheduler runs the latest day as soon as the DAG is on: a backfill that came first would run it once more."""
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline and latest.isoformat() not in {run.day for run in api.runs(DAILY)}:
        time.sleep(0.5)


def reports(
    api: AirflowApi, processes: Watched, days: Sequence[date], current: Step, timeout_seconds: float = 900
) -> list[DagRun]:
    """Wait for the report of every day; each is started by its day's asset.

    Raises:
        RunsFailed: naming the failed tasks.
    """
    return wait_for_days(api, processes, REPORT, days, current, timeout_seconds)


def refreshes(
    api: AirflowApi, processes: Watched, days: Sequence[date], current: Step, timeout_seconds: float = 600
) -> list[DagRun]:
    """Wait until every day is in the dashboard; each is started by its day's asset.

    Raises:
        RunsFailed: naming the failed tasks.
    """
    return wait_for_days(api, processes, REFRESH, days, current, timeout_seconds)


def _watch(
    api: AirflowApi,
    processes: Watched,
    dag_id: str,
    current: Step,
    timeout_seconds: float,
    *,
    run_ids: set[str] | None = None,
    days: set[str] | None = None,
) -> list[DagRun]:
    while current.seconds < timeout_seconds:
        runs = [run for run in api.runs(dag_id) if (run_ids and run.run_id in run_ids) or (days and run.day in days)]
        latest = {run.day or run.run_id: run for run in runs}  # a rerun of a day stands behind its first run
        finished = [run for run in latest.values() if run.state in FINAL_STATES]
        expected = len(run_ids or days or ())
        current.tell(f"{len(finished)} of {expected} runs done")
        if len(finished) == len(latest) == expected:
            failed = [run.run_id for run in finished if run.state == "failed"]
            if failed:
                tasks = "\n  ".join(api.failed_tasks(dag_id, failed))
                raise RunsFailed(f"{len(failed)} of {expected} runs of {dag_id} failed:\n  {tasks}")
            return sorted(finished, key=lambda run: run.day or "")
        if ended := processes.ended():
            raise RuntimeError(f"stopped while {dag_id} ran: {ended}")
        time.sleep(1)
    raise RunsFailed(f"{dag_id} was not done after {timeout_seconds:.0f} s: {current.note}")
