"""
### One UTC day of flow logs, from arrival to the ledger

1. `wait_for_logs` waits (deferred, no worker slot) until every target's flow logs reached the end of the day.
2. `register_partitions` adds the day's Athena partitions, each at its own location, hundreds a statement;
   `verify_partitions` looks them up in Glue and repairs what stands wrong.
3. `count_rows` counts what the day holds, by target; `judge_rows` holds that against `checks` of the settings.
4. `record_day` writes the day's rows of the ledger `flow_runs` and publishes the asset `flow_logs_day`.

**Which day:** a run's partition key, `YYYY-MM-DD`. The schedule runs each day at the midnight (UTC) that ends it.
To run other days, *backfill* them (UI: Trigger > Backfill; CLI: `airflow backfill create --dag-id flow_logs_daily
--from-date 2026-11-01 --to-date 2026-11-05`; API: `POST /api/v2/backfills`). A single run by hand takes the day as the
parameter `day` (Airflow's command line cannot give a partition key). Any day can run again, in any order, beside
others, with the same result.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronPartitionTimetable, Param

from flowlogs.dag_defaults import MACROS, SQL_FOLDER, TAGS, default_args
from flowlogs.day_tasks import judge_rows, plan_partitions, record_day, the_day, verify_partitions
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
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            description="For a run by hand without a partition key: the UTC day, YYYY-MM-DD.",
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
    register_partitions = FlowLogsAthenaOperator.partial(
        task_id="register_partitions",
        query="partitions/add_partitions.sql",
        map_index_template="{{ params.source }} {{ params.first }}-{{ params.last }}",
        **athena,
    ).expand(params=plan_partitions(day))
    count_rows = FlowLogsAthenaOperator.partial(
        task_id="count_rows",
        query="checks/rows_by_target.sql",
        map_index_template="{{ params.source }}",
        **athena,
    ).expand(params=[{"source": source.name} for source in settings.sources])

    wait_for_logs >> register_partitions >> verify_partitions(day) >> count_rows
    judged = judge_rows(wait_for_logs.output, count_rows.output)
    judged >> record_day(day, wait_for_logs.output, count_rows.output)
