"""docs/kills.md: what the kills led to, as Markdown."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from topology.kills import DOWN_SECONDS, Kill
from topology.outcome import Outcome
from topology.storm import WATCHED, Storm
from topology.task_states import WhatBecame, in_words


def page_text(storm: Storm, expected: Outcome, found: Outcome, calm_seconds: float, seed: int) -> str:
    """The page.

    Args:
        storm: the backfill with kills.
        expected: what the undisturbed backfill has left.
        found: what the one with kills has left.
        calm_seconds: what the undisturbed backfill took.
        seed: of the kills.
    """
    days, kills = storm.days, storm.killer.kills
    by_service = ", ".join(f"{name} {count}" for name, count in sorted(Counter(kill.victim for kill in kills).items()))
    rows = "\n".join(_row(*numbered) for numbered in zip(range(1, len(kills) + 1), kills, storm.became, strict=True))
    lost = ", ".join(f"{name} {count}" for name, count in storm.lost.items()) or "none"
    failed = "\n".join(f"- {line}" for line in storm.failed) or "- none"
    return f"""# kill -9

Written by `make kills` on {datetime.now(UTC):%Y-%m-%d}: the services of docker-compose.yaml as processes (PostgreSQL, Redis,
a Celery worker, scheduler, triggerer, dag-processor, api-server, local AWS), {len(days)} days backfilled undisturbed, and, in a
second deployment, with {len(kills)} kills ({by_service}) at moments drawn from the seed {seed}, each as soon as it could hit
something: a living task, or, for the triggerer, a deferred one. A killed service loses all its processes, tasks included,
and is started again {DOWN_SECONDS:.0f} seconds later.

- undisturbed: {calm_seconds:.0f} s for one backfill; with kills: {storm.seconds:.0f} s for {storm.rounds} of the same days, until every run of
  {", ".join(WATCHED)} had ended well
- tries of tasks that were lost and made again by Airflow: {lost}
- messages sent twice: {len(found.doubled)} of {sum(found.mails.values())}

Runs that ended as failed:

{failed}

## What is left, against the undisturbed backfill

| | rows compared | |
|---|---|---|
{_compared(expected, found)}
| reports | {len(days)} | {_reports(expected, found)} |

## The kills

"Seconds": until the last task that was under way at that moment had ended well; later kills are in it.

| | second | service | processes | under way | what became of it | seconds |
|---|---|---|---|---|---|---|
{rows}
"""


def _row(number: int, kill: Kill, became: WhatBecame) -> str:
    seconds = "-" if became.seconds is None else f"{became.seconds:.0f}"
    ends = [
        f"{count} {words}"
        for count, words in (
            (became.went_on, "went on"),
            (became.tried_again, "tried again"),
            (became.failed, "FAILED"),
        )
        if count
    ]
    cells = (number, f"{kill.second:.0f}", kill.victim, kill.processes, in_words(kill.tasks), ", ".join(ends) or "-")
    return f"| {' | '.join(str(cell) for cell in cells)} | {seconds} |"


def _compared(expected: Outcome, found: Outcome) -> str:
    tables = [f"| {name} | {rows:,} | {_same(expected, found, name)} |" for name, rows in found.rows.items()]
    spice = [
        f"| SPICE: {name} | {rows:,} | {'the same' if rows == expected.spice[name] else 'DIFFERENT'} |"
        for name, rows in found.spice.items()
    ]
    return "\n".join(tables + spice)


def _reports(expected: Outcome, found: Outcome) -> str:
    names = [name for name in expected.data if name.startswith("report")]
    return "the same" if all(_same(expected, found, name) == "the same" for name in names) else "DIFFERENT"


def _same(expected: Outcome, found: Outcome, name: str) -> str:
    return "the same" if expected.data[name] == found.data[name] else "DIFFERENT"
