"""The objects of partitions' locations, as Hive lists a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.partitions import SelectedPartition
from local_aws.objects import NoSuchBucket, NoSuchKey, ObjectStore, split_s3_uri


@dataclass(frozen=True, slots=True)
class DataFile:
    """One object to be read: its URI, local file, size in bytes, modification time, and its partition."""

    uri: str
    path: Path
    size: int
    modified: datetime
    partition: SelectedPartition


def data_files(objects: ObjectStore, partitions: Sequence[SelectedPartition]) -> list[DataFile]:
    """The objects below the partitions' locations, recursively.

    Empty objects, folder markers and those with a path element that starts with `_` or `.` are passed over.

    Raises: QueryFailed for a bad location, a missing bucket, or an object that is deleted meanwhile.
    """
    files = []
    for partition in partitions:
        bucket, prefix = _folder(partition.location)
        try:
            for found in objects.list(bucket, prefix):
                if found.size and not found.key.endswith("/") and not _hidden(found.key[len(prefix) :]):
                    uri = f"s3://{bucket}/{found.key}"
                    path = objects.path(bucket, found.key)
                    files.append(DataFile(uri, path, found.size, found.last_modified, partition))
        except NoSuchBucket as error:
            raise QueryFailed(
                f"HIVE_FILESYSTEM_ERROR: Failed to list directory: {partition.location}. The specified bucket does "
                f"not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket): {bucket}"
            ) from error
        except NoSuchKey as error:
            raise missing_object(str(error)) from error
    return files


def missing_object(uri: str) -> QueryFailed:
    """The error for an object that was listed and is gone when it is opened."""
    return QueryFailed(
        f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {uri}: The specified key does not exist. "
        "(Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey)",
        retryable=True,
    )


def _folder(location: str) -> tuple[str, str]:
    try:
        bucket, prefix = split_s3_uri(location)
    except ValueError as error:
        raise QueryFailed(f"HIVE_INVALID_METADATA: {error}") from error
    return bucket, prefix if not prefix or prefix.endswith("/") else prefix + "/"


def _hidden(relative_key: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative_key.split("/"))
