"""What a translated query may know about the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

CATALOG = "awsdatacatalog"
"""The one data catalog of the local Athena, as Trino spells it (AwsDataCatalog, lower-cased)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column or partition key: its lower-case name and its Hive type as in Glue, such as `array<struct<a:int>>`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A base table of the catalog."""

    catalog: str
    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A view: its query, the database its unqualified names belong to, and its columns with their Trino types.

    Without `columns` the query's own names and types hold.
    """

    catalog: str
    database: str
    name: str
    sql: str
    default_database: str
    columns: tuple[Column, ...] = ()


class Schema(Protocol):
    """The catalog as a query sees it."""

    def relation(self, database: str, name: str) -> Table | View:
        """Returns a table or view by its lower-case names.

        Raises: QueryFailed with SCHEMA_NOT_FOUND or TABLE_NOT_FOUND; `translate` adds the place in the text.
        """
        ...

    def databases(self) -> list[str]:
        """Returns the names of all databases, sorted (for information_schema)."""
        ...

    def relations(self, database: str) -> list[Table | View]:
        """Returns the tables and views of a database, sorted by name (for information_schema)."""
        ...

    def partition_values(self, database: str, name: str) -> Iterable[tuple[str, ...]]:
        """Returns the values of all partitions of a table (for `"table$partitions"`)."""
        ...
