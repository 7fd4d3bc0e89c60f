"""The task of `lake_cleanup`: remove the files of runs that were replaced, when no reader can be in them any more."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import task

from flowlogs.airflow_settings import airflow_settings
from flowlogs.publishing import SUPERSEDED, Note, unreferenced
from flowlogs.settings import Settings

log = logging.getLogger(__name__)

_TABLES_OF = {"flow_records": ("flow_records", "flow_gaps", "flow_quarantine"), "flow_daily": ("flow_daily",)}
"""The tables whose partitions can lie in the folders of a table."""

_DELETED_AT_ONCE = 1000
"""Keys that DeleteObjects takes (S3 API reference)."""


@task
def remove_replaced_runs() -> dict[str, int]:
    """Remove the folders that notes name, once `lake.grace_hours` are over and no partition points at them.

    What is still pointed at (a run that published after the note was written) is left.
    """
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG
    from flowlogs.hooks.partitions import PartitionHook

    settings = airflow_settings()
    lake = settings.lake
    s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
    partitions = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    due = datetime.now(UTC) - timedelta(hours=settings.lake.grace_hours)
    removed = {"notes": 0, "folders": 0, "objects": 0}
    for key in s3.list_keys(lake.bucket, prefix=f"{lake.prefix}{SUPERSEDED}") or []:
        note = Note.from_json(s3.read_key(key, lake.bucket))
        if note.replaced_at > due:
            continue
        locations = [
            location
            for table in _TABLES_OF[note.table]
            for location in partitions.locations_of_day(settings.athena.database, table, note.day)
        ]
        for prefix in unreferenced(note.prefixes, lake.bucket, locations):
            removed["objects"] += _delete_folder(s3, settings, prefix)
            removed["folders"] += 1
        s3.delete_objects(lake.bucket, [key])
        removed["notes"] += 1
    log.info("removed %(folders)d folders with %(objects)d objects, as %(notes)d notes said", removed)
    return removed


def _delete_folder(s3: Any, settings: Settings, prefix: str) -> int:
    bucket = settings.lake.bucket
    keys = s3.list_keys(bucket, prefix=prefix) or []
    for start in range(0, len(keys), _DELETED_AT_ONCE):
        s3.delete_objects(bucket, keys[start : start + _DELETED_AT_ONCE])
    return len(keys)
