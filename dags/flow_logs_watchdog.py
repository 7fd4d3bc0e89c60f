"""
### Tell what no callback told

Every 15 minutes: runs that failed without anybody being told (the process that tells was lost), runs that were held back
in a storm of failures, runs that do not end, and days that are not ready by their deadline (`watchdog` of the settings).
Each is told once.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG

from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.settings import load_settings
from flowlogs.watchdog_tasks import check_deadlines, tell_endless_runs, tell_held_failures, tell_untold_failures

settings = load_settings()

with DAG(
    dag_id="flow_logs_watchdog",
    schedule="*/15 * * * *",
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(settings),
    **run_callbacks(settings),
    tags=[*TAGS, "operation"],
    doc_md=__doc__,
):
    tell_untold_failures()
    tell_held_failures()
    tell_endless_runs()
    check_deadlines()
