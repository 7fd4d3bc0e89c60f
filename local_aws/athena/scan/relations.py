"""The tables of a query as relations of DuckDB: chosen partitions, their files, one reader for each kind of storage."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from local_aws.athena.dml.relations import FILE_MODIFIED_TIME, FILE_SIZE, PARTITION, PATH, TableUse
from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import duckdb_type, literal, quoted
from local_aws.athena.model import QueryRequest
from local_aws.athena.scan.delimited import delimited_sql
from local_aws.athena.scan.json_lines import json_sql
from local_aws.athena.scan.lines import (
    Compression,
    compression_of,
    lines_sql,
    needs_normalising,
    write_normalised,
)
from local_aws.athena.scan.listing import DataFile, data_files
from local_aws.athena.scan.parquet import parquet_sql
from local_aws.athena.scan.partitions import selected_partitions, typed_values
from local_aws.athena.scan.quoted import quoted_sql
from local_aws.athena.scan.regex import regex_sql
from local_aws.athena.scan.session import Session
from local_aws.athena.scan.storage import FileFormat, Storage, storage_of

_TEXT_READERS = {
    FileFormat.DELIMITED: delimited_sql,
    FileFormat.QUOTED: quoted_sql,
    FileFormat.REGEX: regex_sql,
    FileFormat.JSON: json_sql,
}

_GLOB_CHARACTERS = re.compile(r"[*?\[\]{}\\]")


@dataclass
class FileGroup:
    """Files of one table that are read by one call of DuckDB's readers."""

    name: str
    storage: Storage
    compression: Compression
    files: list[DataFile]
    paths: list[Path]
    """The files that DuckDB opens: the objects' own, or copies in the scratch folder."""
    normalised: bool = False


@dataclass
class TableScan:
    """What is read for one TableUse."""

    use: TableUse
    groups: list[FileGroup] = field(default_factory=list)

    @property
    def files(self) -> Iterator[DataFile]:
        """All files of the table."""
        for group in self.groups:
            yield from group.files


class Relations:
    """The scans of one statement."""

    def __init__(self, session: Session, request: QueryRequest, uses: Sequence[TableUse]) -> None:
        self._session = session
        self.scans = [
            _table_scan(session, request, use, request.catalog.get_table(use.table.database, use.table.name), number)
            for number, use in enumerate(uses)
        ]

    @property
    def files(self) -> list[DataFile]:
        """All files of all tables; one for each time a table stands in the query."""
        return [file for scan in self.scans for file in scan.files]

    @property
    def uris(self) -> dict[str, str]:
        """The URI of the object that each local file stands for."""
        names = {str(file.path): file.uri for file in self.files}
        for scan in self.scans:
            for group in scan.groups:
                names.update({str(path): f.uri for path, f in zip(group.paths, group.files, strict=True)})
        return names

    def create(self) -> None:
        """Make the placeholders of the translated query. Raises: duckdb.Error, QueryFailed."""
        for scan in self.scans:
            self._create_view(scan)

    def normalise(self, message: str) -> bool:
        """Replace text files by normalised copies: the one that an error names, or else all.

        Returns: whether there was something to replace.
        """
        groups = [g for s in self.scans for g in s.groups if g.storage.file_format is not FileFormat.PARQUET]
        named = [(g, n) for g in groups for n, path in enumerate(g.paths) if str(path) in message]
        every = [(g, n) for g in groups for n in range(len(g.paths))]
        fresh = [(g, n) for g, n in named if not self._is_copy(g.paths[n])] or [
            (g, n) for g, n in every if not self._is_copy(g.paths[n])
        ]
        for group, number in fresh:
            self._session.check_cancelled()
            _normalise_file(self._session.scratch, group, number)
        _split_normalised(self.scans)
        return bool(fresh)

    def _is_copy(self, path: Path) -> bool:
        return path.parent == self._session.scratch and path.suffix == ".txt"

    def _create_view(self, scan: TableScan) -> None:
        use = scan.use
        data = [column for column in use.table.columns if column.name in use.columns]
        keys = [column for column in use.table.partition_keys if column.name in use.columns]
        selects = [self._group_sql(scan, group, data, keys) for group in scan.groups if group.files] or [
            _empty_sql(use, data, keys)
        ]
        self._session.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {quoted(use.placeholder)} AS {' UNION ALL BY NAME '.join(selects)}"
        )

    def _group_sql(self, scan: TableScan, group: FileGroup, data: Sequence[Column], keys: Sequence[Column]) -> str:
        connection = self._session.connection
        connection.execute(f"SET VARIABLE {group.name} = $1", [[str(path) for path in group.paths]])
        if group.storage.file_format is FileFormat.PARQUET:
            rows = parquet_sql(group.storage, data, group.name, connection)
        else:
            lines = lines_sql(group.name, group.compression, group.storage.header_lines, normalised=group.normalised)
            rows = _TEXT_READERS[group.storage.file_format](group.storage, data, lines)
        constants, varying = _file_columns(scan.use, group, keys)
        columns = [quoted(column.name) for column in data] + constants
        if not varying:
            return f"SELECT {', '.join(columns) or 'NULL AS nothing'} FROM ({rows})"
        _create_file_table(connection, group, scan.use.table.partition_keys, varying)
        columns += [quoted(name) for name in varying]
        return (
            f"SELECT {', '.join(columns)} FROM (SELECT * EXCLUDE (file_index), CAST(file_index AS BIGINT) AS file_index "
            f"FROM ({rows})) JOIN {group.name}_files USING (file_index)"
        )


