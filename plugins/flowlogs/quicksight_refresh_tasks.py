"""The tasks of `quicksight_refresh`: what is to be refreshed, and whether SPICE then holds what Athena answers."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.quicksight_setup_tasks import quicksight_client, wanted_dashboard
from flowlogs.settings import Settings

log = logging.getLogger(__name__)

INCREMENTAL: Final = "INCREMENTAL_REFRESH"
FULL: Final = "FULL_REFRESH"


@task
def plan_refresh(day: str, run_id: str, ti: Any) -> list[dict[str, str]]:
    """The ingestions that bring a day into SPICE: none for a data set whose newest ingestion began after the day was
    published and reads it, so that days which are backfilled together share one.

    A day within the look-back window is read by an incremental refresh, an older one by a full refresh. The ids are
    unique for each try, and tell the run by its digest.

    Raises:
        AirflowSkipException: when there is no dashboard, or every data set has the day already.
    """
    from flowlogs.quicksight.refreshes import first_day_reread

    settings = airflow_settings()
    if not settings.quicksight.enabled:
        raise AirflowSkipException("quicksight.enabled is false in the settings")
    client = quicksight_client(settings)
    published = _published(settings, day)
    recent = date.fromisoformat(day) >= first_day_reread(settings, datetime.now(UTC))
    kind = INCREMENTAL if recent and settings.quicksight.edition == "enterprise" else FULL
    run = hashlib.sha256(run_id.encode()).hexdigest()[:12]
    planned = []
    for name, data_set in wanted_dashboard(settings).data_sets.items():
        newest = _newest_ingestion(client, data_set.account_id, data_set.id)
        if newest is not None and _has(newest, published, kind):
            log.info("%s: ingestion %s began after %s was published", data_set.id, newest["IngestionId"], day)
            continue
        planned.append(
            {
                "data_set_id": data_set.id,
                "ingestion_id": f"{day}-{run}-{ti.try_number}-{name}",
                "ingestion_type": kind if newest is not None else FULL,
            }
        )
    if not planned:
        raise AirflowSkipException(f"SPICE has {day} already")
    return planned


@task
def verify_rows(planned: Sequence[dict[str, str]]) -> dict[str, int]:
    """See that no row was dropped, and that a full refresh holds as many rows as Athena answers.

    Returns: the rows by data set.

    Raises:
        AirflowFailException: with the numbers.
    """
    settings = airflow_settings()
    client = quicksight_client(settings)
    data_sets = {data_set.id: (name, data_set) for name, data_set in wanted_dashboard(settings).data_sets.items()}
    rows, problems = {}, []
    for one in planned:
        name, data_set = data_sets[one["data_set_id"]]
        ingestion = _newest_ingestion(client, data_set.account_id, data_set.id, one["ingestion_id"])
        if ingestion is None:
            problems.append(f"{data_set.id}: QuickSight knows no ingestion {one['ingestion_id']} that went well")
            continue
        told = ingestion.get("RowInfo", {})
        dropped, total = told.get("RowsDropped", 0), told.get("TotalRowsInDataset", 0)
        rows[data_set.id] = total
        log.info("%s: %d rows, %d ingested, %d dropped", data_set.id, total, told.get("RowsIngested", 0), dropped)
        if dropped:
            problems.append(f"{data_set.id}: {dropped} rows were dropped; a value does not fit its column's type")
        if one["ingestion_type"] == FULL and (expected := _count(settings, name)) != total:
            text = f"{data_set.id}: SPICE has {total} rows, Athena {expected}"
            if _published_since(settings, ingestion["CreatedTime"]):
                log.info("%s; days were published meanwhile, and have refreshes of their own", text)
            else:
                problems.append(f"{text}; run the refresh again")
    if problems:
        raise AirflowFailException("; ".join(problems))
    return rows


def _published(settings: Settings, day: str) -> datetime:
    """When the day's newest rows of the ledger were written."""
    from flowlogs.hooks.ledger import LedgerHook

    recorded = [row.recorded_at for row in LedgerHook.of(settings).day(day).values()]
    return max(map(datetime.fromisoformat, recorded), default=datetime.now(UTC))


def _published_since(settings: Settings, moment: datetime) -> bool:
    """Whether a day that the data sets hold was published after a moment."""
    from flowlogs.hooks.ledger import LedgerHook

    today = datetime.now(UTC).date()
    days = [str(today - timedelta(days=back)) for back in range(settings.quicksight.history_days + 1)]
    rows = [row for some in LedgerHook.of(settings).days(days).values() for row in some.values()]
    return any(datetime.fromisoformat(row.recorded_at) >= moment.replace(microsecond=0) for row in rows)


def _newest_ingestion(client: Any, account_id: str, data_set_id: str, begin: str = "") -> dict[str, Any] | None:
    """The newest that has not failed, of those whose ids begin so; listings begin with the newest (QuickSight API reference, ListIngestions)."""
    pages = client.get_paginator("list_ingestions").paginate(AwsAccountId=account_id, DataSetId=data_set_id)
    for page in pages:
        for ingestion in page["Ingestions"]:
            is_meant = ingestion["IngestionId"].startswith(begin)
            if is_meant and ingestion["IngestionStatus"] not in ("FAILED", "CANCELLED"):
                found: dict[str, Any] = ingestion
                return found
    return None


def _has(ingestion: dict[str, Any], published: datetime, kind: str) -> bool:
    reads_all = ingestion.get("RequestType") != INCREMENTAL
    return bool(ingestion["CreatedTime"] > published and (reads_all or kind == INCREMENTAL))


def _count(settings: Settings, name: str) -> int:
    """Rows that the data set's query has now."""
    from flowlogs.hooks.queries import QueriesHook
    from flowlogs.quicksight.data_sets import data_set_files, query

    queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    sql = f"SELECT count(*) AS n FROM (\n{query(data_set_files()[name].sql, settings)}\n)"
    query_id = queries.run_and_wait(sql, database=settings.athena.database, work_group=settings.athena.work_group)
    return int(queries.result(query_id)[0]["n"])
