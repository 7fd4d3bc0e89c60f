"""The operator that makes the report of sections' results, and the link to its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk import BaseOperator, BaseOperatorLink, Context
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.report_files import ReportFiles
from flowlogs.reports.period import Edition, Period
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.reports.report import Report
    from flowlogs.reports.results import SectionResult


class ReportLink(BaseOperatorLink):
    """The button that opens the report's page."""

    name = "Report"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The page's address; empty until it is written. Airflow asks in the task's process, when it has ended."""
        return str(getattr(operator, "page_url", ""))


class WriteReportOperator(BaseOperator):
    """Make the report's page, CSV files and summary of what its sections' queries answered.

    CSV files go to a folder of this try alone; the page that names them, and the summary, replace the ones before
    them by one request each. A section without an answer is shown as such; the report fails only when none has one.
    A run of some sections only writes beside the report, not over it.

    A whole report is published: its assets (`outlets`) get the period's first day as partition key.

    Pushes the page's address (link "Report"), and returns what telling people needs: the fingerprint of the findings,
    the folder in which it is noted who was told of them, and the messages' texts.

    :param edition: daily, weekly or monthly
    :param first: the period's first day, `YYYY-MM-DD` (templated)
    :param planned: the sections' parameters, as `plan_sections` returns them (templated)
    :param query_task_id: the mapped task that ran the sections, in the order of `planned`
    """

    template_fields: Sequence[str] = ("first", "planned")
    operator_extra_links = (ReportLink(),)
    ui_color = "#d9c9e8"

    def __init__(
        self, *, edition: Edition, first: str, planned: Sequence[Mapping[str, Any]], query_task_id: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.edition = edition
        self.first = first
        self.planned = planned
        self.query_task_id = query_task_id
        self.page_url = ""

    def execute(self, context: Context) -> dict[str, Any]:
        """Write the report; what telling people needs."""
        from flowlogs.reports.csv_files import csv_text
        from flowlogs.reports.messages import lambda_notice, slack_payload, sns_subject, sns_text
        from flowlogs.reports.page import page_html
        from flowlogs.reports.summary import fingerprint, identities_of, summary_json
        from flowlogs.sections import sections_of

        settings = airflow_settings()
        period = Period.of_key(self.edition, self.first)
        asked = {plan["params"]["section"] for plan in self.planned}
        whole = asked >= {section.name for section in sections_of(self.edition)}
        files = ReportFiles(settings, period, whole=whole)
        s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
        results = self._results(settings, context)
        if results and all(result.error for result in results):
            raise AirflowFailException("no section has an answer; see the failed queries of run_sections")
        before = identities_of(_read(s3, settings, files.summary_before_key()))
        report = self._report(settings, period, results, before, context["run_id"], files.page_url())
        folder = files.run_folder(context["run_id"], context["ti"].try_number)
        for result in results:
            if result.error is None:
                body = csv_text(result).encode()
                _write(
                    s3, settings, f"{files.folder()}{folder}{result.section.name}.csv", body, "text/csv; charset=utf-8"
                )
        _write(s3, settings, files.page_key(), page_html(report, folder).encode(), "text/html; charset=utf-8")
        _write(s3, settings, files.summary_key(), summary_json(report).encode(), "application/json")
        self.page_url = report.page_url
        if whole:
            for asset in self.outlets:
                context["outlet_events"][asset].add_partitions(period.key)
        identities = frozenset(finding.identity for finding in report.found)
        self.log.info("%s: %d findings, %d new: %s", report.title, len(report.found), len(report.new), report.page_url)
        return {
            "page": report.page_url,
            "whole": whole,
            "fingerprint": fingerprint(identities),
            "folder": files.folder(),
            "findings": len(report.found),
            "new": len(report.new),
            "bytes_scanned": report.bytes_scanned,
            "subject": sns_subject(report),
            "text": sns_text(report),
            "lambda": lambda_notice(report),
            "slack": slack_payload(report),
        }

    def _report(
        self, settings: Settings, period: Period, results: Sequence[SectionResult], before: frozenset[str],
        run_id: str, url: str,
    ) -> Report:  # fmt: skip
        from flowlogs.reports.findings import Allowlist, findings_of
        from flowlogs.reports.report import Report

        allowed = settings.reports.allowlist
        allowlist = Allowlist(allowed.cidrs, allowed.ports, allowed.interfaces)
        found, kept_out = findings_of(results, allowlist, before)
        return Report(
            period=period,
            environment=settings.environment,
            run_id=run_id,
            generated_at=datetime.now(UTC),
            results=results,
            found=found,
            allowed=kept_out,
            allowlist=allowlist,
            page_url=url,
        )

    def _results(self, settings: Settings, context: Context) -> list[SectionResult]:
        from flowlogs.hooks.queries import QueriesHook, bytes_scanned
        from flowlogs.ledger import cost_usd
        from flowlogs.reports.results import SectionResult, read_result
        from flowlogs.sections import section_named

        queries = QueriesHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
        indexes = list(range(len(self.planned)))
        ids = context["ti"].xcom_pull(task_ids=self.query_task_id, map_indexes=indexes) if indexes else []
        query_of = _by_index(ids, context, self.query_task_id, indexes)
        executions = {e["QueryExecutionId"]: e for e in queries.executions([i for i in query_of.values() if i])}
        found = []
        for position, plan in enumerate(self.planned):
            section = section_named(plan["params"]["section"])
            section = section.model_copy(update={"thresholds": plan["params"]["thresholds"]})
            query_id = query_of.get(position)
            if query_id is None:
                found.append(SectionResult(section, error="its query failed; see the task run_sections"))
                continue
            execution = executions[query_id]
            scanned = bytes_scanned(execution)
            error = None
            try:
                rows = read_result(section, queries.result_text(query_id))
            except ValueError as mismatch:  # the header and the query of one section; the others have their answers
                rows, error = [], str(mismatch)
                self.log.warning("%s", error)
            found.append(
                SectionResult(
                    section=section,
                    rows=rows,
                    sql=execution["Query"],
                    query_id=query_id,
                    bytes_scanned=scanned,
                    cost_usd=cost_usd(scanned, settings.athena.price_per_tb_usd),
                    error=error,
                    limit=settings.reports.max_rows,
                )
            )
        return found


def _by_index(ids: Any, context: Context, task_id: str, indexes: Sequence[int]) -> dict[int, str | None]:
    """The query of each mapped task; of those that failed there is none, so they are asked for one by one."""
    found = list(ids or ())
    if len(found) == len(indexes) and all(found):
        return dict(zip(indexes, found, strict=True))
    return {index: context["ti"].xcom_pull(task_ids=task_id, map_indexes=index) for index in indexes}


def _read(s3: S3Hook, settings: Settings, key: str) -> str | None:
    if not s3.check_for_key(key, settings.lake.bucket):
        return None
    text: str = s3.read_key(key, settings.lake.bucket)
    return text


def _write(s3: S3Hook, settings: Settings, key: str, body: bytes, content_type: str) -> None:
    s3.conn.put_object(Bucket=settings.lake.bucket, Key=key, Body=body, ContentType=content_type)
