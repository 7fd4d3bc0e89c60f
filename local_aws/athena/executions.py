"""Executions: queued, run by a few threads, followed by their state, stopped, remembered."""

from __future__ import annotations

import logging
import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_aws.athena.callers_rights import catalog_for
from local_aws.athena.history import Execution, QueryHistory
from local_aws.athena.model import (
    ErrorCategory,
    QueryCancelled,
    QueryFailed,
    QueryOutcome,
    QueryRequest,
)
from local_aws.athena.results import WRITES, ResultFiles
from local_aws.aws_json import Caller
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import NoSuchBucket, ObjectStore

log = logging.getLogger(__name__)

RunStatement = Callable[[QueryRequest], QueryOutcome]
ObjectsFor = Callable[[Caller], ObjectStore]
PreparedStatements = Callable[[Caller, str], "PreparedStatementAccess"]


class PreparedStatementAccess:
    """How a running statement reads and saves the prepared statements of its work group."""

    def read(self, name: str) -> str:
        """The SQL of a prepared statement. Raises QueryFailed if there is none."""
        raise QueryFailed(f"PreparedStatement {name} was not found", error_type=1000)

    def save(self, name: str, sql: str | None) -> None:
        """Keep a prepared statement; None removes it."""


class Executions:
    """Runs executions in the order they came, `workers` at a time (DuckDB itself uses every core)."""

    def __init__(
        self,
        history: QueryHistory,
        catalogs: CatalogStore,
        objects_for: ObjectsFor,
        run_statement: RunStatement,
        prepared_statements: PreparedStatements,
        *,
        workers: int = 4,
    ) -> None:
        self._history = history
        self._catalogs = catalogs
        self._objects_for = objects_for
        self._run_statement = run_statement
        self._prepared_statements = prepared_statements
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._jobs: dict[str, _Job] = {}
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._scratch = tempfile.TemporaryDirectory(prefix="athena-")
        self._fail_interrupted()
        self._threads = [
            threading.Thread(target=self._work, name=f"athena-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Cancel what runs and end the threads."""
        self._closing.set()
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancelled.set()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=10)
        self._scratch.cleanup()

    def submit(self, execution: Execution, output_folder: str, cutoff: int | None) -> Execution:
        """Queue an execution and return it, or the earlier execution that has its token."""
        kept = self._history.add(execution)
        if kept is execution:
            job = _Job(execution, output_folder, cutoff)
            with self._lock:
                self._jobs[execution.id] = job
            self._waiting.put(job)
        return kept

    def stop(self, execution: Execution) -> None:
        """Cancel an execution that has not ended; one that has stays as it is."""
        with self._lock:
            job = self._jobs.get(execution.id)
        if job is not None:
            job.cancelled.set()
            with job.lock:
                if job.execution.state == "QUEUED":
                    self._end_stopped(job.execution, "")

    def live(self, query_id: str) -> Execution | None:
        """The execution as it runs now (its scanned bytes grow), if it has not ended."""
        with self._lock:
            job = self._jobs.get(query_id)
        return None if job is None else job.execution

    def _fail_interrupted(self) -> None:
        for execution in self._history.unfinished():
            self._fail_as_interrupted(execution)

    def _fail_as_interrupted(self, execution: Execution, started: float | None = None) -> None:
        reason = "The local AWS was stopped while the query ran. Run the query again."
        execution.shape["Status"]["AthenaError"] = _athena_error(ErrorCategory.SYSTEM, 401, True, reason)
        self._end(execution, "FAILED", reason, started)

    def _end_stopped(self, execution: Execution, reason: str, started: float | None = None) -> None:
        if self._closing.is_set():
            self._fail_as_interrupted(execution, started)
        else:
            self._end(execution, "CANCELLED", reason or "Query was cancelled by user", started)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            try:
                self._run(job)
            except Exception:
                log.exception("query %s", job.execution.id)
            finally:
                with self._lock:
                    self._jobs.pop(job.execution.id, None)

    def _run(self, job: _Job) -> None:
        execution = job.execution
        with job.lock:
            if execution.is_final:
                return
            if job.cancelled.is_set():
                self._end_stopped(execution, "")
                return
            execution.shape["Status"]["State"] = "RUNNING"
            started = time.time()
            queued = started - execution.shape["Status"]["SubmissionDateTime"]
            execution.shape["Statistics"]["QueryQueueTimeInMillis"] = _milliseconds(queued)
            self._history.save(execution)
        with tempfile.NamedTemporaryFile(dir=self._scratch.name) as result:
            try:
                outcome = self._run_statement(self._request(job, Path(result.name)))
                if job.cancelled.is_set():
                    raise QueryCancelled
                publishing = time.time()
                self._publish(execution, job.output_folder, Path(result.name), outcome)
            except QueryCancelled as error:
                self._end_stopped(execution, str(error), started)
            except QueryFailed as error:
                shape = _athena_error(error.category, error.error_type, error.retryable, error.message)
                execution.shape["Status"]["AthenaError"] = shape
                self._end(execution, "FAILED", error.message, started)
            except NoSuchBucket as error:
                reason = f"Unable to verify/create output bucket {error}"
                execution.shape["Status"]["AthenaError"] = _athena_error(ErrorCategory.USER, 1200, False, reason)
                self._end(execution, "FAILED", reason, started)
            except Exception as error:
                log.exception("query %s: %s", execution.id, execution.shape["Query"])
                reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
                execution.shape["Status"]["AthenaError"] = _athena_error(ErrorCategory.SYSTEM, 401, True, reason)
                self._end(execution, "FAILED", reason, started)
            else:
                statistics = execution.shape["Statistics"]
                statistics["QueryPlanningTimeInMillis"] = _milliseconds(outcome.planning_seconds)
                statistics["ServiceProcessingTimeInMillis"] = _milliseconds(time.time() - publishing)
                self._end(execution, "SUCCEEDED", None, started, publishing)

    def _request(self, job: _Job, result_file: Path) -> QueryRequest:
        execution, shape = job.execution, job.execution.shape
        prepared = self._prepared_statements(execution.caller, shape["WorkGroup"])

        def scanned(total_bytes: int) -> None:
            shape["Statistics"]["DataScannedInBytes"] = total_bytes

        return QueryRequest(
            query_id=execution.id,
            sql=shape["Query"],
            account_id=execution.caller.account_id,
            region=execution.caller.region,
            database=shape["QueryExecutionContext"].get("Database", "default").lower(),
            output_location=job.output_folder,
            work_group=shape["WorkGroup"],
            catalog=catalog_for(
                execution.caller, self._catalogs.catalog(execution.caller.account_id, execution.caller.region)
            ),
            objects=self._objects_for(execution.caller),
            result_file=result_file,
            prepared_statement=prepared.read,
            save_prepared_statement=prepared.save,
            execution_parameters=tuple(shape.get("ExecutionParameters", ())),
            bytes_scanned_cutoff=job.cutoff,
            cancelled=job.cancelled,
            on_scanned=scanned,
        )

    def _publish(self, execution: Execution, folder: str, result_file: Path, outcome: QueryOutcome) -> None:
        shape = execution.shape
        files = ResultFiles.of(folder, execution.id, is_table=outcome.statement_type == "DML")
        files.write(self._objects_for(execution.caller), result_file, outcome)
        shape["StatementType"] = outcome.statement_type
        shape["SubstatementType"] = outcome.substatement_type
        shape["ResultConfiguration"]["OutputLocation"] = files.location
        shape["Statistics"]["DataScannedInBytes"] = outcome.data_scanned_bytes
        if outcome.substatement_type in WRITES:
            shape["Statistics"]["DataManifestLocation"] = files.manifest
        execution.columns = outcome.columns
        execution.update_count = outcome.update_count
        execution.output = {
            "InputRows": outcome.input_rows,
            "InputBytes": outcome.input_bytes,
            "OutputRows": outcome.output_rows,
            "OutputBytes": outcome.output_bytes,
        }

    def _end(
        self,
        execution: Execution,
        state: str,
        reason: str | None,
        started: float | None = None,
        ran_until: float | None = None,
    ) -> None:
        now = time.time()
        status, statistics = execution.shape["Status"], execution.shape["Statistics"]
        if reason is not None:
            status["StateChangeReason"] = reason
        status["CompletionDateTime"] = now
        statistics.setdefault("DataScannedInBytes", 0)
        location = execution.shape["ResultConfiguration"]["OutputLocation"]
        if location.endswith("/"):  # nothing was written: Athena still names the file that would have been
            execution.shape["ResultConfiguration"]["OutputLocation"] = ResultFiles.of(
                location, execution.id, is_table=execution.shape.get("StatementType") == "DML"
            ).location
        statistics["EngineExecutionTimeInMillis"] = _milliseconds((ran_until or now) - started) if started else 0
        statistics["TotalExecutionTimeInMillis"] = _milliseconds(now - status["SubmissionDateTime"])
        status["State"] = state  # last, since readers see this very mapping
        self._history.save(execution)


class _Job:
    """An execution on its way through the queue."""

    def __init__(self, execution: Execution, output_folder: str, cutoff: int | None) -> None:
        self.execution = execution
        self.output_folder = output_folder
        self.cutoff = cutoff
        self.cancelled = threading.Event()
        self.lock = threading.Lock()


def new_query_id() -> str:
    """An execution's id, as Athena makes them (a version 4 UUID)."""
    return str(uuid.uuid4())


def _athena_error(category: ErrorCategory, error_type: int, retryable: bool, message: str) -> dict[str, Any]:
    return {
        "ErrorCategory": int(category),
        "ErrorType": error_type,
        "Retryable": retryable,
        "ErrorMessage": message,
    }


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
