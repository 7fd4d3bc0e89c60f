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

from flowlogs.settings import load_settings
from quickstart.environment import Addresses
from quickstart.preflight import free_port
from quickstart.progress import console
from topology.backfill import backfill, prepare
from topology.outcome import outcome
from topology.stack import Stack
from topology.task_states import TaskAtWork, under_way

VICTIMS: Final = ("scheduler", "triggerer", "worker", "api-server")
PAUSE_SECONDS: Final = (6.0, 24.0)
"""Between two kills, drawn from the seed."""
DOWN_SECONDS: Final = 3.0
"""Until a killed service is started again, as Compose's `restart: unless-stopped` does."""
PATIENCE_FOR_WORK_SECONDS: Final = 90.0
"""A kill that finds nothing to hit says little: so long it waits for a task that runs, or, for the triggerer, one deferred."""


@dataclass(frozen=True)
class Kill:
    """One kill -9.

    Attributes:
        at: when.
        second: the same, since the backfill was asked for.
        victim: the service.
        processes: that were killed.
        tasks: that were under way.
    """

    at: datetime
    second: float
    victim: str
    processes: int
    tasks: Sequence[TaskAtWork]


@dataclass
class Killer:
    """Kills services at the moments that a seed draws, in a thread, and starts them again."""

    stack: Stack
    count: int
    seed: int
    kills: list[Kill] = field(default_factory=list)
    problem: Exception | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether all kills are over.

        Raises:
            RuntimeError: when the killer could not go on.
        """
        if self.problem is not None:
            raise RuntimeError(f"the kills stopped after {len(self.kills)}") from self.problem
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._kill_all()
        except Exception as error:  # told by is_done, in the thread that looks
            self.problem = error

    def _kill_all(self) -> None:
        drawn, began = random.Random(self.seed), time.monotonic()  # noqa: S311  moments, no secrets
        for _ in range(self.count):
            time.sleep(drawn.uniform(*PAUSE_SECONDS))
            victim = drawn.choice(VICTIMS)
            tasks = self._work_of(victim)
            second, at = time.monotonic() - began, datetime.now(UTC)
            processes = self.stack.kill(victim)
            self.kills.append(Kill(at, second, victim, processes, tasks))
            time.sleep(DOWN_SECONDS)
            self.stack.restart(victim)

    def _work_of(self, victim: str) -> list[TaskAtWork]:
        """What is under way, as soon as there is something that this kill can hit."""
        deadline = time.monotonic() + PATIENCE_FOR_WORK_SECONDS
        while True:
            tasks = under_way(self.stack.database)
            hit = any(task.state == "deferred" if victim == "triggerer" else task.lives for task in tasks)
            if hit or time.monotonic() > deadline:
                return tasks
            time.sleep(0.5)


def experiment(state: Path, days: Sequence[date], count: int, seed: int, page: Path | None = None) -> int:
    """Backfill the days twice, undisturbed and with kills, compare, and write the page.

    Returns: 0 when everything converged, the data is the same, nothing was told twice, and whatever failed was told.
    """
    from topology.kills_page import page_text
    from topology.storm import Storm

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
        storm = Storm(stormy, days, Killer(stormy, count, seed))
        storm.run()
        found = outcome(stormy.addresses, settings, days)
    text = page_text(storm, expected, found, calm_seconds, seed)
    if page is not None:
        page.write_text(text)
    console.print(text)
    good = not found.differences(expected) and not found.doubled and not storm.untold
    return 0 if good else 1
