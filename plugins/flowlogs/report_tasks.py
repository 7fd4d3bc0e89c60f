"""The tasks of the report's DAGs that are Python: which days, which sections, telling people."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.report_files import told_key
from flowlogs.reports.period import Edition, Period
from flowlogs.settings import Settings

log = logging.getLogger(__name__)

SENT: Final = "sent"


@task
def the_period(edition: Edition, params: Mapping[str, Any], partition_key: str | None = None) -> str:
    """The first day of the period that this run is for: of its partition key, or of the parameter `day`.

    Raises:
        AirflowFailException: for a run that names no day, two periods, or something that is no day.
    """
    periods = []
    for text in (partition_key, params.get("day")):
        if text:
            try:
                periods.append(Period.of_key(edition, text))
            except ValueError as error:
                raise AirflowFailException(f"{text!r} is no day; write YYYY-MM-DD") from error
    if not periods:
        raise AirflowFailException("this run names no day: trigger it with the parameter day (YYYY-MM-DD)")
    if len(set(periods)) > 1:
        raise AirflowFailException(
            f"the run is for {partition_key}, its parameter day says {params['day']}; give one of them"
        )
    return periods[0].key


@task
def plan_sections(edition: Edition, first: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections to ask for, with their parameters.

    Raises:
        AirflowFailException: for a section or a threshold that is none.
    """
    from flowlogs.reports.sections import SectionError
    from flowlogs.sections import planned_sections

    period = Period.of_key(edition, first)
    try:
        return planned_sections(airflow_settings(), period, tuple(params.get("sections") or ()))
    except SectionError as error:
        raise AirflowFailException(str(error)) from error


@task(map_index_template="{{ task.op_kwargs['recipient'] }}")
def tell(recipient: str, report: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """Send the report's message to SNS or Slack: when findings changed, or as the parameter `messages` says.

    What a recipient was told is noted beside the report, and noted only when it was told: a message that failed is sent
    by the next try or run, and one that was sent is not sent again.

    Args:
        recipient: one of `RECIPIENTS`.
        report: what `WriteReportOperator` returned.
        params: the run's parameters `messages` and `recipients`.

    Returns: what was done, in words.

    Raises:
        AirflowFailException: when Slack refuses the message.
        RuntimeError: when Slack cannot be reached.
    """
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from flowlogs.aws import BOTOCORE_CONFIG

    settings = airflow_settings()
    s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)
    key = told_key(report["folder"], recipient)
    done = _reason_to_be_silent(s3, settings.lake.bucket, key, recipient, report, params)
    if done is None:
        send = {"SNS": _tell_sns, "Slack": _tell_slack}[recipient]
        done = send(settings, report)
        if done == SENT:
            note = json.dumps({"fingerprint": report["fingerprint"], "at": datetime.now(UTC).isoformat()})
            s3.conn.put_object(Bucket=settings.lake.bucket, Key=key, Body=note.encode(), ContentType="application/json")
    log.info("%s: %s", recipient, done)
    return done


def _reason_to_be_silent(
    s3: Any, bucket: str, key: str, recipient: str, report: Mapping[str, Any], params: Mapping[str, Any]
) -> str | None:
    when = params["messages"]
    if when == "never" or recipient not in params["recipients"]:
        return "not wanted"
    if when == "always":
        return None
    if not report["whole"]:
        return "only some sections were asked"
    if s3.check_for_key(key, bucket) and json.loads(s3.read_key(key, bucket))["fingerprint"] == report["fingerprint"]:
        return "findings unchanged"
    return None


def _tell_sns(settings: Settings, report: Mapping[str, Any]) -> str:
    topic = settings.notifications.report_topic_arn
    if topic is None:
        return "no topic in the settings"
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    from flowlogs.aws import BOTOCORE_CONFIG

    hook = SnsHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG)
    texts = {"default": report["text"], "lambda": json.dumps(report["lambda"], ensure_ascii=False)}
    hook.conn.publish(
        TopicArn=topic,
        Subject=report["subject"],
        Message=json.dumps(texts, ensure_ascii=False),
        MessageStructure="json",
    )
    return SENT


def _tell_slack(settings: Settings, report: Mapping[str, Any]) -> str:
    conn_id = settings.notifications.slack_conn_id
    if conn_id is None:
        return "no connection in the settings"
    import httpx
    from airflow.sdk import Connection

    connection = Connection.get(conn_id)
    # Of the address, the path is the secret: it stands in the password, which Airflow masks in logs.
    host = (connection.host or "").rstrip("/")
    port = f":{connection.port}" if connection.port else ""
    url = f"{connection.schema or 'https'}://{host}{port}/{(connection.password or '').lstrip('/')}"
    try:
        answer = httpx.post(url, json=report["slack"], timeout=30)
    except httpx.HTTPError as error:
        raise RuntimeError(f"Slack cannot be reached: {type(error).__name__}") from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise RuntimeError(f"Slack answers HTTP {answer.status_code}")
    if answer.is_error:
        raise AirflowFailException(f"Slack refuses the message: HTTP {answer.status_code} {answer.text[:200]}")
    return SENT
