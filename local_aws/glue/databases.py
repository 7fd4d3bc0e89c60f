"""The databases of one account and region."""

from __future__ import annotations

import sqlite3
from typing import Any

from local_aws.glue.errors import AlreadyExists, EntityNotFound, InvalidInput
from local_aws.glue.storage import Storage, as_time, from_json, now, to_json

DEFAULT_DATABASE = "default"

Shape = dict[str, Any]
"""A structure of the Glue API, by its members' names."""


class Databases:
    """The part of a catalog that deals with databases; tables.py and catalog.py build on it."""

    def __init__(self, storage: Storage, account_id: str, region: str) -> None:
        self._storage = storage
        self.account_id = account_id
        self.region = region

    def create_database(self, database_input: Shape) -> None:
        """Add a database. Raises: AlreadyExists."""
        name = folded_name(database_input.get("Name"), "database")
        with self._storage.writing() as connection:
            if self._database_id(connection, name) is not None:
                raise AlreadyExists(f"Database already exists: {name}.")
            connection.execute(
                "INSERT INTO databases (account_id, region, name, input, created) VALUES (?, ?, ?, ?, ?)",
                (self.account_id, self.region, name, to_json({**database_input, "Name": name}), now()),
            )

    def get_database(self, name: str) -> Shape:
        """The Database. Raises: EntityNotFound."""
        folded = folded_name(name, "database")
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
        old, new = folded_name(name, "database"), folded_name(database_input.get("Name"), "database")
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
        folded = folded_name(name, "database")
        if folded == DEFAULT_DATABASE:
            raise InvalidInput("The database default cannot be deleted")
        with self._storage.writing() as connection:
            database_id = self._existing_database_id(connection, folded)
            self._delete_tables(connection, database_id)
            connection.execute("DELETE FROM databases WHERE id = ?", (database_id,))

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

    def _delete_tables(self, connection: sqlite3.Connection, database_id: int) -> None:
        """Remove the tables of a database that is about to go."""

    def _database(self, database_input: str, created: int) -> Shape:
        return {**from_json(database_input), "CreateTime": as_time(created), "CatalogId": self.account_id}


def folded_name(name: Any, thing: str) -> str:
    """A name of a database or table in lower case, as Glue keeps it. Raises: InvalidInput for an empty one."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"The name of a {thing} must not be empty")
    return name.lower()


def _no_database(name: str) -> EntityNotFound:
    return EntityNotFound(f"Database {name} not found.")
