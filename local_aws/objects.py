"""What the local services need of S3: objects listed, read as local files, written and deleted.

`ObjectStore` is the contract; `MiniStackObjects` (ministack_objects.py) serves the running local AWS,
`FolderObjects` serves unit tests and benchmarks from a plain folder.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a bucket: its key, size in bytes, entity tag (unquoted) and modification time (UTC)."""

    key: str
    size: int
    etag: str
    last_modified: datetime


class NoSuchBucket(Exception):
    """The bucket does not exist; the message names it."""


class NoSuchKey(Exception):
    """The object does not exist; the message names its URI."""


class ObjectStore(Protocol):
    """S3 as one account sees it."""

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the bucket exists."""
        ...

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects whose key starts with `prefix`, in key order.

        Raises: NoSuchBucket.
        """
        ...

    def path(self, bucket: str, key: str) -> Path:
        """The local file that holds the object's bytes; to be read only.

        Raises: NoSuchBucket, NoSuchKey.
        """
        ...

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object whole.

        Raises: NoSuchBucket.
        """
        ...

    def put_file(self, bucket: str, key: str, file: Path) -> None:
        """Write an object from a finished local file, which is left in place.

        Raises: NoSuchBucket.
        """
        ...

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects; keys that do not exist are passed over.

        Raises: NoSuchBucket.
        """
        ...


def split_s3_uri(uri: str) -> tuple[str, str]:
    """`s3://bucket/key/with/slashes` -> (`bucket`, `key/with/slashes`); `s3a://` and `s3n://` are taken too.

    Raises: ValueError, naming the value.
    """
    for scheme in ("s3://", "s3a://", "s3n://"):
        if uri.startswith(scheme):
            bucket, _, key = uri[len(scheme) :].partition("/")
            if bucket:
                return bucket, key
    raise ValueError(f"not an S3 location: {uri!r} (expected s3://bucket/prefix)")


class FolderObjects:
    """Buckets as folders of `root`, objects as files below them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the folder of the bucket exists."""
        return (self._root / bucket).is_dir()

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects whose key starts with `prefix`, in key order."""
        folder = self._bucket(bucket)
        keys = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
        for key in keys:
            if key.startswith(prefix):
                stat = (folder / key).stat()
                etag = hashlib.md5(f"{key}{stat.st_size}{stat.st_mtime_ns}".encode(), usedforsecurity=False)
                modified = datetime.fromtimestamp(stat.st_mtime, UTC)
                yield StoredObject(key, stat.st_size, etag.hexdigest(), modified)

    def path(self, bucket: str, key: str) -> Path:
        """The object's file."""
        file = self._bucket(bucket) / key
        if not file.is_file():
            raise NoSuchKey(f"s3://{bucket}/{key}")
        return file

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object whole."""
        file = self._bucket(bucket) / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    def put_file(self, bucket: str, key: str, file: Path) -> None:
        """Copy a finished local file into the bucket."""
        target = self._bucket(bucket) / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects; missing keys are passed over."""
        folder = self._bucket(bucket)
        for key in keys:
            (folder / key).unlink(missing_ok=True)

    def _bucket(self, bucket: str) -> Path:
        folder = self._root / bucket
        if not folder.is_dir():
            raise NoSuchBucket(bucket)
        return folder
