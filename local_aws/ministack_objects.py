"""MiniStack's S3 as the local services use it: ordered listings, objects read as local files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ministack.core.responses import AccountScopedDict, request_scope
from ministack.services import s3

from local_aws.key_index import KeyIndex, list_page
from local_aws.objects import NoSuchBucket, NoSuchKey, StoredObject


class IndexedBuckets(AccountScopedDict):
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
                path = f"/{bucket}/{key}"  # as an ASGI server gives it: decoded
                answer: tuple[int, dict[str, str], bytes] = await s3.handle_request(
                    method, path, {}, body, {}, enforce_bucket_region=False, internal=True
                )
                return answer

        status, _, answer = asyncio.run_coroutine_threadsafe(request(), self._loop).result()
        if status >= 300:
            raise OSError(f"{method} s3://{bucket}/{key}: HTTP {status}: {answer[:500].decode(errors='replace')}")
