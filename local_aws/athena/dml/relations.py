"""What a name in a query may stand for, and what a query needs of the tables it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local_aws.athena.dml.schema import Table
from local_aws.athena.dml.types import Type

PATH, PARTITION, FILE_SIZE, FILE_MODIFIED_TIME = "$path", "$partition", "$file_size", "$file_modified_time"


@dataclass(frozen=True, slots=True)
class TableUse:
    """One reference to a base table, after views were expanded."""

    table: Table
    placeholder: str
    """The relation the DuckDB SQL selects from. The engine makes a view (or table) of this name before it runs it,
    with all `columns` under their names and in the DuckDB types of `types.duckdb_type`."""
    columns: frozenset[str]
    """The columns and partition keys the query needs."""
    partition_filters: tuple[str, ...]
    """DuckDB conditions on partition keys alone (quoted, unqualified names), all of which every row the query needs
    satisfies. Conservative: rows that do not satisfy them may be left out, not must."""
    hidden_columns: frozenset[str] = frozenset()
    """Those of "$path", "$file_size", "$file_modified_time", "$partition" that the query uses; the placeholder has
    them under these names (VARCHAR, BIGINT, TIMESTAMP, VARCHAR)."""

    @property
    def path_column(self) -> str | None:
        """The placeholder's column for the object's s3:// URI, if the query uses it."""
        return PATH if PATH in self.hidden_columns else None

    @property
    def partition_column(self) -> str | None:
        """The placeholder's column for the partition's name (`dt=2026-11-10`), if the query uses it."""
        return PARTITION if PARTITION in self.hidden_columns else None


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a query's result: its name (`_col0` where there is none) and its type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class TranslatedQuery:
    """A query for DuckDB, the tables it reads, and its result's columns.

    The SQL's columns are those of `columns` by place, under names of its own.
    """

    sql: str
    tables: tuple[TableUse, ...]
    columns: tuple[OutputColumn, ...]


@dataclass(eq=False, slots=True)
class Filters:
    """What is known of the rows one reader needs of a table: conditions that all hold.

    A table inside of a WITH query has the conditions of that query, and one of the conditions that the references to
    the WITH query put on it.
    """

    conditions: list[str] = field(default_factory=list)
    references: list[Filters] = field(default_factory=list)

    def all(self) -> list[str]:
        """Returns the conditions that every row needed satisfies."""
        found = list(self.conditions)
        by_reference = [reference.all() for reference in self.references]
        if len(by_reference) == 1:
            found.extend(by_reference[0])
        elif by_reference and all(by_reference):
            found.append(" OR ".join(f"({' AND '.join(conditions)})" for conditions in by_reference))
        return list(dict.fromkeys(found))


@dataclass(eq=False, slots=True)
class ReadTable:
    """A table reference while the query is being translated."""

    table: Table
    placeholder: str
    filters: Filters = field(default_factory=Filters)
    columns: set[str] = field(default_factory=set)

    def use(self) -> TableUse:
        """Returns what was learnt."""
        hidden = frozenset(name for name in self.columns if name.startswith("$"))
        conditions = tuple(f"({condition})" for condition in self.filters.all())
        return TableUse(self.table, self.placeholder, frozenset(self.columns) - hidden, conditions, hidden)


Origins = Mapping[Filters, str]
"""For each reader of a table that a value comes from, the value as an expression over its partition keys."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A column of a relation."""

    name: str | None
    type: Type
    sql: str
    qualifiers: tuple[str, ...] = ()
    """The names it may be qualified with, outermost first: ("awsdatacatalog", "default", "t") or ("alias",)."""
    origins: Origins = field(default_factory=dict)
    source: ReadTable | None = None
    source_column: str = ""
    """The column's own name in the table it is read from, whatever the query calls it."""
    hidden: bool = False

    def read(self) -> None:
        """Notes that the query needs this column."""
        if self.source is not None:
            self.source.columns.add(self.source_column)

    def matches(self, parts: Sequence[str]) -> bool:
        """Tells whether this is the column of a (qualified) name, in lower case."""
        *qualifiers, name = parts
        if self.name is None or self.name.lower() != name:
            return False
        return not qualifiers or self.qualifiers[-len(qualifiers) :] == tuple(qualifiers)


@dataclass(frozen=True, slots=True)
class Relation:
    """A FROM item or a query: DuckDB SQL that stands after FROM, and its columns."""

    sql: str
    fields: tuple[Field, ...]
