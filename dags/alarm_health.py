"""
### Do the alarms still work?

Every 15 minutes `check_alarms` looks at every alarm in scope and at what it hangs on: the flow log, the log group and its
events, the metric filter and its pattern, the metric's data, the alarm's settings, state and actions, the topic, its
subscriptions, the Lambda, the dead letters. Each broken link is a finding with what to do about it; what only follows
from another break is not told. The button **Alarm health** opens the page.

`tell_changes` tells by SNS what is new, worse or resolved since the last check that was told, once a day what stands, and
adds it to the ledger `alarm_findings`. It publishes to `notifications.sns_topic_arn`, without one to the alarms' own
topic; when that topic takes no message, the task fails, so that a broken topic cannot hide its own breakage.

In scope are the alarms of the settings (`alarms`), and those of `alarms.extra_alarm_prefixes` and
`alarms.extra_alarm_tags`. Without any, the run is skipped. Safe to run at any time.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG

from flowlogs.alarm_health_tasks import CheckAlarmsOperator, tell_changes
from flowlogs.dag_defaults import TAGS, default_args, run_callbacks
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="alarm_health",
    schedule="*/15 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,  # each check is compared with the one before
    # The next check is near: few tries, close together.
    default_args={
        **default_args(settings),
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=10),
    },
    **run_callbacks(settings),
    tags=[*TAGS, "alarms"],
    doc_md=__doc__,
):
    CheckAlarmsOperator(task_id="check_alarms") >> tell_changes()
