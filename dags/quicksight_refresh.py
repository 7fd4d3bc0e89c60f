"""
### Bring a published day into the QuickSight dashboard

Runs when a day is published: plans the ingestions (`plan_refresh`: incremental for recent days, full for older ones, none
when a newer ingestion has read the day already), runs them with Airflow's own operator in the triggerer (`refresh`), and
compares SPICE with Athena (`verify_rows`). One run at a time: days that are published together share ingestions.

**By hand:** trigger it with the parameter `day`.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, PartitionedAssetTimetable

from flowlogs.dag_defaults import FLOW_LOGS_DAY, TAGS, default_args, run_callbacks
from flowlogs.day_tasks import the_day
from flowlogs.operators.quicksight import RefreshDataSetOperator
from flowlogs.quicksight_refresh_tasks import plan_refresh, verify_rows
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
    params={
        "day": Param(
            None, type=["null", "string"], format="date", description="For a run by hand: the UTC day, YYYY-MM-DD."
        ),
    },
    tags=[*TAGS, "dashboard"],
    doc_md=__doc__,
):
    planned = plan_refresh(the_day())
    refresh = RefreshDataSetOperator.partial(
        task_id="refresh",
        deferrable=True,
        waiter_delay=5,
        waiter_max_attempts=1200,
        execution_timeout=timedelta(hours=2),
        aws_conn_id=settings.aws.conn_id,
        region_name=settings.quicksight.region or settings.aws.region,
        map_index_template="{{ task.data_set_id }}",
    ).expand_kwargs(planned)
    refresh >> verify_rows(planned)
