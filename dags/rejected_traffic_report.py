"""
### The rejected-traffic report

When a day is curated, the daily edition asks every section in `include/sql/reports/` (`run_sections`, one query each),
makes the page, its CSV files and `summary.json` of the answers (`write_report`: the button **Report** opens the page),
and tells people by SNS and Slack (`tell`). The weekly and the monthly editions run when all their days are in.

A rerun replaces the page; it sends messages again only when findings changed, or when the parameter says so.

**By hand:** trigger it with the parameter `day`. With some `sections` only, the page stands beside the report, not over
it, and nobody is told unless `messages` says always.
"""

from __future__ import annotations

from pathlib import Path

import pendulum
from airflow.sdk import (
    DAG,
    IdentityMapper,
    MonthWindow,
    Param,
    PartitionedAssetTimetable,
    RollupMapper,
    StartOfMonthMapper,
    StartOfWeekMapper,
    WeekWindow,
)

from flowlogs.dag_defaults import FLOW_LOGS_DAY, FLOW_LOGS_REPORT, MACROS, SQL_FOLDER, TAGS, default_args, run_callbacks
from flowlogs.operators.athena import FlowLogsAthenaOperator
from flowlogs.operators.report import WriteReportOperator
from flowlogs.report_files import RECIPIENTS
from flowlogs.report_tasks import plan_sections, tell, the_period
from flowlogs.settings import load_settings

settings = load_settings()

SECTIONS = sorted(path.stem for path in Path(SQL_FOLDER, "reports").glob("*.sql"))
DAY = "%Y-%m-%d"
EDITIONS = {
    "daily": IdentityMapper(),
    "weekly": RollupMapper(upstream_mapper=StartOfWeekMapper(input_format=DAY, output_format=DAY), window=WeekWindow()),
    "monthly": RollupMapper(upstream_mapper=StartOfMonthMapper(input_format=DAY), window=MonthWindow()),
}

for edition, mapper in EDITIONS.items():
    with DAG(
        dag_id="rejected_traffic_report" if edition == "daily" else f"rejected_traffic_report_{edition}",
        schedule=PartitionedAssetTimetable(assets=FLOW_LOGS_DAY, default_partition_mapper=mapper),
        start_date=pendulum.datetime(*settings.schedule.start_date.timetuple()[:3], tz="UTC"),
        max_active_runs=1,  # one day after the other: a finding is continuing when the day before had it
        default_args=default_args(settings),
        **run_callbacks(settings),
        params={
            "day": Param(
                None,
                type=["null", "string"],
                format="date",
                description="For a run by hand: a UTC day, YYYY-MM-DD, of the day, week or month.",
            ),
            "sections": Param(
                [],
                type="array",
                items={"type": "string", "enum": SECTIONS},
                examples=SECTIONS,  # what the form offers
                description="Ask only these sections; none for all.",
            ),
            "messages": Param(
                "when findings changed",
                type="string",
                enum=["when findings changed", "always", "never"],
                description="Whether to tell people of the report.",
            ),
            "recipients": Param(
                [*RECIPIENTS],
                type="array",
                items={"type": "string", "enum": [*RECIPIENTS]},
                examples=[*RECIPIENTS],
                description="Whom to tell, of those that the settings name.",
            ),
        },
        template_searchpath=SQL_FOLDER,
        user_defined_macros=MACROS,
        tags=[*TAGS, "report", edition],
        doc_md=__doc__,
    ):
        first = the_period(edition)
        planned = plan_sections(edition, first)
        run_sections = FlowLogsAthenaOperator.partial(
            task_id="run_sections",
            map_index_template="{{ params.section }}",
            database=settings.athena.database,
            workgroup=settings.athena.work_group,
            aws_conn_id=settings.aws.conn_id,
            region_name=settings.aws.region,
            sleep_time=settings.athena.poll_seconds,
        ).expand_kwargs(planned)
        write_report = WriteReportOperator(
            task_id="write_report",
            edition=edition,
            # Not as an output, so that a run whose plan failed has no upstream that succeeded, and ends there.
            first="{{ ti.xcom_pull('the_period') }}",
            planned=planned,
            query_task_id="run_sections",
            outlets=[FLOW_LOGS_REPORT] if edition == "daily" else [],
            trigger_rule="all_done_min_one_success",
        )
        run_sections >> write_report
        tell.partial(report=write_report.output).expand(recipient=RECIPIENTS)
