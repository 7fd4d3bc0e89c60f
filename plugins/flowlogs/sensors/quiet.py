"""Waiting until another DAG has nothing to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from flowlogs.triggers.ingestion import QuietTrigger


class QuietDagSensor(BaseOperator):
    """Wait in the triggerer until a DAG has no run that is queued or running, for some minutes at most.

    So what follows is done once for runs that come together, such as those of a backfill. It succeeds in any case.

    :param watched_dag_id: the DAG
    :param at_most: how long to wait; zero for not at all
    :param poll_seconds: seconds between two looks
    """

    ui_color = "#e6e6e6"

    def __init__(self, *, watched_dag_id: str, at_most: timedelta, poll_seconds: float = 10, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watched_dag_id = watched_dag_id
        self.at_most = at_most
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> None:
        """Look once, then wait in the triggerer."""
        active = context["ti"].get_dr_count(dag_id=self.watched_dag_id, states=["queued", "running"])
        if not active or not self.at_most:
            return
        self.log.info("%d runs of %s are under way; waiting %s at most", active, self.watched_dag_id, self.at_most)
        deadline = datetime.now(UTC) + self.at_most
        trigger = QuietTrigger(
            dag_id=self.watched_dag_id, deadline=deadline.isoformat(), poll_seconds=self.poll_seconds
        )
        self.defer(trigger=trigger, method_name="go_on")

    def go_on(self, context: Context, event: dict[str, Any]) -> None:
        """Say what was waited for."""
        if event["active"]:
            self.log.warning("%d runs of %s are still under way", event["active"], self.watched_dag_id)
