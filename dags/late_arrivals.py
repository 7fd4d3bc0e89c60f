"""
### Take up logs that came late

Compares the files of the last days with the ledger (`late_arrivals.window_days` of the settings), and starts a run of
`flow_logs_daily` for every day with targets whose files changed since they were curated: of those targets only. The
report of such a day follows by itself, and names what was revised.

Runs daily, after the day's own pipeline. **By hand:** trigger it with a longer `window_days`. A run that was started and
failed is started again the next day; to try at once, clear it.
"""

from __future__ import annotations

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, CronPartitionTimetable, Param

from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.day_tasks import the_day
from flowlogs.late_tasks import find_late_days
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="late_arrivals",
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
            description="For a run by hand: the last UTC day that is looked at, YYYY-MM-DD.",
        ),
        "window_days": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            maximum=366,
            description="Days that are looked at, the last included; empty for those of the settings.",
        ),
    },
    tags=[*TAGS, "daily"],
    doc_md=__doc__,
):
    TriggerDagRunOperator.partial(
        task_id="curate_late_targets",
        trigger_dag_id="flow_logs_daily",
        logical_date=None,
        skip_when_already_exists=True,
        map_index_template="{{ task.conf['day'] }}",
    ).expand_kwargs(find_late_days(the_day()))
