"""The local Athena as QuickSight uses it: through StartQueryExecution in the data source's work group."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.athena.api import AthenaOperations
from local_aws.athena.executions import ObjectsFor
from local_aws.aws_json import Caller, ServiceError
from local_aws.objects import split_s3_uri
from local_aws.quicksight.failures import IngestionFailed, of_athena

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Rows:
    """A query's result: Athena's CSV file, and the names of its columns in order."""

    file: Path
    columns: tuple[str, ...]
    query_id: str


class Stopped(Exception):
    """The query was stopped with its ingestion."""


class AthenaSource:
    """Runs queries as a client would, in process."""

    def __init__(self, athena: AthenaOperations, objects_for: ObjectsFor) -> None:
        self._athena = athena
        self._objects_for = objects_for

    def problem_of(self, caller: Caller, work_group: str) -> str | None:
        """What is wrong with a work group; None when it is there and enabled."""
        try:
            self._athena.work_groups.usable(caller, work_group)
        except ServiceError as error:
            return f"Unable to connect to Athena: {error.message}"
        return None

    def rows(self, caller: Caller, sql: str, work_group: str, stop: threading.Event) -> Rows:
        """Run a query to its end.

        Raises:
            IngestionFailed: the query cannot be started, or failed.
            Stopped: `stop` was set meanwhile; the query is stopped too.
        """
        try:
            started = self._athena.start_query_execution(caller, {"QueryString": sql, "WorkGroup": work_group})
        except ServiceError as error:
            raise IngestionFailed(
                "DATA_SOURCE_CONNECTION_FAILED", f"Unable to connect to Athena: {error.message}"
            ) from error
        query_id = started["QueryExecutionId"]
        execution = self._wait(caller, query_id, stop)
        status = execution["Status"]
        if status["State"] != "SUCCEEDED":
            raise of_athena(f"{status.get('StateChangeReason', status['State'])} (query {query_id})")
        found = self._athena.get_query_results(caller, {"QueryExecutionId": query_id, "MaxResults": 1})
        columns = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        file = self._objects_for(caller).path(*split_s3_uri(execution["ResultConfiguration"]["OutputLocation"]))
        return Rows(file, tuple(column["Name"] for column in columns), query_id)

    def _wait(self, caller: Caller, query_id: str, stop: threading.Event) -> dict[str, Any]:
        wanted = {"QueryExecutionId": query_id}
        while True:
            execution: dict[str, Any] = self._athena.get_query_execution(caller, wanted)["QueryExecution"]
            if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return execution
            if stop.wait(POLL_SECONDS):
                self._athena.stop_query_execution(caller, wanted)
                raise Stopped
