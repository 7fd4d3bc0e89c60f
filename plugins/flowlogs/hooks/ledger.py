"""The ledger as it is published: the rows that its partitions show, read from S3 without a query."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.hooks.partitions import PartitionHook
from flowlogs.ledger import LedgerRow, rows_of
from flowlogs.settings import Settings
from flowlogs.targets import Target

_AT_ONCE = 16


class LedgerHook(S3Hook):
    """Reads days of the ledger.

    :param database: the database of the table `flow_runs`
    :param region_name: region of the catalog
    :param aws_conn_id: the Airflow connection to AWS
    """

    def __init__(self, database: str, region_name: str, **kwargs: Any) -> None:
        kwargs.setdefault("config", {**BOTOCORE_CONFIG, "max_pool_connections": _AT_ONCE})
        super().__init__(**kwargs)
        self._database = database
        self._partitions = PartitionHook(aws_conn_id=self.aws_conn_id, region_name=region_name)

    @classmethod
    def of(cls, settings: Settings) -> LedgerHook:
        """The ledger of the settings."""
        return cls(database=settings.athena.database, region_name=settings.aws.region, aws_conn_id=settings.aws.conn_id)

    def day(self, day: str) -> dict[Target, LedgerRow]:
        """The rows of a day by target; none when it was never processed."""
        return self.days([day]).get(day, {})

    def days(self, days: Sequence[str]) -> dict[str, dict[Target, LedgerRow]]:
        """The rows of those of the days that were processed, by day and target."""
        found = self._partitions.locations(self._database, "flow_runs", [(day,) for day in days])
        client = self.conn  # made once, here: clients are thread-safe, making them is not
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            rows = pool.map(lambda location: _rows(client, location), found.values())
            return {day: {row.target: row for row in some} for (day,), some in zip(found, rows, strict=True)}


def _rows(client: Any, location: str) -> list[LedgerRow]:
    place = urlsplit(location)
    bucket, prefix = place.netloc, f"{place.path.strip('/')}/"
    return [
        row
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
        for row in rows_of(client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode())
    ]
