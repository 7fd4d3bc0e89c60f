"""What Airflow's database says of tasks: what is under way at a moment, and what became of it.

Read from the database and not from the API, for the API server is among what is killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from topology.servers import PostgreSQL

_KEY: Final = "dag_id, run_id, task_id, map_index"
_UNDER_WAY: Final = f"""
    SELECT {_KEY}, try_number, state, coalesce(last_heartbeat_at > now() - interval '10 s', false) AS lives
    FROM task_instance WHERE state IN ('running', 'deferred', 'queued') AND dag_id <> 'flow_logs_watchdog'"""
_FINAL: Final = f"SELECT {_KEY}, try_number, state, end_date FROM task_instance"
_LOST: Final = """
    SELECT dag_id, task_id, count(*) AS n FROM task_instance_history WHERE state = 'failed' GROUP BY 1, 2 ORDER BY 1, 2"""


@dataclass(frozen=True)
class TaskAtWork:
    """A try of a task that is under way.

    Attributes:
        key: DAG, run, task and index in a mapped task.
        try_number: which try of it.
        state: running, deferred or queued.
        lives: whether its process said so within ten seconds; a lost one is still `running` for Airflow.
    """

    key: tuple[str, str, str, int]
    try_number: int
    state: str
    lives: bool


@dataclass(frozen=True)
class WhatBecame:
    """What became of tasks that were under way at a moment.

    Attributes:
        went_on: tasks that ended well in the same try.
        tried_again: tasks that needed another try.
        failed: tasks that did not end well.
        seconds: from the moment until the last of them had ended; None when there were none.
    """

    went_on: int
    tried_again: int
    failed: int
    seconds: float | None


def under_way(database: PostgreSQL) -> list[TaskAtWork]:
    """The tasks that are running, deferred or in the queue, of all DAGs but the watchdog."""
    return [TaskAtWork(_key(row), row["try_number"], row["state"], row["lives"]) for row in database.rows(_UNDER_WAY)]


def in_words(tasks: Sequence[TaskAtWork]) -> str:
    """Tasks by state, such as `running: run_sections x 4; deferred: settle`."""
    words = []
    for state in ("running", "deferred", "queued"):
        names = Counter(task.key[2] for task in tasks if task.state == state)
        if names:
            named = ", ".join(name if count == 1 else f"{name} x {count}" for name, count in sorted(names.items()))
            words.append(f"{state}: {named}")
    return "; ".join(words) or "nothing"


def what_became(database: PostgreSQL, moments: Sequence[tuple[datetime, Sequence[TaskAtWork]]]) -> list[WhatBecame]:
    """What became of the tasks of each moment, once all is over."""
    final = {_key(row): row for row in database.rows(_FINAL)}
    found = []
    for moment, tasks in moments:
        rows = [(task, final[task.key]) for task in tasks if task.key in final]
        good = [(task, row) for task, row in rows if row["state"] in ("success", "skipped")]
        again = sum(row["try_number"] > task.try_number for task, row in good)
        ends = [datetime.fromisoformat(row["end_date"]) for _, row in rows if row["end_date"]]
        found.append(
            WhatBecame(
                went_on=len(good) - again,
                tried_again=again,
                failed=len(rows) - len(good),
                seconds=max((max(ends) - moment).total_seconds(), 0.0) if ends else None,
            )
        )
    return found


def lost_tries(database: PostgreSQL) -> dict[str, int]:
    """How many tries ended badly and were followed by another, by `DAG.task`."""
    return {f"{row['dag_id']}.{row['task_id']}": row["n"] for row in database.rows(_LOST)}


def _key(row: dict[str, Any]) -> tuple[str, str, str, int]:
    return row["dag_id"], row["run_id"], row["task_id"], row["map_index"]
