"""`make kills`: kill -9 of Airflow's services during a backfill, and what is left of it against an undisturbed one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import httpx

from flowlogs.settings import Settings, load_settings
from quickstart import pipeline
from quickstart.airflow_api import FINAL_STATES, AirflowApi, DagRun
from quickstart.environment import Addresses
from quickstart.preflight import free_port
from quickstart.progress import console, step
from topology.backfill import backfill, prepare
from topology.outcome import Outcome, mails, outcome
from topology.stack import Stack

VICTIMS: Final = ("scheduler", "triggerer", "worker", "api-server")
PAUSE_SECONDS: Final = (6.0, 24.0)
"""Between two kills, drawn from the seed."""
DOWN_SECONDS: Final = 3.0
"""Until a killed service is started again, as Compose's `restart: unless-stopped` does."""
PATIENCE_SECONDS: Final = 1500
WATCHDOG: Final = "flow_logs_watchdog"
WATCHED: Final = (pipeline.DAILY, pipeline.REPORT, pipeline.REFRESH)


@dataclass(frozen=True)
class Kill:
    """One kill -9.

    Attributes:
        second: since the backfill was asked for.
        victim: the service.
        processes: that were killed.
        running: tasks that ran then, of all DAGs; None when Airflow could not be asked.
    """

    second: float
    victim: str
    processes: int
    running: int | None


@dataclass
class Killer:
    """Kills services at the moments that a seed draws, in a thread, and starts them again."""

    stack: Stack
    count: int
    seed: int
    kills: list[Kill] = field(default_factory=list)
    problem: str = ""

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether all kills are over."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        drawn, began = random.Random(self.seed), time.monotonic()  # noqa: S311  moments, no secrets
        for _ in range(self.count):
            time.sleep(drawn.uniform(*PAUSE_SECONDS))
            victim = drawn.choice(VICTIMS)
            running = _running_tasks(self.stack)
            second = time.monotonic() - began
            processes = self.stack.kill(victim)
            self.kills.append(Kill(second, victim, processes, running))
            time.sleep(DOWN_SECONDS)
            self.stack.restart(victim)


def experiment(state: Path, days: Sequence[date], count: int, seed: int, page: Path | None = None) -> int:
    """Backfill the days twice, undisturbed and with kills, compare, and write the page.

    Returns: 0 when everything converged, the data is the same, nothing was told twice, and whatever failed was told.
    """
    settings = load_settings()
    console.print(f"[bold]{count} kills -9 during a backfill[/] of {days[0]} to {days[-1]}, seed {seed}")
    calm = Stack(state / "calm", Addresses(free_port(), free_port()))
    with calm.running():
        api = prepare(calm, days)
        began = time.monotonic()
        backfill(calm, api, days)
        calm_seconds = time.monotonic() - began
        expected = outcome(calm.addresses, settings, days)
    stormy = Stack(state / "stormy", Addresses(free_port(), free_port()))
    with stormy.running():
        told = _Storm(stormy, settings, days, Killer(stormy, count, seed))
        told.run()
        found = outcome(stormy.addresses, settings, days)
    text = _page(told, expected, found, calm_seconds, days, seed)
    if page is not None:
        page.write_text(text)
    console.print(text)
    good = not found.differences(expected) and not found.doubled and not told.untold
    return 0 if good else 1


