"""What is known of failures between callbacks: each runs in a process of its own, some in other machines, none keeps state.

Below `failures/` in the lake:

    <dag>/<day>/<run>/<task>.json    the last failure of a task, for the one message of its run
    <dag>/<day>/told.json            that people were told the day failed: the next success tells that it is well again
    sent/<time>-<run>.json           that a message was sent, by which storms are noticed and what nobody was told of
    held/<time>-<run>.json           a failed run that no message was sent of, for there were too many
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.notifications.failed_run import TaskFailure
from flowlogs.settings import Settings

STORM_MESSAGES: Final = 5
STORM_WITHIN: Final = timedelta(minutes=10)
"""So many messages within this time are a storm: further failed runs are told together."""


class Told:
    """Of which runs people were told, and when."""

    def __init__(self, notes: Iterable[tuple[str, str]]) -> None:
        self._latest = {digest: stamp for stamp, digest in sorted(notes)}

    def knows(self, run_id: str, failed_at: datetime) -> bool:
        """Whether people were told of a run after it failed."""
        return self._latest.get(_digest(run_id), "") >= _stamp(failed_at)


class WatchNotes:
    """The notes of all DAGs, as the watchdog reads them."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.lake.bucket
        self._root = f"{settings.lake.prefix}failures/"
        self._settings = settings
        self._s3 = _client(settings)

    def of(self, dag_id: str, day: str | None) -> FailureNotes:
        """The notes of one DAG's runs for a day."""
        return FailureNotes(self._settings, dag_id, day, s3=self._s3)

    def told_since(self, since: datetime) -> Told:
        """The runs of which a message was sent, or is held, since a time."""
        notes = [
            key.rpartition("/")[2]
            for kind in ("sent", "held")
            for key in self._keys(f"{kind}/", f"{kind}/{_stamp(since)}")
        ]
        return Told(
            {(stamp, digest) for stamp, _, digest in (note.removesuffix(".json").partition("-") for note in notes)}
        )

    def held(self, until: datetime) -> dict[str, dict[str, Any]]:
        """The runs that were held before a time, by the note's key, the first in time first."""
        keys = [key for key in self._keys("held/") if key.rpartition("/")[2] < _stamp(until)]
        return {key: json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()) for key in keys}

    def release(self, key: str) -> None:
        """A held run was told of: it counts as sent."""
        kept = key.replace(f"{self._root}held/", f"{self._root}sent/", 1)
        self._s3.put_object(Bucket=self._bucket, Key=kept, Body=b"{}", ContentType="application/json")
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def first_time(self, what: str) -> bool:
        """Whether this is told for the first time; afterwards it is not."""
        key = f"{self._root}watched/{_digest(what)}.json"
        if self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key)["KeyCount"]:
            return False
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=json.dumps({"what": what}).encode())
        return True

    def _keys(self, within: str, after: str = "") -> Iterator[str]:
        where = {"Bucket": self._bucket, "Prefix": f"{self._root}{within}"}
        if after:
            where["StartAfter"] = f"{self._root}{after}"
        pages = self._s3.get_paginator("list_objects_v2").paginate(**where)
        return (found["Key"] for page in pages for found in page.get("Contents", ()))


class FailureNotes:
    """The notes of one DAG's runs for one day (or of runs without a day)."""

    def __init__(self, settings: Settings, dag_id: str, day: str | None, *, s3: Any = None) -> None:
        """`s3` is a client that is there already; making one costs more than a note."""
        self._bucket = settings.lake.bucket
        self._root = f"{settings.lake.prefix}failures/"
        self._folder = f"{self._root}{dag_id}/{day or 'no-day'}/"
        self._s3 = s3 or _client(settings)

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


def _client(settings: Settings) -> Any:
    return S3Hook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG).conn
