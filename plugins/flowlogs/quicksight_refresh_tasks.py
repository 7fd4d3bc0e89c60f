"""The tasks of `quicksight_refresh`: what is to be read, whether SPICE then holds what Athena answers, how fresh it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.quicksight_setup_tasks import wanted_dashboard
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.hooks.ingestions import IngestionHook
    from flowlogs.page.freshness import DataSetFreshness
    from flowlogs.quicksight.ingestions import Wanted
    from flowlogs.quicksight.wanted import Resource

log = logging.getLogger(__name__)

NEW, FULL, INCREMENTAL = "what is new", "full", "incremental"
"""The DAG's parameter `refresh`."""


@task
def plan_refresh(params: Mapping[str, Any], run_id: str, ti: Any) -> list[dict[str, Any]]:
    """The ingestions that bring every published day into SPICE: one a data set that lacks any, at most.

    Days within the look-back window are read by an incremental refresh; a full one reads all, when an older day or the
    data set's definition has changed. The ids tell the run and the definition.

    Returns: the arguments of the mapped operator.

    Raises:
        AirflowSkipException: when there is no dashboard, or every data set has every day already.
        AirflowFailException: when a data set is not there.
    """
    from flowlogs.hooks.ingestions import IngestionHook
    from flowlogs.quicksight.ingestions import IngestionName

    settings = airflow_settings()
    if not settings.quicksight.enabled:
        raise AirflowSkipException("quicksight.enabled is false in the settings")
    hook = IngestionHook.of(settings)
    published = _published(settings)
    planned = []
    for name, data_set in wanted_dashboard(settings).data_sets.items():
        wanted = _wanted(settings, hook, data_set, published)
        kind = {FULL: "FULL_REFRESH", INCREMENTAL: "INCREMENTAL_REFRESH"}.get(params["refresh"], wanted.type)
        log.info("%s: %s, as %s", data_set.id, kind or "nothing to do", wanted.reason)
        if kind is not None:
            # Its own for each time that the run is planned, so that clearing the whole run refreshes again.
            stem = IngestionName.of(f"{run_id}/{ti.try_number}", data_set.body, name).stem
            days = list(wanted.days)
            planned.append({"data_set_id": data_set.id, "stem": stem, "ingestion_type": kind, "days": days})
    if not planned:
        raise AirflowSkipException("SPICE has every published day already")
    return planned


def _wanted(
    settings: Settings, hook: IngestionHook, data_set: Resource, published: Mapping[str, datetime]
) -> Wanted:  # fmt: skip
    from botocore.exceptions import ClientError

    from flowlogs.quicksight.ingestions import definition_digest, wanted_ingestion
    from flowlogs.quicksight.refreshes import first_day_reread

    try:
        listed = hook.listed(data_set.id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise AirflowFailException(f"{error}; run flow_logs_setup, which makes the data set") from error
    return wanted_ingestion(
        published,
        listed,
        now=datetime.now(UTC),
        first_reread=partial(first_day_reread, settings),
        definition=definition_digest(data_set.body),
        has_incremental=settings.quicksight.edition == "enterprise",
    )


@task
def verify_rows(ingested: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """See that each ingestion brought as many rows as Athena answers to the same query, of all days or of the window.

    Args:
        ingested: what the operator returned, an entry for each data set.

    Returns: the rows of each data set.

    Raises:
        AirflowFailException: with the numbers.
    """
    settings = airflow_settings()
    names = {data_set.id: name for name, data_set in wanted_dashboard(settings).data_sets.items()}
    problems = []
    for one in ingested:
        created = datetime.fromisoformat(one["created"])
        is_window = one["ingestion_type"] == "INCREMENTAL_REFRESH"
        brought, what = (one["rows"], "of the window") if is_window else (one["total"], "")
        expected = _count(settings, names[one["data_set_id"]], created if is_window else None)
        text = f"{one['data_set_id']}: SPICE has {brought} rows {what}, Athena {expected}"
        log.info("%s", text)
        if brought == expected:
            continue
        if any(moment >= created.replace(microsecond=0) for moment in _published(settings).values()):
            log.info("days were published meanwhile, and have a refresh of their own")
        else:
            problems.append(f"{text}; trigger quicksight_refresh with the parameter refresh: full")
    if problems:
        raise AirflowFailException("; ".join(problems))
    return {one["data_set_id"]: one["total"] for one in ingested}


@task(trigger_rule=TriggerRule.ALL_DONE)
def note_freshness() -> None:
    """Note how fresh each data set is, for the page in Airflow; also when a refresh has failed.

    Raises:
        AirflowSkipException: when there is no dashboard.
    """
    from flowlogs.hooks.ingestions import IngestionHook
    from flowlogs.page.freshness import KEY, freshness_json
    from flowlogs.page.lake import Lake

    settings = airflow_settings()
    if not settings.quicksight.enabled:
        raise AirflowSkipException("quicksight.enabled is false in the settings")
    hook, published = IngestionHook.of(settings), _published(settings)
    noted = [
        _freshness(settings, hook, data_set, published) for data_set in wanted_dashboard(settings).data_sets.values()
    ]
    Lake(settings).write(KEY, freshness_json(noted).encode(), "application/json")


def _freshness(
    settings: Settings, hook: IngestionHook, data_set: Resource, published: Mapping[str, datetime]
) -> DataSetFreshness:  # fmt: skip
    from botocore.exceptions import ClientError

    from flowlogs.page.freshness import DataSetFreshness
    from flowlogs.quicksight.ingestion_errors import remedy

    name = str(data_set.body["Name"])
    try:
        listed = hook.listed(data_set.id)
    except ClientError as error:
        return DataSetFreshness(name, "UNKNOWN", None, None, None, str(error))
    last = listed[0] if listed else None
    good = next((one for one in listed if one.status == "COMPLETED"), None)
    failed = last is not None and last.is_in_vain
    return DataSetFreshness(
        name=name,
        status=last.status if last else "NONE",
        refreshed_at=good.created + timedelta(seconds=good.seconds or 0) if good else None,
        newest_day=max((day for day, moment in published.items() if good and moment < good.created), default=None),
        rows=good.total if good else None,
        problem=f"{last.error_type}: {last.error}; {remedy(last.error_type).text}" if last and failed else "",
    )


def _published(settings: Settings) -> dict[str, datetime]:
    """When each day that the data sets hold was published last (UTC), by day."""
    from flowlogs.hooks.ledger import LedgerHook

    today = datetime.now(UTC).date()
    days = [str(today - timedelta(days=back)) for back in range(settings.quicksight.history_days + 1)]
    rows = LedgerHook.of(settings).days(days)
    return {day: max(datetime.fromisoformat(row.recorded_at) for row in some.values()) for day, some in rows.items()}


def _count(settings: Settings, name: str, window_of: datetime | None) -> int:
    """Rows that the data set's query has now: all, or those that an incremental refresh read that began at a time."""
    from flowlogs.hooks.queries import QueriesHook
    from flowlogs.quicksight.data_sets import data_set_files, query
    from flowlogs.quicksight.refreshes import first_day_reread

    file = data_set_files()[name]
    sql = f"SELECT count(*) AS n FROM (\n{query(file.sql, settings)}\n)"
    if window_of is not None:
        first: date = first_day_reread(settings, window_of)
        sql += f"\nWHERE {file.look_back} >= TIMESTAMP '{first} 00:00:00'"
    queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
    query_id = queries.run_and_wait(sql, database=settings.athena.database, work_group=settings.athena.work_group)
    return int(queries.result(query_id)[0]["n"])
