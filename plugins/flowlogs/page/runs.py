"""Runs of the pipeline's DAGs, from Airflow's own database. Called only behind the right to see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flowlogs.page.plan import DAG_ID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

REPORT_DAG_ID: Final = "rejected_traffic_report"

ACTIVE: Final = ("queued", "running")
_UNKEYED_AT_MOST: Final = 300
_ACTIVE_AT_MOST: Final = 1000
_BATCH: Final = 400
"""Days in one IN list."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as far as the page shows it.

    Attributes:
        day: the partition key, or the parameter `day` of a run without one.
        targets: those that the run is limited to; empty for all.
    """

    dag_id: str
    run_id: str
    state: str
    kind: str
    day: str | None
    targets: tuple[str, ...]
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def path(self) -> str:
        """Where Airflow shows it, below its root."""
        return f"/dags/{quote(self.dag_id, safe='')}/runs/{quote(self.run_id, safe='')}"

    @property
    def is_active(self) -> bool:
        """Whether it runs or waits to."""
        return self.state in ACTIVE


class AirflowRuns:
    """Reads runs in a session of Airflow's database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def active(self) -> list[Run]:
        """Runs of the daily DAG that run or are queued, those that began last first."""
        from airflow.models.dagrun import DagRun

        return self._runs(DagRun.dag_id == DAG_ID, DagRun.state.in_(ACTIVE), limit=_ACTIVE_AT_MOST)

    def latest(self, days: Sequence[str]) -> dict[str, Run]:
        """The latest run of the daily DAG for each of the days that has one."""
        from airflow.models.dagrun import DagRun

        found: dict[str, Run] = {}
        for first in range(0, len(days), _BATCH):
            some = days[first : first + _BATCH]
            for run in self._runs(DagRun.dag_id == DAG_ID, DagRun.partition_key.in_(some), limit=None):
                found.setdefault(run.day or "", run)
        wanted = {*days}
        for run in self._unkeyed(DAG_ID) if days else ():
            if run.day in wanted:
                found.setdefault(run.day or "", run)
        return found

    def of_day(self, day: str) -> list[Run]:
        """Runs of the daily DAG and of the report for a day, the newest first of each."""
        from airflow.models.dagrun import DagRun

        found = []
        for dag_id in (DAG_ID, REPORT_DAG_ID):
            keyed = self._runs(DagRun.dag_id == dag_id, DagRun.partition_key == day, limit=20)
            runs = [*keyed, *(run for run in self._unkeyed(dag_id) if run.day == day)]
            found += sorted(runs, key=lambda run: (run.queued_at is not None, run.queued_at), reverse=True)
        return found

    def is_paused(self) -> bool | None:
        """Whether the daily DAG is switched off; None when Airflow does not know it."""
        from airflow.models.dag import DagModel
        from sqlalchemy import select

        paused: bool | None = self._session.scalar(select(DagModel.is_paused).where(DagModel.dag_id == DAG_ID))
        return paused

    def _unkeyed(self, dag_id: str) -> list[Run]:
        """The newest runs without a partition key: by hand or of `late_arrivals`, with the day as a parameter."""
        from airflow.models.dagrun import DagRun

        return self._runs(DagRun.dag_id == dag_id, DagRun.partition_key.is_(None), limit=_UNKEYED_AT_MOST)

    def _runs(self, *conditions: Any, limit: int | None) -> list[Run]:
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        columns = (
            DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.run_type, DagRun.partition_key, DagRun.conf,
            DagRun.queued_at, DagRun.start_date, DagRun.end_date,
        )  # fmt: skip
        rows = self._session.execute(select(*columns).where(*conditions).order_by(DagRun.id.desc()).limit(limit))
        return [_run(*row) for row in rows]


def _run(
    dag_id: str, run_id: str, state: Any, kind: Any, key: str | None, conf: Any, queued: Any, started: Any, ended: Any
) -> Run:
    given: Mapping[str, Any] = conf if isinstance(conf, Mapping) else {}
    day = key or given.get("day")
    targets = given.get("targets")
    return Run(
        dag_id=dag_id,
        run_id=run_id,
        state=str(getattr(state, "value", state)),
        kind=str(getattr(kind, "value", kind)),
        day=day if isinstance(day, str) else None,
        targets=tuple(map(str, targets)) if isinstance(targets, list) else (),
        queued_at=queued,
        started_at=started,
        ended_at=ended,
    )


def being_run(runs: Iterable[Run]) -> dict[str, frozenset[str] | None]:
    """Of each day that runs of the daily DAG work on, the targets that they work on; None for all."""
    found: dict[str, frozenset[str] | None] = {}
    for run in runs:
        if run.dag_id != DAG_ID or run.day is None or not run.is_active:
            continue
        before = found.get(run.day, frozenset())
        found[run.day] = before | {*run.targets} if run.targets and before is not None else None
    return found
