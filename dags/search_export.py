"""
### Bring reported days into OpenSearch or Elasticsearch

Runs when a day is reported, if `search.enabled` is set: asks Athena for the day's rejected records and summary
(`run_queries`), writes them and the report's findings as documents of the Elastic Common Schema into new indices
(`write_documents`), compares their sums with the ledger and puts all of them in place by one request (`put_in_place`).
People search the aliases `flowlogs-findings`, `flowlogs-rejected` and `flowlogs-daily`, and see a day whole, or as it was
before.

**By hand:** trigger it with the parameter `day`. A rerun replaces the day.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, PartitionedAssetTimetable

from flowlogs.dag_defaults import FLOW_LOGS_REPORT, MACROS, SQL_FOLDER, TAGS, default_args, run_callbacks
from flowlogs.operators.athena import FlowLogsAthenaOperator
from flowlogs.search.fields import KINDS
from flowlogs.search_export_tasks import plan_export, put_in_place, the_reported_day, write_documents
from flowlogs.settings import load_settings

settings = load_settings()

with DAG(
    dag_id="search_export",
    schedule=PartitionedAssetTimetable(assets=FLOW_LOGS_REPORT) if settings.search.enabled else None,
    start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
    catchup=False,
    max_active_runs=1,  # two runs of one day would remove each other's indices
    default_args=default_args(settings),
    **run_callbacks(settings),
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            description="For a run by hand: the UTC day, YYYY-MM-DD.",
        ),
    },
    template_searchpath=SQL_FOLDER,
    user_defined_macros=MACROS,
    tags=[*TAGS, "search"],
    doc_md=__doc__,
):
    day = the_reported_day()
    run_queries = FlowLogsAthenaOperator.partial(
        task_id="run_queries",
        map_index_template="{{ params.kind }}",
        database=settings.athena.database,
        workgroup=settings.athena.work_group,
        aws_conn_id=settings.aws.conn_id,
        region_name=settings.aws.region,
        sleep_time=settings.athena.poll_seconds,
    ).expand_kwargs(plan_export(day))
    written = write_documents.override(execution_timeout=timedelta(hours=6)).partial(
        day=day, query_ids=run_queries.output
    ).expand(kind=[*KINDS])  # fmt: skip
    put_in_place(day, written)
