"""Which calls of Airflow's REST API run chosen days again. The browser makes them, in the name of who is signed in.

A row of days is one backfill. A backfill cannot leave days out, and Airflow allows one open backfill a DAG, so days
with gaps between them, and days of which only some targets are wanted, get a run each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

DAG_ID: Final = "flow_logs_daily"

AT_MOST: Final = 100
"""Days that can be chosen together; more are for `airflow backfill create`."""

SINGLE_RUNS_AT_MOST: Final = 31

MAX_ACTIVE_RUNS: Final = 4

Reprocess = Literal["completed", "failed", "none"]


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to Airflow's REST API: path below the API's root, and the JSON body."""

    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What starting means."""

    days: tuple[str, ...]
    words: str
    calls: tuple[Call, ...]


def plan(
    days: Sequence[str],
    *,
    today: date,
    reprocess: Reprocess = "completed",
    targets: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """The calls that run days again.

    Args:
        days: `YYYY-MM-DD`, in any order.
        today: the UTC day; only days before it are over.
        reprocess: what a backfill does with days that have a run: run again, only if it failed, not.
        targets: of each day the targets (`source/account/region`) to curate again; without it, all.

    Raises:
        ValueError: for no days, too many, or something that is no day that is over.
    """
    chosen = sorted({_day(text, today) for text in days})
    if not chosen:
        raise ValueError("no day is chosen")
    if len(chosen) > AT_MOST:
        raise ValueError(f"{len(chosen)} days are chosen; choose {AT_MOST} at most, or use airflow backfill create")
    names = tuple(day.isoformat() for day in chosen)
    if targets is None and chosen[-1] - chosen[0] == timedelta(days=len(chosen) - 1):
        body = {
            "dag_id": DAG_ID,
            "from_date": f"{names[0]}T00:00:00Z",
            "to_date": f"{names[-1]}T00:00:00Z",
            "reprocess_behavior": reprocess,
            "max_active_runs": MAX_ACTIVE_RUNS,
        }
        span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}, {len(names)} days"
        return Plan(names, f"One backfill of {DAG_ID}: {span}.", (Call("/api/v2/backfills", body),))
    if len(chosen) > SINGLE_RUNS_AT_MOST:
        raise ValueError(
            f"{len(chosen)} days that are not in a row are chosen; choose {SINGLE_RUNS_AT_MOST} at most, or a row of days"
        )
    calls = tuple(_single_run(name, None if targets is None else targets.get(name)) for name in names)
    return Plan(names, f"{len(calls)} runs of {DAG_ID}, one for each day.", calls)


def _single_run(day: str, targets: Sequence[str] | None) -> Call:
    body: dict[str, Any] = {"logical_date": None, "partition_key": day, "conf": {}}
    if targets:
        body["conf"] = {"targets": list(targets)}
    return Call(f"/api/v2/dags/{DAG_ID}/dagRuns", body)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no day; write YYYY-MM-DD") from error
    if day.isoformat() != text:
        raise ValueError(f"{text!r} is no day as it must be written: {day}")
    if day >= today:
        raise ValueError(f"{text} is not over yet (UTC)")
    return day
