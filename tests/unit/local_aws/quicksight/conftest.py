"""QuickSight's operations in process, reading result files instead of asking Athena."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local_aws.aws_json import Caller
from local_aws.quicksight.api import QuickSightOperations
from local_aws.quicksight.athena_source import Rows, Stopped
from local_aws.quicksight.settings import Behaviour
from tests.unit.local_aws.quicksight.sample_dashboard import write_csv

CALLER = Caller("000000000000", "us-east-1")


@dataclass
class Results:
    """Stands for Athena: answers every query with the same rows, or fails, or waits until it is told to go on."""

    folder: Path
    columns: list[str] = field(default_factory=list)
    table: list[tuple[object, ...]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    failure: Exception | None = None
    gate: threading.Event | None = None

    def problem_of(self, caller: Caller, work_group: str) -> str | None:
        return f"WorkGroup {work_group} is not found." if work_group == "missing" else None

    def rows(self, caller: Caller, sql: str, work_group: str, stop: threading.Event) -> Rows:
        self.queries.append(sql)
        while self.gate is not None and not self.gate.is_set():
            if stop.wait(0.005):
                raise Stopped
        if self.failure is not None:
            raise self.failure
        file = self.folder / f"{len(self.queries)}.csv"
        write_csv(file, self.columns, self.table)
        return Rows(file, tuple(self.columns), f"query-{len(self.queries)}")


@dataclass
class QuickSight:
    """The operations with what they read from."""

    operations: QuickSightOperations
    results: Results

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        made: dict[str, Any] = getattr(self.operations, operation)(CALLER, params)
        return made

    def ended(self, data_set: str, ingestion_id: str) -> dict[str, Any]:
        """The ingestion, when it has ended."""
        return self.until(data_set, ingestion_id, "COMPLETED", "FAILED", "CANCELLED")

    def until(self, data_set: str, ingestion_id: str, *statuses: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = self.call("describe_ingestion", DataSetId=data_set, IngestionId=ingestion_id)["Ingestion"]
            if found["IngestionStatus"] in statuses:
                return dict(found)
            time.sleep(0.005)
        raise AssertionError(f"{ingestion_id} is {found}")


@pytest.fixture
def results(tmp_path: Path) -> Results:
    (tmp_path / "results").mkdir()
    return Results(tmp_path / "results")


def started(folder: Path, results: Results, **behaviour: Any) -> QuickSight:
    """QuickSight with its state in a folder; nothing waits unless a test wants it."""
    quick = Behaviour(**{"queue_seconds": 0.0, "settle_seconds": 0.0, **behaviour})
    return QuickSight(QuickSightOperations(folder, results, quick), results)  # type: ignore[arg-type]


@pytest.fixture
def quicksight(tmp_path: Path, results: Results) -> Iterator[QuickSight]:
    made = started(tmp_path / "quicksight", results)
    made.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    yield made
    made.operations.close()
