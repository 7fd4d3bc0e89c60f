"""A day of 10 million records from raw files to every section of the report: seconds, memory, bytes scanned.

The pipeline's own SQL runs on the local Athena in process, statement by statement as the DAGs run it. Bytes are those
that Athena bills, in proportion to the raw files; the naive way, every section on the raw files, stands beside it.
Peak memory is that of the process while a step runs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import yaml

from benchmarks.record import Result
from local_aws.athena.engine import run_statement
from local_aws.athena.model import QueryOutcome, QueryRequest
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import FolderObjects
from local_aws.traffic import FolderSink, Target, TrafficPlan, write_traffic

RECORDS = 10_000_000
DAY = date(2026, 11, 20)
ACCOUNTS = ("111122223333", "222233334444", "333344445555", "444455556666")
REGION = "us-east-1"


@dataclass
class Step:
    """What one step cost."""

    name: str
    seconds: float = 0.0
    peak_bytes: int = 0
    scanned: int = 0
    statements: int = 0


class Lake:
    """The pipeline's statements on an Athena in process."""

    def __init__(self, folder: Path) -> None:
        from airflow.sdk import DAG

        from flowlogs.dag_defaults import MACROS, SQL_FOLDER
        from flowlogs.settings import load_settings

        file = folder / "flowlogs.yaml"
        source = {"name": "network", "bucket": "logs", "accounts": list(ACCOUNTS), "regions": [REGION]}
        file.write_text(
            yaml.safe_dump(
                {
                    "environment": "benchmark",
                    "athena": {"output_location": "s3://logs/results/"},
                    "lake": {"bucket": "logs", "prefix": "lake/"},
                    "sources": [source],
                }
            )
        )
        os.environ["FLOWLOGS_CONFIG"] = str(file)
        self.settings = load_settings()
        self.steps: list[Step] = []
        self._folder = folder
        self._catalog = CatalogStore(folder / "glue.sqlite").catalog("111122223333", REGION)
        self._objects = FolderObjects(folder / "s3")
        dag = DAG("benchmark", schedule=None, template_searchpath=SQL_FOLDER, user_defined_macros=MACROS)
        self._templates = dag.get_template_env()
        self._count = 0

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Measure what stands in the block."""
        print(f"{name} …", file=sys.stderr, flush=True)
        step, process, done = Step(name), psutil.Process(), threading.Event()

        def watch() -> None:
            while not done.wait(0.05):
                step.peak_bytes = max(step.peak_bytes, process.memory_info().rss)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        started = time.perf_counter()
        self.steps.append(step)
        yield step
        step.seconds = time.perf_counter() - started
        done.set()
        watcher.join()

    def run(self, path: str, **params: Any) -> QueryOutcome:
        """Run the statement of a file."""
        task_instance = SimpleNamespace(try_number=1, xcom_pull=lambda task_ids: DAY.isoformat())
        template = self._templates.get_template(path)
        return self.ask(
            template.render(params={"day": DAY.isoformat(), **params}, ti=task_instance, run_id="benchmark")
        )

    def ask(self, sql: str) -> QueryOutcome:
        """Run a statement; it counts for the step that is being measured."""
        self._count += 1
        result = self._folder / "result"
        result.write_bytes(b"")
        outcome = run_statement(
            QueryRequest(
                query_id=f"query-{self._count}", sql=sql, account_id="111122223333", region=REGION, database="flowlogs",
                output_location="s3://logs/results/", work_group="primary", catalog=self._catalog,
                objects=self._objects, result_file=result, prepared_statement=_none, save_prepared_statement=_none,
                execution_parameters=(), bytes_scanned_cutoff=None,
            )
        )  # fmt: skip
        if self.steps:
            self.steps[-1].scanned += outcome.data_scanned_bytes
            self.steps[-1].statements += 1
        return outcome


def _none(*_: object) -> Any:
    raise LookupError("there are no prepared statements here")


def main() -> None:
    """Write the day, run the pipeline and the report's sections, save the figures."""
    folder = Path(tempfile.mkdtemp())
    try:
        lake = Lake(folder)
        plan = TrafficPlan(
            days=(DAY,),
            targets=tuple(Target(account, REGION) for account in ACCOUNTS),
            records_per_day=RECORDS // len(ACCOUNTS),
            interfaces=200,
            file_minutes=60,
        )
        print(f"writing {RECORDS:,} records …", file=sys.stderr)
        write_traffic(plan, FolderSink(folder / "s3" / "logs"))
        raw = sum(file.stat().st_size for file in (folder / "s3" / "logs" / "AWSLogs").rglob("*") if file.is_file())
        records = _curate(lake)
        naive = _report(lake, raw)
    finally:
        shutil.rmtree(folder)
    _save(lake.steps, raw, records, naive)


