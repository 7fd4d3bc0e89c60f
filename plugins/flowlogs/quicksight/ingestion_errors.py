"""Why an ingestion failed, and what to do: every type of QuickSight's IngestionErrorType.

The types' meaning: user guide, "SPICE ingestion error codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about an ingestion that failed.

    Attributes:
        text: for a person.
        again: whether another try can help, so that the task makes one.
    """

    text: str
    again: bool = False


_SETUP = "run flow_logs_setup, which makes what is missing and mends what was edited"
_ROLE = (
    "let QuickSight's role (quicksight.athena_role_arn, or the account's service role under Manage QuickSight, "
    "Security & permissions) read Athena, the lake's bucket and its KMS key (docs/dashboard.md)"
)
_CHANGED = f"a column's type or name has changed: {_SETUP}, then trigger this DAG again"
_SPICE = (
    "buy SPICE capacity in quicksight.region (Manage QuickSight, SPICE capacity), or lower quicksight.history_days or "
    "quicksight.max_rows_per_day"
)
_NOT_ATHENA = f"it is of a data source that is not Athena, so somebody has edited the data source: {_SETUP}"
_BUSY = "Athena was busy or slow; if it stays so, see its work group's limits and queue"
_QUERY = "run the data set's query in Athena by hand; the settings or the lake's tables may have changed"
_AWS = "QuickSight itself failed; if it stays so, ask AWS's support, with the ingestion's id"

REMEDIES: Final[Mapping[str, Remedy]] = {
    "FAILURE_TO_ASSUME_ROLE": Remedy(f"let QuickSight assume its role (trust: quicksight.amazonaws.com), and {_ROLE}"),
    "INGESTION_SUPERSEDED": Remedy("the data set was edited meanwhile; the edit loads it anew", again=True),
    "INGESTION_CANCELED": Remedy("somebody cancelled it: trigger this DAG again when it may run"),
    "DATA_SET_DELETED": Remedy(f"somebody has deleted the data set: {_SETUP}"),
    "DATA_SET_NOT_SPICE": Remedy(f"somebody has set the data set to direct queries: {_SETUP}"),
    "S3_UPLOADED_FILE_DELETED": Remedy(_NOT_ATHENA),
    "S3_MANIFEST_ERROR": Remedy(_NOT_ATHENA),
    "DATA_TOLERANCE_EXCEPTION": Remedy(f"too many rows do not fit their columns' types: {_CHANGED}"),
    "SPICE_TABLE_NOT_FOUND": Remedy(f"the data set's rows are gone: {_SETUP}", again=True),
    "DATA_SET_SIZE_LIMIT_EXCEEDED": Remedy(
        "a data set holds 2,000 million rows or 2 TB at most: lower quicksight.history_days or max_rows_per_day"
    ),
    "ROW_SIZE_LIMIT_EXCEEDED": Remedy("a row is larger than SPICE takes: look for a very long value in the tables"),
    "ACCOUNT_CAPACITY_LIMIT_EXCEEDED": Remedy(_SPICE),
    "CUSTOMER_ERROR": Remedy(f"QuickSight finds the data set wrong: {_SETUP}"),
    "DATA_SOURCE_NOT_FOUND": Remedy(f"somebody has deleted the data source: {_SETUP}"),
    "IAM_ROLE_NOT_AVAILABLE": Remedy(f"the role is gone or QuickSight may not pass it: {_ROLE}"),
    "CONNECTION_FAILURE": Remedy(
        "QuickSight does not reach Athena: see that the work group of athena.work_group is there and its results "
        "bucket can be written",
        again=True,
    ),
    "SQL_TABLE_NOT_FOUND": Remedy("a table of the lake is missing: run flow_logs_setup; see athena.database"),
    "PERMISSION_DENIED": Remedy(_ROLE),
    "SSL_CERTIFICATE_VALIDATION_FAILURE": Remedy(_NOT_ATHENA),
    "OAUTH_TOKEN_FAILURE": Remedy(_NOT_ATHENA),
    "SOURCE_API_LIMIT_EXCEEDED_FAILURE": Remedy(_BUSY, again=True),
    "PASSWORD_AUTHENTICATION_FAILURE": Remedy(_NOT_ATHENA),
    "SQL_SCHEMA_MISMATCH_ERROR": Remedy(_CHANGED),
    "INVALID_DATE_FORMAT": Remedy(_CHANGED),
    "INVALID_DATAPREP_SYNTAX": Remedy(f"a calculated field is wrong (include/quicksight/data_sets/): {_SETUP}"),
    "SOURCE_RESOURCE_LIMIT_EXCEEDED": Remedy(
        "the query needs more than Athena or its work group's scan limit allows: raise the limit, or lower "
        "quicksight.history_days"
    ),
    "SQL_INVALID_PARAMETER_VALUE": Remedy(_QUERY),
    "QUERY_TIMEOUT": Remedy(_BUSY, again=True),
    "SQL_NUMERIC_OVERFLOW": Remedy(f"a sum is larger than its column takes: {_QUERY}"),
    "UNRESOLVABLE_HOST": Remedy(_NOT_ATHENA),
    "UNROUTABLE_HOST": Remedy(_NOT_ATHENA),
    "SQL_EXCEPTION": Remedy(_QUERY),
    "S3_FILE_INACCESSIBLE": Remedy(f"a file of the lake is gone or locked; rerun its day, or {_ROLE}", again=True),
    "IOT_FILE_NOT_FOUND": Remedy(_NOT_ATHENA),
    "IOT_DATA_SET_FILE_EMPTY": Remedy(_NOT_ATHENA),
    "INVALID_DATA_SOURCE_CONFIG": Remedy(f"the data source is wrong: {_SETUP}"),
    "DATA_SOURCE_AUTH_FAILED": Remedy(_ROLE),
    "DATA_SOURCE_CONNECTION_FAILED": Remedy(
        "QuickSight does not reach Athena: see that the work group of athena.work_group is there", again=True
    ),
    "FAILURE_TO_PROCESS_JSON_FILE": Remedy(_NOT_ATHENA),
    "INTERNAL_SERVICE_ERROR": Remedy(_AWS, again=True),
    "REFRESH_SUPPRESSED_BY_EDIT": Remedy("the data set is being edited; the edit loads it anew", again=True),
    "PERMISSION_NOT_FOUND": Remedy(_ROLE),
    "ELASTICSEARCH_CURSOR_NOT_ENABLED": Remedy(_NOT_ATHENA),
    "CURSOR_NOT_ENABLED": Remedy(_NOT_ATHENA),
    "DUPLICATE_COLUMN_NAMES_FOUND": Remedy(f"two columns have one name (include/quicksight/data_sets/): {_SETUP}"),
}
"""By the type of ErrorInfo."""


def remedy(error_type: str) -> Remedy:
    """What to do about an error; one that is not known is tried again."""
    unknown = Remedy(f"{error_type or 'the error'} is not known here; see QuickSight's user guide", again=True)
    return REMEDIES.get(error_type, unknown)
