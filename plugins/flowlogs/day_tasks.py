"""The tasks of `flow_logs_daily` that are Python: which day, which statements, verify, judge, record."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs import ledger
from flowlogs.airflow_settings import airflow_settings
from flowlogs.coverage import Coverage
from flowlogs.dag_defaults import FLOW_LOGS_DAY
from flowlogs.limits import broken_limits
from flowlogs.partitions import batches, expected_partitions
from flowlogs.settings import Settings

log = logging.getLogger(__name__)


@task
def the_day(params: Mapping[str, Any], partition_key: str | None = None) -> str:
    """The UTC day that this run is for: its partition key, or the parameter `day` of a run by hand.

    Raises:
        AirflowFailException: for a run that names no day, two days, or something that is no day.
    """
    named = params.get("day")
    if named and partition_key and named != partition_key:
        raise AirflowFailException(f"the run is for {partition_key}, its parameter day says {named}; give one of them")
    text = partition_key or named
    if not text:
        raise AirflowFailException(
            "this run names no day: trigger it with the parameter day (YYYY-MM-DD), or backfill the days you want"
        )
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise AirflowFailException(f"{text!r} is no day; write YYYY-MM-DD") from error
    if day.isoformat() != text:
        raise AirflowFailException(f"{text!r} is no day as it must be written: {day}")
    return text


@task
def plan_partitions(day: str) -> list[dict[str, object]]:
    """The statements that register the day: a few, each as long as Athena takes."""
    planned = batches(airflow_settings(), date.fromisoformat(day))
    log.info("%d statements register %s", len(planned), day)
    return [batch.to_json() for batch in planned]


@task
def verify_partitions(day: str, params: Mapping[str, Any]) -> dict[str, int]:
    """See in Glue that every partition stands at its location; mend those that do not, or fail with their list.

    Raises:
        AirflowFailException: when partitions are wrong and the parameter `repair` says to leave them.
    """
    from flowlogs.hooks.partitions import PartitionHook

    settings = airflow_settings()
    hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    verified = {}
    for source in settings.sources:
        expected = list(expected_partitions(source, date.fromisoformat(day)))
        where = (settings.athena.database, source.table)
        wrong = hook.differences(*where, expected)
        if wrong:
            log.warning("partitions of %s that are wrong:\n%s", source.table, wrong.in_words())
            if not params["repair"]:
                raise AirflowFailException(f"partitions of {source.table} are wrong:\n{wrong.in_words()}")
            hook.repair(*where, wrong)
            if still := hook.differences(*where, expected):
                raise AirflowFailException(f"partitions of {source.table} stay wrong:\n{still.in_words()}")
        verified[source.table] = len(expected)
    return verified


@task
def judge_rows(coverage: dict[str, Any], query_ids: Sequence[str]) -> list[str]:
    """Hold what the day contains against the limits of the settings; what is broken, in words.

    Raises:
        AirflowFailException: when a limit is broken and `checks.on_failure` is fail.
    """
    settings = airflow_settings()
    arrived = Coverage.from_json(coverage)
    broken = []
    for source, rows in zip(settings.sources, _counted_rows(settings, query_ids), strict=True):
        without_files = frozenset(
            (target.account, target.region) for target in source.targets() if arrived.status_of(target) == "missing"
        )
        broken += broken_limits(source, rows, settings.checks, without_files)
    for text in broken:
        log.warning("%s", text)
    if broken and settings.checks.on_failure == "fail":
        raise AirflowFailException("the day breaks limits of the settings:\n" + "\n".join(broken))
    return broken


@task(outlets=[FLOW_LOGS_DAY])
def record_day(
    day: str,
    coverage: dict[str, Any],
    query_ids: Sequence[str],
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
    rows = _ledger_rows(settings, date.fromisoformat(day), Coverage.from_json(coverage), query_ids, run_id)
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
        "cost_usd": round(sum(row.cost_usd for row in rows), 6),
    }
    log.info("%s: %s", day, ", ".join(f"{value} {name}" for name, value in totals.items()))
    return totals


def _ledger_rows(
    settings: Settings, day: date, coverage: Coverage, query_ids: Sequence[str], run_id: str
) -> list[ledger.LedgerRow]:
    from flowlogs.hooks.day_objects import DayObjectsHook

    objects = DayObjectsHook(aws_conn_id=settings.aws.conn_id)
    now = datetime.now(UTC)
    found = []
    counted = _counted_rows(settings, query_ids)
    for source, rows, query_id in zip(settings.sources, counted, query_ids, strict=True):
        files = objects.count(source, day, settings.arrival.concurrency)
        scanned = _bytes_scanned(settings, query_id)
        parts = ledger.shares(scanned, [files[target].bytes for target in source.targets()])
        cost = ledger.cost_usd(scanned, settings.athena.price_per_tb_usd)
        for target, part in zip(source.targets(), parts, strict=True):
            found.append(
                ledger.ledger_row(
                    target,
                    status=coverage.status_of(target),
                    reason=coverage.reason_of(target),
                    files=files[target],
                    rows=rows.get((target.account, target.region), ledger.RowCount()),
                    scanned=part,
                    cost_usd=cost * part / scanned if scanned else 0.0,
                    run_id=run_id,
                    recorded_at=now,
                )
            )
    return found


def _counted_rows(settings: Settings, query_ids: Sequence[str]) -> list[dict[tuple[str, str], ledger.RowCount]]:
    """What the queries of `checks/rows_by_target.sql` counted, one a source."""
    return [ledger.row_counts(_result(settings, query_id)) for query_id in query_ids]


def _result(settings: Settings, query_id: str) -> list[dict[str, str]]:
    """A query's result, read from its file in S3: one request, however many rows."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG

    location = _athena(settings).get_output_location(query_id)
    text = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG).read_key(key=location)
    return list(csv.DictReader(io.StringIO(text)))


def _bytes_scanned(settings: Settings, query_id: str) -> int:
    execution = _athena(settings).get_query_info(query_id, use_cache=True)["QueryExecution"]
    return int(execution["Statistics"]["DataScannedInBytes"])


def _athena(settings: Settings) -> Any:
    from airflow.providers.amazon.aws.hooks.athena import AthenaHook

    from flowlogs.aws import BOTOCORE_CONFIG

    return AthenaHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG)
