"""Data files of CTAS, INSERT INTO and UNLOAD: written to the scratch folder, then put into S3 all or none."""

from __future__ import annotations

import contextlib
import random
import re
import string
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from local_aws.athena.dml.relations import OutputColumn
from local_aws.athena.dml.types import literal, quoted
from local_aws.athena.model import QueryFailed, QueryRequest
from local_aws.athena.scan.formats import OutputFormat
from local_aws.athena.scan.partitions import HIVE_NULL
from local_aws.athena.scan.queries import BoundQuery, Run
from local_aws.objects import NoSuchBucket, ObjectStore, split_s3_uri

MAX_PARTITIONS = 100
"""Partitions that one statement may write (Athena user guide, "Considerations and limitations for CTAS queries")."""

_UNSAFE_IN_PATH = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
"""Characters that Hive writes as %XX in a partition's folder (Hive, FileUtils.escapePathName)."""


@dataclass(frozen=True)
class WrittenFile:
    """A finished local file and the values of its partition, as text."""

    path: Path
    values: tuple[str, ...]


def check_empty(objects: ObjectStore, location: str, what: str) -> None:
    """Raises: QueryFailed when the location is wrong, its bucket is missing, or objects are there."""
    try:
        bucket, prefix = split_s3_uri(location)
        occupied = next(iter(objects.list(bucket, folder_prefix(prefix))), None)
    except ValueError as error:
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: {error}") from error
    except NoSuchBucket as error:
        raise QueryFailed(f"HIVE_FILESYSTEM_ERROR: The specified bucket does not exist: {error}") from error
    if occupied is not None:
        raise QueryFailed(f"HIVE_PATH_ALREADY_EXISTS: Target directory for {what} already exists: {location}")


def folder_prefix(prefix: str) -> str:
    """A key prefix that ends in a slash, unless it is empty."""
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"


def write_files(
    bound: BoundQuery, columns: Sequence[OutputColumn], partition_names: Sequence[str], written: OutputFormat
) -> tuple[Run, list[WrittenFile]]:
    """Write the query's rows to local files, one for each partition; no file without rows.

    Args:
        bound: the query; its columns are `columns` by place.
        columns: names and types to write, partition columns among them.
        partition_names: the columns whose values name folders instead.
        written: the format.

    Raises: QueryFailed, with HIVE_TOO_MANY_OPEN_PARTITIONS for more than 100 partitions.
    """
    names = [quoted(column.name) for column in columns]
    data = [column for column in columns if column.name not in partition_names]
    if not data:
        raise QueryFailed("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    values = ", ".join(f"{written.value_sql(quoted(c.name), c)} AS {quoted(c.name)}" for c in data)
    source = f"({bound.query.sql}) AS result({', '.join(names)})"
    if not partition_names:
        target = bound.session.scratch / "data"
        copy = f"COPY (SELECT {values} FROM {source}) TO {literal(str(target))} ({written.copy_options})"
        run = bound.run(lambda connection: int(connection.execute(copy).fetchall()[0][0]))
        return run, [WrittenFile(target, ())] if run.rows else []
    keys = [column for column in columns if column.name in partition_names]
    keys.sort(key=lambda column: partition_names.index(column.name))
    texts = [_partition_text(key) for key in keys]
    folder = bound.session.scratch / "partitions"
    partitions: dict[int, tuple[str, ...]] = {}

    def write(connection: duckdb.DuckDBPyConnection) -> int:
        # The rows are kept first, as the number of partitions decides whether anything is written at all.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE result AS SELECT * FROM {source}")
        profile_of_query = bound.scanned()
        found = connection.execute(
            f"SELECT DISTINCT {', '.join(texts)} FROM result LIMIT {MAX_PARTITIONS + 1}"
        ).fetchall()
        if len(found) > MAX_PARTITIONS:
            raise QueryFailed(
                f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {MAX_PARTITIONS} open writers for partitions/buckets"
            )
        partitions.update(enumerate(sorted(found)))
        ordinals = "CASE " + " ".join(
            f"WHEN {' AND '.join(f'{text} = {literal(value)}' for text, value in zip(texts, row, strict=True))} THEN {n}"
            for n, row in partitions.items()
        )
        count = 0
        if partitions:
            copied = connection.execute(
                f"COPY (SELECT {values}, {ordinals} END AS partition_ordinal FROM result) TO {literal(str(folder))} "
                f"({written.copy_options}, PARTITION_BY (partition_ordinal), FILENAME_PATTERN 'data')"
            )
            count = int(copied.fetchall()[0][0])
        bound.remember_scanned(profile_of_query)
        return count

    run = bound.run(write)
    files = [
        WrittenFile(file, partitions[int(file.parent.name.partition("=")[2])])
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    return run, files


def partition_folder(names: Sequence[str], values: Sequence[str]) -> str:
    """`dt=2026-11-10/region=us-east-1/`, escaped as Hive does."""
    return "".join(f"{name}={_UNSAFE_IN_PATH.sub(_percent, value)}/" for name, value in zip(names, values, strict=True))


def object_name(written: OutputFormat, number: int) -> str:
    """A data file's name, such as `20261110_050709_00003_kx2ab_0b1c…`."""
    letters = "".join(random.choices(string.ascii_lowercase + string.digits, k=5))  # noqa: S311 - no secret
    return f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{number:05d}_{letters}_{uuid.uuid4()}{written.suffix}"


@contextlib.contextmanager
def published(request: QueryRequest, placed: Sequence[tuple[str, Path]]) -> Iterator[None]:
    """Put files to their URIs; all are deleted again when putting one, or the block, fails."""
    done: list[tuple[str, str]] = []
    try:
        for uri, path in placed:
            bucket, key = split_s3_uri(uri)
            done.append((bucket, key))
            request.objects.put_file(bucket, key, path)
        yield
    except BaseException:
        for bucket, key in done:
            request.objects.delete(bucket, [key])
        raise


def _partition_text(column: OutputColumn) -> str:
    """A partition column's value as the text that stands in Glue and in the folder's name."""
    name = quoted(column.name)
    if column.type.name == "timestamp":
        return f"coalesce(strftime({name}, '%Y-%m-%d %H:%M:%S.%g'), '{HIVE_NULL}')"
    if column.type.args or column.type.name in ("varbinary", "real", "double"):
        raise QueryFailed(f"NOT_SUPPORTED: Unsupported type [{column.type}] for partition: {column.name}")
    return f"coalesce(nullif(CAST({name} AS VARCHAR), ''), '{HIVE_NULL}')"


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
