"""Flow log files read back without the generator's or the pipeline's code: gzip and pyarrow only."""

import gzip
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq

from local_aws.traffic import FolderSink, Manifest, TrafficPlan, write_traffic

Row = dict[str, str]
"""A record: AWS's field name to its text; a Parquet file's NULL is `-`."""

Write = Callable[[TrafficPlan], tuple[Manifest, dict[str, bytes]]]
"""Writes a plan and returns its manifest and the files by key."""


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def rows_of(key: str, body: bytes) -> list[Row]:
    """The records of one file without defects."""
    if key.endswith(".parquet"):
        return [
            {name.replace("_", "-"): "-" if value is None else str(value) for name, value in row.items()}
            for row in pq.read_table(BytesIO(body)).to_pylist()
        ]
    header, *lines = gzip.decompress(body).decode().splitlines()
    names = header.split(" ")
    return [dict(zip(names, line.split(" "), strict=True)) for line in lines]


def all_rows(files: dict[str, bytes], leaving_out: Iterable[str] = ()) -> list[Row]:
    left_out = set(leaving_out)
    return [row for key, body in files.items() if key not in left_out for row in rows_of(key, body)]


def write_into(folder: Path, plan: TrafficPlan, *, workers: int = 1) -> tuple[Manifest, dict[str, bytes]]:
    manifest = write_traffic(plan, FolderSink(folder), workers=workers)
    return manifest, files_in(folder)
