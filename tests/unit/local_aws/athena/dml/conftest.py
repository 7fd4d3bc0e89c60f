"""Queries answered by the translation and a DuckDB of their own, without tables, files or servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from local_aws.athena.dml.macros import macros_used
from local_aws.athena.dml.query import translate
from local_aws.athena.dml.render import rendered_columns
from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.failures import query_failure

Rows = list[tuple[str | None, ...]]


class NoTables:
    """A catalog in which there is nothing."""

    def relation(self, database: str, name: str) -> object:
        raise QueryFailed(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist")

    def databases(self) -> list[str]:
        return ["default"]

    def relations(self, database: str) -> list[object]:
        return []

    def partition_values(self, database: str, name: str) -> list[tuple[str, ...]]:
        return []


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def rows(connection: duckdb.DuckDBPyConnection) -> Callable[[str], Rows]:
    """A query's rows, each value as the text that Athena shows, NULL as None."""

    def run(sql: str) -> Rows:
        query = translate(sql, NoTables(), database="default")
        _, texts, names = rendered_columns(query.columns)
        try:
            for macro in macros_used(query.sql, *texts):
                connection.execute(macro)
            answer = connection.execute(f"SELECT {', '.join(texts)} FROM ({query.sql}) AS result({', '.join(names)})")
            return [tuple(None if cell is None else str(cell) for cell in row) for row in answer.fetchall()]
        except duckdb.Error as error:
            raise query_failure(error, {}) from error

    return run


@pytest.fixture(scope="session")
def answer(rows: Callable[[str], Rows]) -> Callable[[str], str | None]:
    """The text of one expression, or of a query's only value."""

    def run(sql: str) -> str | None:
        is_query = sql.lstrip(" (").upper().startswith(("SELECT", "WITH ", "VALUES"))
        ((value,),) = rows(sql if is_query else f"SELECT {sql}")
        return value

    return run
