"""Filters of a definition, with what a reader chose, as SQL conditions.

Filter groups are joined by AND, the filters of one group by OR, as in QuickSight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local_aws.quicksight.definitions import filters_of
from local_aws.quicksight.page.choices import Choices
from local_aws.quicksight.page.fields import PERIOD_CODES, Fields
from local_aws.quicksight.page.sources import Source, Undrawable, moment
from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.functions import function
from local_aws.quicksight.preparation.terms import InvalidExpression, Term, text_literal

_TEXT_MATCHES: dict[str, Callable[[str, str], str]] = {
    "CONTAINS": lambda text, part: f"contains({text}, {part})",
    "DOES_NOT_CONTAIN": lambda text, part: f"NOT contains({text}, {part})",
    "STARTS_WITH": lambda text, part: f"starts_with({text}, {part})",
    "ENDS_WITH": lambda text, part: f"ends_with({text}, {part})",
}


@dataclass
class Applied:
    """The conditions of one visual, and filters that could not be applied."""

    conditions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """SQL of all conditions."""
        return " AND ".join(f"({one})" for one in self.conditions) or "true"


class Filters:
    """The filters of a definition for one page."""

    def __init__(
        self, definition: Mapping[str, Any], fields: Fields, choices: Choices, parameters: Mapping[str, Sequence[Any]]
    ) -> None:
        self._groups: list[Mapping[str, Any]] = [
            group for group in definition.get("FilterGroups", []) if group.get("Status", "ENABLED") == "ENABLED"
        ]
        self._fields = fields
        self._choices = choices
        self._parameters = parameters

    def applied(self, source: Source, sheet_id: str, visual_id: str) -> Applied:
        """What is filtered of a data set for a visual."""
        applied = Applied()
        ranked: list[tuple[Mapping[str, Any], str]] = []
        for group in self._groups:
            if not _in_scope(group["ScopeConfiguration"], sheet_id, visual_id):
                continue
            alternatives = []
            for one in filters_of(dict(group)):
                name = _column_of(one)
                if not _concerns(one, group, source):
                    continue
                if one["kind"] == "TopBottomFilter":
                    ranked.append((one, name))
                    continue
                try:
                    condition = self._condition(one, source, name)
                except (InvalidExpression, Undrawable) as error:
                    applied.notes.append(f"filter {one['FilterId']}: {error}")
                    continue
                alternatives.append(condition)
            if alternatives and None not in alternatives:
                applied.conditions.append(" OR ".join(f"({condition})" for condition in alternatives if condition))
        for rank, name in ranked:  # by what all other filters leave
            try:
                applied.conditions.append(self._ranked(rank, source, name, applied.where))
            except (InvalidExpression, Undrawable) as error:
                applied.notes.append(f"filter {rank['FilterId']}: {error}")
        return applied

    def by_id(self, filter_id: str) -> Mapping[str, Any] | None:
        """The filter of that id, with its type as `kind`."""
        for group in self._groups:
            for one in filters_of(dict(group)):
                if one["FilterId"] == filter_id:
                    return one
        return None

    def _condition(self, one: Mapping[str, Any], source: Source, name: str) -> str | None:
        """SQL of a filter; None for one that lets everything pass."""
        column = source.term(name)
        kind = one["kind"]
        if kind == "CategoryFilter":
            return self._category(one, column)
        if one.get("AggregationFunction"):
            raise Undrawable(f"a {kind} of an aggregation is not applied by the local QuickSight")
        if kind == "NumericRangeFilter":
            return self._numeric_range(one, column)
        if kind == "NumericEqualityFilter":
            return self._numeric_equality(one, column)
        if kind == "TimeRangeFilter":
            return self._time_range(one, column, source)
        if kind == "TimeEqualityFilter":
            return self._time_equality(one, column, source)
        if kind == "RelativeDatesFilter":
            return self._relative_dates(one, column)
        raise Undrawable(f"a {kind} is not applied by the local QuickSight")

    def _category(self, one: Mapping[str, Any], column: Term) -> str | None:
        text = f"CAST({column.sql} AS VARCHAR)"
        if chosen := self._choices.of_filter(one["FilterId"]):
            return f"{text} IN ({', '.join(map(text_literal, chosen))})"
        ((_, how),) = one["Configuration"].items()
        values = [*how.get("CategoryValues", [])]
        if "CategoryValue" in how:
            values = [how["CategoryValue"]]
        if parameter := how.get("ParameterName"):
            values = [str(value) for value in self._parameters.get(parameter, [])]
        if how.get("SelectAllOptions") == "FILTER_ALL_VALUES" or (parameter and not values):
            return _with_nulls(None, column, how.get("NullOption", "ALL_VALUES"))
        operator = how["MatchOperator"]
        listed = ", ".join(map(text_literal, values)) or "NULL"
        if operator == "EQUALS":
            condition = f"{text} IN ({listed})"
        elif operator == "DOES_NOT_EQUAL":
            condition = f"{text} NOT IN ({listed})" if values else "true"
        else:
            joined = " AND " if operator == "DOES_NOT_CONTAIN" else " OR "
            condition = joined.join(_TEXT_MATCHES[operator](text, text_literal(value)) for value in values) or "true"
        return _with_nulls(condition, column, how.get("NullOption", "NON_NULLS_ONLY"))

    def _numeric_range(self, one: Mapping[str, Any], column: Term) -> str | None:
        chosen = self._choices.bounds(one["FilterId"])
        bounds = [
            _number(text) if text else self._static(one.get(name, {}))
            for text, name in zip(chosen, ("RangeMinimum", "RangeMaximum"), strict=True)
        ]
        if one.get("SelectAllOptions") == "FILTER_ALL_VALUES" and not any(chosen):
            bounds = [None, None]
        conditions = _between(column, [None if one is None else repr(float(one)) for one in bounds], one)
        return _with_nulls(conditions, column, one["NullOption"])

    def _numeric_equality(self, one: Mapping[str, Any], column: Term) -> str | None:
        chosen = self._choices.of_filter(one["FilterId"])
        value = _number(chosen[0]) if chosen else one.get("Value")
        if not chosen and (parameter := one.get("ParameterName")):
            value = next(iter(self._parameters.get(parameter, [])), None)
        if value is None or (one.get("SelectAllOptions") == "FILTER_ALL_VALUES" and not chosen):
            return _with_nulls(None, column, one["NullOption"])
        operator = "=" if one["MatchOperator"] == "EQUALS" else "<>"
        return _with_nulls(f"{column.sql} {operator} {float(value)!r}", column, one["NullOption"])

    def _time_range(self, one: Mapping[str, Any], column: Term, source: Source) -> str | None:
        if chosen := self._chosen_days(one, column):
            return chosen
        granularity = PERIOD_CODES.get(one.get("TimeGranularity", ""))
        subject = _cut(column, granularity)
        values = [
            self._time(one.get(name, {}), source, granularity) for name in ("RangeMinimumValue", "RangeMaximumValue")
        ]
        return _with_nulls(_between(subject, values, one), column, one["NullOption"])

    def _chosen_days(self, one: Mapping[str, Any], column: Term) -> str:
        """SQL of the days that a reader has chosen, the last one included; empty when nothing was chosen."""
        first, last = map(_day, self._choices.bounds(one["FilterId"]))
        conditions = [f"{column.sql} >= {first}"] if first else []
        conditions += [f"{column.sql} < {last} + INTERVAL 1 DAY"] if last else []
        return " AND ".join(conditions)

    def _time_equality(self, one: Mapping[str, Any], column: Term, source: Source) -> str | None:
        granularity = PERIOD_CODES[one.get("TimeGranularity", "DAY")]
        chosen = self._choices.of_filter(one["FilterId"])
        value = _day(chosen[0]) if chosen else None
        if value is None:
            stated = {
                "StaticValue": one.get("Value"),
                "RollingDate": one.get("RollingDate"),
                "Parameter": one.get("ParameterName"),
            }
            value = self._time({name: of for name, of in stated.items() if of is not None}, source, granularity)
        if value is None:
            return None
        same = function("truncDate", [Term(text_literal(granularity), "STRING"), Term(value, "DATETIME")])
        return f"{_cut(column, granularity).sql} = {same.sql}"

    def _relative_dates(self, one: Mapping[str, Any], column: Term) -> str | None:
        if chosen := self._chosen_days(one, column):
            return chosen
        unit = PERIOD_CODES[one["TimeGranularity"]]
        count = one.get("RelativeDateValue", 1)
        now = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"
        begin = f"truncDate('{unit}', now())"
        starts = {"PREVIOUS": -count, "LAST": 1 - count, "THIS": 0, "NEXT": 1}
        ends = {"PREVIOUS": 0, "THIS": 1, "NEXT": 1 + count}
        kind = one["RelativeDateType"]
        conditions = []
        if kind in starts:
            start = compiled(f"addDateTime({starts[kind]}, '{unit}', {begin})", _no_name)
            conditions.append(f"{column.sql} >= {start.sql}")
        if kind in ends:
            conditions.append(
                f"{column.sql} < {compiled(f'addDateTime({ends[kind]}, {unit!r}, {begin})', _no_name).sql}"
            )
        else:
            conditions.append(f"{column.sql} <= {now}")
        return _with_nulls(" AND ".join(conditions), column, one["NullOption"])

    def _ranked(self, one: Mapping[str, Any], source: Source, name: str, where: str) -> str:
        limit = one.get("Limit")
        if parameter := one.get("ParameterName"):
            limit = next(iter(self._parameters.get(parameter, [])), limit)
        column = source.term(name)
        if granularity := one.get("TimeGranularity"):
            column = _cut(column, PERIOD_CODES[granularity])
        order = []
        for sort in one["AggregationSortConfigurations"]:
            measure = self._fields.aggregated(
                {**sort["Column"], "DataSetIdentifier": source.identifier}, sort.get("AggregationFunction")
            )
            order.append(f"{measure.term.sql} {sort['SortDirection']} NULLS LAST")
        return (
            f"{column.sql} IN (SELECT {column.sql} FROM {source.view} WHERE {where} GROUP BY ALL"
            f" ORDER BY {', '.join([*order, column.sql])} LIMIT {int(limit or 10)})"
        )

    def _static(self, value: Mapping[str, Any]) -> float | None:
        if parameter := value.get("Parameter"):
            return next((_number(str(one)) for one in self._parameters.get(parameter, [])), None)
        static = value.get("StaticValue")
        return None if static is None else float(static)

    def _time(self, value: Mapping[str, Any], source: Source, granularity: str | None) -> str | None:
        """SQL of a point in time that a filter states, cut as its column is."""
        sql = None
        if "RollingDate" in value:
            sql = compiled(value["RollingDate"]["Expression"], source.term).sql
        elif "StaticValue" in value:
            sql = _timestamp(value["StaticValue"])
        elif "Parameter" in value:
            sql = next((_timestamp(one) for one in self._parameters.get(value["Parameter"], [])), None)
        return sql if sql is None else _cut(Term(sql, "DATETIME"), granularity).sql


def _no_name(name: str) -> Term:
    """Names in expressions that have none."""
    raise InvalidExpression(f"{name!r} is not known here")


def _in_scope(scope: Mapping[str, Any], sheet_id: str, visual_id: str) -> bool:
    if "AllSheets" in scope:
        return True
    return any(
        one["SheetId"] == sheet_id and (one["Scope"] == "ALL_VISUALS" or visual_id in one.get("VisualIds", []))
        for one in scope.get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", [])
    )


def _concerns(one: Mapping[str, Any], group: Mapping[str, Any], source: Source) -> bool:
    """Whether a filter is one on the data set, or on a column of the same name in all data sets."""
    if one.get("Column", {}).get("DataSetIdentifier") == source.identifier:
        return True
    return group["CrossDataset"] == "ALL_DATASETS" and source.has(_column_of(one))


def _column_of(one: Mapping[str, Any]) -> str:
    return str(one.get("Column", {}).get("ColumnName", ""))


def _with_nulls(condition: str | None, column: Term, option: str) -> str | None:
    if option == "NULLS_ONLY":
        return f"{column.sql} IS NULL"
    if option == "NON_NULLS_ONLY":
        return f"{column.sql} IS NOT NULL" + (f" AND ({condition})" if condition else "")
    return None if condition is None else f"{column.sql} IS NULL OR ({condition})"


def _between(column: Term, bounds: Sequence[str | None], one: Mapping[str, Any]) -> str | None:
    least, most = bounds
    conditions = []
    if least is not None:
        conditions.append(f"{column.sql} {'>=' if one.get('IncludeMinimum') else '>'} {least}")
    if most is not None:
        conditions.append(f"{column.sql} {'<=' if one.get('IncludeMaximum') else '<'} {most}")
    return " AND ".join(conditions) or None


def _cut(column: Term, granularity: str | None) -> Term:
    if granularity is None:
        return column
    return function("truncDate", [Term(text_literal(granularity), "STRING"), column])


def _timestamp(value: object) -> str:
    """A point in time of a definition (epoch seconds on the wire, or ISO text) as SQL."""
    if isinstance(value, (int, float)):
        return _literal(moment(float(value)))
    try:
        return _literal(datetime.fromisoformat(str(value).replace("Z", "+00:00")))
    except ValueError as error:
        raise Undrawable(f"{value!r} is no time") from error


def _literal(time: datetime) -> str:
    naive = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    return f"TIMESTAMP '{naive.isoformat(sep=' ')}'"


def _day(text: str | None) -> str | None:
    return None if text is None else _timestamp(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Undrawable(f"{text!r} is no number") from error
