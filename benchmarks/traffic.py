"""Records a second: the traffic generator against Python's own writers, on the same records.

The baselines are handed the finished records, in memory and typed, and only write them: Python's csv and gzip modules
for text, pyarrow for Parquet. The generator's time holds making the records too.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.record import Result
from local_aws.traffic import FolderSink, TrafficPlan, write_traffic
from local_aws.traffic.fields import VERSION_5_LOG_FORMAT

RECORDS = 500_000
RUNS = 3
GZIP_LEVEL = 1
"""The generator's own, for the baseline too."""


def main() -> None:
    """Write each format with the generator and with its baseline; save the figures."""
    text = TrafficPlan(days=(date(2026, 11, 20),), records_per_day=RECORDS, interfaces=200)
    parquet = replace(text, file_format="parquet", log_format=VERSION_5_LOG_FORMAT)
    rows, ratios = [], []
    for files, plan, baseline, read, write in (
        ("version 2, gzip text", text, "Python's csv and gzip", _read_text, _write_text),
        ("version 5, Parquet", parquet, "pyarrow", _read_parquet, _write_parquet),
    ):
        print(f"{files} …", file=sys.stderr)
        generated, written = _rates(plan, read, write)
        for what, rate in (("the generator", generated), (f"{baseline} (writing alone)", written)):
            rows.append({"files": files, "written by": what, "records a second": f"{rate:,.0f}"})
        ratios.append(f"{files}, the generator : {baseline} = {generated / written:.1f}")
    Result(
        name="traffic",
        title="Flow logs written a second",
        what=f"One target's day of about {RECORDS:,} records in {text.slots} files, generated and written by one "
        "process; the baselines write the same records, finished in memory, to as many files. "
        f"Medians of {RUNS} runs.",
        rows=rows,
        ratios=ratios,
    ).save()


def _rates(plan: TrafficPlan, read: Callable[[bytes], Any], write: Callable[[Any, Path], None]) -> tuple[float, float]:
    """Records a second of the generator and of the baseline."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "written")
        records = write_traffic(plan, FolderSink(folder)).total("records")
        finished = [read(file.read_bytes()) for file in sorted(folder.rglob("*.log.*"))]

        def generate() -> None:
            write_traffic(plan, FolderSink(folder))

        def write_finished() -> None:
            for number, file in enumerate(finished):
                write(file, folder / f"file-{number}")

        return records / _median(generate, folder), records / _median(write_finished, folder)


def _median(work: Callable[[], None], folder: Path) -> float:
    seconds = []
    for _ in range(RUNS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _read_text(body: bytes) -> list[list[str | int]]:
    """Header and records, whole numbers as such."""
    lines = [line.split(" ") for line in gzip.decompress(body).decode().splitlines()]
    return [[int(value) if value.isdigit() else value for value in line] for line in lines]


def _write_text(lines: Iterable[list[str | int]], file: Path) -> None:
    with gzip.open(file, "wb", compresslevel=GZIP_LEVEL) as packed, io.TextIOWrapper(packed, newline="") as text:
        csv.writer(text, delimiter=" ", lineterminator="\n").writerows(lines)


def _read_parquet(body: bytes) -> tuple[pa.Schema, dict[str, list[Any]]]:
    """The schema, and each column as a list."""
    table = pq.read_table(io.BytesIO(body))
    return table.schema, table.to_pydict()


def _write_parquet(finished: tuple[pa.Schema, dict[str, list[Any]]], file: Path) -> None:
    schema, columns = finished
    pq.write_table(pa.table(columns, schema=schema), file, compression="gzip")


if __name__ == "__main__":
    main()
