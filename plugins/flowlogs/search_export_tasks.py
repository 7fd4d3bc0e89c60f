"""The tasks of `search_export`: which day and how much of it, writing documents, putting the day in place."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.search.fields import KINDS, Kind
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.search.documents import Document
    from flowlogs.targets import Target

log = logging.getLogger(__name__)

QUERIED: tuple[Kind, ...] = ("rejected", "daily")
"""What is asked of Athena; findings stand in the report's summary."""


@task
def the_reported_day(params: Mapping[str, Any], partition_key: str | None = None) -> str:
    """The UTC day of this run: its partition key, or the parameter `day`.

    Raises:
        AirflowSkipException: when the settings want no export.
        AirflowFailException: for a run that names no day, two, or something that is no day.
    """
    if not airflow_settings().search.enabled:
        raise AirflowSkipException("search.enabled is false in the settings")
    days = {text for text in (partition_key, params.get("day")) if text}
    if len(days) != 1:
        raise AirflowFailException(
            f"this run names {' and '.join(sorted(days)) or 'no day'}: trigger it with one day (YYYY-MM-DD)"
        )
    (day,) = days
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise AirflowFailException(f"{day!r} is no day; write YYYY-MM-DD") from error


@task
def plan_export(day: str) -> list[dict[str, Any]]:
    """The queries of a day, after a look at the cluster: an export that cannot end well costs no query.

    Returns: the arguments of the mapped operator, in the order of `QUERIED`.

    Raises:
        AirflowFailException: when the cluster is not set up, or the day not in the ledger.
        SearchError: when it does not answer.
    """
    from flowlogs.hooks.ledger import LedgerHook
    from flowlogs.hooks.search import SearchHook
    from flowlogs.search_setup import missing_setup

    settings = airflow_settings()
    with SearchHook(settings).get_conn() as cluster:
        lacking = missing_setup(cluster, settings)
        if lacking:
            raise AirflowFailException(f"the cluster lacks {', '.join(lacking)}: run flow_logs_setup")
    ledger = LedgerHook.of(settings).day(day)
    if not ledger:
        raise AirflowFailException(f"{day} is not in the ledger: run flow_logs_daily for it")
    rejected = {target: row.rejected for target, row in ledger.items()}
    summarised = targets_beyond(settings.search.max_rejected_records, rejected)
    if summarised:
        log.warning(
            "%s: single rejected records of %d targets are beyond search.max_rejected_records (%s); they are exported by "
            "the hour: %s", day, len(summarised), f"{settings.search.max_rejected_records:,}", ", ".join(map(str, summarised[:20])),
        )  # fmt: skip
    return [
        {"query": "search/rejected.sql", "params": {"kind": "rejected", "day": day, "summarised": [*map(str, summarised)]}},
        {"query": "search/daily.sql", "params": {"kind": "daily", "day": day, "most": settings.search.max_summary_rows}},
    ]  # fmt: skip


def targets_beyond(most: int, rejected: Mapping[Target, int]) -> list[Target]:
    """The targets whose single records are too many: those with the most, so that the others' are all there.

    Args:
        most: records of all targets together.
        rejected: of each target.
    """
    beyond, total = [], 0
    for target, count in sorted(rejected.items(), key=lambda pair: (pair[1], str(pair[0]))):
        total += count
        if total > most:
            beyond.append(target)
    return sorted(beyond, key=str)


