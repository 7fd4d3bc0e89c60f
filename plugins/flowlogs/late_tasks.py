"""The task of `late_arrivals`: find the days whose files changed since they were curated."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import task

from flowlogs.airflow_settings import airflow_settings
from flowlogs.late import late_day, window
from flowlogs.ledger import LedgerRow, ObjectCount
from flowlogs.settings import Settings
from flowlogs.targets import Target

if TYPE_CHECKING:
    from flowlogs.hooks.day_objects import DayObjectsHook

log = logging.getLogger(__name__)


@task
def find_late_days(day: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The runs that take up what came late: one for each day with targets whose files are others than in the ledger.

    Days that are not in the ledger are not looked at: nobody curated them yet, or their run failed and was told of.

    Returns: what `TriggerDagRunOperator` takes, a mapping for each run.
    """
    from flowlogs.hooks.day_objects import DayObjectsHook
    from flowlogs.hooks.ledger import LedgerHook

    settings = airflow_settings()
    days = window(date.fromisoformat(day), params["window_days"] or settings.late_arrivals.window_days)
    ledger = LedgerHook.of(settings).days([day.isoformat() for day in days])
    objects = DayObjectsHook(aws_conn_id=settings.aws.conn_id)
    runs = []
    for looked_at in days:
        rows: Mapping[Target, LedgerRow] = ledger.get(looked_at.isoformat(), {})
        if not rows:
            log.info("%s is not in the ledger", looked_at)
            continue
        late = late_day(looked_at, rows, _files(settings, objects, looked_at), settings.targets())
        log.info("%s: %s", looked_at, ", ".join(map(str, late.targets)) if late else "as it was curated")
        if late:
            runs.append(late.trigger(day))
    return runs


def _files(settings: Settings, objects: DayObjectsHook, day: date) -> dict[Target, ObjectCount]:
    return {
        target: files
        for source in settings.sources
        for target, files in objects.count(source, source.targets(), day, settings.arrival.concurrency).items()
    }
