"""Settings of day-to-day operation: how long late logs are looked for, how long what the pipeline made is kept,
what the watchdog watches.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flowlogs.setting_types import Section


class LateArrivals(Section):
    """Logs that come when their day was curated already."""

    window_days: Annotated[int, Field(ge=1, le=366)] = Field(
        default=10,
        description=(
            "Days that are compared with the ledger every day, yesterday's included; each costs a LIST request a target "
            "and thousand files."
        ),
    )


Days = Annotated[int, Field(ge=2)]


class Retention(Section):
    """How long is kept what the pipeline made. The flow logs themselves are never touched: give their bucket a lifecycle
    rule.
    """

    dry_run: bool = Field(
        default=True,
        description="Only say what would be removed. Read what the DAG lake_retention says, then switch off.",
    )
    raw_partition_days: Days | None = Field(
        default=None,
        description="Days of partitions of the raw tables (the catalog's entries, not the files); empty for all.",
    )
    record_days: Days | None = Field(
        default=None, description="Days of flow_records, flow_gaps and flow_quarantine with their files; empty for all."
    )
    summary_days: Days | None = Field(default=None, description="Days of flow_daily with its files; empty for all.")
    ledger_days: Days | None = Field(default=None, description="Days of the ledger; empty for all.")
    report_days: Days | None = Field(default=None, description="Days of reports; empty for all.")
    query_result_days: Days | None = Field(
        default=None,
        description="Days that results of Athena queries are kept in athena.output_location; empty for ever.",
    )


TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Deadlines(Section):
    """When (UTC, the day after) a day has to be ready; people are told of one that is not. Empty for no deadline."""

    curated: TimeOfDay | None = Field(default="14:00", description="Time by which a day is in the ledger.")
    reported: TimeOfDay | None = Field(default="16:00", description="Time by which a day has its report.")


class Watchdog(Section):
    """What the DAG flow_logs_watchdog looks for: failed runs that nobody was told of, runs without end, late days."""

    airflow_conn_id: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Airflow connection (HTTP) to this Airflow's own API server: host, login and password of a user who may read "
            "runs. Empty: failed and endless runs are not looked for, only deadlines."
        ),
    )
    overdue_hours: Annotated[float, Field(gt=0)] = Field(
        default=16,
        description="Hours after which a run that has not ended is told of; longer than arrival.timeout_hours.",
    )
    deadlines: Deadlines = Field(default_factory=Deadlines, description="When a day has to be ready.")
