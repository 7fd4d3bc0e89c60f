"""Ingestions on their way: one at a time for each data set, INITIALIZED, QUEUED, RUNNING, and how they end.

A CreateIngestion for a data set that is being refreshed is accepted and waits: the API's Ingestion has QueueInfo for
that ("the queued ingestion is waiting for the ongoing ingestion to complete"), and CreateIngestion's documented
errors have no ConflictException (LimitExceededException is the daily quota). An edit of the data set supersedes what
waits or runs: that ends as FAILED, INGESTION_SUPERSEDED (user guide, "SPICE ingestion error codes").
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.aws_json import Caller
from local_aws.quicksight.athena_source import Stopped
from local_aws.quicksight.failures import IngestionFailed
from local_aws.quicksight.faults import Faults
from local_aws.quicksight.ingestion_records import ENDED, Ingestion, IngestionRecords
from local_aws.quicksight.spice import Loaded

log = logging.getLogger(__name__)

Load = Callable[[Ingestion, threading.Event, int], Loaded]
"""Brings an ingestion's rows into SPICE; told when to stop, and how many rows to drop as if they were bad.

Raises IngestionFailed, Stopped."""

_Key = tuple[Caller, str]


@dataclass
class _Job:
    ingestion: Ingestion
    stop: threading.Event = field(default_factory=threading.Event)
    ends_as: tuple[str, str, str] | None = None
    """Status, error type and message when it is stopped."""


class Ingesting:
    """Runs ingestions in threads of their own, one for each data set that has some."""

    def __init__(self, records: IngestionRecords, faults: Faults, load: Load, *, queue_seconds: float) -> None:
        self._records = records
        self._faults = faults
        self._load = load
        self._queue_seconds = queue_seconds
        self._lock = threading.Lock()
        self._waiting: dict[_Key, deque[_Job]] = {}
        self._threads: dict[_Key, threading.Thread] = {}
        self._closing = False

    def resume(self) -> None:
        """Start again what a stop of the process left unfinished; rows are swapped in whole, so nothing is half done."""
        for ingestion in self._records.unfinished():
            ingestion.status = "INITIALIZED"
            self._enqueue(ingestion)

    def submit(self, ingestion: Ingestion) -> None:
        """Keep and run an ingestion.

        Raises:
            ServiceError: ResourceExistsException, when the data set has one of that id.
        """
        self._records.add(ingestion)
        self._enqueue(ingestion)

    def cancel(self, ingestion: Ingestion) -> bool:
        """Cancel an ingestion; whether it had not ended."""
        ends_as = ("CANCELLED", "INGESTION_CANCELED", "The ingestion was cancelled")
        return self._stop((ingestion.caller, ingestion.data_set_id), ends_as, ingestion.id) > 0

    def supersede(self, caller: Caller, data_set_id: str) -> None:
        """Fail what waits or runs, since the data set was edited."""
        message = "The ingestion has been superseded by another workflow: the data set was edited meanwhile"
        self._stop((caller, data_set_id), ("FAILED", "INGESTION_SUPERSEDED", message))

    def drop(self, caller: Caller, data_set_id: str) -> None:
        """Fail what waits or runs, since the data set is deleted."""
        self._stop((caller, data_set_id), ("FAILED", "DATA_SET_DELETED", "The data set was deleted"))
        with self._lock:
            thread = self._threads.get((caller, data_set_id))
        if thread is not None:
            thread.join(timeout=10)

    def close(self) -> None:
        """Stop all threads; what runs is run again by `resume` in the next process."""
        with self._lock:
            self._closing = True
            jobs = [job for some in self._waiting.values() for job in some]
            threads = list(self._threads.values())
        for job in jobs:
            job.stop.set()
        for thread in threads:
            thread.join(timeout=10)

    def _enqueue(self, ingestion: Ingestion) -> None:
        key = (ingestion.caller, ingestion.data_set_id)
        with self._lock:
            waiting = self._waiting.setdefault(key, deque())
            if waiting:
                ongoing = waiting[0].ingestion.id
                ingestion.status = "QUEUED"
                ingestion.details["QueueInfo"] = {"WaitingOnIngestion": ongoing, "QueuedIngestion": ingestion.id}
                self._records.save(ingestion)
            waiting.append(_Job(ingestion))
            if key not in self._threads:
                thread = threading.Thread(target=self._work, args=[key], name=f"quicksight-{key[1]}", daemon=True)
                self._threads[key] = thread
                thread.start()

    def _work(self, key: _Key) -> None:
        while True:
            with self._lock:
                waiting = self._waiting[key]
                if not waiting or self._closing:
                    del self._waiting[key], self._threads[key]
                    return
                job = waiting[0]
            try:
                self._run(job)
            except Exception:
                log.exception("ingestion %s", job.ingestion.arn)
            finally:
                with self._lock:
                    waiting.popleft()

    def _stop(self, key: _Key, ends_as: tuple[str, str, str], ingestion_id: str | None = None) -> int:
        stopped = 0
        with self._lock:
            for job in self._waiting.get(key, ()):
                if ingestion_id in (None, job.ingestion.id) and job.ingestion.status not in ENDED:
                    job.ends_as = job.ends_as or ends_as
                    job.stop.set()
                    stopped += 1
                    if job is not self._waiting[key][0]:
                        self._end(job, *job.ends_as)
        return stopped

    def _run(self, job: _Job) -> None:
        ingestion = job.ingestion
        if ingestion.status in ENDED:
            return
        data_set_id = ingestion.data_set_id
        stuck = self._faults.take("stuck_queued", data_set_id)
        began = time.monotonic()
        ingestion.details.pop("QueueInfo", None)
        self._become(ingestion, "QUEUED")
        if job.stop.wait(stuck.seconds if stuck else self._queue_seconds):
            self._end_stopped(job)
            return
        self._become(ingestion, "RUNNING")
        try:
            if fault := self._faults.take("ingestion_error", data_set_id):
                raise IngestionFailed(
                    fault.error_type, fault.message or f"{fault.error_type}, as a fault was switched on"
                )
            dropping = self._faults.take("drop_rows", data_set_id)
            loaded = self._load(ingestion, job.stop, dropping.rows if dropping else 0)
        except Stopped:
            self._end_stopped(job)
        except IngestionFailed as error:
            self._end(job, "FAILED", error.type, error.message, seconds=time.monotonic() - began)
        except Exception as error:
            log.exception("ingestion %s", ingestion.arn)
            message = f"{type(error).__name__}: {error}"
            self._end(job, "FAILED", "INTERNAL_SERVICE_ERROR", message, seconds=time.monotonic() - began)
        else:
            ingestion.details |= {
                "RowInfo": {
                    "RowsIngested": loaded.ingested,
                    "RowsDropped": loaded.dropped,
                    "TotalRowsInDataset": loaded.total,
                },
                "IngestionSizeInBytes": loaded.size,
                "IngestionTimeInSeconds": max(1, round(time.monotonic() - began)),
            }
            self._become(ingestion, "COMPLETED")

    def _end_stopped(self, job: _Job) -> None:
        if job.ends_as is not None:
            self._end(job, *job.ends_as)
        # Otherwise the process ends: the next one runs it again.

    def _end(self, job: _Job, status: str, error_type: str, message: str, seconds: float = 0) -> None:
        details = job.ingestion.details
        details.pop("QueueInfo", None)
        details["ErrorInfo"] = {"Type": error_type, "Message": message}
        details["IngestionTimeInSeconds"] = round(seconds)
        self._become(job.ingestion, status)

    def _become(self, ingestion: Ingestion, status: str) -> None:
        ingestion.status = status
        self._records.save(ingestion)
