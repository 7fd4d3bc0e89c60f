"""The rows of a visual: grouped by its dimensions, filtered, sorted, and cut to the items that are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.quicksight.page.fields import Field, Fields
from local_aws.quicksight.page.sources import Sources, Undrawable

OTHER = "Other"
"""What QuickSight calls the items beyond a limit, taken together."""


@dataclass(frozen=True)
class Sort:
    """An order: SQL of what is sorted by, and the direction."""

    sql: str
    descending: bool


@dataclass(frozen=True)
class Limit:
    """How many items of a dimension are drawn on their own; the others together, or not at all."""

    items: int
    others: bool


class Selection:
    """Reads the rows of one visual under its filters."""

    def __init__(self, sources: Sources, fields: Fields, view: str, where: str) -> None:
        self._sources = sources
        self._fields = fields
        self._view = view
        self._where = where

    def grouped(
        self,
        dimensions: Sequence[Field],
        measures: Sequence[Field],
        *,
        sorts: Sequence[Sort] = (),
        limits: Mapping[str, Limit] | None = None,
        item_sorts: Mapping[str, Sequence[Sort]] | None = None,
        rows: int = 5_000,
    ) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
        """One row for each combination of the dimensions: their values, then the measures'.

        `limits` by field id. Also says how many items each limited dimension has in all, where that is more.
        """
        if any(not one.term.aggregate for one in measures):
            raise Undrawable("a value is not aggregated")
        if any(one.term.aggregate for one in dimensions):
            raise Undrawable("an aggregation cannot be a dimension")
        columns, cut = [], {}
        for one in dimensions:
            limit = (limits or {}).get(one.id)
            expression = one.term.sql
            if limit is not None:
                kept, count = self._kept(one, (item_sorts or {}).get(one.id, sorts), limit)
                if count > len(kept):
                    cut[one.id] = count
                    expression = self._with_other(one, kept, limit)
            columns.append(expression)
        values = [one.term.sql for one in measures]
        where = self._where
        excluded = [
            column
            for column, one in zip(columns, dimensions, strict=True)
            if one.id in cut and not (limits or {})[one.id].others
        ]
        for column in excluded:
            where += f" AND ({column}) IS NOT NULL"
        order = [f"{sort.sql} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in sorts]
        names = [f"d{number}" for number in range(len(columns))]
        selected = [f"{sql} AS {name}" for sql, name in zip(columns, names, strict=True)] + values
        group = f" GROUP BY {', '.join(str(number + 1) for number in range(len(columns)))}" if columns else ""
        # The order of `sorts` holds for whole items; with others taken together it is made again by the charts.
        by = (
            f" ORDER BY {', '.join([*order, *names])}"
            if columns and not cut
            else f" ORDER BY {', '.join(names)}"
            if columns
            else ""
        )
        sql = f"SELECT {', '.join(selected) or '1'} FROM {self._view} WHERE {where}{group}{by} LIMIT {rows}"
        return self._sources.rows(sql), cut

    def order_of(self, dimension: Field, sorts: Sequence[Sort], limit: int = 10_000) -> list[Any]:
        """The items of a dimension in their order."""
        order = [f"{sort.sql} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in sorts]
        by = ", ".join([*order, "1 NULLS LAST"])
        sql = f"SELECT {dimension.term.sql} AS d FROM {self._view} WHERE {self._where} GROUP BY {dimension.term.sql} ORDER BY {by} LIMIT {limit}"
        return [row[0] for row in self._sources.rows(sql)]

    def plain(self, fields: Sequence[Field], sorts: Sequence[Sort], rows: int) -> list[tuple[Any, ...]]:
        """Rows as they are, for tables without groups."""
        order = ", ".join(f"{sort.sql} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in sorts)
        by = f" ORDER BY {order}" if order else ""
        sql = (
            f"SELECT {', '.join(one.term.sql for one in fields)} FROM {self._view} WHERE {self._where}{by} LIMIT {rows}"
        )
        return self._sources.rows(sql)

    def sorts(
        self, configuration: Sequence[Mapping[str, Any]] | None, fields: Sequence[Field], default: Sequence[Sort] = ()
    ) -> list[Sort]:
        """The order that a SortConfiguration asks for."""
        by_id = {one.id: one for one in fields}
        found = []
        for one in configuration or []:
            if "FieldSort" in one:
                named = by_id.get(one["FieldSort"]["FieldId"])
                if named is None:
                    raise Undrawable(
                        f"it is sorted by the field {one['FieldSort']['FieldId']!r}, which it does not have"
                    )
                found.append(Sort(named.term.sql, one["FieldSort"]["Direction"] == "DESC"))
            elif "ColumnSort" in one:
                column = one["ColumnSort"]
                measure = self._fields.aggregated(column["SortBy"], column.get("AggregationFunction"))
                found.append(Sort(measure.term.sql, column["Direction"] == "DESC"))
        return found or list(default)

    def _kept(self, dimension: Field, sorts: Sequence[Sort], limit: Limit) -> tuple[list[Any], int]:
        items = self.order_of(dimension, sorts)
        return items[: limit.items], len(items)

    def _with_other(self, dimension: Field, kept: Sequence[Any], limit: Limit) -> str:
        column = dimension.term.sql
        text = f"CAST({column} AS VARCHAR)"
        listed = ", ".join(_text(value) for value in kept if value is not None) or "NULL"
        cases = f"WHEN {text} IN ({listed}) THEN {text}"
        if limit.others:
            nulls = f" WHEN {column} IS NULL THEN 'null'" if None in kept else ""
            return f"CASE {cases}{nulls} ELSE '{OTHER}' END"
        return f"CASE {cases} END"


def limit_of(configuration: Mapping[str, Any] | None, default: int) -> Limit:
    """The limit that an ItemsLimitConfiguration asks for."""
    configuration = configuration or {}
    items = int(configuration.get("ItemsLimit") or default)
    return Limit(items, configuration.get("OtherCategories", "INCLUDE") == "INCLUDE")


def _text(value: object) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"
