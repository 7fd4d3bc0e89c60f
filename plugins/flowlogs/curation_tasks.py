"""The tasks of `flow_logs_daily` that curate: plan, count, judge, publish by swapping."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs import curation
from flowlogs.airflow_settings import airflow_settings
from flowlogs.coverage import Coverage
from flowlogs.ledger import RowCount
from flowlogs.limits import broken_limits
from flowlogs.publishing import LakePartition, Note, record_partitions, summary_partitions
from flowlogs.reconciliation import Place, curated_counts, differing_targets, lost_in_summary
from flowlogs.settings import Settings
from flowlogs.targets import Target

if TYPE_CHECKING:
    from flowlogs.hooks.ledger import LedgerHook
    from flowlogs.hooks.queries import QueriesHook

log = logging.getLogger(__name__)


@task
def plan_records(day: str, params: Mapping[str, Any]) -> list[dict[str, object]]:
    """The statements that curate the records of the day, or of the targets that the run names.

    Raises:
        AirflowFailException: for targets that the settings do not have, and for some targets of a day that was never
            curated as a whole.
    """
    settings = airflow_settings()
    chosen = _chosen(settings, params)
    if chosen and not _ledger(settings).day(day):
        raise AirflowFailException(
            f"{day} is not in the ledger: run the whole day first, without the parameter targets"
        )
    return [part.to_json() for part in curation.record_parts(settings, date.fromisoformat(day), chosen)]


@task
def plan_summary(day: str, params: Mapping[str, Any]) -> list[dict[str, object]]:
    """The statements that summarise the day, or the targets that the run names.

    Raises:
        AirflowFailException: for targets that the settings do not have.
    """
    settings = airflow_settings()
    parts = curation.summary_parts(settings, date.fromisoformat(day), _chosen(settings, params))
    return [part.to_json() for part in parts]


@task
def plan_counts(day: str, query_ids: Sequence[str]) -> list[dict[str, object]]:
    """The statement that counts what UNLOADs wrote."""
    settings = airflow_settings()
    folders = _folders(settings, _queries(settings), query_ids)
    return [{"day": day, "runs": [folder.run for folder in folders]}]


@task
def judge_records(
    day: str, coverage: dict[str, Any], record_query_ids: Sequence[str], count_query_ids: Sequence[str]
) -> list[str]:
    """See that every row of the files was curated, and hold the day against the limits of the settings.

    Returns: the limits that are broken, in words.

    Raises:
        AirflowFailException: when rows are missing, with the numbers of each target; when a limit is broken and
            `checks.on_failure` is fail.
    """
    settings = airflow_settings()
    queries = _queries(settings)
    counts = day_counts(settings, day, record_query_ids, count_query_ids)
    differences = _differences(settings, queries, day, record_query_ids, counts)
    if differences:
        raise AirflowFailException("the day does not add up:\n" + "\n".join(differences))
    arrived = Coverage.from_json(coverage)
    curated = curated_targets(settings, record_query_ids)
    broken = []
    for source in settings.sources:
        if not any(target.source == source.name for target in curated):
            continue
        rows = {place[1:]: count for place, count in counts.items() if place[0] == source.name}
        missing = {
            (target.account, target.region)
            for target in source.targets()
            if target not in curated or arrived.status_of(target) == "missing"
        }
        broken += broken_limits(source, rows, settings.checks, frozenset(missing))
    for text in broken:
        log.warning("%s", text)
    if broken and settings.checks.on_failure == "fail":
        raise AirflowFailException("the day breaks limits of the settings:\n" + "\n".join(broken))
    return broken


@task
def publish_records(day: str, record_query_ids: Sequence[str]) -> dict[str, int]:
    """Point the day's partitions of records, gaps and quarantine at what this run wrote."""
    settings = airflow_settings()
    folders = _folders(settings, _queries(settings), record_query_ids)
    partitions = [
        partition
        for folder in folders
        for target in folder.targets
        for partition in record_partitions(settings.lake, folder.source, target, day, folder.run)
    ]
    return _publish(settings, day, [folder.run for folder in folders], partitions)


@task
def publish_summary(
    day: str,
    record_query_ids: Sequence[str],
    count_query_ids: Sequence[str],
    summary_query_ids: Sequence[str],
    summary_count_query_ids: Sequence[str],
) -> dict[str, int]:
    """See that the summary adds up to the records, and point the day's partitions at it.

    Raises:
        AirflowFailException: when flows are missing in it, with the numbers of each target.
    """
    settings = airflow_settings()
    queries = _queries(settings)
    counts = day_counts(settings, day, record_query_ids, count_query_ids)
    folders = _folders(settings, queries, summary_query_ids)
    source_of_run = {folder.run: folder.source.name for folder in folders}
    rows = [row for query_id in summary_count_query_ids for row in queries.result(query_id)]
    lost = lost_in_summary(rows, source_of_run, counts)
    if lost:
        raise AirflowFailException("the summary does not add up:\n" + "\n".join(lost))
    partitions = [
        partition
        for folder in folders
        for target in folder.targets
        for partition in summary_partitions(settings.lake, folder.source, target, day, folder.run)
    ]
    return _publish(settings, day, [folder.run for folder in folders], partitions)


