"""The Glue catalog as the translation of queries sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local_aws.athena.ddl.views import is_view, view_definition
from local_aws.athena.dml.schema import CATALOG, Column, Table, View
from local_aws.athena.model import QueryFailed
from local_aws.glue.catalog import Catalog, EntityNotFound


class GlueSchema:
    """Tables and views of one Glue catalog (see `dml.schema.Schema`)."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def relation(self, database: str, name: str) -> Table | View:
        """The table or view. Raises: QueryFailed SCHEMA_NOT_FOUND or TABLE_NOT_FOUND."""
        try:
            return _relation(self._catalog.get_table(database, name))
        except EntityNotFound:
            pass
        try:
            self._catalog.get_database(database)
        except EntityNotFound:
            raise QueryFailed(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist", error_type=1003) from None
        raise QueryFailed(f"TABLE_NOT_FOUND: Table '{CATALOG}.{database}.{name}' does not exist", error_type=1003)

    def databases(self) -> list[str]:
        """The names of all databases, sorted."""
        return sorted(str(database["Name"]) for database in self._catalog.list_databases())

    def relations(self, database: str) -> list[Table | View]:
        """The tables and views of a database, sorted by name; none when it does not exist."""
        try:
            return [_relation(table) for table in self._catalog.list_tables(database)]
        except EntityNotFound:
            return []

    def partition_values(self, database: str, name: str) -> Iterator[tuple[str, ...]]:
        """The values of all partitions of a table."""
        for values, _, _ in self._catalog.partition_values(database, name):
            yield values


def _relation(table: dict[str, Any]) -> Table | View:
    database, name = str(table["DatabaseName"]), str(table["Name"])
    columns = _columns(table.get("StorageDescriptor", {}).get("Columns"))
    if is_view(table):
        try:
            sql, default_database = view_definition(table)
        except ValueError as error:
            raise QueryFailed(f"INVALID_VIEW: {error}") from error
        return View(CATALOG, database, name, sql, default_database)
    return Table(CATALOG, database, name, columns, _columns(table.get("PartitionKeys")))


def _columns(columns: list[dict[str, Any]] | None) -> tuple[Column, ...]:
    return tuple(Column(str(c["Name"]).lower(), str(c.get("Type") or "string")) for c in columns or ())
