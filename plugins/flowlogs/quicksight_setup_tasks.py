"""The task of `flow_logs_setup` that makes the QuickSight dashboard."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.quicksight.wanted import WantedDashboard

log = logging.getLogger(__name__)

_REMEDIES: Final[Mapping[str, str]] = {
    "AccessDeniedException": "grant the role what include/iam/airflow_setup.json has for QuickSight (docs/permissions.md)",
    "UnsupportedUserEditionException": "QuickSight's edition is Standard: set quicksight.edition to standard",
    "InvalidParameterValueException": "see whether quicksight.owners and quicksight.viewers name users and groups that "
    "there are, and athena_role_arn a role that QuickSight may use",
    "LimitExceededException": "the account's quota is reached: remove what is not used, or ask AWS for more",
    "PreconditionNotMetException": "sign the account up for QuickSight in quicksight.region, then run this again",
}
"""What to do about errors that come again however often one tries."""


@task
def set_up_quicksight(params: Mapping[str, Any]) -> list[str]:
    """Make data source, data sets, analysis and dashboard, or find how they differ and mend that (or only say so).

    With the parameter `remove_quicksight`, and quicksight.enabled false in the settings, they are deleted.

    Returns: the differences found, in words.

    Raises:
        AirflowSkipException: when the settings want no dashboard.
        AirflowFailException: for definitions that are wrong, and for what QuickSight refuses, with what to do.
    """
    from botocore.exceptions import ClientError

    from flowlogs.quicksight.data_sets import DefinitionError
    from flowlogs.quicksight_setup import QuickSightSetup, SetupError

    settings = airflow_settings()
    if params["remove_quicksight"] and settings.quicksight.enabled:
        raise AirflowFailException("remove_quicksight is on and so is quicksight.enabled; set that to false to remove")
    if not settings.quicksight.enabled and not params["remove_quicksight"]:
        raise AirflowSkipException("quicksight.enabled is false in the settings")
    repair = params["repair"] and settings.quicksight.on_drift == "repair"
    try:
        setup = QuickSightSetup(quicksight_client(settings), wanted_dashboard(settings), repair=repair)
        if params["remove_quicksight"]:
            return [f"deleted {text}" for text in setup.remove()]
        outcome = setup.apply()
    except (SetupError, DefinitionError) as error:
        raise AirflowFailException(str(error)) from error
    except ClientError as error:
        remedy = _REMEDIES.get(error.response["Error"]["Code"])
        if remedy is None:
            raise
        raise AirflowFailException(f"{error}; {remedy}") from error
    if not settings.quicksight.owners and not settings.quicksight.viewers:
        log.warning("nobody sees the dashboard yet: name people in quicksight.owners and quicksight.viewers")
    for text in outcome.differences:
        log.warning("%s (%s)", text, "repaired" if repair else "left as it is")
    if not outcome.created and not outcome.differences:
        log.info("everything is as the settings and include/quicksight/ say")
    return list(outcome.differences)


def wanted_dashboard(settings: Settings) -> WantedDashboard:
    """What the settings and include/quicksight/ define, in QuickSight's account and region."""
    from flowlogs.quicksight.wanted import wanted

    account_id = settings.quicksight.account_id or _hook(settings, "sts").conn.get_caller_identity()["Account"]
    return wanted(settings, account_id, settings.quicksight.region or settings.aws.region)


def quicksight_client(settings: Settings) -> Any:
    """A client in QuickSight's region."""
    return _hook(settings, "quicksight").conn


def _hook(settings: Settings, service: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    region = settings.quicksight.region or settings.aws.region
    return AwsBaseHook(
        aws_conn_id=settings.aws.conn_id, client_type=service, region_name=region, config=BOTOCORE_CONFIG
    )
