"""
### Set up what the pipeline works with

Checks the buckets of the settings, then creates what is missing: the Athena work group with its scan limit, the
database, the raw tables of each source, the lake's tables, and with `quicksight.enabled` the QuickSight dashboard
(`docs/dashboard.md`). What exists and differs from the settings is **repaired**, or with
the parameter `repair` off only reported (the XComs of `ensure_work_group`, `mend_tables`, `add_lake_columns`,
`set_up_quicksight` and `set_up_alarms`).

Beside the tables it makes the **alarms** (`docs/alarms.md`): log group, metric filters, alarms, topic, subscriptions, the
Slack Lambda. With `alarms.on_drift: report` what differs there is only reported too.

With `search.enabled` it makes the search cluster's index templates, retention policy and dashboards (`docs/search.md`).

Run it by hand after changing `include/config/flowlogs.yaml`. Safe to repeat: a second run changes nothing.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, Param

from flowlogs.alarm_setup_tasks import set_up_alarms
from flowlogs.dag_defaults import MACROS, SQL_FOLDER, TAGS, default_args, run_callbacks
from flowlogs.operators.athena import FlowLogsAthenaOperator
from flowlogs.quicksight_setup_tasks import set_up_quicksight
from flowlogs.search_setup_tasks import set_up_search
from flowlogs.settings import load_settings
from flowlogs.setup_tasks import add_lake_columns, check_buckets, ensure_work_group, mend_tables
from flowlogs.sources import LAKE_TABLES

settings = load_settings()
athena = {
    "workgroup": settings.athena.work_group,
    "aws_conn_id": settings.aws.conn_id,
    "region_name": settings.aws.region,
    "sleep_time": settings.athena.poll_seconds,
}

with DAG(
    dag_id="flow_logs_setup",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1),
    max_active_runs=1,
    default_args=default_args(settings),
    **run_callbacks(settings),
    params={
        "repair": Param(True, type="boolean", description="Mend what differs from the settings, or only tell."),
        "remove_quicksight": Param(
            False, type="boolean", description="Delete the QuickSight dashboard; quicksight.enabled has to be false."
        ),
    },
    template_searchpath=SQL_FOLDER,
    user_defined_macros=MACROS,
    tags=[*TAGS, "setup"],
    doc_md=__doc__,
):
    create_database = FlowLogsAthenaOperator(task_id="create_database", query="tables/database.sql", **athena)
    create_raw_tables = FlowLogsAthenaOperator.partial(
        task_id="create_raw_tables", query="tables/raw_table.sql", map_index_template="{{ params.source }}", **athena
    ).expand(params=[{"source": source.name} for source in settings.sources])
    create_line_tables = FlowLogsAthenaOperator.partial(
        task_id="create_line_tables",
        query="tables/lines_table.sql",
        map_index_template="{{ params.source }}",
        **athena,
    ).expand(params=[{"source": source.name} for source in settings.sources if source.file_format == "text"])
    create_lake_tables = FlowLogsAthenaOperator.partial(task_id="create_lake_tables", **athena).expand(
        query=[f"tables/{table}.sql" for table in LAKE_TABLES]
    )

    tables = [create_raw_tables, create_line_tables, create_lake_tables]
    mended = mend_tables.override(trigger_rule="none_failed")()  # without a source of text, create_line_tables skips
    check_buckets() >> ensure_work_group() >> create_database >> tables >> mended
    added = create_lake_tables >> add_lake_columns()
    [mended, added] >> set_up_quicksight.override(trigger_rule="none_failed")()
    set_up_alarms()
    set_up_search()
