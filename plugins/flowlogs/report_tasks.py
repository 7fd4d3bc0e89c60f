"""The tasks of the report's DAGs that are Python: which days, which sections, telling people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.reports.period import Edition, Period
from flowlogs.settings import Settings

log = logging.getLogger(__name__)


@task
def the_period(edition: Edition, params: Mapping[str, Any], partition_key: str | None = None) -> str:
    """The first day of the period that this run is for: of its partition key, or of the parameter `day`.

    Raises:
        AirflowFailException: for a run that names no day, or something that is none.
    """
    text = partition_key or params.get("day")
    if not text:
        raise AirflowFailException("this run names no day: trigger it with the parameter day (YYYY-MM-DD)")
    try:
        return Period.of_key(edition, text).key
    except ValueError as error:
        raise AirflowFailException(f"{text!r} is no day; write YYYY-MM-DD") from error


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


@task
def tell(report: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, str]:
    """Send the report's messages: when findings changed, or as the parameter `messages` says.

    Returns: for SNS and Slack, what was done.

    Raises:
        AirflowFailException: when Slack refuses the message.
    """
    settings = airflow_settings()
    when = params.get("messages", "when findings changed")
    if when == "never":
        return {"sns": "not wanted", "slack": "not wanted"}
    if when != "always" and not report["changed"]:
        log.info("findings are as they were: no message is sent")
        return {"sns": "findings unchanged", "slack": "findings unchanged"}
    done = {"sns": _tell_sns(settings, report), "slack": _tell_slack(settings, report)}
    log.info("SNS: %(sns)s; Slack: %(slack)s", done)
    return done


def _tell_sns(settings: Settings, report: Mapping[str, Any]) -> str:
    topic = settings.notifications.report_topic_arn
    if topic is None:
        return "no topic in the settings"
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    from flowlogs.aws import BOTOCORE_CONFIG

    hook = SnsHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG)
    hook.publish_to_target(topic, report["text"], subject=report["subject"])
    return "sent"


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
    return "sent"
