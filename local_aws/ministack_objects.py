"""MiniStack's S3 as the local services use it: fast ordered listings, objects read as local files.

MiniStack keeps a bucket's keys in a plain dict and sorts all of them for every LIST. `KeyIndex` keeps them
sorted instead, so that one page costs one page however large the bucket is.
"""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ministack.core.responses import AccountScopedDict, request_scope
from ministack.services import s3

from local_aws.objects import NoSuchBucket, NoSuchKey, StoredObject

_AFTER_EVERY_CHARACTER = "\U0010ffff"


class KeyIndex(dict[str, Any]):
    """A bucket's objects by key, with the keys also held in order."""

    def __init__(self, objects: dict[str, Any]) -> None:
        super().__init__(objects)
        self._ordered = sorted(objects)
        self._lock = threading.Lock()

    def __setitem__(self, key: str, value: Any) -> None:
        with self._lock:
            if key not in self:
                insort(self._ordered, key)
            super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        with self._lock:
            super().__delitem__(key)
            del self._ordered[bisect_left(self._ordered, key)]

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key, as dict.pop does."""
        with self._lock:
            if key in self:
                del self._ordered[bisect_left(self._ordered, key)]
            return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As dict.setdefault."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **more: Any) -> None:
        """As dict.update."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            super().clear()
            self._ordered.clear()

    def page(self, prefix: str, after: str, size: int) -> list[str]:
        """At most `size` keys that start with `prefix` and sort behind `after`, in order."""
        with self._lock:
            first = bisect_left(self._ordered, prefix)
            if after:
                first = max(first, bisect_right(self._ordered, after))
            keys = self._ordered[first : first + size]
        while keys and not keys[-1].startswith(prefix):
            keys.pop()
        return keys


class IndexedBuckets(AccountScopedDict):  # type: ignore[misc]
    """MiniStack's buckets, each with a KeyIndex for its objects."""

    __slots__ = ()

    def __setitem__(self, name: str, bucket: dict[str, Any]) -> None:
        super().__setitem__(name, _indexed(bucket))

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As dict.setdefault."""
        return super().setdefault(name, _indexed(default))


def install_key_index() -> None:
    """Give every bucket a KeyIndex and list by it. To be called again after buckets were restored."""
    s3._buckets.__class__ = IndexedBuckets
    for bucket in s3._buckets._data.values():
        _indexed(bucket)
    s3._collect_list_entries = list_page


def _indexed(bucket: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(bucket["objects"], KeyIndex):
        bucket["objects"] = KeyIndex(bucket["objects"])
    return bucket


def list_page(
    objects: KeyIndex, prefix: str, delimiter: str, max_keys: int, start_after: str
) -> tuple[list[str], list[str], bool, str]:
    """One page of a bucket listing: keys, common prefixes, whether more follow, the last row.

    Rows at or before `start_after` are left out; a common prefix is one row (S3 API, ListObjectsV2).
    """
    keys: list[str] = []
    common_prefixes: list[str] = []
    last = start_after
    for row, is_prefix in _rows(objects, prefix, delimiter, start_after, max_keys):
        if len(keys) + len(common_prefixes) == max_keys:
            return keys, common_prefixes, True, last
        (common_prefixes if is_prefix else keys).append(row)
        last = row
    return keys, common_prefixes, False, last


def _rows(
    objects: KeyIndex, prefix: str, delimiter: str, start_after: str, max_keys: int
) -> Iterator[tuple[str, bool]]:
    after = start_after
    if delimiter and start_after.startswith(prefix):
        # The marker may itself be, or lie in, a collapsed group: that group was a row before this page.
        group = _group(start_after, prefix, delimiter)
        after = group + _AFTER_EVERY_CHARACTER if group else after
    while page := objects.page(prefix, after, 1 if delimiter else max_keys + 1):
        for key in page:
            group = _group(key, prefix, delimiter)
            if group:
                yield group, True
                after = group + _AFTER_EVERY_CHARACTER
                break
            yield key, False
            after = key


def _group(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix that a key collapses into, or an empty string."""
    if not delimiter:
        return ""
    end = key.find(delimiter, len(prefix))
    return key[: end + len(delimiter)] if end >= 0 else ""


class MiniStackObjects:
    """S3 of one account in the running local AWS (see `objects.ObjectStore`).

    Reads go to MiniStack's records and files directly; writes go through its S3 handler on the server's
    event loop, so that versioning, notifications and persistence behave as for any client. Not to be called
    from the event loop itself.
    """

    def __init__(self, account_id: str, region: str, loop: asyncio.AbstractEventLoop) -> None:
        self._account_id = account_id
        self._region = region
        self._loop = loop

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the account has the bucket."""
        return (self._account_id, bucket) in s3._buckets._data

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects whose key starts with `prefix`, in key order."""
        objects = self._objects(bucket)
        after = ""
        while page := objects.page(prefix, after, 1000):
            for key in page:
                record = objects.get(key)
                if record is not None:
                    modified = datetime.fromisoformat(record["last_modified"]).astimezone(UTC)
                    yield StoredObject(key, record["size"], record["etag"].strip('"'), modified)
            after = page[-1]

    def path(self, bucket: str, key: str) -> Path:
        """The file that MiniStack keeps the object's bytes in."""
        if key not in self._objects(bucket):
            raise NoSuchKey(f"s3://{bucket}/{key}")
        return Path(s3._object_disk_path(bucket, key, self._account_id))

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object whole."""
        self._objects(bucket)
        self._request("PUT", bucket, key, body)

    def put_file(self, bucket: str, key: str, file: Path) -> None:
        """Write an object from a local file."""
        self.put(bucket, key, file.read_bytes())

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects; missing keys are passed over."""
        self._objects(bucket)
        for key in keys:
            self._request("DELETE", bucket, key, b"")

    def _objects(self, bucket: str) -> KeyIndex:
        record = s3._buckets._data.get((self._account_id, bucket))
        if record is None:
            raise NoSuchBucket(bucket)
        objects: KeyIndex = record["objects"]
        return objects

    def _request(self, method: str, bucket: str, key: str, body: bytes) -> None:
        async def request() -> tuple[int, dict[str, str], bytes]:
            with request_scope(self._account_id, self._region):
                path = f"/{bucket}/{quote(key)}"
                answer: tuple[int, dict[str, str], bytes] = await s3.handle_request(
                    method, path, {}, body, {}, enforce_bucket_region=False, internal=True
                )
                return answer

        status, _, answer = asyncio.run_coroutine_threadsafe(request(), self._loop).result()
        if status >= 300:
            raise OSError(f"{method} s3://{bucket}/{key}: HTTP {status}: {answer[:500].decode(errors='replace')}")
