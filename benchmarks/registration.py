"""Registering a day of 1,000 targets: the pipeline's statements against one statement each.

Both send what `include/sql/partitions/add_partitions.sql` renders to the Athena of a local AWS, one statement after
the other, and wait for each as a mapped task does. Athena on AWS has a queue and a quota of DDL statements beside it,
so there the difference in seconds is larger; the number of statements is the same.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from benchmarks.own_local_aws import own_local_aws
from benchmarks.record import Result

ACCOUNTS = 250
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-2"]
TARGETS = ACCOUNTS * len(REGIONS)
TOGETHER, APART = date(2026, 11, 20), date(2026, 11, 21)
"""The day that is registered by few statements, and that by one statement each."""


def main() -> None:
    """Register a day each way, compare what stands in Glue, save the figures."""
    with tempfile.TemporaryDirectory() as scratch, own_local_aws(Path(scratch)):
        athena = _Athena(_settings(Path(scratch, "flowlogs.yaml")))
        few = athena.run(_planned(athena, TOGETHER))
        print(f"registering {TARGETS:,} targets, one statement each …", file=sys.stderr)
        many = athena.run(athena.rendered(APART, target, target + 1) for target in range(TARGETS))
        assert athena.partitions(TOGETHER) == athena.partitions(APART) == TARGETS
    Result(
        name="registration",
        title="Registering the day's partitions",
        what=f"{TARGETS:,} targets of one source on the local AWS, every partition at its own location; afterwards "
        "both days have the same partitions in Glue. One run each, statements one after the other.",
        rows=[
            {"what": what, "statements": f"{statements:,}", "seconds": f"{seconds:.2f}"}
            for what, (statements, seconds) in (("the pipeline", few), ("one statement each", many))
        ],
        ratios=[
            f"{many[0] / few[0]:,.0f} times fewer statements than one each",
            f"{many[1] / few[1]:,.0f} times faster than one each",
        ],
    ).save()


class _Athena:
    """Renders statements as Airflow does, and runs them on the local Athena."""

    def __init__(self, settings: Any) -> None:
        import boto3
        from airflow.sdk import DAG

        from flowlogs.dag_defaults import MACROS, SQL_FOLDER

        self.settings = settings
        self._source = settings.sources[0]
        dag = DAG("benchmark", schedule=None, template_searchpath=SQL_FOLDER, user_defined_macros=MACROS)
        self._templates = dag.get_template_env()
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        clients = {
            name: boto3.client(name, endpoint_url=endpoint, region_name="us-east-1")
            for name in ("athena", "glue", "s3")
        }
        self._athena, self._glue = clients["athena"], clients["glue"]
        clients["s3"].create_bucket(Bucket="lake")
        for path in ("tables/database.sql", "tables/raw_table.sql"):
            self._run(self._templates.get_template(path).render(params={"source": self._source.name}))

    def rendered(self, day: date, first: int, last: int) -> str:
        """The statement for targets `first` up to, not including, `last`."""
        task_instance = SimpleNamespace(xcom_pull=lambda task_ids: day.isoformat())
        params = {"source": self._source.name, "first": first, "last": last}
        template = self._templates.get_template("partitions/add_partitions.sql")
        return template.render(params=params, ti=task_instance)

    def run(self, statements: Any) -> tuple[int, float]:
        """Run statements one after the other; how many there were, and the seconds."""
        started, count = time.perf_counter(), 0
        for statement in statements:
            self._run(statement)
            count += 1
        return count, time.perf_counter() - started

    def partitions(self, day: date) -> int:
        """How many partitions of a day stand in Glue."""
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.settings.athena.database, TableName=self._source.table, Expression=f"dt = '{day}'"
        )
        return sum(len(page["Partitions"]) for page in pages)

    def _run(self, statement: str) -> None:
        execution = self._athena.start_query_execution(
            QueryString=statement, ResultConfiguration={"OutputLocation": self.settings.athena.output_location}
        )["QueryExecutionId"]
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if found["State"] == "SUCCEEDED":
                return
            if found["State"] in ("FAILED", "CANCELLED"):
                raise RuntimeError(f"{found['StateChangeReason']}: {statement[:200]}")
            time.sleep(0.005)


def _planned(athena: _Athena, day: date) -> Sequence[str]:
    from flowlogs.partitions import batches

    return [athena.rendered(day, batch.first, batch.last) for batch in batches(athena.settings, day)]


def _settings(file: Path) -> Any:
    from flowlogs.settings import load_settings

    accounts = [f"{number:012d}" for number in range(100_000_000_000, 100_000_000_000 + ACCOUNTS)]
    file.write_text(
        yaml.safe_dump(
            {
                "environment": "benchmark",
                "athena": {"output_location": "s3://lake/athena/"},
                "lake": {"bucket": "lake"},
                "sources": [{"name": "network", "bucket": "logs", "accounts": accounts, "regions": REGIONS}],
            }
        )
    )
    os.environ["FLOWLOGS_CONFIG"] = str(file)
    return load_settings(file, environ={})


if __name__ == "__main__":
    main()
