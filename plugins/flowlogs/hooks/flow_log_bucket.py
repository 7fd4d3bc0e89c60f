"""Listings of a flow log bucket: which flow logs write there, and what their newest files are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs import layout
from flowlogs.arrival import NewestFile, newest
from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.sources import Source
from flowlogs.targets import Target

_CONNECTIONS = 64


class FlowLogBucketHook(S3Hook):
    """Asks S3 about the flow logs of targets. Its methods may be called from many threads.

    :param aws_conn_id: the Airflow connection to AWS
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("config", {**BOTOCORE_CONFIG, "max_pool_connections": _CONNECTIONS})
        super().__init__(**kwargs)
        self.list_calls = 0
        """LIST requests so far; each is billed, and lists 1,000 entries at most."""
        self._lock = threading.Lock()

    @cached_property
    def _client(self) -> Any:
        return self.conn

    def connect(self) -> None:
        """Make the client now: making one is not safe in threads, using it is."""
        _ = self._client

    def flow_logs(self, source: Source, target: Target, day: date) -> frozenset[str]:
        """The flow logs with files in a target's day: one LIST request, in the hourly layouts one more an hour."""
        where = (source.prefix, source.layout, target.account, target.region, day)
        if source.layout not in layout.HOURLY_LAYOUTS:
            return self._flow_logs_of(source, layout.flow_logs_in(*where))
        found: set[str] = set()
        for _, hour_prefixes in self._pages(source.bucket, layout.hours_in(*where)):
            for prefix in hour_prefixes:
                folder = layout.parse_prefix(prefix)
                if folder is not None and folder.hour is not None:
                    found |= self._flow_logs_of(source, layout.flow_logs_in(*where, hour=folder.hour))
        return frozenset(found)

    def newest_file(
        self, source: Source, target: Target, flow_log: str, day: date, since: datetime
    ) -> NewestFile | None:
        """The newest file of a flow log, looking from `since` (UTC) to the day's end only; None when there is none.

        One LIST request, however many files the day has; in the hourly layouts one for each hour from `since`.
        """
        listings = layout.newest_files(
            source.prefix, source.layout, target.account, target.region, flow_log, day, since
        )
        return newest(
            (key.time, entry["LastModified"])
            for listing in listings
            for entries, _ in self._pages(source.bucket, listing)
            for entry in entries
            if (key := layout.parse_key(entry["Key"])) is not None
        )

    def _flow_logs_of(self, source: Source, listing: layout.Listing) -> frozenset[str]:
        return frozenset(
            flow_log
            for _, prefixes in self._pages(source.bucket, listing)
            for prefix in prefixes
            if (flow_log := layout.flow_log_id(prefix)) is not None
        )

    def _pages(self, bucket: str, listing: layout.Listing) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
        """Each page's objects and common prefixes."""
        paginator = self._client.get_paginator("list_objects_v2")
        for page in paginator.paginate(Bucket=bucket, **listing.arguments):
            with self._lock:
                self.list_calls += 1
            yield page.get("Contents", []), [found["Prefix"] for found in page.get("CommonPrefixes", [])]
