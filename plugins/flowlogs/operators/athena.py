"""AthenaOperator as an operations team needs it: reasons, costs, no query twice, no query forgotten."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.triggers.query import QueryTrigger

_FIRST_POLL_SECONDS = 0.5


class FlowLogsAthenaOperator(AthenaOperator):
    """Run one statement on Athena.

    Beyond the provider's operator:

    - a failure carries Athena's reason, the query's id and its error type; what no retry mends (bad SQL, missing
      table, denied access, the work group's scan limit) fails the task at once, without its retries;
    - a try submits its query once, whatever happens to its worker (the request token is made of run, task and try);
    - a query is stopped when its deferred task is killed;
    - the bytes scanned and the seconds are pushed to XCom as `statistics`.

    :param query: the statement, or the name of a file in `include/sql/` (templated)
    :param database: database for unqualified names (templated)
    :param workgroup: Athena work group, which brings the output location and the scan limit (templated)
    :param output_location: S3 path of the results; needed only where the work group has none (templated)
    :param catalog: data catalog (templated)
    :param sleep_time: seconds between two looks at the query
    :param deferrable: wait in the triggerer instead of a worker slot (default)
    :param patience: seconds to wait in the worker before deferring. A deferral costs two more task starts, which is
        longer than most statements take
    :param botocore_config: botocore client settings; standard retry mode by default
    """

    template_fields: Sequence[str] = (*AthenaOperator.template_fields,)
    template_fields_renderers = {"query": "sql"}  # noqa: RUF012  declared so by the base class
    ui_color = "#c3dbe8"

    def __init__(self, *, deferrable: bool = True, sleep_time: int = 5, patience: float = 10, **kwargs: Any) -> None:
        kwargs.setdefault("botocore_config", BOTOCORE_CONFIG)
        super().__init__(deferrable=deferrable, sleep_time=sleep_time, **kwargs)
        self.patience = patience

    def execute(self, context: Context) -> str | None:
        """Submit the query and wait for it; its id."""
        if not self.client_request_token:
            self.client_request_token: str | None = _token_of_try(context)
        try:
            query_execution_id: str | None = super().execute(context)
        except TaskDeferred as deferral:
            if self._ends_soon():
                return self.execute_complete(context, {"status": "success", "value": self.query_execution_id})
            deferral.trigger = QueryTrigger(
                query_execution_id=str(self.query_execution_id),
                waiter_delay=self.sleep_time,
                waiter_max_attempts=self.max_polling_attempts,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
                verify=self.verify,
                botocore_config=self.botocore_config,
            )
            raise
        except AirflowException as error:
            raise self._failure(error) from error
        self._account(context)
        return query_execution_id

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str:
        """Take up the query that the trigger waited for; its id."""
        self.query_execution_id = (event or {}).get("value")
        try:
            query_execution_id: str = super().execute_complete(context, event)
        except AirflowException as error:
            raise self._failure(error) from error
        self._account(context)
        return query_execution_id

    def _ends_soon(self) -> bool:
        """Whether the query ended well within the operator's patience. Raises what `_failure` says when it failed."""
        deadline = time.monotonic() + self.patience
        while True:
            state = self.hook.check_query_status(str(self.query_execution_id))
            if state in AthenaHook.FAILURE_STATES:
                raise self._failure(AirflowException(f"query {self.query_execution_id} ended as {state}"))
            if state in AthenaHook.SUCCESS_STATES:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_FIRST_POLL_SECONDS)

    def _account(self, context: Context) -> None:
        execution = self.hook.get_query_info(str(self.query_execution_id))["QueryExecution"]
        statistics = execution.get("Statistics", {})
        scanned = statistics.get("DataScannedInBytes", 0)
        seconds = statistics.get("TotalExecutionTimeInMillis", 0) / 1000
        self.log.info("query %s scanned %d bytes in %.1f s", self.query_execution_id, scanned, seconds)
        account = {"query_execution_id": self.query_execution_id, "bytes_scanned": scanned, "seconds": seconds}
        context["ti"].xcom_push(key="statistics", value=account)

    def _failure(self, error: AirflowException) -> AirflowException:
        """The exception that says what Athena said, and whether another try can help."""
        if not self.query_execution_id:
            return error
        status = self.hook.get_query_info(self.query_execution_id)["QueryExecution"]["Status"]
        if status["State"] not in ("FAILED", "CANCELLED"):
            return error
        told = status.get("AthenaError", {})
        reason = status.get("StateChangeReason") or str(error)
        text = (
            f"Athena query {self.query_execution_id} {status['State']}: {reason} (error type {told.get('ErrorType')})"
        )
        return AirflowException(text) if told.get("Retryable") else AirflowFailException(text)


def _token_of_try(context: Context) -> str:
    """A ClientRequestToken (32 to 128 characters): the same for the same try, another for the next."""
    ti = context["ti"]
    parts = (ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number)
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()