def day_counts(
    settings: Settings, day: str, record_query_ids: Sequence[str], count_query_ids: Sequence[str]
) -> dict[Place, RowCount]:
    """What was curated of the day, by target."""
    queries = _queries(settings)
    source_of_run = {folder.run: folder.source.name for folder in _folders(settings, queries, record_query_ids)}
    rows = [row for query_id in count_query_ids for row in queries.result(query_id)]
    return curated_counts(rows, source_of_run)


def curated_targets(settings: Settings, record_query_ids: Sequence[str]) -> frozenset[Target]:
    """The targets that a run curated: all, or those that it was asked for."""
    folders = _folders(settings, _queries(settings), record_query_ids)
    return frozenset(target for folder in folders for target in folder.targets)


def _chosen(settings: Settings, params: Mapping[str, Any]) -> frozenset[Target]:
    named = {str(name) for name in params.get("targets") or ()}
    chosen = frozenset(target for target in settings.targets() if str(target) in named)
    if unknown := sorted(named - {str(target) for target in chosen}):
        raise AirflowFailException(f"the settings have no target {', '.join(unknown)}; write source/account/region")
    return chosen


def _ledger(settings: Settings) -> LedgerHook:
    from flowlogs.hooks.ledger import LedgerHook

    return LedgerHook.of(settings)


def _differences(
    settings: Settings, queries: QueriesHook, day: str, query_ids: Sequence[str], counts: Mapping[Place, RowCount]
) -> list[str]:
    """The targets that do not add up. The files are counted again only for statements that read another number of
    rows than they wrote, or of which Athena does not tell.
    """
    differences: list[str] = []
    for query_id, folder in zip(query_ids, _folders(settings, queries, query_ids), strict=True):
        written = sum(
            counts.get((target.source, target.account, target.region), RowCount()).records for target in folder.targets
        )
        read = queries.input_rows(query_id)
        log.info("%s: %s rows read, %d curated", folder.run, read, written)
        if read != written:
            rows = queries.result(_count_files(settings, queries, day, folder))
            in_files = {(row["aws_account"], row["aws_region"]): int(row["rows"]) for row in rows}
            differences += differing_targets(folder.targets, counts, in_files)
    return differences


def _count_files(settings: Settings, queries: QueriesHook, day: str, folder: curation.Folder) -> str:
    context = get_current_context()
    template = context["dag"].get_template_env().get_template("checks/raw_rows.sql")
    params = {"day": day, "source": folder.source.name, "first": folder.first, "last": folder.last}
    sql = template.render(**{**context, "params": params})
    return queries.run_and_wait(sql, database=settings.athena.database, work_group=settings.athena.work_group)


def _publish(settings: Settings, day: str, runs: Sequence[str], partitions: Sequence[LakePartition]) -> dict[str, int]:
    from flowlogs.hooks.partitions import PartitionHook

    hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    by_table: dict[str, dict[tuple[str, ...], str]] = {}
    for partition in partitions:
        by_table.setdefault(partition.table, {})[partition.values] = partition.location
    for table, shown in by_table.items():
        hook.show(settings.athena.database, table, shown)
    folders = "flow_records" if "flow_records" in by_table else "flow_daily"
    _note_replaced(settings, folders, day, runs)
    return {table: len(shown) for table, shown in by_table.items()}


def _note_replaced(settings: Settings, table: str, day: str, runs: Sequence[str]) -> None:
    """Leave a note of the day's other folders: those just replaced, and those of runs that failed."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG

    lake = settings.lake
    s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
    shown = {f"{lake.prefix}{curation.run_prefix(table, day, run)}" for run in runs}
    there = s3.list_prefixes(lake.bucket, prefix=f"{lake.prefix}{table}/dt={day}/", delimiter="/") or []
    others = tuple(prefix for prefix in there if prefix not in shown)
    if others:
        note = Note(table, day, others, datetime.now(UTC))
        s3.load_string(note.to_json(), key=note.key(lake, runs[0]), bucket_name=lake.bucket, replace=True)
        log.info("%d folders of earlier runs will be removed after the grace period", len(others))


def _folders(settings: Settings, queries: QueriesHook, query_ids: Sequence[str]) -> list[curation.Folder]:
    """What UNLOADs wrote."""
    executions = queries.executions(list(query_ids))
    return [curation.Folder.of(curation.run_of(execution["Query"]), settings) for execution in executions]


def _queries(settings: Settings) -> QueriesHook:
    from flowlogs.hooks.queries import QueriesHook

    return QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
