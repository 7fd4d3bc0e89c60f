"""The files of a day in S3, counted target by target."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.layout import parse_key
from flowlogs.ledger import ObjectCount
from flowlogs.sources import Source
from flowlogs.targets import Target


class DayObjectsHook(S3Hook):
    """Counts the flow log files of targets' days: a page of 1,000 keys a LIST, several targets at a time.

    :param aws_conn_id: the Airflow connection to AWS
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("config", {**BOTOCORE_CONFIG, "max_pool_connections": 32})
        super().__init__(**kwargs)

    def count(self, source: Source, day: date, concurrency: int) -> dict[Target, ObjectCount]:
        """The files of every target of a source; other objects in the folders are not counted."""
        targets: Sequence[Target] = source.targets()
        client = self.conn  # made once, here: clients are thread-safe, making them is not
        with ThreadPoolExecutor(max_workers=concurrency) as pool:
            counts = pool.map(lambda target: _count(client, source.bucket, source.day_prefix(target, day)), targets)
            return dict(zip(targets, counts, strict=True))


def _count(client: Any, bucket: str, prefix: str) -> ObjectCount:
    files = [
        entry
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
        if parse_key(entry["Key"]) is not None
    ]
    newest = max((entry["LastModified"] for entry in files), default=None)
    return ObjectCount(len(files), sum(entry["Size"] for entry in files), newest)
