"""Partition projection: partitions computed from table properties instead of kept in Glue.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import duckdb_type, quoted
from local_aws.athena.model import QueryFailed

MAX_PARTITIONS = 1_000_000
"""The most partitions that are computed for one table of a query."""

_JAVA_FIELDS = {"yyyy": "%Y", "uuuu": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_FIELD_UNITS = (("ss", "SECONDS"), ("mm", "MINUTES"), ("HH", "HOURS"), ("dd", "DAYS"), ("MM", "MONTHS"))
_SECONDS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86400, "WEEKS": 7 * 86400}
_MONTHS = {"MONTHS": 1, "YEARS": 12}


def projection_enabled(table: dict[str, Any]) -> bool:
    """Whether the table's partitions are projected."""
    return str((table.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true"


def projected_partitions(
    table: dict[str, Any], keys: Sequence[Column], filters: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values and location of each projected partition that can satisfy the filters on single columns.

    Raises: QueryFailed for wrong properties, or when an injected column is not compared with constants.
    """
    properties = {str(name).lower(): str(value) for name, value in table["Parameters"].items()}
    values = [_key_values(key, properties, _filters_on(key, filters), connection) for key in keys]
    count = 1
    for candidates in values:
        count *= len(candidates)
    if count > MAX_PARTITIONS:
        raise QueryFailed(
            f"CONSTRAINT_VIOLATION: {table['Name']} projects {count} partitions for this query; add conditions on "
            f"{', '.join(key.name for key in keys)} (at most {MAX_PARTITIONS} are supported)"
        )
    location = str(table["StorageDescriptor"].get("Location") or "")
    template = properties.get("storage.location.template")
    for combination in itertools.product(*values):
        yield combination, _location(location, template, keys, combination)


def _location(location: str, template: str | None, keys: Sequence[Column], values: Sequence[str]) -> str:
    if template is None:
        folders = "/".join(f"{key.name}={value}" for key, value in zip(keys, values, strict=True))
        return f"{location.rstrip('/')}/{folders}/"
    for key, value in zip(keys, values, strict=True):
        pieces = re.split(rf"\$\{{{re.escape(key.name)}\}}", template, flags=re.IGNORECASE)
        template = value.join(pieces)
    return template


def _filters_on(key: Column, filters: Sequence[str]) -> list[exp.Expr]:
    """The conditions that involve this key alone."""
    found = []
    for text in filters:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        for condition in tree.unnest().flatten() if isinstance(tree.unnest(), exp.And) else [tree]:
            if {column.name.lower() for column in condition.find_all(exp.Column)} == {key.name}:
                found.append(condition)
    return found


def _key_values(
    key: Column,
    properties: dict[str, str],
    conditions: Sequence[exp.Expr],
    connection: duckdb.DuckDBPyConnection,
) -> list[str]:
    kind = _property(key, properties, "type").lower()
    if kind == "injected":
        candidates = _injected_values(key, conditions)
    elif kind == "enum":
        candidates = [value.strip() for value in _property(key, properties, "values").split(",")]
    elif kind == "integer":
        candidates = _integers(key, properties)
    elif kind == "date":
        candidates = _dates(key, properties)
    else:
        raise _invalid(key, "type", kind)
    if not conditions:
        return candidates
    where = " AND ".join(f"({condition.sql(dialect='duckdb')})" for condition in conditions)
    kept = connection.execute(
        f"SELECT text FROM (SELECT text, CAST(text AS {duckdb_type(key.type)}) AS {quoted(key.name)} "
        f"FROM (SELECT unnest(CAST($1 AS VARCHAR[])) AS text)) WHERE {where}",
        [candidates],
    )
    return [text for (text,) in kept.fetchall()]


def _injected_values(key: Column, conditions: Sequence[exp.Expr]) -> list[str]:
    for condition in (condition.unnest() for condition in conditions):
        if isinstance(condition, exp.EQ):
            values = [
                side for side in (condition.left.unnest(), condition.right.unnest()) if isinstance(side, exp.Literal)
            ]
        elif isinstance(condition, exp.In):
            values = [value for value in condition.expressions if isinstance(value, exp.Literal)]
            values = values if len(values) == len(condition.expressions) else []
        else:
            continue
        if values:
            return list(dict.fromkeys(value.name for value in values))
    raise QueryFailed(
        f"CONSTRAINT_VIOLATION: For the injected projected partition column {key.name}, the WHERE clause must contain "
        "only static equality conditions, and at least one such condition must be present."
    )


def _integers(key: Column, properties: dict[str, str]) -> list[str]:
    first, last = _range(key, properties)
    step = properties.get(f"projection.{key.name}.interval", "1")
    digits = properties.get(f"projection.{key.name}.digits", "0")
    try:
        numbers = range(int(first), int(last) + 1, int(step))
        return [str(number).zfill(int(digits)) for number in numbers]
    except ValueError as error:
        raise _invalid(key, "range", f"{first},{last}") from error


def _dates(key: Column, properties: dict[str, str]) -> list[str]:
    java_format = _property(key, properties, "format")
    python_format = _python_format(key, java_format)
    now = datetime.now(UTC).replace(tzinfo=None)
    first, last = (_moment(key, text, python_format, now) for text in _range(key, properties))
    finest = next((unit for field, unit in _FIELD_UNITS if field in java_format), "YEARS")
    unit = properties.get(f"projection.{key.name}.interval.unit", finest).upper()
    step = int(properties.get(f"projection.{key.name}.interval", "1"))
    if (unit not in _SECONDS and unit not in _MONTHS) or step < 1:
        raise _invalid(key, "interval.unit", unit)
    texts = []
    moment = first
    while moment <= last:
        texts.append(moment.strftime(python_format))
        if len(texts) > MAX_PARTITIONS:
            raise _invalid(key, "range", f"more than {MAX_PARTITIONS} values")
        moment = _later(moment, step, unit)
    return list(dict.fromkeys(texts))


def _python_format(key: Column, java_format: str) -> str:
    parts = re.findall(r"'((?:[^']|'')*)'|([A-Za-z])(\2*)|([^A-Za-z'])", java_format)
    text = ""
    for quoted_text, letter, more, other in parts:
        if letter:
            if letter + more not in _JAVA_FIELDS:
                raise _invalid(key, "format", java_format)
            text += _JAVA_FIELDS[letter + more]
        else:
            text += (quoted_text.replace("''", "'") or other).replace("%", "%%")
    return text


def _moment(key: Column, text: str, python_format: str, now: datetime) -> datetime:
    relative = re.fullmatch(r"NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+?)S?)?", text, re.IGNORECASE)
    if not relative:
        try:
            return datetime.strptime(text, python_format)  # noqa: DTZ007 - all moments here are UTC
        except ValueError as error:
            raise _invalid(key, "range", text) from error
    # The finest field of the format decides what NOW is: a day's partition exists from its first second.
    start = datetime.strptime(now.strftime(python_format), python_format)  # noqa: DTZ007
    if not relative[1]:
        return start
    unit = relative[3].upper() + "S"
    if unit not in _SECONDS and unit not in _MONTHS:
        raise _invalid(key, "range", text)
    return _later(start, int(relative[1] + relative[2]), unit)


def _later(moment: datetime, steps: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=steps * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + steps * _MONTHS[unit]
    last_day = (datetime(months // 12 + (months % 12 == 11), (months + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: DTZ001
    return moment.replace(year=months // 12, month=months % 12 + 1, day=min(moment.day, last_day))


def _range(key: Column, properties: dict[str, str]) -> tuple[str, str]:
    text = _property(key, properties, "range")
    first, comma, last = text.partition(",")
    if not comma:
        raise _invalid(key, "range", text)
    return first.strip(), last.strip()


def _property(key: Column, properties: dict[str, str], name: str) -> str:
    try:
        return properties[f"projection.{key.name}.{name}"]
    except KeyError:
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: projection.{key.name}.{name} is missing from the table's properties"
        ) from None


def _invalid(key: Column, name: str, value: str) -> QueryFailed:
    return QueryFailed(f"INVALID_TABLE_PROPERTY: projection.{key.name}.{name} has an unsupported value: {value}")
