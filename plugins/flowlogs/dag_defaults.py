"""What every DAG of the pipeline shares: defaults, macros, tags, where its SQL lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from airflow.sdk import Asset

from flowlogs import curation
from flowlogs.addresses import is_private, is_public
from flowlogs.airflow_settings import airflow_settings
from flowlogs.include_folder import INCLUDE
from flowlogs.notifications.callbacks import note_task_failure, tell_of_failed_run, tell_of_recovery
from flowlogs.partitions import Partition, expected_partitions
from flowlogs.settings import Settings
from flowlogs.sources import Source
from flowlogs.tables import raw_column

SQL_FOLDER: Final = str(INCLUDE / "sql")

FLOW_LOGS_DAY: Final = Asset("flow_logs_day", uri="x-flowlogs://day", group="flowlogs")
"""A UTC day whose partitions are registered, checked and in the ledger; its partition key is the day.

The scheme begins with `x-`, which Airflow takes as it is: for any other it loads every provider's handlers, boto3 too.
"""

FLOW_LOGS_REPORT: Final = Asset("flow_logs_report", uri="x-flowlogs://report", group="flowlogs")
"""A UTC day whose report is written; its partition key is the day."""

TAGS: Final = ("flow-logs",)


def default_args(settings: Settings) -> dict[str, Any]:
    """Defaults of every task: who owns it, how often and how patiently it is tried, how long it may take."""
    return {
        "owner": "data-engineering",
        "retries": settings.schedule.retries,
        "retry_delay": timedelta(minutes=settings.schedule.retry_delay_minutes),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(hours=1),
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": note_task_failure if settings.notifications.sns_topic_arn else None,
    }


def run_callbacks(settings: Settings) -> dict[str, Any]:
    """What every DAG is given so that people are told of failed runs, and of recovered ones: its run's callbacks.

    Empty when the settings name no topic: callbacks of runs cost the dag-processor time.
    """
    if settings.notifications.sns_topic_arn is None:
        return {}
    return {"on_failure_callback": tell_of_failed_run, "on_success_callback": tell_of_recovery}


def source_named(name: str) -> Source:
    """The source of a name."""
    return airflow_settings().source(name)


def partitions_of(name: str, day: str, first: int, last: int) -> list[Partition]:
    """A source's partitions of a day: targets `first` up to, not including, `last`."""
    return list(expected_partitions(source_named(name), date.fromisoformat(day), first, last))


def of_targets(name: str, first: int, last: int) -> str:
    """The SQL condition for a source's targets `first` up to, not including, `last`."""
    return curation.of_targets(source_named(name).targets()[first:last])


def of_named_targets(names: Sequence[str]) -> str:
    """The SQL condition for targets of any source, each named source/account/region.

    Raises:
        KeyError: for one that the settings do not have.
    """
    targets = {str(target): target for target in airflow_settings().targets()}
    chosen = [targets[name] for name in names]
    return " OR ".join(
        f"(source = '{source}' AND {curation.of_targets([one for one in chosen if one.source == source])})"
        for source in sorted({target.source for target in chosen})
    )


def record_columns() -> tuple[tuple[str, str], ...]:
    """Columns and Hive types of `flow_records`."""
    return curation.record_columns(airflow_settings())


def run_location(table: str, params: Mapping[str, Any], run_id: str, try_number: int) -> str:
    """S3 location of the folder that one try of a statement writes."""
    lake = airflow_settings().lake
    source = source_named(params["source"])
    run = curation.run_name(run_id, source, params["first"], params["last"], try_number)
    return f"s3://{lake.bucket}/{lake.prefix}{curation.run_prefix(table, params['day'], run)}"


MACROS: Final[dict[str, Any]] = {
    "settings": airflow_settings,
    "source_named": source_named,
    "partitions_of": partitions_of,
    "column": raw_column,
    "of_targets": of_targets,
    "of_named_targets": of_named_targets,
    "record_columns": record_columns,
    "run_location": run_location,
    "trino_type": curation.trino_type,
    "quoted": curation.quoted,
    "is_private": is_private,
    "is_public": is_public,
}
"""What the SQL templates may call. Everything they return comes from validated settings."""
