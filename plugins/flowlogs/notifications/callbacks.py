"""The callbacks of every DAG: one message a failed run, and one when it is well again.

A failed task only leaves a note of its error (`note_task_failure`, in the task's process); when its run has failed, the
dag-processor sends the one message of the run (`tell_of_failed_run`). Nothing here ever raises: what cannot be told is in
the log of the process, and a run's state does not change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from flowlogs.airflow_settings import airflow_settings
from flowlogs.settings import Settings, load_settings

if TYPE_CHECKING:
    from flowlogs.notifications.failed_run import Message

log = logging.getLogger(__name__)


def _never_raising(callback: Callable[[Context], None]) -> Callable[[Context], None]:
    @wraps(callback)
    def careful(context: Context) -> None:
        try:
            callback(context)
        except Exception:
            log.exception("people could not be told: %s", callback.__name__)

    return careful


@_never_raising
def note_task_failure(context: Context) -> None:
    """Keep the error of a task that failed for good, for the message of its run."""
    from flowlogs.notifications.failed_run import TaskFailure
    from flowlogs.notifications.failure_notes import FailureNotes

    settings = _settings()
    if settings.notifications.sns_topic_arn is None:
        return
    ti = context["ti"]
    error = context.get("exception")
    failure = TaskFailure(
        task_id=ti.task_id,
        map_index=-1 if ti.map_index is None else ti.map_index,
        label=str(getattr(ti, "rendered_map_index", None) or ""),
        try_number=ti.try_number,
        error=_in_words(error),
        log_url=str(getattr(ti, "log_url", "") or ""),
        at=datetime.now(UTC).isoformat(),
    )
    FailureNotes(settings, ti.dag_id, _day_of(context)).note(ti.run_id, failure)


@_never_raising
def tell_of_failed_run(context: Context) -> None:
    """Publish the one message of a failed run; in a storm of failures keep it to be told with others."""
    from flowlogs.notifications.failed_run import FailedRun, failed_run_message
    from flowlogs.notifications.failure_notes import FailureNotes

    settings = _settings()
    if settings.notifications.sns_topic_arn is None:
        return
    dag_id, run_id, day = context["dag"].dag_id, context["run_id"], _day_of(context)
    now = datetime.now(UTC)
    notes = FailureNotes(settings, dag_id, day)
    url = run_url(dag_id, run_id)
    if notes.is_storm(now):
        notes.hold(run_id, now, {"dag_id": dag_id, "run_id": run_id, "day": day, "url": url})
        log.warning("many runs failed: %s %s is told together with others", dag_id, run_id)
        return
    run = FailedRun(
        environment=settings.environment,
        dag_id=dag_id,
        run_id=run_id,
        day=day,
        reason=str(context.get("reason") or "no task says why"),
        run_url=url,
        failures=notes.failures(run_id),
    )
    publish(settings, failed_run_message(run), context)
    notes.sent(run_id, now)


@_never_raising
def tell_of_recovery(context: Context) -> None:
    """Publish that a day is well again, if people were told that it failed."""
    from flowlogs.notifications.failed_run import recovered_message
    from flowlogs.notifications.failure_notes import FailureNotes

    settings = _settings()
    if settings.notifications.sns_topic_arn is None:
        return
    dag_id, day = context["dag"].dag_id, _day_of(context)
    notes = FailureNotes(settings, dag_id, day)
    if notes.was_told():
        message = recovered_message(settings.environment, dag_id, day, run_url(dag_id, context["run_id"]))
        publish(settings, message, context)
        notes.forget()


def _settings() -> Settings:
    """The settings; without the Variable when that is wrong, for people are to be told of it.

    Raises:
        SettingsError: when the file or the environment is wrong.
    """
    try:
        return airflow_settings()
    except ValueError as error:
        log.warning("told by the settings without the Airflow Variable, which are wrong with it: %s", error)
        return load_settings()


def publish(settings: Settings, message: Message, context: Context) -> None:
    """Send a message to the topic of failures."""
    from flowlogs.notifications.notifier import FlowLogsSnsNotifier

    # A notifier renders itself in place, so each message has one of its own.
    FlowLogsSnsNotifier(
        aws_conn_id=settings.aws.conn_id,
        region_name=settings.aws.region,
        target_arn=str(settings.notifications.sns_topic_arn),
        subject=message.subject,
        texts=message.texts,
    )(context)
    log.info("told: %s", message.subject)


def _day_of(context: Context) -> str | None:
    """The day of a run: its partition key, or the parameter `day` of a run by hand."""
    run = context.get("dag_run")
    key = context.get("partition_key") or getattr(run, "partition_key", None)
    conf = getattr(run, "conf", None) or {}
    day = key or conf.get("day") or (context.get("params") or {}).get("day")
    return str(day) if day else None


def _in_words(error: Any) -> str:
    if error is None:
        return "the task's process vanished"
    text = str(error).strip()
    name = type(error).__name__
    return text if name in ("AirflowFailException", "AirflowException") and text else f"{name}: {text}"


def run_url(dag_id: str, run_id: str) -> str:
    """The address of a run's page in Airflow."""
    from urllib.parse import quote

    from airflow.sdk.configuration import conf

    base = str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id, safe='')}"
