"""A curated lake whose days are exported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sql.conftest import DAY, SqlFiles
from tests.sql.reports.conftest import Lake


class ExportedLake(Lake):
    """A lake that the queries of `include/sql/search/` are asked of."""

    def __init__(self, sql: SqlFiles) -> None:
        super().__init__(sql)
        self.sql = sql

    def exported(self, name: str, day: str = DAY, **params: Any) -> list[dict[str, str]]:
        """The rows of a query, values as Athena's texts; NULL is empty."""
        self.summarise()
        rows = self.sql.rows(f"search/{name}.sql", day=day, **params)
        names = [column.name for column in self.sql.athena.outcome.columns]
        return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def lake(sql) -> ExportedLake:
    return ExportedLake(sql)
