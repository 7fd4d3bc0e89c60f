"""The tasks of `lake_retention`: remove what is older than the settings keep, or say what that would be."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import task

from flowlogs.airflow_settings import airflow_settings
from flowlogs.retention import old_days
from flowlogs.settings import Settings

log = logging.getLogger(__name__)

_DELETED_AT_ONCE = 1000
"""Keys that DeleteObjects takes (S3 API reference)."""
_DAY = re.compile(r"/dt=(\d{4}-\d{2}-\d{2})/$")


@task
def remove_old_days(day: str, params: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Remove the days of the tables that the settings do not keep: from the catalog first, then their files.

    Returns: by table, the days, partitions and files that were removed, or would be.
    """
    from flowlogs.hooks.partitions import PartitionHook

    settings = airflow_settings()
    dry_run = _is_dry(settings, params)
    s3 = _s3(settings)
    hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    removed = {}
    for old in old_days(settings, _today(day)):
        partitions = hook.days_before(settings.athena.database, old.table, old.before)
        if not dry_run:
            hook.remove(settings.athena.database, old.table, [values for day in partitions.values() for values in day])
        # Folders that no partition points at are old as well: those of runs that failed.
        folders = list(_days_of(s3, settings, settings.lake.prefix_of(old.table), old.before)) if old.with_files else []
        files = sum(_remove_below(s3, settings.lake.bucket, folder, dry_run) for folder in folders)
        removed[old.table] = {
            "days": len(partitions), "partitions": sum(map(len, partitions.values())), "files": files,
        }  # fmt: skip
        _tell(dry_run, f"{old.table} before {old.before}", removed[old.table])
    return removed


@task
def remove_old_reports(day: str, params: Mapping[str, Any]) -> dict[str, int]:
    """Remove the reports that the settings do not keep.

    Returns: the files that were removed, or would be, by edition.
    """
    settings = airflow_settings()
    removed: dict[str, int] = {}
    if settings.retention.report_days is None:
        return removed
    dry_run = _is_dry(settings, params)
    s3 = _s3(settings)
    before = (_today(day) - timedelta(days=settings.retention.report_days)).isoformat()
    for edition in ("daily", "weekly", "monthly"):
        root = f"{settings.lake.prefix}reports/rejected_traffic/{edition}/"
        folders = _days_of(s3, settings, root, before)
        removed[edition] = sum(_remove_below(s3, settings.lake.bucket, folder, dry_run) for folder in folders)
    _tell(dry_run, f"reports before {before}", removed)
    return removed


@task
def remove_old_query_results(day: str, params: Mapping[str, Any]) -> int:
    """Remove the results of Athena queries that the settings do not keep.

    Returns: the files that were removed, or would be.
    """
    settings = airflow_settings()
    if settings.retention.query_result_days is None:
        return 0
    place = urlsplit(settings.athena.output_location)
    before = datetime.combine(_today(day), datetime.min.time(), UTC) - timedelta(
        days=settings.retention.query_result_days
    )
    dry_run = _is_dry(settings, params)
    files = _remove_below(_s3(settings), place.netloc, place.path.lstrip("/"), dry_run, before)
    _tell(dry_run, f"query results before {before:%Y-%m-%d}", {"files": files})
    return files


def _is_dry(settings: Settings, params: Mapping[str, Any]) -> bool:
    return settings.retention.dry_run if params["dry_run"] is None else bool(params["dry_run"])


def _today(day: str) -> date:
    """The day after that of the run's partition key, which is over."""
    return date.fromisoformat(day) + timedelta(days=1)


def _days_of(s3: Any, settings: Settings, root: str, before: str) -> Iterator[str]:
    """The folders of days below a prefix that are older than a day."""
    for prefix in s3.list_prefixes(settings.lake.bucket, prefix=root, delimiter="/") or []:
        found = _DAY.search(prefix)
        if found is not None and found[1] < before:
            yield prefix


def _remove_below(s3: Any, bucket: str, prefix: str, dry_run: bool, before: datetime | None = None) -> int:
    removed = 0
    for page in s3.conn.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        keys = [entry["Key"] for entry in page.get("Contents", ()) if before is None or entry["LastModified"] < before]
        if keys and not dry_run:
            s3.delete_objects(bucket, keys[:_DELETED_AT_ONCE])
        removed += len(keys)
    return removed


def _tell(dry_run: bool, what: str, removed: Mapping[str, int]) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in removed.items())
    log.info("%s: %s %s", what, counts, "would be removed (dry run)" if dry_run else "removed")


def _s3(settings: Settings) -> Any:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG

    return S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
