"""
### One UTC day of flow logs, from arrival to the ledger

1. `wait_for_logs` waits (deferred, no worker slot) until every target's flow logs reached the end of the day.
2. `register_partitions` adds the day's Athena partitions, each at its own location, hundreds a statement;
   `verify_partitions` looks them up in Glue and repairs what stands wrong.
3. `write_records` reads the raw files once and writes them typed, each line to where it belongs: records by action,
   gaps (NODATA, SKIPDATA), quarantine. `count_records` counts what was written; `judge_records` sees that no line of
   the files is missing and holds the day against `checks` of the settings; `publish_records` points the partitions of
   `flow_records`, `flow_gaps` and `flow_quarantine` at it.
4. `write_summary`, `count_summary` and `publish_summary` do the same for `flow_daily`.
5. `record_day` writes the day's rows of the ledger `flow_runs` and publishes the asset `flow_logs_day`.

Whatever is written goes to a folder of its try alone, so that a reader sees the day as it was or as it is now.

**Which day:** a run's partition key, `YYYY-MM-DD`. The schedule runs each day at the midnight (UTC) that ends it.
To run other days, *backfill* them (UI: Trigger > Backfill; CLI: `airflow backfill create --dag-id flow_logs_daily
--from-date 2026-11-01 --to-date 2026-11-05`; API: `POST /api/v2/backfills`). A single run by hand takes the day as the
parameter `day` (Airflow's command line cannot give a partition key). Any day can run again, in any order, beside
others, with the same result.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronPartitionTimetable, Param, TaskGroup

from flowlogs.curation_tasks import (
    judge_records,
    plan_counts,
    plan_records,
    plan_summary,
    publish_records,
    publish_summary,
)
from flowlogs.dag_defaults import MACROS, SQL_FOLDER, TAGS, default_args, run_callbacks
from flowlogs.day_tasks import plan_partitions, the_day, verify_partitions
from flowlogs.ledger_tasks import record_day
from flowlogs.operators.athena import FlowLogsAthenaOperator
from flowlogs.sensors.arrival import FlowLogArrivalSensor
from flowlogs.settings import load_settings

settings = load_settings()
athena = {
    "database": settings.athena.database,
    "workgroup": settings.athena.work_group,
    "aws_conn_id": settings.aws.conn_id,
    "region_name": settings.aws.region,
    "sleep_time": settings.athena.poll_seconds,
}

with DAG(
    dag_id="flow_logs_daily",
    schedule=CronPartitionTimetable("0 0 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=settings.schedule.catchup,
    max_active_runs=settings.schedule.max_active_days,
    default_args=default_args(settings),
    **run_callbacks(settings),
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            description="For a run by hand without a partition key: the UTC day, YYYY-MM-DD.",
        ),
        "targets": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[a-z][a-z0-9_]*/[0-9]{12}/[a-z0-9-]+$"},
            description="Curate only these targets (source/account/region) of a day that was curated; none for all.",
        ),
        "repair": Param(True, type="boolean", description="Mend partitions that stand wrong, or fail with their list."),
    },
    template_searchpath=SQL_FOLDER,
    user_defined_macros=MACROS,
    tags=[*TAGS, "daily"],
    doc_md=__doc__,
):
    day = the_day()
    wait_for_logs = FlowLogArrivalSensor(
        task_id="wait_for_logs",
        day=day,
        aws_conn_id=settings.aws.conn_id,
        execution_timeout=timedelta(hours=settings.arrival.timeout_hours + 1),
    )
    with TaskGroup("register", prefix_group_id=False, tooltip="The day's partitions of the raw tables"):
        register_partitions = FlowLogsAthenaOperator.partial(
            task_id="register_partitions",
            query="partitions/add_partitions.sql",
            map_index_template="{{ params.table }} {{ params.first }}-{{ params.last }}",
            **athena,
        ).expand(params=plan_partitions(day))
        verified = verify_partitions(day)

    targets = "{{ params.source }} {{ params.first }}-{{ params.last }}"
    with TaskGroup("curate", prefix_group_id=False, tooltip="Raw files to flow_records, reconciled, then published"):
        write_records = FlowLogsAthenaOperator.partial(
            task_id="write_records", query="curate/records.sql", map_index_template=targets, **athena
        ).expand(params=plan_records(day))
        count_records = FlowLogsAthenaOperator.partial(
            task_id="count_records", query="checks/rows_by_target.sql", **athena
        ).expand(params=plan_counts.override(task_id="plan_record_counts")(day, write_records.output))
        records = (write_records.output, count_records.output)
        judged = judge_records(day, wait_for_logs.output, *records)
        published = publish_records(day, write_records.output)

    with TaskGroup("summarise", prefix_group_id=False, tooltip="flow_records to flow_daily, compared, then published"):
        write_summary = FlowLogsAthenaOperator.partial(
            task_id="write_summary", query="curate/summary.sql", map_index_template=targets, **athena
        ).expand(params=plan_summary(day))
        count_summary = FlowLogsAthenaOperator.partial(
            task_id="count_summary", query="checks/summary_by_target.sql", **athena
        ).expand(params=plan_counts.override(task_id="plan_summary_counts")(day, write_summary.output))
        summary = (write_summary.output, count_summary.output)
        summarised = publish_summary(day, *records, *summary)

    wait_for_logs >> register_partitions >> verified >> write_records
    judged >> published >> write_summary
    summarised >> record_day(day, wait_for_logs.output, *records, *summary)