@dataclass
class _Storm:
    """A backfill during which services are killed."""

    stack: Stack
    settings: Settings
    days: Sequence[date]
    killer: Killer
    seconds: float = 0.0
    rounds: int = 1
    failed: list[str] = field(default_factory=list)
    """Runs that ended badly, with how people learnt of them and what was done."""
    untold: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Backfill, kill, and wait until every day has its data, its report and its place in the dashboard."""
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
                    raise RuntimeError(f"not done after {PATIENCE_SECONDS} s: {self._states(api)}")
                current.tell(str(self._states(api)))
                time.sleep(3)
            self._mend(api)
        self.seconds = time.monotonic() - began

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

    def _states(self, api: AirflowApi) -> dict[str, int]:
        try:
            return {dag_id: sum(run.state not in FINAL_STATES for run in api.runs(dag_id)) for dag_id in WATCHED}
        except (httpx.HTTPError, KeyError, ValueError):
            return {}

    def _watch(self, api: AirflowApi) -> None:
        """Run the watchdog, as its schedule would within its period."""
        run_id = api.trigger(WATCHDOG)
        self.stack.wait_for(lambda: _has_ended(api, WATCHDOG, run_id), "the watchdog", 300)

    def _mend(self, api: AirflowApi) -> None:
        """Of runs that failed: see that people were told within a period of the watchdog, and clear them, as told."""
        while True:
            runs = [(dag_id, run) for dag_id in WATCHED for run in api.runs(dag_id) if run.state == "failed"]
            if not runs:
                return
            self._watch(api)
            texts = mails(self.stack.addresses)
            for dag_id, run in runs:
                name = f"{dag_id} of {run.day}"
                is_told = any(run.run_id in text or (dag_id in text and str(run.day) in text) for text in texts)
                self.failed.append(f"{name}: {'told' if is_told else 'NOT TOLD'}; cleared")
                if not is_told:
                    self.untold.append(name)
                api.clear(dag_id, run.run_id)
            self.stack.wait_for(lambda: self._is_calm(api), "the cleared runs", 600)


def _has_ended(api: AirflowApi, dag_id: str, run_id: str) -> bool:
    return any(run.run_id == run_id and run.state in FINAL_STATES for run in api.runs(dag_id))


def _running_tasks(stack: Stack) -> int | None:
    try:
        return stack.api().running_tasks()
    except (httpx.HTTPError, KeyError, ValueError):
        return None


def _page(
    told: _Storm, expected: Outcome, found: Outcome, calm_seconds: float, days: Sequence[date], seed: int
) -> str:  # fmt: skip
    kills = "\n".join(
        f"| {number} | {kill.second:.0f} | {kill.victim} | {kill.processes} | {'?' if kill.running is None else kill.running} |"
        for number, kill in enumerate(told.killer.kills, start=1)
    )
    compared = "\n".join(f"| {name} | {rows:,} | {_same(name, expected, found)} |" for name, rows in found.rows.items())
    reports = all(expected.data[name] == found.data[name] for name in expected.data if name.startswith("report"))
    spice = "\n".join(
        f"| SPICE: {name} | {rows:,} | {'the same' if rows == expected.spice[name] else 'DIFFERENT'} |"
        for name, rows in found.spice.items()
    )
    failed = "\n".join(f"- {line}" for line in told.failed) or "- none"
    return f"""# kill -9

Written by `make kills` on {datetime.now(UTC):%Y-%m-%d}: the services of docker-compose.yaml as processes (PostgreSQL, Redis,
a Celery worker, scheduler, triggerer, dag-processor, api-server, local AWS), {len(days)} days backfilled twice: undisturbed, and
with {len(told.killer.kills)} kills at moments drawn from the seed {seed}. A killed service loses all its processes, and is started
again {DOWN_SECONDS:.0f} seconds later.

- undisturbed: {calm_seconds:.0f} s; with kills: {told.seconds:.0f} s until every run of {", ".join(WATCHED)} had ended well,
  {told.rounds} backfill(s) of the same days
- messages sent twice: {len(found.doubled)} of {sum(found.mails.values())}

Runs that ended as failed:

{failed}

## What is left, against the undisturbed backfill

| | rows compared | |
|---|---|---|
{compared}
{spice}
| reports | {len(days)} | {"the same" if reports else "DIFFERENT"} |

## The kills

| | second | service | processes killed | tasks running then |
|---|---|---|---|---|
{kills}
"""


def _same(name: str, expected: Outcome, found: Outcome) -> str:
    return "the same" if expected.data[name] == found.data[name] else "DIFFERENT"
