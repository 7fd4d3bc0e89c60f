"""Where files go: a local folder, or a bucket of any S3 endpoint."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

UPLOADS_AT_ONCE = 4


class Writer(Protocol):
    """An open sink: takes files, possibly finishing them in the background."""

    def put(self, key: str, body: bytes, delivered: datetime) -> None:
        """Write one file under its key; `delivered` is when AWS would have put it there."""
        ...

    def close(self) -> None:
        """Wait until everything is written; raises what went wrong in the background."""
        ...


class Sink(Protocol):
    """A place for files; plain data, so that it can be sent to another process and opened there."""

    def open(self) -> Writer:
        """Start writing."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSink:
    """A folder that stands for a bucket: keys are paths below it, delivery times modification times."""

    folder: Path

    def open(self) -> Writer:
        """Start writing; the folder is made when the first file needs it."""
        return _FolderWriter(self.folder)


class _FolderWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: set[Path] = set()

    def put(self, key: str, body: bytes, delivered: datetime) -> None:
        file = self._folder / key
        if file.parent not in self._made:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(file.parent)
        file.write_bytes(body)
        os.utime(file, (delivered.timestamp(),) * 2)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class S3Sink:
    """A bucket. `endpoint_url` None is AWS itself; credentials are found as boto3 finds them."""

    bucket: str
    endpoint_url: str | None = None
    region: str = "us-east-1"

    def client(self) -> Any:
        """An S3 client of the endpoint."""
        import boto3
        from botocore.config import Config

        config = Config(max_pool_connections=UPLOADS_AT_ONCE, retries={"mode": "standard", "max_attempts": 3})
        return boto3.client("s3", endpoint_url=self.endpoint_url, region_name=self.region, config=config)

    def open(self) -> Writer:
        """Start writing; a few uploads run at once, and `put` waits when they fall behind."""
        return _S3Writer(self.client(), self.bucket)

    def ensure_bucket(self) -> None:
        """Make the bucket unless it is there."""
        from botocore.exceptions import ClientError

        client = self.client()
        try:
            client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
            where = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
            client.create_bucket(Bucket=self.bucket, **({"CreateBucketConfiguration": where} if where else {}))


class _S3Writer:
    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(UPLOADS_AT_ONCE, thread_name_prefix="upload")
        self._running: set[Future[Any]] = set()

    def put(self, key: str, body: bytes, delivered: datetime) -> None:
        # Twice as many as run at once: the next ones wait ready, and memory stays bounded.
        while len(self._running) >= 2 * UPLOADS_AT_ONCE:
            self._settle(wait(self._running, return_when=FIRST_COMPLETED).done)
        self._running.add(self._pool.submit(self._client.put_object, Bucket=self._bucket, Key=key, Body=body))

    def close(self) -> None:
        try:
            self._settle(wait(self._running).done)
        finally:
            self._pool.shutdown()

    def _settle(self, done: set[Future[Any]]) -> None:
        self._running -= done
        for upload in done:
            upload.result()
