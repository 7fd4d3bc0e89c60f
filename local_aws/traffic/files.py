"""Files as AWS delivers them: their keys, gzip text, Parquet."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from .fields import LogField
from .plan import Target, TrafficPlan
from .seeding import digest

_GZIP_LEVEL = 1
_GZIP_WINDOW = 31
"""zlib's code for a gzip stream; its header carries no name and no time, so equal text is equal bytes."""


def day_prefix(plan: TrafficPlan, target: Target, time: datetime) -> str:
    """The folder of a file whose name carries that time: FLOW_LOG_FORMAT's four layouts."""
    if plan.layout.startswith("hive"):
        folder = (
            f"AWSLogs/aws-account-id={target.account}/aws-service=vpcflowlogs/aws-region={target.region}/"
            f"year={time:%Y}/month={time:%m}/day={time:%d}/"
        )
    else:
        folder = f"AWSLogs/{target.account}/vpcflowlogs/{target.region}/{time:%Y/%m/%d}/"
    hour = {"hourly": f"{time:%H}/", "hive-hourly": f"hour={time:%H}/"}.get(plan.layout, "")
    return f"{plan.prefix}{folder}{hour}"


def object_key(plan: TrafficPlan, target: Target, flow_log_id: str, time: datetime, part: str) -> str:
    """The key of one file; `part` tells files of the same flow log and time apart."""
    name = f"{target.account}_vpcflowlogs_{target.region}_{flow_log_id}_{time:%Y%m%dT%H%MZ}"
    unique = digest(plan.seed, name, part).hex()[:8]
    extension = "log.gz" if plan.file_format == "text" else "log.parquet"
    return f"{day_prefix(plan, target, time)}{name}_{unique}.{extension}"


def gzipped(chunks: Sequence[bytes]) -> bytes:
    """The chunks as one gzip file."""
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return b"".join([*(compressor.compress(chunk) for chunk in chunks), compressor.flush()])


class ParquetWriter:
    """Turns lines of text into Parquet files with AWS's types (INT_32, INT_64, strings), gzip inside.

    `-` is NULL in a numeric column, which cannot hold it, and stays `-` in a string. One connection serves
    many files; it is not for several threads.
    """

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._folder = tempfile.TemporaryDirectory(prefix="traffic-")

    def file(self, fields: Sequence[LogField], lines: Sequence[bytes], *, more_columns: Sequence[str] = ()) -> bytes:
        """A Parquet file of the lines; `more_columns` names string columns that follow the fields'."""
        text, parquet = Path(self._folder.name, "records.txt"), Path(self._folder.name, "records.parquet")
        with text.open("wb") as out:
            out.writelines(lines)
        columns = {field.column: field.parquet_type for field in fields} | dict.fromkeys(more_columns, "VARCHAR")
        names = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
        selected = ", ".join(
            f'"{name}"' if kind == "VARCHAR" else f'CAST(nullif("{name}", \'-\') AS {kind}) AS "{name}"'
            for name, kind in columns.items()
        )
        self._connection.execute(
            f"COPY (SELECT {selected} FROM read_csv('{text}', auto_detect = false, parallel = false, header = false, "
            f"delim = ' ', quote = '', escape = '', columns = {{{names}}})) "
            f"TO '{parquet}' (FORMAT parquet, COMPRESSION gzip)"
        )
        return parquet.read_bytes()

    def close(self) -> None:
        """Free the connection and the scratch folder."""
        self._connection.close()
        self._folder.cleanup()
