"""
### Remove what reruns replaced

A rerun of a day writes to folders of its own and then points the partitions there. The folders of the run before are
kept for `lake.grace_hours`, so that a query that still reads them ends well. This DAG removes them afterwards, unless
a partition points at them again. Safe to run at any time.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG

from flowlogs.cleanup_tasks import remove_replaced_runs
from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="lake_cleanup",
    schedule="30 4 * * *",
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(settings),
    **run_callbacks(settings),
    tags=[*TAGS, "daily"],
    doc_md=__doc__,
):
    remove_replaced_runs()
