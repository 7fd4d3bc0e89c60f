"""What the page reads in the lake: objects by key, and where the catalog says that the days of the ledger stand."""

from __future__ import annotations

import threading
from typing import Any, Final
from urllib.parse import urlsplit

from flowlogs.settings import Settings

AT_ONCE: Final = 12
"""Objects that are read at the same time."""


class Lake:
    """Reads and writes below `lake.prefix` with the pipeline's connection."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._s3: Any = None
        self._glue: Any = None

    def ledger_locations(self) -> dict[str, str] | None:
        """The location of every day's rows, by day: what readers of the table see. None without the table.

        One paged call of Glue, however many days.
        """
        self._connect()
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.settings.athena.database, TableName="flow_runs", ExcludeColumnSchema=True
        )
        try:
            return {
                entry["Values"][0]: entry["StorageDescriptor"]["Location"]
                for page in pages
                for entry in page["Partitions"]
            }
        except self._glue.exceptions.EntityNotFoundException:
            return None

    def rows_at(self, location: str) -> str:
        """The JSON lines of a day's rows at a location of the ledger."""
        self._connect()
        place = urlsplit(location)
        bucket, prefix = place.netloc, f"{place.path.strip('/')}/"
        whole = self._get(bucket, f"{prefix}rows.json")
        if whole is not None:  # as `record_day` writes it: one request instead of two
            return whole.decode()
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return "".join((self._get(bucket, key) or b"").decode() for key in keys)

    def read(self, key: str) -> bytes | None:
        """An object of the lake, by its key below `lake.prefix`; None when there is none."""
        self._connect()
        return self._get(self.settings.lake.bucket, f"{self.settings.lake.prefix}{key}")

    def write(self, key: str, data: bytes, content_type: str) -> None:
        """Replace an object of the lake, by its key below `lake.prefix`."""
        self._connect()
        self._s3.put_object(
            Bucket=self.settings.lake.bucket,
            Key=f"{self.settings.lake.prefix}{key}",
            Body=data,
            ContentType=content_type,
        )

    def _get(self, bucket: str, key: str) -> bytes | None:
        from botocore.exceptions import ClientError

        try:
            data: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return data

    def _connect(self) -> None:
        """The clients, made once: they are thread-safe, making them is not."""
        with self._lock:
            if self._glue is not None:
                return
            from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
            from airflow.providers.amazon.aws.hooks.s3 import S3Hook

            from flowlogs.aws import BOTOCORE_CONFIG

            # A person waits for the page: give up sooner than a task does.
            config = {
                **BOTOCORE_CONFIG,
                "retries": {"mode": "standard", "max_attempts": 3},
                "connect_timeout": 5,
                "read_timeout": 20,
                "max_pool_connections": 2 * AT_ONCE,  # the ledger and the reports at the same time
            }
            aws = self.settings.aws
            self._s3 = S3Hook(aws_conn_id=aws.conn_id, config=config).conn
            self._glue = GlueCatalogHook(aws_conn_id=aws.conn_id, region_name=aws.region, config=config).conn
