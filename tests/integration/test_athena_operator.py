"""FlowLogsAthenaOperator: one query a try, reasons in words, costs in XCom, retries only where they help."""

from __future__ import annotations

import asyncio
import uuid
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from flowlogs.operators.athena import FlowLogsAthenaOperator

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]


class TaskInstance(SimpleNamespace):
    """As much of a task instance as an operator asks for."""

    def xcom_push(self, key, value):
        self.pushed[key] = value


def a_try(number: int = 1, run_id: str | None = None) -> dict[str, TaskInstance]:
    ti = TaskInstance(
        dag_id="d", run_id=run_id or uuid.uuid4().hex, task_id="ask", map_index=-1, try_number=number, pushed={}
    )
    return {"ti": ti, "task_instance": ti}


@pytest.fixture
def ask(local_aws):
    bucket = local_aws.bucket()

    def make(query: str, **options) -> FlowLogsAthenaOperator:
        return FlowLogsAthenaOperator(
            task_id="ask", query=query, database="default", output_location=f"s3://{bucket}/results/", **options
        )

    return make


def executions(local_aws) -> int:
    return len(local_aws.client("athena").list_query_executions(MaxResults=50)["QueryExecutionIds"])


def test_a_short_query_is_waited_for_in_place_and_accounted(ask, local_aws):
    context = a_try()
    query_id = ask("SELECT 1").execute(context)
    statistics = context["ti"].pushed["statistics"]
    assert statistics["query_execution_id"] == query_id
    assert statistics["bytes_scanned"] == 0
    execution = local_aws.client("athena").get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    assert execution["Status"]["State"] == "SUCCEEDED"


def test_a_longer_one_is_waited_for_in_the_triggerer(ask):
    context = a_try()
    operator = ask(
        "SELECT sum(x * y) FROM UNNEST(sequence(1, 10000)) AS t(x), UNNEST(sequence(1, 2000)) AS u(y)",
        patience=0,
        sleep_time=1,
    )
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(context)

    event = asyncio.run(anext(deferred.value.trigger.run()))
    assert operator.execute_complete(context, event.payload) == event.payload["value"]
    assert "statistics" in context["ti"].pushed


def test_a_try_submits_its_query_once_and_another_try_anew(ask):
    run_id = uuid.uuid4().hex
    first = ask("SELECT 2").execute(a_try(1, run_id))
    assert ask("SELECT 2").execute(a_try(1, run_id)) == first
    assert ask("SELECT 2").execute(a_try(2, run_id)) != first


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_wrong_query_fails_at_once_with_athenas_reason(ask, deferrable):
    with pytest.raises(AirflowFailException) as failed:
        ask("SELECT nope FROM (VALUES 1) AS t(x)", deferrable=deferrable, sleep_time=1).execute(a_try())
    assert "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved" in str(failed.value)


def test_a_killed_task_stops_its_query(ask, local_aws):
    operator = ask(
        "WITH n AS (SELECT x FROM UNNEST(sequence(1, 10000)) AS t(x)) "
        "SELECT sum(a.x * b.x % 7 + c.x) FROM n AS a, n AS b, n AS c",
        patience=0,
    )
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(a_try())
    asyncio.run(deferred.value.trigger.on_kill())
    athena = local_aws.client("athena")
    query_id = deferred.value.trigger.serialized_fields["query_execution_id"]
    while (state := state_of(athena, query_id)) in ("QUEUED", "RUNNING"):
        pass
    assert state == "CANCELLED"


def state_of(athena, query_id: str) -> str:
    return athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