def _curate(lake: Lake) -> int:
    from flowlogs.curation import run_name
    from flowlogs.publishing import record_partitions, summary_partitions

    source = lake.settings.sources[0]
    every = {"source": source.name, "first": 0, "last": len(source.targets())}
    run = run_name("benchmark", source, 0, len(source.targets()), 1)
    lake.run("tables/database.sql")
    lake.run("tables/raw_table.sql", source=source.name)
    lake.run("tables/lines_table.sql", source=source.name)
    for table in (
        "flow_records",
        "flow_gaps",
        "flow_quarantine",
        "flow_daily",
        "flow_staging",
        "flow_runs",
        "threat_list",
    ):
        lake.run(f"tables/{table}.sql")
    with lake.step("register partitions"):
        for table in source.file_tables:
            lake.run("partitions/add_partitions.sql", table=table, **every)
    with lake.step("curate the records"):
        records = lake.run("curate/records.sql", **every).input_rows
    with lake.step("count and reconcile"):
        lake.run("checks/rows_by_target.sql", runs=[run])
    _show(lake, [p for t in source.targets() for p in record_partitions(lake.settings.lake, source, t, str(DAY), run)])
    with lake.step("summarise"):
        lake.run("curate/summary.sql", **every)
        lake.run("checks/summary_by_target.sql", runs=[run])
    _show(lake, [p for t in source.targets() for p in summary_partitions(lake.settings.lake, source, t, str(DAY), run)])
    return records


def _show(lake: Lake, partitions: Sequence[Any]) -> None:
    """What Glue's batch calls do in the DAG."""
    for partition in partitions:
        keys = ("dt", "aws_account", "aws_region", "source", "action")[: len(partition.values)]
        spec = ", ".join(f"{key} = '{value}'" for key, value in zip(keys, partition.values, strict=True))
        lake.ask(f"ALTER TABLE {partition.table} ADD PARTITION ({spec}) LOCATION '{partition.location}'")


def _report(lake: Lake, raw: int) -> int:
    """Bytes of the naive way: every section that reads traffic reads the raw files once."""
    from flowlogs.sections import all_sections

    naive = 0
    for group in ("traffic", "detections", "health"):
        with lake.step(f"report: {group}"):
            for section in all_sections():
                if section.group == group:
                    lake.run(
                        f"reports/{section.name}.sql", first=str(DAY), last=str(DAY), limit=100, section=section.name,
                        baseline_first=str(DAY - timedelta(days=28)), thresholds=section.thresholds,
                    )  # fmt: skip
                    naive += raw if group != "health" else 0
    return naive


def _save(steps: Sequence[Step], raw: int, records: int, naive: int) -> None:
    pipeline = [step for step in steps if not step.name.startswith("report")]
    scanned = sum(step.scanned for step in steps)
    rows = [
        {
            "step": step.name,
            "statements": str(step.statements),
            "seconds": f"{step.seconds:.1f}",
            "peak memory": f"{step.peak_bytes / 1e9:.1f} GB",
            "scanned": f"{step.scanned / 1e6:,.0f} MB",
            "of the raw bytes": f"{step.scanned / raw:.2f}",
        }
        for step in steps
    ]
    Result(
        name="day_to_report",
        title="A day from raw files to the report",
        what=f"{records:,} records of the default format in {raw / 1e6:,.0f} MB of gzip text, {len(ACCOUNTS)} targets, on the "
        "local Athena in process. One run. The baseline of 28 days is empty; on AWS it adds what flow_daily of those "
        "days holds of the columns asked for.",
        rows=rows,
        ratios=[
            f"curation, counts and summary scan {sum(s.scanned for s in pipeline) / raw:.2f} times the raw bytes",
            f"everything scans {scanned / raw:.2f} times the raw bytes (goal: at most 1.2); the naive way, every section on the "
            f"raw files: {naive / raw:.0f} times",
            f"{records / sum(s.seconds for s in steps):,.0f} records a second from raw to report",
        ],
    ).save()


if __name__ == "__main__":
    main()
