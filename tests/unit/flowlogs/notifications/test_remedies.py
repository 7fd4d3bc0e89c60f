"""What is said of errors: each kind of error is known by its words, and stands in the runbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlogs.notifications.remedies import REMEDIES, UNKNOWN, remedy_of

RUNBOOK = Path(__file__).parents[4] / "docs" / "operating.md"


def test_every_kind_has_its_heading_in_the_runbook_and_no_other_is_there():
    headings = re.findall(r"^### (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert headings == [remedy.kind for remedy in (*REMEDIES, UNKNOWN)]


def test_every_advice_ends_with_where_the_runbook_has_more():
    advice = {remedy.kind: remedy.advice for remedy in (*REMEDIES, UNKNOWN)}
    assert advice["bad SQL"].endswith(" The runbook has more: docs/operating.md#bad-sql.")
    assert advice["the dashboard's refresh"].endswith(": docs/operating.md#the-dashboards-refresh.")
    assert all(text.count("docs/operating.md#") == 1 for text in advice.values())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            "ClientError: An error occurred (AccessDeniedException) when calling the StartQueryExecution",
            "access denied",
        ),
        ("An error occurred (403) when calling the HeadBucket operation: Forbidden", "access denied"),
        (
            "CloudWatch has no alarm 'x'; the settings' are prod-flowlogs-skipdata, prod-flowlogs-no_flow_logs",
            "the drill",
        ),
        ("prod-flowlogs-traffic: ingestion 1-2-traffic-1 failed: PERMISSION_DENIED: x; let", "the dashboard's refresh"),
        ("SearchError: GET /_index_template/x: HTTP 403 security_exception: no permissions", "the search export"),
        ("the cluster refused 3 of 9 documents of daily of 2026-11-22, more than", "the search export"),
        ("2026-11-22 was not put in place: rejected: 45 flows, the ledger has 46", "the search export"),
        ("prod-flowlogs-traffic: SPICE has 3 rows , Athena 9; trigger", "the dashboard's refresh"),
        ("NoCredentialsError: Unable to locate credentials", "credentials"),
        ("AirflowNotFoundException: The conn_id `aws_default` isn't defined", "credentials"),
        ("An error occurred (ThrottlingException) when calling GetPartitions: Rate exceeded", "throttled"),
        ("query 1: Bytes scanned limit was exceeded", "scan limit"),
        ("An error occurred (InvalidAccessKeyId) when calling the ListObjectsV2 operation", "credentials"),
        ("An error occurred (UnrecognizedClientException) when calling the GetTable operation", "credentials"),
        ("bucket logs is closed to the role: grant it s3:ListBucket", "access denied"),
        (
            "test-flowlogs-traffic: An error occurred (AccessDeniedException) when calling the CreateIngestion operation",
            "access denied",
        ),
        ("An error occurred (ThrottlingException) when calling the CreateIngestion operation", "throttled"),
        ("An error occurred (SlowDown) when calling the ListObjectsV2 operation", "throttled"),
        (
            "test-flowlogs-traffic: ingestion 1-2-traffic-1, which others began, has not ended",
            "the dashboard's refresh",
        ),
        (
            "AirflowSensorTimeout: 2026-11-15: 0 of 1 targets complete; 1 missing: network/111122223333/us-east-1 (no file "
            "of the day). Waited 12.0 hours (arrival.timeout_hours); clear this task to wait again",
            "logs are missing",
        ),
        ("FAILED: SemanticException [Error 10001]: Table not found flowlogs.x", "table or column is missing"),
        ("TABLE_NOT_FOUND: line 12:6: Table 'awsdatacatalog.flowlogs.x' does not exist", "table or column is missing"),
        ("TemplateSyntaxError: Expected an expression, got 'end of statement block'", "bad SQL"),
        ("UndefinedError: 'dict object' has no attribute 'x'", "bad SQL"),
        ("the task's process vanished", "the worker was lost"),
        ("task_failure", "no error was left"),
        ("its callback was lost: the scheduler or the dag-processor stopped", "no error was left"),
        ("2026-11-22 is not complete after 12 hours: network/111122223333/us-east-1 (no file)", "logs are missing"),
        (
            "the day does not add up:\nnetwork/111122223333/us-east-1: 10 rows in the files, 9 curated",
            "rows do not add up",
        ),
        ("the day breaks limits of the settings:\nnetwork: 3% of rows are unparsable", "limits of the checks"),
        ("partitions of vpc_flow_logs stay wrong:\n2026-11-22", "partitions are wrong"),
        ("TABLE_NOT_FOUND: line 1:15: Table 'flow_daily' does not exist", "table or column is missing"),
        ("SYNTAX_ERROR: line 3: mismatched input", "bad SQL"),
        ("SettingsError: include/config/flowlogs.yaml: lake.bucket", "settings"),
        ("Task received SIGTERM signal", "the worker was lost"),
        ("AirflowTaskTimeout: Timeout", "took too long"),
        ("ZeroDivisionError: division by zero", "unknown"),
    ],
)
def test_an_error_is_known_by_its_words(error, kind):
    assert remedy_of(error).kind == kind
