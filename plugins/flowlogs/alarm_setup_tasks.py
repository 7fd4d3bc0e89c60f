"""The task of `flow_logs_setup` that makes the alarms."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.settings import Settings

log = logging.getLogger(__name__)


@task
def set_up_alarms(params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Make the log group's metric filters, the alarms and the way of their messages, and mend what differs.

    What differs is only said when the parameter `repair` is off, or `alarms.on_drift` is `report`.

    Returns: what was created, what differed, and what somebody else has to look after, in words.

    Raises:
        AirflowSkipException: when the settings define no alarms.
        AirflowFailException: when a filter pattern does not select what its rule asks for, or AWS refuses a step.
    """
    settings = airflow_settings()
    if settings.alarms.log_group is None:
        raise AirflowSkipException("the settings define no alarms: set alarms.log_group")
    return make_alarms(settings, repair=bool(params["repair"]))


def make_alarms(settings: Settings, *, repair: bool) -> dict[str, list[str]]:
    """`set_up_alarms` without Airflow's context."""
    from flowlogs.alarm_setup import AlarmSetupError
    from flowlogs.alarm_setup import set_up_alarms as set_up
    from flowlogs.alarms.wanted import wanted

    repair = repair and settings.alarms.on_drift == "repair"
    try:
        result = set_up(wanted(settings), lambda service: _client(settings, service), repair=repair)
    except AlarmSetupError as error:
        raise AirflowFailException(str(error)) from error
    for text in result.created:
        log.info("created %s", text)
    for text in result.drift:
        log.warning("%s (%s)", text, "repaired" if result.repaired else "left as it is")
    for text in result.notes:
        log.warning("%s", text)
    if not result.created and not result.drift:
        log.info("everything is as the settings say")
    return {"created": list(result.created), "drift": list(result.drift), "notes": list(result.notes)}


def _client(settings: Settings, service: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    hook = AwsBaseHook(
        aws_conn_id=settings.aws.conn_id, client_type=service, region_name=settings.aws.region, config=BOTOCORE_CONFIG
    )
    return hook.conn
