"""
### Remove what is older than the settings keep

Removes days of tables (partitions, and the files that the pipeline wrote), reports, and results of Athena queries, as
`retention` of the settings says. By default nothing is too old, and with `retention.dry_run` the tasks only log and
return what they would remove. The flow logs themselves are never touched.

Runs daily. **By hand:** trigger it with `dry_run` to see what a change of the settings would remove.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, CronPartitionTimetable, Param

from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.day_tasks import the_day
from flowlogs.retention_tasks import remove_old_days, remove_old_query_results, remove_old_reports
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="lake_retention",
    schedule=CronPartitionTimetable("0 0 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(settings),
    **run_callbacks(settings),
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            description="For a run by hand: the last UTC day that is over, YYYY-MM-DD; age is counted from it.",
        ),
        "dry_run": Param(
            None,
            type=["null", "boolean"],
            description="Only say what would be removed; empty for what the settings say.",
        ),
    },
    tags=[*TAGS, "daily"],
    doc_md=__doc__,
):
    day = the_day()
    remove_old_days(day)
    remove_old_reports(day)
    remove_old_query_results(day)
