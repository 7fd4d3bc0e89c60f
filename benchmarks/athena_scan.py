"""Rows a second: the local Athena, plain DuckDB and flowlogs-reader on the same gzip text files.

Each answers the same question of the same files: flows, packets and bytes by action and protocol. The local Athena
is asked in process, by the engine that its API calls; its time holds parsing, planning, listing, reading and the
result file. Plain DuckDB reads the files with `read_csv` into typed columns, which needs no line to be right twice.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.record import Result
from local_aws.athena.engine import run_statement
from local_aws.athena.model import QueryRequest
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import FolderObjects
from local_aws.traffic import FolderSink, Target, TrafficPlan, write_traffic

RECORDS = 2_000_000
RUNS = 5
DAY = date(2026, 11, 20)
ACCOUNT = "123456789012"
COLUMNS = {
    "version": "INTEGER", "account": "VARCHAR", "interfaceid": "VARCHAR", "sourceaddress": "VARCHAR",
    "destinationaddress": "VARCHAR", "sourceport": "INTEGER", "destinationport": "INTEGER", "protocol": "INTEGER",
    "numpackets": "INTEGER", "numbytes": "BIGINT", "starttime": "INTEGER", "endtime": "INTEGER",
    "action": "VARCHAR", "logstatus": "VARCHAR",
}  # fmt: skip
NUMBERS = {name for name, type_ in COLUMNS.items() if type_ != "VARCHAR"}
QUESTION = "action, protocol, count(*) AS flows, sum(numpackets) AS packets, sum(numbytes) AS bytes"

Answer = dict[tuple[str, int | None], tuple[int, int | None, int | None]]


def main() -> None:
    """Write the files, ask all three, compare the answers, save the figures."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        plan = TrafficPlan(
            days=(DAY,),
            targets=(Target(ACCOUNT, "us-east-1"),),
            records_per_day=RECORDS,
            interfaces=200,
            incidents=(),
            file_minutes=60,
        )
        print(f"writing {RECORDS:,} records …", file=sys.stderr)
        write_traffic(plan, FolderSink(state / "objects" / "logs"))
        files = sorted((state / "objects").rglob("*.log.gz"))
        athena, athena_answer = _timed(LocalAthena(state).ask, RUNS)
        plain, plain_answer = _timed(lambda: _ask_duckdb(files), RUNS)
        reader, reader_answer = _timed(lambda: _ask_flowlogs_reader(files), 1)
    # flowlogs-reader leaves out NODATA and SKIPDATA records, so those rows are not compared with it.
    assert athena_answer == plain_answer, (athena_answer, plain_answer)
    assert {key: row for key, row in athena_answer.items() if key[1] is not None} == reader_answer
    records = sum(row[0] for row in athena_answer.values())
    compressed = sum(file.stat().st_size for file in files) if files[0].exists() else 0
    Result(
        name="athena_scan",
        title="Rows a second on gzip text",
        what=f"{records:,} records of the default format in {len(files)} gzip files"
        + (f" ({compressed / 1e6:.0f} MB)" if compressed else "")
        + f": flows, packets and bytes by action and protocol. Medians of {RUNS} runs (flowlogs-reader: one).",
        rows=[
            {"what": what, "seconds": f"{seconds:.2f}", "records a second": f"{records / seconds:,.0f}"}
            for what, seconds in (
                ("local Athena", athena),
                ("plain DuckDB", plain),
                ("flowlogs-reader", reader),
            )
        ],
        ratios=[
            f"local Athena : plain DuckDB = {plain / athena:.2f} (goal: at least 0.8)",
            f"local Athena : flowlogs-reader = {reader / athena:.0f} (goal: at least 30)",
        ],
    ).save()


class LocalAthena:
    """The engine with a table over the files."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._catalog = CatalogStore(state / "glue.sqlite").catalog(ACCOUNT, "us-east-1")
        self._objects = FolderObjects(state / "objects")
        columns = ", ".join(
            f"{name} {'string' if type_ == 'VARCHAR' else type_.lower().replace('integer', 'int')}"
            for name, type_ in COLUMNS.items()
        )
        location = f"s3://logs/AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/"
        self._run(
            f"CREATE EXTERNAL TABLE vpc_flow_logs ({columns}) PARTITIONED BY (dt string) ROW FORMAT DELIMITED "
            f"FIELDS TERMINATED BY ' ' LOCATION '{location}' TBLPROPERTIES ('skip.header.line.count'='1')"
        )
        self._run(f"ALTER TABLE vpc_flow_logs ADD PARTITION (dt='{DAY}') LOCATION '{location}{DAY:%Y/%m/%d}/'")

    def ask(self) -> Answer:
        """The answer, read from the result file."""
        text = self._run(f"SELECT {QUESTION} FROM vpc_flow_logs WHERE dt = '{DAY}' GROUP BY action, protocol")
        rows = [[cell.strip('"') for cell in line.split(",")] for line in text.splitlines()[1:]]
        return {
            (row[0], int(row[1]) if row[1] else None): (
                int(row[2]),
                int(row[3]) if row[3] else None,
                int(row[4]) if row[4] else None,
            )
            for row in rows
        }

    def _run(self, sql: str) -> str:
        result = self._state / "result"
        run_statement(
            QueryRequest(
                query_id="benchmark",
                sql=sql,
                account_id=ACCOUNT,
                region="us-east-1",
                database="default",
                output_location="s3://logs/results/",
                work_group="primary",
                catalog=self._catalog,
                objects=self._objects,
                result_file=result,
                prepared_statement=str,
                save_prepared_statement=lambda name, statement: None,
            )
        )
        return result.read_text()


def _ask_duckdb(files: list[Path]) -> Answer:
    connection = duckdb.connect()
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    values = ", ".join(
        f"TRY_CAST({name} AS {type_}) AS {name}" if name in NUMBERS else name for name, type_ in COLUMNS.items()
    )
    names = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    rows = connection.execute(
        f"SELECT {QUESTION} FROM (SELECT {values} FROM read_csv($1, auto_detect = false, header = false, skip = 1, "
        f"delim = ' ', quote = '', escape = '', compression = 'gzip', columns = {{{names}}})) GROUP BY ALL",
        [[str(file) for file in files]],
    ).fetchall()
    return {(action, protocol): (flows, packets, size) for action, protocol, flows, packets, size in rows}


def _ask_flowlogs_reader(files: list[Path]) -> Answer:
    import gzip

    from flowlogs_reader import FlowRecord

    totals: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for file in files:
        with gzip.open(file, "rt") as lines:
            names = [name.replace("-", "_") for name in next(lines).split()]
            for line in lines:
                record = FlowRecord(dict(zip(names, line.split(), strict=True)))
                if record.log_status != "OK":
                    continue
                total = totals[record.action, record.protocol]
                total[0] += 1
                total[1] += record.packets
                total[2] += record.bytes
    return {key: (total[0], total[1], total[2]) for key, total in totals.items()}


def _timed(ask: Callable[[], Any], runs: int) -> tuple[float, Answer]:
    seconds, answer = [], {}
    for _ in range(runs):
        started = time.perf_counter()
        answer = ask()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), answer


if __name__ == "__main__":
    main()
