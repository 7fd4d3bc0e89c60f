"""Days backfilled through the stack: sample logs, set-up, Airflow's own backfill, reports, dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from quickstart import people, pipeline, samples
from quickstart.airflow_api import AirflowApi
from quickstart.progress import step
from topology.stack import Stack


def last_days(count: int) -> list[date]:
    """The complete days up to yesterday (UTC)."""
    today = datetime.now(UTC).date()
    return [today - timedelta(days=back) for back in range(count, 0, -1)]


def prepare(stack: Stack, days: Sequence[date]) -> AirflowApi:
    """Load the sample logs of days, make tables, alarms and dashboard; Airflow's API.

    Raises:
        pipeline.RunsFailed: naming the failed tasks.
    """
    from flowlogs.settings import load_settings

    with step("sample flow logs") as current:
        samples.load(load_settings(), stack.addresses, days, stack.state / "samples", current)
        people.keep_webhook(stack.addresses)
    api = stack.api()
    stack.wait_for(lambda: pipeline.dags_are_there(api), "the DAGs")
    with step(f"{pipeline.SETUP}: tables, alarms, dashboard") as current:
        pipeline.set_up(api, stack, current)
        people.confirm_subscription(stack.addresses, stack)
    return api


def backfill(stack: Stack, api: AirflowApi, days: Sequence[date]) -> None:
    """Backfill days and wait for their reports and the dashboard.

    Raises:
        pipeline.RunsFailed: naming the failed tasks.
    """
    with step(f"{pipeline.DAILY}: {len(days)} days") as current:
        pipeline.run_days(api, stack, days, current)
    with step(f"{pipeline.REPORT}: {len(days)} days") as current:
        pipeline.reports(api, stack, days, current)
    with step(f"{pipeline.REFRESH}: {len(days)} days") as current:
        pipeline.refreshes(api, stack, days, current)