@task(map_index_template="{{ task.op_kwargs['kind'] }}")
def write_documents(
    kind: Kind, day: str, query_ids: Sequence[str], run_id: str, ti: Any
) -> dict[str, Any]:  # fmt: skip
    """Write a kind's documents of a day into an index of this try alone, which nobody searches yet.

    Returns: the kind, the index, and how many documents and flows are in it.

    Raises:
        AirflowFailException: when the cluster refused more documents than the settings allow, or lost some.
        SearchError: when it stayed away longer than `search.patience_minutes`.
    """
    from flowlogs.hooks.search import SearchHook
    from flowlogs.search.bulk import BulkWriter
    from flowlogs.search.indices import index_name, settings_in_place
    from flowlogs.search_dead_letters import DeadLetters

    settings = airflow_settings()
    search = settings.search
    index = index_name(search, kind, day, run_id, ti.try_number)
    with SearchHook(settings).get_conn() as cluster, DeadLetters(settings, kind, day, index) as dead_letters:
        cluster.create_index(index)
        writer = BulkWriter(
            cluster, index, dead_letters.add,
            size=int(search.bulk_size), in_flight=search.bulk_in_flight, patience=search.patience_minutes * 60,
        )  # fmt: skip
        written = writer.write(_documents(settings, kind, day, query_ids))
        place = dead_letters.store()
        sent = written.documents + written.refused
        if written.refused > search.max_refused_share * sent:
            raise AirflowFailException(
                f"the cluster refused {written.refused} of {sent} documents of {kind} of {day}, more than "
                f"search.max_refused_share: {dead_letters.reasons()}; they are in {place}"
            )
        found, sums = cluster.sums(index, {"flows": "flowlogs.flows"})
        if found != written.documents:
            raise AirflowFailException(
                f"{index} holds {found} documents, {written.documents} were written: clear write_documents"
            )
        cluster.request("PUT", f"/{index}/_settings", body=settings_in_place(search))
    return {
        "kind": kind, "index": index, "documents": found, "flows": sums["flows"], "refused": written.refused,
        "dead_letters": place,
    }  # fmt: skip


def _documents(settings: Settings, kind: Kind, day: str, query_ids: Sequence[str]) -> Iterator[Document]:
    import json

    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG
    from flowlogs.curation import record_columns
    from flowlogs.hooks.queries import QueriesHook
    from flowlogs.report_files import ReportFiles
    from flowlogs.reports.period import Period
    from flowlogs.search.documents import RowDocuments, finding_documents
    from flowlogs.search.fields import fields_of
    from flowlogs.search.result_pages import result_rows

    s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
    if kind == "findings":
        key = ReportFiles(settings, Period.of_key("daily", day)).summary_key()
        if not s3.check_for_key(key, settings.lake.bucket):
            raise AirflowFailException(f"{day} has no report: run rejected_traffic_report for it")
        yield from finding_documents(day, json.loads(s3.read_key(key, settings.lake.bucket)))
        return
    queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    rows = result_rows(s3.conn, queries.get_output_location(query_ids[QUERIED.index(kind)]))
    columns = next(rows)
    yield from RowDocuments(kind, day, columns, fields_of(record_columns(settings))).of(rows)


@task
def put_in_place(day: str, written: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare what was written with the ledger, and show the day: one request for all kinds, old indices removed by it.

    Returns: documents by kind.

    Raises:
        AirflowFailException: when the flows are not those of the ledger.
    """
    from flowlogs.hooks.ledger import LedgerHook
    from flowlogs.hooks.search import SearchHook
    from flowlogs.search.indices import alias_of, indices_of_day, swap

    settings = airflow_settings()
    ledger = LedgerHook.of(settings).day(day).values()
    expected = {"rejected": sum(row.rejected for row in ledger), "daily": sum(row.curated for row in ledger)}
    of_kind = {one["kind"]: one for one in written}
    problems = [
        f"{kind}: {of_kind[kind]['flows']} flows, the ledger has {expected[kind]}"
        for kind in QUERIED
        if not of_kind[kind]["refused"] and of_kind[kind]["flows"] != expected[kind]
    ]
    if problems:
        raise AirflowFailException(
            f"{day} was not put in place: {'; '.join(problems)}. When the day was curated again meanwhile, clear this run"
        )
    with SearchHook(settings).get_conn() as cluster:
        there = {kind: cluster.indices(indices_of_day(settings.search, kind, day)) for kind in KINDS}
        new: dict[Kind, str] = {kind: of_kind[kind]["index"] for kind in KINDS}
        cluster.request("POST", "/_aliases", body=swap(settings.search, new, there))
    for kind in KINDS:
        log.info("%s: %d documents behind %s", day, of_kind[kind]["documents"], alias_of(settings.search, kind))
    return {kind: of_kind[kind]["documents"] for kind in KINDS}
