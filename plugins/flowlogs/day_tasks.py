"""The tasks of `flow_logs_daily` that are Python: which day, which partitions, whether they stand right."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.partitions import batches, expected_partitions

log = logging.getLogger(__name__)


@task
def the_day(params: Mapping[str, Any], partition_key: str | None = None) -> str:
    """The UTC day that this run is for: its partition key, or the parameter `day` of a run by hand.

    Raises:
        AirflowFailException: for a run that names no day, two days, or something that is no day.
    """
    named = params.get("day")
    if named and partition_key and named != partition_key:
        raise AirflowFailException(f"the run is for {partition_key}, its parameter day says {named}; give one of them")
    text = partition_key or named
    if not text:
        raise AirflowFailException(
            "this run names no day: trigger it with the parameter day (YYYY-MM-DD), or backfill the days you want"
        )
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise AirflowFailException(f"{text!r} is no day; write YYYY-MM-DD") from error
    if day.isoformat() != text:
        raise AirflowFailException(f"{text!r} is no day as it must be written: {day}")
    return text


@task
def plan_partitions(day: str) -> list[dict[str, object]]:
    """The statements that register the day: a few, each as long as Athena takes."""
    planned = batches(airflow_settings(), date.fromisoformat(day))
    log.info("%d statements register %s", len(planned), day)
    return [batch.to_json() for batch in planned]


@task
def verify_partitions(day: str, params: Mapping[str, Any]) -> dict[str, int]:
    """See in Glue that every partition stands at its location; mend those that do not, or fail with their list.

    Raises:
        AirflowFailException: when partitions are wrong and the parameter `repair` says to leave them.
    """
    from flowlogs.hooks.partitions import PartitionHook

    settings = airflow_settings()
    hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    verified = {}
    for source in settings.sources:
        expected = list(expected_partitions(source, date.fromisoformat(day)))
        for table in source.file_tables:
            where = (settings.athena.database, table)
            wrong = hook.differences(*where, expected)
            if wrong:
                log.warning("partitions of %s that are wrong:\n%s", table, wrong.in_words())
                if not params["repair"]:
                    raise AirflowFailException(f"partitions of {table} are wrong:\n{wrong.in_words()}")
                hook.repair(*where, wrong)
                if still := hook.differences(*where, expected):
                    raise AirflowFailException(f"partitions of {table} stay wrong:\n{still.in_words()}")
            verified[table] = len(expected)
    return verified
