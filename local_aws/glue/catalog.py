"""The Glue Data Catalog: databases, tables with their versions, partitions.

Arguments and results are dicts in the shapes of the Glue API (DatabaseInput, Database, TableInput, Table,
PartitionInput, Partition); times are UTC datetimes. Names of databases and tables are folded to lower case,
as Glue does. Every call is one transaction and may come from any thread.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from local_aws.glue.errors import (
    AlreadyExists,
    CatalogError,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
    InvalidState,
)
from local_aws.glue.partitions import PartitionValues, TablePartitions, error_detail, partition_error
from local_aws.glue.storage import Storage, as_time, from_json, now, to_json

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
]

DEFAULT_DATABASE = "default"

Shape = dict[str, Any]
"""A structure of the Glue API, by its members' names."""

_TABLE_TIMES = ("LastAccessTime", "LastAnalyzedTime")


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


class _TableRow(NamedTuple):
    """A table as read in a transaction."""

    id: int
    version: int
    table: Shape
    input: str
    updated: int


class Catalog:
    """One account's catalog in one region. Raises CatalogError's subclasses, named as Glue's exceptions."""

    def __init__(self, storage: Storage, account_id: str, region: str) -> None:
        self._storage = storage
        self.account_id = account_id
        self.region = region

    # Databases

    def create_database(self, database_input: Shape) -> None:
        """Add a database. Raises: AlreadyExists."""
        name = _folded(database_input.get("Name"), "database")
        with self._storage.writing() as connection:
            if self._database_id(connection, name) is not None:
                raise AlreadyExists(f"Database already exists: {name}.")
            connection.execute(
                "INSERT INTO databases (account_id, region, name, input, created) VALUES (?, ?, ?, ?, ?)",
                (self.account_id, self.region, name, to_json({**database_input, "Name": name}), now()),
            )

    def get_database(self, name: str) -> Shape:
        """The Database. Raises: EntityNotFound."""
        folded = _folded(name, "database")
        with self._storage.reading() as connection:
            row = connection.execute(
                "SELECT input, created FROM databases WHERE account_id = ? AND region = ? AND name = ?",
                (self.account_id, self.region, folded),
            ).fetchone()
        if row is None:
            raise _no_database(folded)
        return self._database(*row)

    def list_databases(self) -> list[Shape]:
        """All databases, by name."""
        with self._storage.reading() as connection:
            rows = connection.execute(
                "SELECT input, created FROM databases WHERE account_id = ? AND region = ? ORDER BY name",
                (self.account_id, self.region),
            ).fetchall()
        return [self._database(*row) for row in rows]

    def update_database(self, name: str, database_input: Shape) -> None:
        """Replace a database's description; its name may change.

        Raises: EntityNotFound; AlreadyExists when another database has the new name.
        """
        old, new = _folded(name, "database"), _folded(database_input.get("Name"), "database")
        with self._storage.writing() as connection:
            database_id = self._existing_database_id(connection, old)
            if new != old:
                if old == DEFAULT_DATABASE:
                    raise InvalidInput("The database default cannot be renamed")
                if self._database_id(connection, new) is not None:
                    raise AlreadyExists(f"Database already exists: {new}.")
            connection.execute(
                "UPDATE databases SET name = ?, input = ? WHERE id = ?",
                (new, to_json({**database_input, "Name": new}), database_id),
            )

    def delete_database(self, name: str) -> None:
        """Remove a database with its tables. Raises: EntityNotFound; InvalidInput for `default`."""
        folded = _folded(name, "database")
        if folded == DEFAULT_DATABASE:
            raise InvalidInput("The database default cannot be deleted")
        with self._storage.writing() as connection:
            database_id = self._existing_database_id(connection, folded)
            names = connection.execute("SELECT name FROM tables WHERE database_id = ?", (database_id,))
            for (table,) in names.fetchall():
                self._delete_table(connection, folded, table)
            connection.execute("DELETE FROM databases WHERE id = ?", (database_id,))

    # Tables

    def create_table(self, database: str, table_input: Shape) -> None:
        """Add a table. Raises: EntityNotFound for the database; AlreadyExists."""
        database, name = _folded(database, "database"), _folded(table_input.get("Name"), "table")
        _check_partition_keys(table_input)
        with self._storage.writing() as connection:
            database_id = self._existing_database_id(connection, database)
            if self._table_row(connection, database, name) is not None:
                raise AlreadyExists(f"Table already exists: {database}.{name}.")
            time = now()
            connection.execute(
                "INSERT INTO tables (database_id, name, version, input, created, updated) VALUES (?, ?, 0, ?, ?, ?)",
                (database_id, name, to_json({**table_input, "Name": name}), time, time),
            )
            self._partitions(connection, database, name).create_storage()

    def get_table(self, database: str, name: str, version_id: str | None = None) -> Shape:
        """The Table, as it is or as it was in an archived version.

        Raises: EntityNotFound for the database, table or version; InvalidInput for a version that is no number.
        """
        database, name = _folded(database, "database"), _folded(name, "table")
        with self._storage.reading() as connection:
            row = self._existing_table_row(connection, database, name)
            if version_id is None or _version(version_id) == row.version:
                return row.table
            archived = connection.execute(
                "SELECT input, updated FROM archived_versions WHERE table_id = ? AND version = ?",
                (row.id, _version(version_id)),
            ).fetchone()
        if archived is None:
            raise EntityNotFound(f"Version {version_id} of table {database}.{name} not found.")
        return self._version_of(row.table, _version(version_id), *archived)

    def list_tables(self, database: str, pattern: str | None = None) -> list[Shape]:
        """The tables of a database by name, or those whose whole name matches `pattern`.

        The pattern is a regular expression in which a `*` with nothing to repeat stands for any text, as
        clients of Glue use it: `flow.*`, `flow*` and `*flow*` all work.

        Raises: EntityNotFound; InvalidInput for a bad pattern.
        """
        database = _folded(database, "database")
        matches = _name_pattern(pattern) if pattern else None
        with self._storage.reading() as connection:
            database_id = self._existing_database_id(connection, database)
            rows = connection.execute(
                "SELECT name, version, input, created, updated FROM tables WHERE database_id = ? ORDER BY name",
                (database_id,),
            ).fetchall()
        return [self._table(database, *stored) for name, *stored in rows if matches is None or matches.fullmatch(name)]

    def update_table(
        self, database: str, table_input: Shape, *, skip_archive: bool = False, version_id: str | None = None
    ) -> None:
        """Replace a table's definition; the old one is archived as a version unless `skip_archive`.

        `version_id` is the version that the caller believes to be the present one.

        Raises: EntityNotFound; ConcurrentModification when the table has another version; InvalidInput when
        the number of partition keys would change under existing partitions.
        """
        database, name = _folded(database, "database"), _folded(table_input.get("Name"), "table")
        _check_partition_keys(table_input)
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, name)
            if version_id is not None and _version(version_id) != row.version:
                raise ConcurrentModification(
                    f"Update table failed due to concurrent modifications: {database}.{name} is at version "
                    f"{row.version}, not {version_id}."
                )
            partitions = TablePartitions(connection, row.id, row.table)
            partitions.change_keys(table_input.get("PartitionKeys") or [])
            if not skip_archive:
                connection.execute(
                    "INSERT INTO archived_versions (table_id, version, input, updated) VALUES (?, ?, ?, ?)",
                    (row.id, row.version, row.input, row.updated),
                )
            connection.execute(
                "UPDATE tables SET version = ?, input = ?, updated = ? WHERE id = ?",
                (row.version + 1, to_json({**table_input, "Name": name}), now(), row.id),
            )

    def delete_table(self, database: str, name: str) -> None:
        """Remove a table with its versions and partitions. Raises: EntityNotFound."""
        database, name = _folded(database, "database"), _folded(name, "table")
        with self._storage.writing() as connection:
            self._existing_database_id(connection, database)
            self._delete_table(connection, database, name)

    def table_versions(self, database: str, name: str) -> list[Shape]:
        """The TableVersions of a table, the present one first, then the archived ones, newest first.

        Raises: EntityNotFound.
        """
        database, name = _folded(database, "database"), _folded(name, "table")
        with self._storage.reading() as connection:
            row = self._existing_table_row(connection, database, name)
            archived = connection.execute(
                "SELECT version, input, updated FROM archived_versions WHERE table_id = ? ORDER BY version DESC",
                (row.id,),
            ).fetchall()
        tables = [row.table, *(self._version_of(row.table, *version) for version in archived)]
        return [{"Table": table, "VersionId": table["VersionId"]} for table in tables]

    def delete_table_version(self, database: str, name: str, version_id: str) -> None:
        """Remove an archived version.

        Raises: EntityNotFound; InvalidInput for the present version, which only goes with the table.
        """
        database, name = _folded(database, "database"), _folded(name, "table")
        version = _version(version_id)
        with self._storage.writing() as connection:
            row = self._existing_table_row(connection, database, name)
            if version == row.version:
                raise InvalidInput(f"Version {version_id} is the present version of {database}.{name}")
            deleted = connection.execute(
                "DELETE FROM archived_versions WHERE table_id = ? AND version = ?", (row.id, version)
            )
            if not deleted.rowcount:
                raise EntityNotFound(f"Version {version_id} of table {database}.{name} not found.")

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

    # Rows and shapes

    def _database_id(self, connection: sqlite3.Connection, name: str) -> int | None:
        row = connection.execute(
            "SELECT id FROM databases WHERE account_id = ? AND region = ? AND name = ?",
            (self.account_id, self.region, name),
        ).fetchone()
        return None if row is None else int(row[0])

    def _existing_database_id(self, connection: sqlite3.Connection, name: str) -> int:
        database_id = self._database_id(connection, name)
        if database_id is None:
            raise _no_database(name)
        return database_id

    def _table_row(self, connection: sqlite3.Connection, database: str, name: str) -> _TableRow | None:
        row = connection.execute(
            "SELECT t.id, t.version, t.input, t.created, t.updated "
            "FROM databases d JOIN tables t ON t.database_id = d.id "
            "WHERE d.account_id = ? AND d.region = ? AND d.name = ? AND t.name = ?",
            (self.account_id, self.region, database, name),
        ).fetchone()
        if row is None:
            return None
        table_id, version, table_input, created, updated = row
        table = self._table(database, version, table_input, created, updated)
        return _TableRow(table_id, version, table, table_input, updated)

    def _existing_table_row(self, connection: sqlite3.Connection, database: str, name: str) -> _TableRow:
        row = self._table_row(connection, database, name)
        if row is None:
            self._existing_database_id(connection, database)
            raise EntityNotFound(f"Table {database}.{name} not found.")
        return row

    def _partitions(self, connection: sqlite3.Connection, database: str, table: str) -> TablePartitions:
        row = self._existing_table_row(connection, _folded(database, "database"), _folded(table, "table"))
        return TablePartitions(connection, row.id, row.table)

    def _delete_table(self, connection: sqlite3.Connection, database: str, name: str) -> None:
        row = self._existing_table_row(connection, database, name)
        TablePartitions(connection, row.id, row.table).drop_storage()
        connection.execute("DELETE FROM tables WHERE id = ?", (row.id,))

    def _database(self, database_input: str, created: int) -> Shape:
        return {**from_json(database_input), "CreateTime": as_time(created), "CatalogId": self.account_id}

    def _table(self, database: str, version: int, table_input: str, created: int, updated: int) -> Shape:
        members = from_json(table_input)
        for member in _TABLE_TIMES:
            if member in members:
                members[member] = as_time(members[member])
        return {
            **members,
            "DatabaseName": database,
            "CatalogId": self.account_id,
            "CreateTime": as_time(created),
            "UpdateTime": as_time(updated),
            "IsRegisteredWithLakeFormation": False,
            "VersionId": str(version),
        }

    def _version_of(self, table: Shape, version: int, table_input: str, updated: int) -> Shape:
        created = int(table["CreateTime"].timestamp())
        return self._table(table["DatabaseName"], version, table_input, created, updated)


def _until_closed(rows: Iterator[PartitionValues], transaction: ExitStack) -> Iterator[PartitionValues]:
    with transaction:
        yield from rows


def _folded(name: Any, thing: str) -> str:
    """A name in lower case. Raises: InvalidInput for an empty one."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"The name of a {thing} must not be empty")
    return name.lower()


def _no_database(name: str) -> EntityNotFound:
    return EntityNotFound(f"Database {name} not found.")


def _version(version_id: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", version_id):
        raise InvalidInput(f"Version {version_id!r} is not a number")
    return int(version_id)


def _name_pattern(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(re.sub(r"(?<![.\])\\])\*", ".*", pattern), re.IGNORECASE)
    except re.error as error:
        raise InvalidInput(f"The table name pattern {pattern!r} is no regular expression: {error}") from error


def _check_partition_keys(table_input: Shape) -> None:
    keys = table_input.get("PartitionKeys") or []
    names = [str(key.get("Name", "")).lower() for key in keys]
    if "" in names:
        raise InvalidInput("A partition key must have a name")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(f"Partition keys are named twice: {', '.join(repeated)}")
    if any(key.get("Parameters") for key in keys):
        raise InvalidInput("Parameters not supported for partition columns")
