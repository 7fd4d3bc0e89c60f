"""The task of `flow_logs_daily` that closes a day: its rows of the ledger, and its asset."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import task

from flowlogs import ledger
from flowlogs.airflow_settings import airflow_settings
from flowlogs.coverage import Coverage
from flowlogs.curation_tasks import curated_targets, day_counts
from flowlogs.dag_defaults import FLOW_LOGS_DAY
from flowlogs.settings import Settings
from flowlogs.targets import Target

log = logging.getLogger(__name__)


@task(outlets=[FLOW_LOGS_DAY])
def record_day(
    day: str,
    coverage: dict[str, Any],
    record_query_ids: Sequence[str],
    count_query_ids: Sequence[str],
    summary_query_ids: Sequence[str],
    summary_count_query_ids: Sequence[str],
    run_id: str,
    ti: Any,
    outlet_events: Any,
) -> dict[str, Any]:
    """Write the day's rows of the ledger and point its partition at them; publish the day.

    The rows go to a folder of this try alone, so a reader sees the ledger of the run before, or of this one.
    """
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG
    from flowlogs.hooks.partitions import PartitionHook

    settings = airflow_settings()
    counts = day_counts(settings, day, record_query_ids, count_query_ids)
    scanned = _scanned_by_source(
        settings, [*record_query_ids, *summary_query_ids], [*count_query_ids, *summary_count_query_ids]
    )
    rows = _ledger_rows(
        settings,
        date.fromisoformat(day),
        Coverage.from_json(coverage),
        counts,
        scanned,
        run_id,
        curated=curated_targets(settings, record_query_ids),
        read_at=_read_at(settings, record_query_ids),
    )
    lake = settings.lake
    folder = ledger.run_folder(lake.prefix_of("flow_runs"), date.fromisoformat(day), run_id, ti.try_number)
    body = ledger.json_lines(rows).encode()
    s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
    s3.load_bytes(body, key=f"{folder}rows.json", bucket_name=lake.bucket, replace=True)
    hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    hook.point(settings.athena.database, "flow_runs", [day], f"s3://{lake.bucket}/{folder}")
    outlet_events[FLOW_LOGS_DAY].add_partitions(day)
    totals = {
        "targets": len(rows),
        "complete": sum(row.status == "complete" for row in rows),
        "objects": sum(row.objects for row in rows),
        "bytes": sum(row.bytes for row in rows),
        "records": sum(row.records for row in rows),
        "curated": sum(row.curated for row in rows),
        "quarantined": sum(row.unparsable for row in rows),
        "bytes_scanned": sum(row.bytes_scanned for row in rows),
        "cost_usd": round(sum(row.cost_usd for row in rows), 6),
    }
    log.info("%s: %s", day, ", ".join(f"{value} {name}" for name, value in totals.items()))
    return totals


def _ledger_rows(
    settings: Settings,
    day: date,
    coverage: Coverage,
    counts: Mapping[tuple[str, str, str], ledger.RowCount],
    scanned: Mapping[str, tuple[int, float]],
    run_id: str,
    *,
    curated: AbstractSet[Target],
    read_at: datetime,
) -> list[ledger.LedgerRow]:
    """The rows of the targets that the run curated, and of the others those that stand in the ledger."""
    from flowlogs.hooks.day_objects import DayObjectsHook
    from flowlogs.hooks.ledger import LedgerHook

    objects = DayObjectsHook(aws_conn_id=settings.aws.conn_id)
    now = datetime.now(UTC)
    before = LedgerHook.of(settings).day(day.isoformat())
    found = []
    for source in settings.sources:
        mine = [target for target in source.targets() if target in curated]
        files = objects.count(source, mine, day, settings.arrival.concurrency, until=read_at)
        total, cost = scanned[source.name]
        parts = dict(zip(mine, ledger.shares(total, [files[target].bytes for target in mine]), strict=True))
        for target in source.targets():
            if target not in curated:
                found += [before[target]] if target in before else []
                continue
            found.append(
                ledger.ledger_row(
                    target,
                    status=coverage.status_of(target),
                    reason=coverage.reason_of(target),
                    files=files[target],
                    rows=counts.get((source.name, target.account, target.region), ledger.RowCount()),
                    scanned=parts[target],
                    cost_usd=cost * parts[target] / total if total else 0.0,
                    run_id=run_id,
                    recorded_at=now,
                    before=before.get(target),
                )
            )
    return found


def _read_at(settings: Settings, record_query_ids: Sequence[str]) -> datetime:
    """When the first of the statements that read the files began. What came later, they may not have seen: it must not
    be in the ledger, or nobody would ever read it.
    """
    from flowlogs.hooks.queries import QueriesHook

    queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    submitted = [execution["Status"]["SubmissionDateTime"] for execution in queries.executions(record_query_ids)]
    return min(submitted, default=datetime.now(UTC))


def _scanned_by_source(
    settings: Settings, write_query_ids: Sequence[str], count_query_ids: Sequence[str]
) -> dict[str, tuple[int, float]]:
    """Bytes that the run's queries scanned for each source, and what they cost; counts are of all sources."""
    from flowlogs.curation import Folder, run_of
    from flowlogs.hooks.queries import QueriesHook, bytes_scanned

    queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    price = settings.athena.price_per_tb_usd
    scanned: dict[str, int] = {source.name: 0 for source in settings.sources}
    cost: dict[str, float] = {source.name: 0.0 for source in settings.sources}
    for execution in queries.executions(write_query_ids):
        source = Folder.of(run_of(execution["Query"]), settings).source.name
        scanned[source] += bytes_scanned(execution)
        cost[source] += ledger.cost_usd(bytes_scanned(execution), price)
    for execution in queries.executions(count_query_ids):
        parts = ledger.shares(bytes_scanned(execution), list(scanned.values()))
        for source, part in zip(scanned, parts, strict=True):
            scanned[source] += part
            cost[source] += ledger.cost_usd(bytes_scanned(execution), price) / len(scanned)
    return {source: (scanned[source], cost[source]) for source in scanned}
