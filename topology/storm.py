"""A backfill during which services are killed, and the wait until all of it has ended well."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import httpx

from flowlogs.watchdog_tasks import CALLBACK_PATIENCE
from quickstart import pipeline
from quickstart.airflow_api import FINAL_STATES, AirflowApi, DagRun
from quickstart.progress import step
from topology.backfill import prepare
from topology.kills import Killer
from topology.outcome import mails
from topology.stack import Stack
from topology.task_states import WhatBecame, lost_tries, what_became

PATIENCE_SECONDS: Final = 2400
WATCHDOG: Final = "flow_logs_watchdog"
WATCHED: Final = (pipeline.DAILY, pipeline.REPORT, pipeline.REFRESH)


@dataclass
class Storm:
    """The backfill, the kills, and what became of both.

    Attributes:
        seconds: from the start of the backfill until everything had ended well.
        rounds: backfills of the same days; another one begins when there are kills left and nothing to kill.
        became: what became of the tasks that were under way at each kill.
        lost: tries that ended badly and were followed by another, by `DAG.task`.
        failed: runs that ended badly, with how people learnt of them and what was done.
        untold: those of them that nobody was told of within a period of the watchdog.
    """

    stack: Stack
    days: Sequence[date]
    killer: Killer
    seconds: float = 0.0
    rounds: int = 1
    became: Sequence[WhatBecame] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Backfill, kill, and wait until every day has its data, its report and its place in the dashboard.

        Raises:
            RuntimeError: when that takes longer than PATIENCE_SECONDS, or a service ends by itself.
        """
        api = prepare(self.stack, self.days)
        api.unpause(WATCHDOG)
        began = time.monotonic()
        pipeline.start_days(api, self.days)
        self.killer.start()
        with step("kills") as current:
            while not self.killer.is_done:
                current.tell(f"{len(self.killer.kills)} of {self.killer.count}")
                time.sleep(2)
                if not self.killer.is_done and self._is_calm(api):
                    self._backfill_again(api)  # there is more to kill
        with step("everything converges") as current:
            while not self._is_calm(api):
                if time.monotonic() - began > PATIENCE_SECONDS:
                    raise RuntimeError(f"not done after {PATIENCE_SECONDS} s: {self._left(api)}")
                current.tell(str(self._left(api)))
                time.sleep(3)
            self._mend(api)
        self.seconds = time.monotonic() - began
        self.became = what_became(self.stack.database, [(kill.at, kill.tasks) for kill in self.killer.kills])
        self.lost = lost_tries(self.stack.database)

    def _backfill_again(self, api: AirflowApi) -> None:
        """The same days once more."""
        while True:
            try:
                if not api.is_backfilling(pipeline.DAILY):
                    api.backfill(pipeline.DAILY, self.days[0], self.days[-1], "completed")
                    self.rounds += 1
                    return
            except (httpx.HTTPError, RuntimeError):
                pass  # killed, or on its way back
            time.sleep(2)

    def _is_calm(self, api: AirflowApi) -> bool:
        """Whether every day has runs of each DAG, and none is under way."""
        try:
            return all(self._is_done(api.runs(dag_id)) for dag_id in WATCHED)
        except (httpx.HTTPError, KeyError, ValueError):
            return False

    def _is_done(self, runs: Sequence[DagRun]) -> bool:
        there = {run.day for run in runs} >= {day.isoformat() for day in self.days}
        return there and all(run.state in FINAL_STATES for run in runs)

    def _left(self, api: AirflowApi) -> dict[str, int]:
        """How many runs of each DAG are under way."""
        try:
            return {dag_id: sum(run.state not in FINAL_STATES for run in api.runs(dag_id)) for dag_id in WATCHED}
        except (httpx.HTTPError, KeyError, ValueError):
            return {}

    def _mend(self, api: AirflowApi) -> None:
        """Of runs that failed: see that people were told, and clear them, as the message says."""
        while True:
            runs = [(dag_id, run) for dag_id in WATCHED for run in api.runs(dag_id) if run.state == "failed"]
            if not runs:
                return
            how = self._told(api, runs)
            for dag_id, run in runs:
                name = f"{dag_id} of {run.day}"
                self.failed.append(f"{name}: {how.get(run.run_id, 'NOT TOLD')}; then cleared")
                if run.run_id not in how:
                    self.untold.append(name)
                api.clear(dag_id, run.run_id)
            self.stack.wait_for(lambda: self._is_calm(api), "the cleared runs", 900)

    def _told(self, api: AirflowApi, runs: Sequence[tuple[str, DagRun]]) -> dict[str, str]:
        """How people learnt of each failed run: by its callback, or by the watchdog, once it looks."""
        how = {run.run_id: "told by its callback" for dag_id, run in runs if self._is_in_a_mail(dag_id, run)}
        if len(how) < len(runs):
            time.sleep(CALLBACK_PATIENCE.total_seconds() + 5)  # so long the watchdog leaves a run to its callback
            run_id = api.trigger(WATCHDOG)
            self.stack.wait_for(lambda: _has_ended(api, WATCHDOG, run_id), "the watchdog", 300)
            late = {run.run_id: "told by the watchdog" for dag_id, run in runs if self._is_in_a_mail(dag_id, run)}
            how = {**late, **how}
        return how

    def _is_in_a_mail(self, dag_id: str, run: DagRun) -> bool:
        about = [text for text in mails(self.stack.addresses) if "failed" in text.partition("\n")[0]]
        return any(dag_id in text and str(run.day) in text for text in about)


def _has_ended(api: AirflowApi, dag_id: str, run_id: str) -> bool:
    return any(run.run_id == run_id and run.state in FINAL_STATES for run in api.runs(dag_id))