def _table_scan(
    session: Session, request: QueryRequest, use: TableUse, table: dict[str, Any], number: int
) -> TableScan:
    partitions = selected_partitions(
        request.catalog, table, use.table.partition_keys, use.partition_filters, session.connection
    )
    grouped: dict[tuple[Storage, Compression], list[DataFile]] = defaultdict(list)
    storages: dict[int, Storage] = {}
    for file in data_files(request.objects, partitions):
        overrides = file.partition.overrides
        if id(overrides) not in storages:
            storages[id(overrides)] = storage_of(table, overrides)
        storage = storages[id(overrides)]
        is_text = storage.file_format is not FileFormat.PARQUET
        grouped[storage, compression_of(file.uri) if is_text else Compression.NONE].append(file)
    if not grouped:
        storage_of(table)
    scan = TableScan(use)
    for (storage, compression), files in grouped.items():
        name = f"scan_{number}_{len(scan.groups)}"
        group = FileGroup(name, storage, compression, files, [file.path for file in files])
        _prepare_files(session, group)
        scan.groups.append(group)
    _split_normalised([scan])
    return scan


def _prepare_files(session: Session, group: FileGroup) -> None:
    """Put copies in the place of files that DuckDB cannot open by their own name or cannot be trusted with."""
    is_text = group.storage.file_format is not FileFormat.PARQUET
    for number, path in enumerate(group.paths):
        session.check_cancelled()
        if is_text and needs_normalising(path, group.compression, group.storage.header_lines):
            _normalise_file(session.scratch, group, number)
        elif _GLOB_CHARACTERS.search(str(path)):
            link = session.scratch / f"{group.name}_{number}.link"
            link.symlink_to(path)
            group.paths[number] = link


def _normalise_file(scratch: Path, group: FileGroup, number: int) -> None:
    copy = scratch / f"{group.name}_{number}.txt"
    write_normalised(group.files[number].uri, group.files[number].path, group.compression, copy)
    group.paths[number] = copy


def _split_normalised(scans: Sequence[TableScan]) -> None:
    """Put normalised copies, which are not compressed, into groups of their own."""
    for scan in scans:
        for group in list(scan.groups):
            copies = [
                number for number, path in enumerate(group.paths) if path.suffix == ".txt" and not group.normalised
            ]
            copies = [n for n in copies if group.paths[n] != group.files[n].path]
            if not copies:
                continue
            scan.groups.append(
                FileGroup(
                    f"{group.name}_n{len(scan.groups)}",
                    group.storage,
                    Compression.NONE,
                    [group.files[number] for number in copies],
                    [group.paths[number] for number in copies],
                    normalised=True,
                )
            )
            kept = [number for number in range(len(group.files)) if number not in set(copies)]
            group.files = [group.files[number] for number in kept]
            group.paths = [group.paths[number] for number in kept]


def _file_columns(use: TableUse, group: FileGroup, keys: Sequence[Column]) -> tuple[list[str], list[str]]:
    """Partition keys that are equal in all files of the group, as constants; and the columns that vary by file."""
    positions = {column.name: number for number, column in enumerate(use.table.partition_keys)}
    constants, varying = [], []
    for key in keys:
        values = {file.partition.values[positions[key.name]] for file in group.files}
        if len(values) == 1:
            constants += typed_values([key], [literal(values.pop())])
        else:
            varying.append(key.name)
    return constants, varying + sorted(use.hidden_columns)


def _create_file_table(
    connection: duckdb.DuckDBPyConnection, group: FileGroup, keys: Sequence[Column], varying: Sequence[str]
) -> None:
    """Make the table that joins to rows what holds for their whole file."""
    columns: dict[str, list[Any]] = {"file_index": list(range(len(group.files)))}
    types = {"file_index": "BIGINT[]"}
    selected = ["file_index"]
    for number, key in enumerate(keys):
        if key.name in varying:
            columns[f"value_{number}"] = [file.partition.values[number] for file in group.files]
            selected += typed_values([key], [f"value_{number}"])
    hidden: dict[str, tuple[str, list[Any]]] = {
        PATH: ("VARCHAR[]", [file.uri for file in group.files]),
        FILE_SIZE: ("BIGINT[]", [file.size for file in group.files]),
        FILE_MODIFIED_TIME: ("TIMESTAMP[]", [file.modified.replace(tzinfo=None) for file in group.files]),
        PARTITION: ("VARCHAR[]", [_partition_name(keys, file.partition.values) for file in group.files]),
    }
    for name, (type_, values) in hidden.items():
        if name in varying:
            columns[name], types[name] = values, type_
            selected.append(quoted(name))
    lists = ", ".join(
        f"unnest(CAST(${place} AS {types.get(name, 'VARCHAR[]')})) AS {quoted(name)}"
        for place, name in enumerate(columns, start=1)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {group.name}_files AS SELECT {', '.join(selected)} FROM (SELECT {lists})",
        list(columns.values()),
    )


def _partition_name(keys: Sequence[Column], values: Sequence[str]) -> str:
    return "/".join(f"{key.name}={value}" for key, value in zip(keys, values, strict=True))


def _empty_sql(use: TableUse, data: Sequence[Column], keys: Sequence[Column]) -> str:
    hidden = {PATH: "VARCHAR", FILE_SIZE: "BIGINT", FILE_MODIFIED_TIME: "TIMESTAMP", PARTITION: "VARCHAR"}
    columns = [f"CAST(NULL AS {duckdb_type(column.type)}) AS {quoted(column.name)}" for column in (*data, *keys)]
    columns += [f"CAST(NULL AS {hidden[name]}) AS {quoted(name)}" for name in sorted(use.hidden_columns)]
    return f"SELECT {', '.join(columns) or 'NULL AS nothing'} WHERE false"
