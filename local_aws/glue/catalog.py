"""The Glue Data Catalog: databases, tables with their versions, partitions.

Arguments and results are dicts in the shapes of the Glue API (DatabaseInput, Database, TableInput, Table,
PartitionInput, Partition); times are UTC datetimes. Names of databases and tables are folded to lower case,
as Glue does. Every call is one transaction and may come from any thread.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from local_aws.glue.databases import DEFAULT_DATABASE, Shape, folded_name
from local_aws.glue.errors import (
    AlreadyExists,
    CatalogError,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
    InvalidState,
    ResourceNumberLimitExceeded,
)
from local_aws.glue.partitions import PartitionValues, TablePartitions, error_detail, partition_error
from local_aws.glue.storage import Storage, from_json, now, to_json
from local_aws.glue.tables import Tables

__all__ = [
    "AlreadyExists",
    "Catalog",
    "CatalogError",
    "CatalogStore",
    "ConcurrentModification",
    "EntityNotFound",
    "InvalidInput",
    "InvalidState",
    "PartitionValues",
    "ResourceNumberLimitExceeded",
]

MAX_PARTITION_INDEXES = 3
"""Partition indexes of a table (AWS Glue quotas)."""


class CatalogStore:
    """The catalogs of all accounts and regions, in one SQLite file that is made when it is missing.

    Raises: RuntimeError when the file is of another format.
    """

    def __init__(self, file: Path) -> None:
        self._storage = Storage(file)
        self._known: set[tuple[str, str]] = set()
        self._known_lock = threading.Lock()

    def catalog(self, account_id: str, region: str) -> Catalog:
        """The catalog of an account in a region; a database `default` always exists."""
        scope = (account_id, region)
        with self._known_lock:
            if scope not in self._known:
                with self._storage.writing() as connection:
                    connection.execute(
                        "INSERT INTO databases (account_id, region, name, input, created) "
                        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        (*scope, DEFAULT_DATABASE, to_json({"Name": DEFAULT_DATABASE}), now()),
                    )
                self._known.add(scope)
        return Catalog(self._storage, account_id, region)

    def close(self) -> None:
        """Close the file. Nothing is lost without it: every call is committed when it returns."""
        self._storage.close()


class Catalog(Tables):
    """One account's catalog in one region. Raises CatalogError's subclasses, named as Glue's exceptions."""

    # Partitions

    def create_partitions(self, database: str, table: str, inputs: Sequence[Shape]) -> list[Shape]:
        """Add partitions in one transaction; those that exist are answered as PartitionErrors.

        Raises: EntityNotFound for the table; InvalidInput for a wrong number of values, and then adds none.
        """
        with self._storage.writing() as connection:
            return self._partitions(connection, database, table).create(inputs)

    def get_partition(self, database: str, table: str, values: Sequence[str]) -> Shape:
        """The Partition, as it was put. Raises: EntityNotFound; InvalidInput."""
        with self._storage.reading() as connection:
            return self._partitions(connection, database, table).get(values)

    def batch_get_partitions(self, database: str, table: str, values_list: Sequence[Sequence[str]]) -> list[Shape]:
        """Those of the partitions that exist, in the order asked for. Raises: EntityNotFound for the table."""
        with self._storage.reading() as connection:
            partitions = self._partitions(connection, database, table)
            found = []
            for values in values_list:
                try:
                    found.append(partitions.get(values))
                except EntityNotFound:
                    continue
        return found

    def partitions(
        self,
        database: str,
        table: str,
        expression: str | None = None,
        *,
        segment: tuple[int, int] | None = None,
        after: str | None = None,
        limit: int | None = None,
        exclude_column_schema: bool = False,
    ) -> tuple[list[Shape], str | None]:
        """A page of partitions in the order of their values, and a cursor for `after` when there are more.

        `expression` is Glue's (expressions.py); `segment` is (number from 0, total): one of `total` disjoint
        parts of the table; `exclude_column_schema` leaves the columns out of the storage descriptors.
        The partitions share nested values: copy before changing one.

        Raises: EntityNotFound; InvalidInput for a bad expression or cursor; InvalidState when a stored value
        of a key in the expression is not of the key's type.
        """
        with self._storage.reading() as connection:
            return self._partitions(connection, database, table).page(
                expression,
                segment=segment,
                after=after,
                limit=limit,
                exclude_column_schema=exclude_column_schema,
            )

    def partition_values(self, database: str, table: str, expression: str | None = None) -> Iterator[PartitionValues]:
        """The query planner's light path: (values, Location, overrides) of each partition, in no set order.

        The overrides are the members of the partition's StorageDescriptor, without Location, that differ
        from the table's; partitions share these dicts. Errors are raised at the call; the rows are one
        consistent state, read while they are taken.

        Raises: as `partitions`.
        """
        with ExitStack() as transaction:
            connection = transaction.enter_context(self._storage.reading())
            rows = self._partitions(connection, database, table).values(expression)
            return _until_closed(rows, transaction.pop_all())

    def update_partition(self, database: str, table: str, values: Sequence[str], partition_input: Shape) -> None:
        """Replace a partition; its values may change. Raises: EntityNotFound; AlreadyExists; InvalidInput."""
        with self._storage.writing() as connection:
            self._partitions(connection, database, table).update(values, partition_input)

    def update_partitions(
        self, database: str, table: str, updates: Sequence[tuple[Sequence[str], Shape]]
    ) -> list[Shape]:
        """Replace partitions, given as (values, PartitionInput), in one transaction.

        Answers those that failed as BatchUpdatePartitionFailureEntries; raises EntityNotFound for the table.
        """
        failures = []
        with self._storage.writing() as connection:
            partitions = self._partitions(connection, database, table)
            for values, partition_input in updates:
                try:
                    partitions.update(values, partition_input)
                except CatalogError as error:
                    failures.append({"PartitionValueList": list(values), "ErrorDetail": error_detail(error)})
        return failures

    def delete_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """Remove a partition. Raises: EntityNotFound; InvalidInput."""
        with self._storage.writing() as connection:
            self._partitions(connection, database, table).delete(values)

    def delete_partitions(self, database: str, table: str, values_list: Sequence[Sequence[str]]) -> list[Shape]:
        """Remove partitions in one transaction; those that failed are answered as PartitionErrors.

        Raises: EntityNotFound for the table.
        """
        errors = []
        with self._storage.writing() as connection:
            partitions = self._partitions(connection, database, table)
            for values in values_list:
                try:
                    partitions.delete(values)
                except CatalogError as error:
                    errors.append(partition_error(values, error))
        return errors

    # Partition indexes

    def create_partition_index(self, database: str, table: str, name: str, keys: Sequence[str]) -> None:
        """Note an index that a client wants. It changes no answer: every partition key is indexed.

        Raises: EntityNotFound; AlreadyExists; InvalidInput when a key is no partition key;
        ResourceNumberLimitExceeded.
        """
        database, table = folded_name(database, "database"), folded_name(table, "table")
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, table)
            known = {key["Name"].lower() for key in row.table.get("PartitionKeys") or []}
            unknown = [key for key in keys if key.lower() not in known]
            if unknown or not keys:
                raise InvalidInput(
                    f"The keys of a partition index must be partition keys of {database}.{table} "
                    f"({', '.join(sorted(known)) or 'it has none'}), not {unknown}"
                )
            names = [
                found
                for (found,) in connection.execute("SELECT name FROM partition_indexes WHERE table_id = ?", (row.id,))
            ]
            if name in names:
                raise AlreadyExists(f"Partition index {name} of {database}.{table} already exists.")
            if len(names) >= MAX_PARTITION_INDEXES:
                raise ResourceNumberLimitExceeded(
                    f"{database}.{table} has {MAX_PARTITION_INDEXES} partition indexes, as many as it may have"
                )
            connection.execute(
                "INSERT INTO partition_indexes (table_id, name, keys) VALUES (?, ?, ?)",
                (row.id, name, to_json([key.lower() for key in keys])),
            )

    def partition_indexes(self, database: str, table: str) -> list[Shape]:
        """The PartitionIndexDescriptors of a table, by name. Raises: EntityNotFound."""
        database, table = folded_name(database, "database"), folded_name(table, "table")
        with self._storage.reading() as connection:
            row = self._existing_table_row(connection, database, table)
            found = connection.execute(
                "SELECT name, keys FROM partition_indexes WHERE table_id = ? ORDER BY name", (row.id,)
            ).fetchall()
        types = {key["Name"].lower(): key.get("Type", "") for key in row.table.get("PartitionKeys") or []}
        return [
            {
                "IndexName": name,
                "Keys": [{"Name": key, "Type": types.get(key, "")} for key in from_json(keys)],
                "IndexStatus": "ACTIVE",
            }
            for name, keys in found
        ]

    def delete_partition_index(self, database: str, table: str, name: str) -> None:
        """Forget an index. Raises: EntityNotFound."""
        database, table = folded_name(database, "database"), folded_name(table, "table")
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, table)
            deleted = connection.execute(
                "DELETE FROM partition_indexes WHERE table_id = ? AND name = ?", (row.id, name)
            )
            if not deleted.rowcount:
                raise EntityNotFound(f"Partition index {name} of {database}.{table} not found.")

    # Column statistics

    def set_column_statistics(self, database: str, table: str, statistics: Sequence[Shape]) -> list[Shape]:
        """Keep ColumnStatistics by column; those of unknown columns are answered as ColumnStatisticsErrors.

        Raises: EntityNotFound for the table.
        """
        database, table = folded_name(database, "database"), folded_name(table, "table")
        errors = []
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, table)
            columns = [*((row.table.get("StorageDescriptor") or {}).get("Columns") or [])]
            known = {column["Name"].lower() for column in columns}
            for entry in statistics:
                name = entry["ColumnName"].lower()
                if name not in known:
                    error = EntityNotFound(f"Column {name} not found in {database}.{table}.")
                    errors.append({"ColumnStatistics": entry, "Error": error_detail(error)})
                    continue
                connection.execute(
                    "INSERT INTO column_statistics (table_id, column_name, statistics) VALUES (?, ?, ?) "
                    "ON CONFLICT (table_id, column_name) DO UPDATE SET statistics = excluded.statistics",
                    (row.id, name, to_json(entry)),
                )
        return errors

    def column_statistics(self, database: str, table: str) -> dict[str, Shape]:
        """The ColumnStatistics that a table has, by column in lower case. Raises: EntityNotFound."""
        database, table = folded_name(database, "database"), folded_name(table, "table")
        with self._storage.reading() as connection:
            row = self._existing_table_row(connection, database, table)
            found = connection.execute(
                "SELECT column_name, statistics FROM column_statistics WHERE table_id = ?", (row.id,)
            ).fetchall()
        return {name: from_json(statistics) for name, statistics in found}

    def delete_column_statistics(self, database: str, table: str, column: str) -> None:
        """Forget a column's statistics. Raises: EntityNotFound."""
        database, table = folded_name(database, "database"), folded_name(table, "table")
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, table)
            deleted = connection.execute(
                "DELETE FROM column_statistics WHERE table_id = ? AND column_name = ?",
                (row.id, column.lower()),
            )
            if not deleted.rowcount:
                raise EntityNotFound(f"Column {column} of {database}.{table} has no statistics.")

    # Tags

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Set tags of the resource with this ARN."""
        with self._storage.writing() as connection:
            connection.executemany(
                "INSERT INTO tags (arn, key, value) VALUES (?, ?, ?) "
                "ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
                [(arn, key, value) for key, value in tags.items()],
            )

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        """Remove tags; keys that are not set are passed over."""
        with self._storage.writing() as connection:
            connection.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of a resource."""
        with self._storage.reading() as connection:
            rows = connection.execute("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", (arn,))
            return dict(rows.fetchall())

    def _partitions(self, connection: sqlite3.Connection, database: str, table: str) -> TablePartitions:
        row = self._existing_table_row(connection, folded_name(database, "database"), folded_name(table, "table"))
        return TablePartitions(connection, row.id, row.table)


def _until_closed(rows: Iterator[PartitionValues], transaction: ExitStack) -> Iterator[PartitionValues]:
    with transaction:
        yield from rows
