"""The tasks of `flow_logs_watchdog`: tell what no callback told.

A callback runs in the dag-processor when a run has failed. One that is killed, or a scheduler that dies between the two,
leaves a failed run of which nobody hears; and a run that never fails, or never starts, has no callback at all.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from airflow.sdk import get_current_context, task

from flowlogs.airflow_settings import airflow_settings
from flowlogs.notifications.callbacks import publish, run_url
from flowlogs.notifications.failed_run import (
    FailedRun,
    Message,
    endless_run_message,
    failed_run_message,
    gathered_message,
    late_day_message,
)
from flowlogs.settings import Settings

log = logging.getLogger(__name__)

TAG: Final = "flow-logs"
LOOK_BACK: Final = timedelta(days=2)
"""Runs that failed longer ago are not told of any more."""
CALLBACK_PATIENCE: Final = timedelta(minutes=5)
"""So long a callback may take until its run counts as one that nobody was told of."""

ADVICE: Final = {
    "curated": "look at the day's run of flow_logs_daily: while wait_for_logs waits, its log says what is missing. If there "
    "is no run, see whether the DAG is paused and the scheduler runs; then backfill the day.",
    "reported": "look at the day's run of rejected_traffic_report. If there is none, the day was not curated, or the DAG is "
    "paused; trigger it with the parameter day.",
}


@task
def tell_untold_failures() -> list[str]:
    """Tell of runs that failed without anybody being told.

    Returns: their run ids.
    """
    from flowlogs.hooks.airflow_runs import AirflowRunsHook
    from flowlogs.notifications.failure_notes import WatchNotes

    settings = airflow_settings()
    if settings.watchdog.airflow_conn_id is None or settings.notifications.sns_topic_arn is None:
        log.info("not looked for: the settings have no watchdog.airflow_conn_id, or no topic")
        return []
    now = datetime.now(UTC)
    hook = AirflowRunsHook(settings.watchdog.airflow_conn_id)
    notes = WatchNotes(settings)
    told = notes.told_since(now - LOOK_BACK)
    failed = hook.runs(TAG, ["failed"], ended_since=now - LOOK_BACK)
    untold = [
        run
        for run in failed
        if run.ended is not None and run.ended < now - CALLBACK_PATIENCE and not told.knows(run.run_id, run.ended)
    ]
    log.info("%d failed runs, %d of them untold", len(failed), len(untold))
    if len(untold) == 1:
        (run,) = untold
        failures = notes.of(run.dag_id, run.day).failures(run.run_id)
        reason = "its callback was lost: the scheduler or the dag-processor stopped"
        _publish(
            settings,
            failed_run_message(
                FailedRun(
                    settings.environment,
                    run.dag_id,
                    run.run_id,
                    run.day,
                    reason,
                    run_url(run.dag_id, run.run_id),
                    failures,
                )
            ),
        )
    elif untold:
        runs = [(run.dag_id, run.day, run_url(run.dag_id, run.run_id)) for run in untold]
        _publish(settings, gathered_message(settings.environment, runs, "Nobody was told of them when they failed."))
    for run in untold:
        notes.of(run.dag_id, run.day).sent(run.run_id, now)
    return [run.run_id for run in untold]


@task
def tell_held_failures() -> int:
    """Tell together of the failed runs that were held back in a storm of failures.

    Returns: how many.
    """
    from flowlogs.notifications.failure_notes import STORM_WITHIN, WatchNotes

    settings = airflow_settings()
    if settings.notifications.sns_topic_arn is None:
        return 0
    notes = WatchNotes(settings)
    held = notes.held(datetime.now(UTC) - STORM_WITHIN)
    if held:
        runs = [(note["dag_id"], note["day"], note["url"]) for note in held.values()]
        why = "They failed within minutes and are told together: look for one cause."
        _publish(settings, gathered_message(settings.environment, runs, why))
        for key in held:
            notes.release(key)
    return len(held)


@task
def tell_endless_runs() -> list[str]:
    """Tell once of each run that should have ended long ago.

    Returns: the run ids of all that there are.
    """
    from flowlogs.hooks.airflow_runs import AirflowRunsHook
    from flowlogs.notifications.failure_notes import WatchNotes

    settings = airflow_settings()
    if settings.watchdog.airflow_conn_id is None or settings.notifications.sns_topic_arn is None:
        return []
    hours = settings.watchdog.overdue_hours
    since = datetime.now(UTC) - timedelta(hours=hours)
    hook = AirflowRunsHook(settings.watchdog.airflow_conn_id)
    endless = [run for run in hook.runs(TAG, ["running", "queued"]) if run.started is not None and run.started < since]
    notes = WatchNotes(settings)
    for run in endless:
        if notes.first_time(f"endless {run.run_id}"):
            url = run_url(run.dag_id, run.run_id)
            _publish(settings, endless_run_message(settings.environment, run.dag_id, run.day, url, hours))
    return [run.run_id for run in endless]


@task
def check_deadlines() -> list[str]:
    """Tell once of yesterday, when it is not ready by the times of the settings.

    Returns: what it is not, such as `2026-11-22 curated`.
    """
    from flowlogs.notifications.failure_notes import WatchNotes

    settings = airflow_settings()
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    if settings.notifications.sns_topic_arn is None or day < settings.schedule.start_date:
        return []
    missed = [
        (what, deadline)
        for what, deadline, is_ready in (
            ("curated", settings.watchdog.deadlines.curated, _is_curated),
            ("reported", settings.watchdog.deadlines.reported, _is_reported),
        )
        if deadline is not None and _is_over(day, deadline, now) and not is_ready(settings, day)
    ]
    notes = WatchNotes(settings)
    for what, deadline in missed:
        if notes.first_time(f"deadline {day} {what}"):
            _publish(settings, late_day_message(settings.environment, str(day), what, deadline, ADVICE[what]))
    return [f"{day} {what}" for what, _ in missed]


def _is_over(day: date, deadline: str, now: datetime) -> bool:
    return now >= datetime.combine(day + timedelta(days=1), time.fromisoformat(deadline), UTC)


def _is_curated(settings: Settings, day: date) -> bool:
    from flowlogs.hooks.ledger import LedgerHook

    return bool(LedgerHook.of(settings).day(day.isoformat()))


def _is_reported(settings: Settings, day: date) -> bool:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG
    from flowlogs.report_files import ReportFiles
    from flowlogs.reports.period import Period

    key = ReportFiles(settings, Period.of("daily", day)).summary_key()
    return bool(
        S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG).check_for_key(key, settings.lake.bucket)
    )


def _publish(settings: Settings, message: Message) -> None:
    context: Any = get_current_context()
    publish(settings, message, context)
