"""The tasks of `flow_logs_setup` that are Python: buckets, work group, drift."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.lake_tables import declared_columns, with_new_columns
from flowlogs.settings import Settings
from flowlogs.sources import LAKE_TABLES
from flowlogs.tables import RawTable

log = logging.getLogger(__name__)


@task
def check_buckets() -> list[str]:
    """See that the buckets of the settings exist and can be reached; they belong to the account's owner.

    Raises:
        AirflowFailException: naming each that does not, and what to do.
    """
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.exceptions import ClientError

    settings = airflow_settings()
    client = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG).conn
    buckets = list(dict.fromkeys([settings.lake.bucket, *(source.bucket for source in settings.sources)]))
    problems = []
    for bucket in buckets:
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            reason = {404: "does not exist: create it, or correct its name in the settings",
                      403: "is closed to the role: grant it s3:ListBucket"}.get(status, str(error))  # fmt: skip
            problems.append(f"bucket {bucket} {reason}")
    if problems:
        raise AirflowFailException("; ".join(problems))
    return buckets


@task
def ensure_work_group(params: Mapping[str, Any]) -> list[str]:
    """Create the work group, or find how it differs from the settings and mend that (or only say so).

    Returns: the differences found, in words.
    """
    settings = airflow_settings()
    client = _client(settings, "athena")
    name = settings.athena.work_group
    wanted = {
        "BytesScannedCutoffPerQuery": int(settings.athena.bytes_scanned_cutoff),
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
    }
    location = settings.athena.output_location
    try:
        found = client.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    except client.exceptions.InvalidRequestException as error:
        if "not found" not in str(error):
            raise
        configuration = {
            **wanted,
            "ResultConfiguration": {"OutputLocation": location},
            "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
        }
        client.create_work_group(Name=name, Description="VPC flow log pipeline", Configuration=configuration)
        log.info("created work group %s", name)
        return []
    differences = [
        f"work group {name}: {key} is {found.get(key)}, expected {value}"
        for key, value in wanted.items()
        if found.get(key) != value
    ]
    found_location = found.get("ResultConfiguration", {}).get("OutputLocation")
    if found_location != location:
        differences.append(f"work group {name}: OutputLocation is {found_location}, expected {location}")
    if differences and params["repair"]:
        client.update_work_group(
            WorkGroup=name,
            ConfigurationUpdates={**wanted, "ResultConfigurationUpdates": {"OutputLocation": location}},
        )
    return _told(differences, repaired=params["repair"])


@task
def mend_tables(params: Mapping[str, Any]) -> list[str]:
    """Find how the raw tables differ from the settings and mend that (or only say so).

    Returns: the differences found, in words.

    Raises:
        AirflowFailException: for a difference that only a new table can mend.
    """
    settings = airflow_settings()
    client = _client(settings, "glue")
    differences = []
    for source in settings.sources:
        expected = RawTable.of(source)
        table = client.get_table(DatabaseName=settings.athena.database, Name=source.table)["Table"]
        drift = expected.drift(table)
        differences += [f"table {source.table}: {text}" for text in drift]
        if drift and params["repair"]:
            try:
                table_input = expected.repaired(table)
            except ValueError as error:
                raise AirflowFailException(str(error)) from error
            client.update_table(DatabaseName=settings.athena.database, TableInput=table_input)
    return _told(differences, repaired=params["repair"])


@task
def add_lake_columns(params: Mapping[str, Any]) -> list[str]:
    """Add the columns that the lake's tables gained since they were made (or only say so).

    Returns: the columns that were missing, in words.
    """
    settings = airflow_settings()
    client = _client(settings, "glue")
    context = get_current_context()
    templates = context["dag"].get_template_env()
    differences = []
    for name in LAKE_TABLES:
        ddl = templates.get_template(f"tables/{name}.sql").render(**context)
        table = client.get_table(DatabaseName=settings.athena.database, Name=name)["Table"]
        table_input, new = with_new_columns(table, declared_columns(ddl))
        differences += [f"table {name}: column {column} is missing" for column in new]
        if new and params["repair"]:
            client.update_table(DatabaseName=settings.athena.database, TableInput=table_input)
    return _told(differences, repaired=params["repair"])


def _told(differences: list[str], *, repaired: bool) -> list[str]:
    for text in differences:
        log.warning("%s (%s)", text, "repaired" if repaired else "left as it is")
    if not differences:
        log.info("everything is as the settings say")
    return differences


def _client(settings: Settings, service: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    hook = AwsBaseHook(
        aws_conn_id=settings.aws.conn_id, client_type=service, region_name=settings.aws.region, config=BOTOCORE_CONFIG
    )
    return hook.conn
