"""The message of a failed run, and what it advises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.notifications.failed_run import (
    FailedRun,
    TaskFailure,
    failed_run_message,
    gathered_message,
    recovered_message,
)
from flowlogs.notifications.remedies import REMEDIES, remedy_of

QUERY = "0d3c1f2e-1111-4222-8333-444455556666"


def failure(error: str = "boom", **changes: object) -> TaskFailure:
    values = {
        "task_id": "write_records", "map_index": -1, "label": "", "try_number": 3, "error": error,
        "log_url": "https://airflow.example/log", "at": "2026-11-23T04:05:06.7+00:00",
    }  # fmt: skip
    return TaskFailure(**{**values, **changes})


def run(*failures: TaskFailure, **changes: object) -> FailedRun:
    values = {
        "environment": "prod", "dag_id": "flow_logs_daily", "run_id": "scheduled__1", "day": "2026-11-22",
        "reason": "task_failure", "run_url": "https://airflow.example/run", "failures": failures,
    }  # fmt: skip
    return FailedRun(**{**values, **changes})


def test_a_failed_run_is_told_with_day_error_query_try_links_and_what_to_do():
    error = f"Athena query {QUERY} FAILED: TABLE_NOT_FOUND: line 1:15: Table 'flow_x' does not exist (error type 1301)"
    message = failed_run_message(run(failure(error, map_index=2, label="vpc_flow_logs")))
    text = message.texts["default"]
    assert message.subject == "[prod] flow_logs_daily failed for 2026-11-22: write_records"
    for part in (
        "write_records[vpc_flow_logs], try 3, 2026-11-23 04:05:06 UTC", error, f"Athena query: {QUERY}",
        "Log: https://airflow.example/log", "Run: https://airflow.example/run", "Run flow_logs_setup",
    ):  # fmt: skip
        assert part in text
    notice = json.loads(message.texts["lambda"])
    assert notice["kind"] == "airflow_failure"
    assert (notice["dag_id"], notice["day"], notice["try_number"]) == ("flow_logs_daily", "2026-11-22", 3)
    assert notice["targets"] == ["write_records[vpc_flow_logs]"]


def test_many_tasks_are_one_message():
    message = failed_run_message(run(*[failure(map_index=index) for index in range(9)]))
    assert message.subject.endswith("write_records (9 times)")
    assert "and 4 more failed tasks" in message.texts["default"]


def test_a_run_that_left_no_note_says_its_reason():
    message = failed_run_message(run(reason="timed_out"))
    assert "flow_logs_daily for 2026-11-22 failed: timed_out" in message.texts["default"]
    assert "took longer than allowed" in message.texts["default"]


def test_recovery_and_many_runs():
    assert "is well again for 2026-11-22" in recovered_message("prod", "flow_logs_daily", "2026-11-22", "u").subject
    message = gathered_message(
        "prod", [("flow_logs_daily", f"2026-10-{day:02}", "u") for day in range(1, 31)] * 2, "Why."
    )
    assert message.subject == "[prod] 60 failed runs"
    assert "and 10 more" in message.texts["default"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("An error occurred (AccessDeniedException) when calling the GetTable operation", "access denied"),
        ("User: arn:aws:sts::111122223333:x is not authorized to perform: glue:GetTable", "access denied"),
        ("Unable to locate credentials", "credentials"),
        ("An error occurred (ThrottlingException) when calling StartQueryExecution: Rate exceeded", "throttled"),
        ("Athena query x CANCELLED: Bytes scanned limit was exceeded", "scan limit"),
        ("2026-11-22 is incomplete after 12 h: network/111122223333/us-east-1 has no files", "logs are missing"),
        ("network/1/us-east-1: 10 rows in the files, 9 curated (9 records, 0 NODATA)", "rows do not add up"),
        ("partitions of vpc_flow_logs are wrong:\nmissing: …", "partitions are wrong"),
        ("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", "table or column is missing"),
        ("SYNTAX_ERROR: line 1:1: mismatched input", "bad SQL"),
        ("AirflowTaskTimeout: Timeout, PID: 77", "took too long"),
        ("Task was killed: heartbeat timeout", "the worker was lost"),
        ("KeyError: 'x'", "unknown"),
    ],
)
def test_an_error_is_known_by_its_words(error, kind):
    assert remedy_of(error).kind == kind


def test_every_remedy_ends_in_something_to_do():
    assert len({remedy.kind for remedy in REMEDIES}) == len(REMEDIES)
    assert all(len(remedy.advice) > 40 and remedy.advice.endswith(".") for remedy in REMEDIES)


@given(error=st.text(max_size=5000), dag_id=st.text(max_size=300))
def test_whatever_stands_in_an_error_sns_takes_the_message(error, dag_id):
    message = failed_run_message(run(failure(error), dag_id=dag_id))
    assert 0 < len(message.subject) < 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert len(json.dumps(dict(message.texts)).encode()) < 256 * 1024
    assert json.loads(message.texts["lambda"])["kind"] == "airflow_failure"
