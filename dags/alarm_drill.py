"""
### A fire drill for the alarms

Sets one alarm to ALARM, with a reason that says that it is a drill, and follows its message through SNS to each
subscriber that can be observed: the drill queue (SQS, subscribed to the alarms' topic by `flow_logs_setup`), and the
Lambda functions by their logs. Measures the seconds, sets the alarm back, and fails naming each subscriber that the message
did not reach. The page of the alarms' health shows the last drill.

People on the topic get the message too: it says "drill". Mail boxes and URLs of others cannot be observed; ask them.

Runs on the first of each month, and **by hand**: choose the alarm and how long to wait.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param

from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.drill_tasks import FollowDrillOperator, report_drill, restore_alarm, start_drill
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="alarm_drill",
    schedule="0 10 1 * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,  # drills of one alarm would see each other's messages
    default_args={**default_args(settings), "retries": 1, "retry_delay": timedelta(minutes=1)},
    params={
        "alarm": Param(
            None,
            type=["null", "string"],
            maxLength=255,
            title="Alarm",
            description="The alarm's name; empty for the first of the settings that is not in ALARM.",
        ),
        "timeout": Param(
            300,
            type="integer",
            minimum=10,
            maximum=3600,
            title="Patience",
            description="Seconds to wait for the message at most. Lambda tries again for three minutes.",
        ),
    },
    **run_callbacks(settings),
    tags=[*TAGS, "alarms"],
    doc_md=__doc__,
):
    drill = start_drill()
    follow = FollowDrillOperator(task_id="follow_message", drill=drill, timeout_seconds="{{ params.timeout }}")
    drill >> follow >> restore_alarm(drill) >> report_drill(drill, follow.output)
