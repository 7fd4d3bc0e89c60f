"""What an expression is made into: DuckDB SQL with its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["STRING", "INTEGER", "DECIMAL", "DATETIME"]
"""Types of columns in SPICE (API reference, ColumnDataType)."""

TermType = Literal["STRING", "INTEGER", "DECIMAL", "DATETIME", "BOOLEAN", "NULL"]
"""Types inside of expressions; a condition is BOOLEAN."""

DUCKDB_TYPES: dict[ColumnType, str] = {
    "STRING": "VARCHAR",
    "INTEGER": "BIGINT",
    "DECIMAL": "DOUBLE",
    "DATETIME": "TIMESTAMP",
}


class InvalidExpression(Exception):
    """An expression that QuickSight, or this local one, does not understand."""


@dataclass(frozen=True)
class Term:
    """A part of an expression: `sql`, its type, and whether it is an aggregate over rows."""

    sql: str
    type: TermType
    aggregate: bool = False
    skips: tuple[str, ...] = ()
    """Of a whole expression: SQL conditions of rows that its functions leave out, as parseInt does."""

    @property
    def is_number(self) -> bool:
        """Whether one can calculate with it; NULL is of every type."""
        return self.type in ("INTEGER", "DECIMAL", "NULL")


Names = Callable[[str], Term]
"""The term that a column or calculated field stands for. Raises InvalidExpression for a name that is none."""


def names_of(columns: Mapping[str, ColumnType]) -> Names:
    """Names that stand for the columns of a table."""

    def named(name: str) -> Term:
        if name not in columns:
            raise InvalidExpression(f"there is no column {name!r}; the columns are {', '.join(columns)}")
        return Term(identifier(name), columns[name])

    return named


def identifier(name: str) -> str:
    """A name as SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def text_literal(text: str) -> str:
    """A text as SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
