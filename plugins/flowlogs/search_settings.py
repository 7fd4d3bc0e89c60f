"""Settings of the search export: which cluster, how much of a day, how patiently, for how long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ByteSize, Field

from flowlogs.setting_types import PositiveCount, Section, Share

IndexPrefix = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
"""Begins the names of indices, where upper case and most signs are forbidden."""


class Search(Section):
    """Search: findings, rejected records and the summary in OpenSearch or Elasticsearch (docs/search.md)."""

    enabled: bool = Field(default=False, description="Whether reported days are exported to a search cluster.")
    server: Literal["opensearch", "elasticsearch"] = Field(
        default="opensearch", description="opensearch (2, 3, Amazon OpenSearch Service) or elasticsearch (8, 9)."
    )
    conn_id: str = Field(
        default="search_default",
        min_length=1,
        description="Airflow connection (HTTP) to the cluster; docs/search.md has the extras for SigV4 and TLS.",
    )
    dashboards_conn_id: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Airflow connection (HTTP) to OpenSearch Dashboards or Kibana, where setup puts the dashboards of "
            "include/search/; empty to import them by hand."
        ),
    )
    dashboards_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"'<>]+/)?$",
        description="Where people reach OpenSearch Dashboards or Kibana, ending in a slash, for links; empty for none.",
    )
    prefix: IndexPrefix = Field(default="flowlogs", description="Begins the names of indices, aliases and templates.")
    shards: Annotated[int, Field(ge=1, le=64)] = Field(default=1, description="Primary shards of a day's index.")
    replicas: Annotated[int, Field(ge=0, le=5)] = Field(default=1, description="Copies of each shard.")
    max_rejected_records: PositiveCount = Field(
        default=1_000_000,
        description=(
            "Single rejected records of a day at most. The targets with most of them beyond it are exported by the hour "
            "(flow_daily) in place of single records; sums stay exact."
        ),
    )
    max_summary_rows: Annotated[int, Field(ge=100)] = Field(
        default=1_000_000, description="Rows of a day's summary at most; the smallest beyond it are added up."
    )
    bulk_size: Annotated[ByteSize, Field(ge=100_000, le=90_000_000)] = Field(
        default=ByteSize(2_000_000), description="Size of a bulk request; servers refuse 100 MB, small ones 10 MB."
    )
    bulk_in_flight: Annotated[int, Field(ge=1, le=32)] = Field(
        default=4, description="Bulk requests that are under way at the same time."
    )
    patience_minutes: PositiveCount = Field(
        default=10, description="Minutes that a bulk request is tried again while the cluster is overloaded or away."
    )
    max_refused_share: Share = Field(
        default=0.001,
        description="Largest share of a day's documents that the cluster may refuse (they go to search_dead_letters/).",
    )
    retention_days: Annotated[int, Field(ge=1)] = Field(
        default=90, description="Days that an index is kept (ISM or ILM policy that setup makes)."
    )
