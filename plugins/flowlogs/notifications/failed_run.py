"""A failed run as one message: what failed, for which day, the error in words, what to do, where to look."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from flowlogs.notifications.remedies import Remedy, remedy_of
from flowlogs.reports.messages import SUBJECT_CHARACTERS
from flowlogs.reports.values import visible, visible_lines

TASKS_SHOWN: Final = 5
_ERROR_CHARACTERS: Final = 2_000
_QUERY = re.compile(r"\bquery ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b", re.IGNORECASE)


@dataclass(frozen=True)
class TaskFailure:
    """A task's last failure in a run."""

    task_id: str
    map_index: int
    """Of a mapped task; else -1."""
    label: str
    """What the mapped task was for, such as a source or a section; empty for others."""
    try_number: int
    error: str
    log_url: str
    at: str
    """When, ISO 8601."""

    @property
    def name(self) -> str:
        """The task as people call it."""
        if self.map_index < 0:
            return self.task_id
        return f"{self.task_id}[{self.label or self.map_index}]"

    @property
    def query_id(self) -> str | None:
        """The Athena query that the error names."""
        found = _QUERY.search(self.error)
        return found[1] if found else None

    @classmethod
    def from_json(cls, text: str) -> TaskFailure:
        """The failure that `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """For the notes."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class FailedRun:
    """A run that failed, with its tasks' failures."""

    environment: str
    dag_id: str
    run_id: str
    day: str | None
    reason: str
    run_url: str
    failures: Sequence[TaskFailure]

    @property
    def remedy(self) -> Remedy:
        """What to do, by the first failure whose kind is known."""
        errors = [failure.error for failure in self.failures] or [self.reason]
        found = [remedy_of(error) for error in errors]
        return next((remedy for remedy in found if remedy.kind != "unknown"), found[0])


@dataclass(frozen=True)
class Message:
    """A subject, and texts by protocol as SNS takes them with MessageStructure json."""

    subject: str
    texts: Mapping[str, str]


def failed_run_message(run: FailedRun) -> Message:
    """The one message of a failed run: text for people, JSON for the Lambda that posts to Slack."""
    for_day = f" for {run.day}" if run.day else ""
    named = Counter(failure.task_id for failure in run.failures)
    tasks = ", ".join(f"{task} ({count} times)" if count > 1 else task for task, count in named.items())
    lines = [f"{run.dag_id}{for_day} failed" + (f" in {tasks}" if tasks else f": {run.reason}"), ""]
    for failure in run.failures[:TASKS_SHOWN]:
        lines += [
            f"{failure.name}, try {failure.try_number}, {failure.at[:19].replace('T', ' ')} UTC",
            _cut(failure.error),
        ]
        lines += [f"Athena query: {failure.query_id}"] if failure.query_id else []
        lines += [f"Log: {failure.log_url}"] if failure.log_url else []
        lines += [""]
    if len(run.failures) > TASKS_SHOWN:
        lines += [f"and {len(run.failures) - TASKS_SHOWN} more failed tasks", ""]
    lines += [f"What to do: {run.remedy.advice}", "", f"Run: {run.run_url or run.run_id}"]
    first = run.failures[0] if run.failures else None
    notice = {
        "kind": "airflow_failure",
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "day": run.day,
        "task_id": tasks or None,
        "try_number": first.try_number if first else None,
        "error": _cut(first.error if first else run.reason),
        "hint": run.remedy.advice,
        "log_url": first.log_url if first else "",
        "run_url": run.run_url,
        "targets": [failure.name for failure in run.failures if failure.map_index >= 0],
    }
    return _message(
        f"[{run.environment}] {run.dag_id} failed{for_day}" + (f": {tasks}" if tasks else ""), lines, notice
    )


def recovered_message(environment: str, dag_id: str, day: str | None, run_url: str) -> Message:
    """A run that succeeded where the one before failed."""
    for_day = f" for {day}" if day else ""
    lines = [f"{dag_id}{for_day} is well again: a run of it succeeded.", "", f"Run: {run_url}"]
    notice = {"kind": "airflow_recovery", "dag_id": dag_id, "day": day, "run_url": run_url, "text": lines[0]}
    return _message(f"[{environment}] {dag_id} is well again{for_day}", lines, notice)


def gathered_message(environment: str, runs: Sequence[tuple[str, str | None, str]], why: str) -> Message:
    """Many failed runs, or runs that nobody was told of, in one message.

    Args:
        environment: the deployment.
        runs: DAG, day and address of each.
        why: why they come together.
    """
    shown = [f"- {dag_id}{f' for {day}' if day else ''}: {url}" for dag_id, day, url in runs[:50]]
    more = [f"and {len(runs) - 50} more"] if len(runs) > 50 else []
    lines = [f"{len(runs)} failed runs. {why}", "", *shown, *more]
    notice = {"kind": "airflow_failures", "text": "\n".join(lines)}
    return _message(f"[{environment}] {len(runs)} failed runs", lines, notice)


def late_day_message(environment: str, day: str, what: str, deadline: str, advice: str) -> Message:
    """A day that is not ready by its deadline.

    Args:
        environment: the deployment.
        day: the day, YYYY-MM-DD.
        what: what it is not: curated, reported.
        deadline: the time (UTC) by which it had to be.
        advice: what to do.
    """
    lines = [f"{day} is not {what}; it had to be by {deadline} UTC.", "", f"What to do: {advice}"]
    notice = {"kind": "airflow_failures", "text": "\n".join(lines)}
    return _message(f"[{environment}] {day} is not {what} by {deadline} UTC", lines, notice)


def endless_run_message(environment: str, dag_id: str, day: str | None, run_url: str, hours: float) -> Message:
    """A run that should have ended long ago."""
    for_day = f" for {day}" if day else ""
    lines = [
        f"{dag_id}{for_day} has been running for more than {hours:g} hours.",
        "",
        "What to do: look which task it is in. One that waits for logs says in its log what is missing; one that is queued "
        "needs a worker or a slot: look at the scheduler, the triggerer and the pools.",
        "",
        f"Run: {run_url}",
    ]
    notice = {"kind": "airflow_failures", "text": "\n".join(lines)}
    return _message(f"[{environment}] {dag_id} does not end{for_day}", lines, notice)


def _message(subject: str, lines: Sequence[str], notice: Mapping[str, Any]) -> Message:
    # A subject is of printable ASCII (SNS API reference, Publish).
    plain = " ".join(visible(subject).encode("ascii", "replace").decode().split())
    return Message(
        plain[:SUBJECT_CHARACTERS],
        {"default": visible_lines("\n".join(lines)), "lambda": json.dumps(notice, ensure_ascii=False)},
    )


def _cut(error: str) -> str:
    return error if len(error) <= _ERROR_CHARACTERS else f"{error[:_ERROR_CHARACTERS]} … (the log has the rest)"
