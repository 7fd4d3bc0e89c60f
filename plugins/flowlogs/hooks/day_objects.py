"""The files of a day in S3, counted target by target."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
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

    def count(
        self, source: Source, targets: Sequence[Target], day: date, concurrency: int, *, until: datetime | None = None
    ) -> dict[Target, ObjectCount]:
        """The files of targets of a source; other objects in the folders are not counted, nor what came after `until`.

        S3 keeps the time of an object in whole seconds, cut off: what came in the second of `until` is not counted.
        """
        client = self.conn  # made once, here: clients are thread-safe, making them is not
        second = None if until is None else until.replace(microsecond=0)
        with ThreadPoolExecutor(max_workers=concurrency) as pool:
            counts = pool.map(
                lambda target: _count(client, source.bucket, source.day_prefix(target, day), second), targets
            )
            return dict(zip(targets, counts, strict=True))


def _count(client: Any, bucket: str, prefix: str, until: datetime | None) -> ObjectCount:
    files = [
        entry
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
        if parse_key(entry["Key"]) is not None and (until is None or entry["LastModified"] < until)
    ]
    newest = max((entry["LastModified"] for entry in files), default=None)
    return ObjectCount(len(files), sum(entry["Size"] for entry in files), newest)
