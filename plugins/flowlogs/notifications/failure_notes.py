"""What is known of failures between callbacks: each runs in a process of its own, some in other machines, none keeps state.

Below `failures/` in the lake:

    <dag>/<day>/<run>/<task>.json    the last failure of a task, for the one message of its run
    <dag>/<day>/told.json            that people were told the day failed: the next success tells that it is well again
    sent/<time>-<run>.json           that a message was sent, by which storms are noticed
    held/<time>-<run>.json           a failed run that no message was sent of, for there were too many
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.notifications.failed_run import TaskFailure
from flowlogs.settings import Settings

STORM_MESSAGES: Final = 5
STORM_WITHIN: Final = timedelta(minutes=10)
"""So many messages within this time are a storm: further failed runs are told together."""


class FailureNotes:
    """The notes of one DAG's runs for one day (or of runs without a day)."""

    def __init__(self, settings: Settings, dag_id: str, day: str | None) -> None:
        self._bucket = settings.lake.bucket
        self._root = f"{settings.lake.prefix}failures/"
        self._folder = f"{self._root}{dag_id}/{day or 'no-day'}/"
        self._s3 = S3Hook(
            aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG
        ).conn

    def note(self, run_id: str, failure: TaskFailure) -> None:
        """Keep a task's failure for the message of its run."""
        self._put(f"{self._of_run(run_id)}{failure.task_id}-{failure.map_index}.json", failure.to_json())

    def failures(self, run_id: str) -> list[TaskFailure]:
        """The failures of a run's tasks, the first in time first."""
        found = [TaskFailure.from_json(self._read(key)) for key in self._keys(self._of_run(run_id))]
        return sorted(found, key=lambda failure: failure.at)

    def was_told(self) -> bool:
        """Whether people know that the day failed."""
        return next(self._keys(f"{self._folder}told.json"), None) is not None

    def is_storm(self, now: datetime) -> bool:
        """Whether so many messages were just sent that another would not be read."""
        after = f"{self._root}sent/{_stamp(now - STORM_WITHIN)}"
        pages = self._s3.list_objects_v2(
            Bucket=self._bucket, Prefix=f"{self._root}sent/", StartAfter=after, MaxKeys=STORM_MESSAGES
        )
        return int(pages["KeyCount"]) >= STORM_MESSAGES

    def sent(self, run_id: str, now: datetime) -> None:
        """Note that a message was sent of a run."""
        self._put(f"{self._folder}told.json", json.dumps({"run_id": run_id, "at": now.isoformat()}))
        self._put(f"{self._root}sent/{_stamp(now)}-{_digest(run_id)}.json", "{}")

    def hold(self, run_id: str, now: datetime, what: Mapping[str, Any]) -> None:
        """Keep a failed run to be told together with others."""
        self._put(f"{self._folder}told.json", json.dumps({"run_id": run_id, "at": now.isoformat()}))
        self._put(f"{self._root}held/{_stamp(now)}-{_digest(run_id)}.json", json.dumps(what, ensure_ascii=False))

    def forget(self) -> None:
        """The day is well again: remove its notes."""
        for key in list(self._keys(self._folder)):
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _of_run(self, run_id: str) -> str:
        return f"{self._folder}{_digest(run_id)}/"

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return (found["Key"] for page in pages for found in page.get("Contents", ()))

    def _read(self, key: str) -> str:
        text: str = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read().decode()
        return text

    def _put(self, key: str, text: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json")


def _digest(run_id: str) -> str:
    return hashlib.sha256(run_id.encode()).hexdigest()[:12]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
