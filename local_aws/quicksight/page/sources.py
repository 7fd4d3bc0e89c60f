"""The data sets of a dashboard, as DuckDB views over their rows in SPICE."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.terms import ColumnType, InvalidExpression, Term, names_of, text_literal


class Undrawable(Exception):
    """A part of a dashboard that cannot be drawn; the message says why."""


@dataclass(frozen=True)
class Stored:
    """The rows of one data set in SPICE, for drawing."""

    name: str
    file: Path | None
    columns: Mapping[str, ColumnType]
    rows: int = 0
    refreshed: datetime | None = None
    problem: str | None = None
    """Why there are no rows, or why they are older than they should be."""


@dataclass
class Source:
    """One data set of a definition: a view, its columns and the calculated fields on it."""

    identifier: str
    stored: Stored
    view: str
    calculated: dict[str, str]
    """Expression by name."""
    _resolving: list[str] = field(default_factory=list)

    def term(self, name: str) -> Term:
        """What a column or a calculated field is in SQL.

        Raises: InvalidExpression.
        """
        if name not in self.calculated:
            return names_of(self.stored.columns)(name)
        if name in self._resolving:
            raise InvalidExpression(f"the calculated field {name!r} refers to itself")
        self._resolving.append(name)
        try:
            term = compiled(self.calculated[name], self.term)
            return Term(f"({term.sql})", term.type, term.aggregate)
        except InvalidExpression as error:
            raise InvalidExpression(f"calculated field {name!r}: {error}") from error
        finally:
            self._resolving.pop()

    def has(self, name: str) -> bool:
        """Whether there is such a column or calculated field."""
        return name in self.stored.columns or name in self.calculated


class Sources:
    """The data sets of a definition, by their identifiers, and queries over them."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], stored: Mapping[str, Stored]
    ) -> None:
        self._database = database
        self._sources: dict[str, Source] = {}
        for number, (name, one) in enumerate(stored.items()):
            calculated = {
                entry["Name"]: entry["Expression"]
                for entry in definition.get("CalculatedFields", [])
                if entry.get("DataSetIdentifier") == name
            }
            view = f"set_{number}"
            if one.file is not None:
                database.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({text_literal(str(one.file))})")
            self._sources[name] = Source(name, one, view, calculated)

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources.values())

    def source(self, name: str) -> Source:
        """The data set of that identifier.

        Raises: Undrawable, when there is none, or it has no rows in SPICE.
        """
        found = self._sources.get(name)
        if found is None:
            raise Undrawable(f"the data set {name!r} is not declared")
        if found.stored.file is None:
            raise Undrawable(found.stored.problem or f"the data set {found.stored.name} has no rows in SPICE")
        return found

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._database.execute(sql, list(parameters)).fetchall()


@contextlib.contextmanager
def opened(definition: Mapping[str, Any], stored: Mapping[str, Stored]) -> Iterator[Sources]:
    """The data sets of a definition, for as long as a page is drawn."""
    with contextlib.closing(duckdb.connect()) as database:
        database.execute("SET threads = 2")
        database.execute("SET TimeZone = 'UTC'")
        yield Sources(database, definition, stored)


def moment(seconds: float) -> datetime:
    """Epoch seconds as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
