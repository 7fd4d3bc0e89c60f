"""The tables of a catalog and their versions.

Every update gives a table a new version number; the definition it replaces is archived unless the caller
says `SkipArchive`.
"""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

from local_aws.glue.databases import Databases, Shape, folded_name
from local_aws.glue.errors import AlreadyExists, ConcurrentModification, EntityNotFound, InvalidInput
from local_aws.glue.partitions import TablePartitions
from local_aws.glue.storage import as_time, from_json, now, to_json

_TIMES = ("LastAccessTime", "LastAnalyzedTime")


class TableRow(NamedTuple):
    """A table as read in a transaction."""

    id: int
    version: int
    table: Shape
    input: str
    updated: int


class Tables(Databases):
    """The part of a catalog that deals with tables."""

    def create_table(self, database: str, table_input: Shape) -> None:
        """Add a table. Raises: EntityNotFound for the database; AlreadyExists."""
        database, name = folded_name(database, "database"), folded_name(table_input.get("Name"), "table")
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
            row = self._existing_table_row(connection, database, name)
            TablePartitions(connection, row.id, row.table).create_storage()

    def get_table(self, database: str, name: str, version_id: str | None = None) -> Shape:
        """The Table, as it is or as it was in an archived version.

        Raises: EntityNotFound for the database, table or version; InvalidInput for a version that is no number.
        """
        database, name = folded_name(database, "database"), folded_name(name, "table")
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

        The pattern is a regular expression, but a `*` repeats only a `.`, `[…]` or `(…)`; elsewhere it stands
        for any text, as Hive has it and clients of Glue use it: `flow.*`, `flow*` and `*flow*` all work.

        Raises: EntityNotFound; InvalidInput for a bad pattern.
        """
        database = folded_name(database, "database")
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
        database, name = folded_name(database, "database"), folded_name(table_input.get("Name"), "table")
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
        database, name = folded_name(database, "database"), folded_name(name, "table")
        with self._storage.writing() as connection:
            self._delete_row(connection, self._existing_table_row(connection, database, name))

    def table_versions(self, database: str, name: str) -> list[Shape]:
        """The TableVersions of a table, the present one first, then the archived ones, newest first.

        Raises: EntityNotFound.
        """
        database, name = folded_name(database, "database"), folded_name(name, "table")
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
        database, name = folded_name(database, "database"), folded_name(name, "table")
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

    def _table_row(self, connection: sqlite3.Connection, database: str, name: str) -> TableRow | None:
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
        return TableRow(table_id, version, table, table_input, updated)

    def _existing_table_row(self, connection: sqlite3.Connection, database: str, name: str) -> TableRow:
        row = self._table_row(connection, database, name)
        if row is None:
            self._existing_database_id(connection, database)
            raise EntityNotFound(f"Table {database}.{name} not found.")
        return row

    def _delete_tables(self, connection: sqlite3.Connection, database_id: int) -> None:
        rows = connection.execute(
            "SELECT d.name, t.name FROM tables t JOIN databases d ON d.id = t.database_id WHERE d.id = ?",
            (database_id,),
        )
        for database, name in rows.fetchall():
            self._delete_row(connection, self._existing_table_row(connection, database, name))

    def _delete_row(self, connection: sqlite3.Connection, row: TableRow) -> None:
        TablePartitions(connection, row.id, row.table).drop_storage()
        connection.execute("DELETE FROM tables WHERE id = ?", (row.id,))

    def _table(self, database: str, version: int, table_input: str, created: int, updated: int) -> Shape:
        members = from_json(table_input)
        for member in _TIMES:
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
