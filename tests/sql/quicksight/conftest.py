"""A curated lake of days before today, on which the data sets' queries are run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowlogs.quicksight.data_sets import data_set_files
from tests.sql.conftest import SqlFiles
from tests.sql.reports.conftest import _DAILY, _TIMES, ACCOUNT, REGION, Lake, _time


def day_before_today(days: int) -> str:
    """A day of the past: the queries reach back from today."""
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d")


_TYPES = {
    "varchar": "STRING", "integer": "INTEGER", "bigint": "INTEGER", "double": "DECIMAL", "timestamp": "DATETIME",
}  # fmt: skip
"""What QuickSight makes of Athena's types (user guide, "Supported data types")."""


class DashboardLake(Lake):
    """A lake whose data sets can be read."""

    def __init__(self, sql: SqlFiles) -> None:
        super().__init__(sql)
        self.sql = sql

    def summarised(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows of `flow_daily`; `day`, `account`, `region`, `origin`, `action` choose their partition."""
        partitions: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            values = {"first_seen": "12:00", "last_seen": "12:00", **_DAILY, **row}
            day = values.pop("day", day_before_today(1))
            where = [values.pop(name, default) for name, default in
                     (("account", ACCOUNT), ("region", REGION), ("origin", "network"))]  # fmt: skip
            action = values.pop("action")
            if action != "REJECT":
                values["hour"] = None
            times = {name: _time(day, value) if name in _TIMES else value for name, value in values.items()}
            partitions[day, *where, action].append(times)
        for values, found in partitions.items():
            self._add("flow_daily", found, values)

    def data_set(self, name: str) -> list[dict[str, str]]:
        """The rows of a data set's query, values as Athena's texts; NULL is empty."""
        rows = self.sql.rows(f"quicksight/{name}.sql")
        found = {column.name: _TYPES[column.type] for column in self.sql.athena.outcome.columns}
        described = {name: column.type for name, column in data_set_files()[name].columns.items()}
        assert list(found.items()) == list(described.items()), "the data set does not describe the query's columns"
        names = list(found)
        return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def lake(sql: SqlFiles) -> DashboardLake:
    return DashboardLake(sql)
