"""Settings of day-to-day operation: how long late logs are looked for, how long what the pipeline made is kept."""

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
