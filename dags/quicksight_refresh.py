"""
### Bring published days into the QuickSight dashboard

Runs when a day is published. Waits until no other day is being processed (`settle`), so that days which are backfilled
together share a refresh; finds what each data set lacks (`plan_refresh`: incremental for recent days, full for older ones,
none when an ingestion has read the day already); runs the ingestions in the triggerer (`refresh`), compares SPICE with
Athena (`verify_rows`), and notes how fresh the data is for the page in Airflow (`note_freshness`).

**By hand:** trigger it as it is, or with the parameter `refresh` to read all days, or those of the look-back window.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, PartitionedAssetTimetable

from flowlogs.dag_defaults import FLOW_LOGS_DAY, TAGS, default_args, run_callbacks
from flowlogs.operators.quicksight import RefreshDataSetOperator
from flowlogs.quicksight_refresh_tasks import FULL, INCREMENTAL, NEW, note_freshness, plan_refresh, verify_rows
from flowlogs.sensors.quiet import QuietDagSensor
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="quicksight_refresh",
    schedule=PartitionedAssetTimetable(assets=FLOW_LOGS_DAY),
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(settings),
    **run_callbacks(settings),
    params={"refresh": Param(NEW, enum=[NEW, FULL, INCREMENTAL], description="What to read.")},
    tags=[*TAGS, "dashboard"],
    doc_md=__doc__,
):
    settle = QuietDagSensor(
        task_id="settle",
        watched_dag_id="flow_logs_daily",
        at_most=timedelta(minutes=settings.quicksight.settle_minutes),
        execution_timeout=timedelta(minutes=settings.quicksight.settle_minutes + 10),
    )
    planned = plan_refresh()
    refresh = RefreshDataSetOperator.partial(
        task_id="refresh",
        execution_timeout=timedelta(minutes=settings.quicksight.refresh_timeout_minutes + 30),
        map_index_template="{{ task.data_set_id }}",
    ).expand_kwargs(planned)
    settle >> planned
    verify_rows(refresh.output)
    refresh >> note_freshness()
