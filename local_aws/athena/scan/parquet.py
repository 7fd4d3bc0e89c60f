"""Parquet files: columns by name without regard to case, missing ones NULL, others ignored."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import duckdb_type, literal, quoted
from local_aws.athena.scan.storage import Storage


def parquet_sql(
    storage: Storage, wanted: Sequence[Column], files_variable: str, connection: duckdb.DuckDBPyConnection
) -> str:
    """SELECT of the wanted columns and file_index over the files in a DuckDB variable.

    Raises: duckdb.Error when a file is no Parquet file.
    """
    reader = f"read_parquet(getvariable({literal(files_variable)}), union_by_name = true)"
    if not wanted:
        return f"SELECT file_index FROM {reader}"
    described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    names = {str(name).lower(): str(name) for name, *_ in described}
    values = []
    for column in wanted:
        target = duckdb_type(column.type)
        found = names.get(column.name)
        value = f"CAST({quoted(found)} AS {target})" if found else f"CAST(NULL AS {target})"
        values.append(f"{value} AS {quoted(column.name)}")
    return f"SELECT {', '.join(values)}, file_index FROM {reader}"
