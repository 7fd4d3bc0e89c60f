"""Names in sight of an expression, and what all parts of one translation share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from local_aws.athena.dml.failures import located
from local_aws.athena.dml.relations import Field, Filters, OutputColumn, ReadTable, Relation
from local_aws.athena.dml.schema import Schema
from local_aws.athena.dml.types import Type


@dataclass(slots=True)
class Scope:
    """The columns an expression may name: those of its own query, then those of the queries around it."""

    fields: tuple[Field, ...]
    parent: Scope | None = None
    lambda_arguments: dict[str, Field] = field(default_factory=dict)
    windows: dict[str, exp.Window] = field(default_factory=dict)
    queries: dict[str, CommonQuery] = field(default_factory=dict)
    """The WITH queries in sight, by lower-case name."""
    clause: str = "SELECT"
    """The clause being translated: aggregates are refused in WHERE, JOIN and GROUP BY clauses."""
    has_aggregates: bool = False
    has_windows: bool = False
    pruned: Filters | None = None
    """While a condition on partition keys is written for pruning: the reader it is written for."""

    def resolve(self, parts: Sequence[str], node: exp.Expr) -> tuple[Field, int] | None:
        """Returns the column of a name such as ("t", "a", "field") and how many parts of the name it takes up.

        What is left over are the fields of a row. Raises: QueryFailed AMBIGUOUS_NAME.
        """
        names = [part.lower() for part in parts]
        if names[0] in self.lambda_arguments:
            return self.lambda_arguments[names[0]], 1
        for length in range(min(len(names), 4), 0, -1):
            found = [candidate for candidate in self.fields if candidate.matches(names[:length])]
            if len(found) > 1:
                raise located("AMBIGUOUS_NAME", node, f"Column '{'.'.join(parts[:length])}' is ambiguous")
            if found:
                return found[0], length
        return self.parent.resolve(parts, node) if self.parent is not None else None

    def common_query(self, name: str) -> CommonQuery | None:
        """Returns the WITH query of a lower-case name, the innermost first."""
        if name in self.queries:
            return self.queries[name]
        return self.parent.common_query(name) if self.parent is not None else None

    def inner(self, lambda_arguments: dict[str, Field]) -> Scope:
        """Returns the scope of a lambda's body."""
        return Scope(
            self.fields,
            self.parent,
            {**self.lambda_arguments, **lambda_arguments},
            self.windows,
            self.queries,
            self.clause,
            pruned=self.pruned,
        )


@dataclass(eq=False, slots=True)
class CommonQuery:
    """A WITH query: the relation its references select from, and what it was translated to."""

    relation: str
    fields: tuple[Field, ...]
    sql: str
    reads: tuple[ReadTable, ...]
    referenced: bool = False


class QueryTranslator(Protocol):
    """Translates a query inside of an expression."""

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[Relation, tuple[OutputColumn, ...]]:
        """Returns the query as text in parentheses and its columns."""
        ...


@dataclass(slots=True)
class Translation:
    """What all parts of one statement's translation share."""

    schema: Schema
    reads: list[ReadTable] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    """The views around what is being translated, the outermost first."""
    _aliases: int = 0

    def alias(self, prefix: str = "t") -> str:
        """Returns a relation name that the SQL does not have yet."""
        self._aliases += 1
        return f"{prefix}{self._aliases}"


@dataclass(frozen=True, slots=True)
class LambdaType:
    """What a lambda takes and returns."""

    arguments: tuple[Type, ...]
    result: Type
