"""What Athena says of queries that ended: results, costs, rows; fifty a call where it can."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG

AT_ONCE = 50
"""Query ids that BatchGetQueryExecution takes (Athena API reference)."""


class QueriesHook(AthenaHook):
    """Looks at ended queries.

    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: Athena's region
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("config", BOTOCORE_CONFIG)
        super().__init__(**kwargs)

    def executions(self, query_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The QueryExecution of each query, in the order of the ids.

        Raises:
            LookupError: for ids that Athena does not know (it keeps queries for 45 days).
        """
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(query_ids), AT_ONCE):
            ids = list(query_ids[start : start + AT_ONCE])
            answer = self.conn.batch_get_query_execution(QueryExecutionIds=ids)
            found |= {execution["QueryExecutionId"]: execution for execution in answer["QueryExecutions"]}
        missing = [query_id for query_id in query_ids if query_id not in found]
        if missing:
            raise LookupError(f"Athena does not know the queries {', '.join(missing)}")
        return [found[query_id] for query_id in query_ids]

    def input_rows(self, query_id: str) -> int | None:
        """Rows that a query read; None when Athena does not (yet) tell."""
        statistics = self.conn.get_query_runtime_statistics(QueryExecutionId=query_id)["QueryRuntimeStatistics"]
        rows: int | None = statistics.get("Rows", {}).get("InputRows")
        return rows

    def result(self, query_id: str) -> list[dict[str, str]]:
        """A query's rows, read from its file in S3: one request, however many."""
        return list(csv.DictReader(io.StringIO(self.result_text(query_id))))

    def result_text(self, query_id: str) -> str:
        """A query's result file."""
        location = self.get_output_location(query_id)
        text: str = S3Hook(aws_conn_id=self.aws_conn_id, config=BOTOCORE_CONFIG).read_key(key=location)
        return text

    def run_and_wait(self, sql: str, *, database: str, work_group: str, poll_seconds: float = 1.0) -> str:
        """Run a statement that is seldom needed, in the worker; its id.

        Raises:
            RuntimeError: with Athena's reason when it does not succeed.
        """
        query_id: str = self.run_query(sql, {"Database": database}, {}, workgroup=work_group)
        while (state := self.check_query_status(query_id)) in (None, *self.INTERMEDIATE_STATES):
            time.sleep(poll_seconds)
        if state not in self.SUCCESS_STATES:
            raise RuntimeError(f"query {query_id} ended as {state}: {self.get_state_change_reason(query_id)}")
        return query_id


def bytes_scanned(execution: dict[str, Any]) -> int:
    """Bytes that a query scanned."""
    return int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
