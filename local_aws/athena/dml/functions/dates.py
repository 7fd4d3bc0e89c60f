"""Dates and times: parts, arithmetic, and the ISO 8601, MySQL and Joda formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import cast_sql, coerced, once, once_if_long, raised
from local_aws.athena.dml.failures import located, not_supported, type_mismatch
from local_aws.athena.dml.functions.date_patterns import PatternError, joda_pieces, mysql_format, mysql_parse_format
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.types import BIGINT, DATE, TIMESTAMP, TIMESTAMP_TZ, VARCHAR, Type, common_type, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

_DATE_PARTS = {
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "month": "month",
    "quarter": "quarter",
    "week": "week",
    "week_of_year": "week",
    "year": "year",
    "year_of_week": "isoyear",
    "yow": "isoyear",
}
_TIME_PARTS = ("hour", "minute", "second")

TABLE: dict[str, str] = {
    **{
        f"{name}({type_}) -> bigint": f"CAST({part}({value}) AS BIGINT)"
        for name, part in _DATE_PARTS.items()
        for type_, value in (("date", "{0}"), ("timestamp", "{0}"), ("timestamp_tz", "trino_local({0})"))
    },
    **{
        f"{name}({type_}) -> bigint": f"CAST({name}({value}) AS BIGINT)"
        for name in _TIME_PARTS
        for type_, value in (("timestamp", "{0}"), ("timestamp_tz", "trino_local({0})"), ("time", "{0}"))
    },
    "millisecond(timestamp) -> bigint": "CAST(millisecond({0}) % 1000 AS BIGINT)",
    "millisecond(timestamp_tz) -> bigint": "CAST(millisecond(({0}).instant) % 1000 AS BIGINT)",
    "last_day_of_month(date) -> date": "last_day({0})",
    "last_day_of_month(timestamp) -> date": "last_day({0})",
    "last_day_of_month(timestamp_tz) -> date": "last_day(trino_local({0}))",
    "from_unixtime(double) -> timestamp_tz": "trino_at_zone(trino_from_unixtime({0}), 'UTC')",
    "from_unixtime(double, varchar) -> timestamp_tz": "trino_at_zone(trino_from_unixtime({0}), trino_zone({1}))",
    "from_unixtime(double, bigint, bigint) -> timestamp_tz": (
        "trino_at_zone(trino_from_unixtime({0}), trino_zone(CASE WHEN {1} < 0 OR {2} < 0 THEN '-' ELSE '+' END "
        "|| lpad(CAST(abs({1}) AS VARCHAR), 2, '0') || ':' || lpad(CAST(abs({2}) AS VARCHAR), 2, '0')))"
    ),
    "to_unixtime(timestamp) -> double": "(epoch_us({0}) / 1e6)",
    "to_unixtime(timestamp_tz) -> double": "(epoch_us(({0}).instant) / 1e6)",
    "from_iso8601_timestamp(varchar) -> timestamp_tz": "trino_iso_timestamp({0})",
    "from_iso8601_date(varchar) -> date": "trino_iso_date({0})",
    "to_iso8601(date) -> varchar": "strftime({0}, '%Y-%m-%d')",
    "to_iso8601(timestamp) -> varchar": "strftime({0}, '%Y-%m-%dT%H:%M:%S.%g')",
    "to_iso8601(timestamp_tz) -> varchar": (
        "(strftime(trino_local({0}), '%Y-%m-%dT%H:%M:%S.%g') "
        "|| CASE WHEN ({0}).zone = 'UTC' THEN 'Z' ELSE trino_offset_text({0}) END)"
    ),
    "to_milliseconds(interval_day) -> bigint": "trino_interval_millis({0})",
}

_ISO_DATE_ERROR = raised("'INVALID_FUNCTION_ARGUMENT: Invalid format: \"' || trino_id || '\"'", DATE)
_ISO_TIME_ERROR = raised("'INVALID_FUNCTION_ARGUMENT: Invalid format: \"' || t || '\"'", TIMESTAMP_TZ)

MACROS: tuple[str, ...] = (
    "CREATE OR REPLACE TEMP MACRO trino_interval_millis(i) AS CAST(epoch_ms(i) AS BIGINT)",
    "CREATE OR REPLACE TEMP MACRO trino_from_unixtime(seconds) AS "
    "make_timestamp(CAST(round(seconds * 1000) AS BIGINT) * 1000)",
    # ISO 8601 dates: 2026, 2026-11, 2026-11-10, 2026-W46, 2026-W46-2, 2026-314.
    "CREATE OR REPLACE TEMP MACRO trino_iso_week_day(t, day) AS make_date(CAST(t[1:4] AS BIGINT), 1, 4) "
    "- CAST(isodow(make_date(CAST(t[1:4] AS BIGINT), 1, 4)) AS INTEGER) "
    "+ CAST(CAST(t[7:8] AS INTEGER) * 7 - 7 + day AS INTEGER)",
    "CREATE OR REPLACE TEMP MACRO trino_iso_date(t) AS "
    + once(
        "trino_id",
        "t",
        (
            "CASE "
            r"WHEN regexp_full_match(trino_id, '\d{4}-\d{2}-\d{2}') THEN CAST(trino_id AS DATE) "
            r"WHEN regexp_full_match(trino_id, '\d{4}') THEN CAST(trino_id || '-01-01' AS DATE) "
            r"WHEN regexp_full_match(trino_id, '\d{4}-\d{2}') THEN CAST(trino_id || '-01' AS DATE) "
            r"WHEN regexp_full_match(trino_id, '\d{4}-W\d{2}') THEN trino_iso_week_day(trino_id, 1) "
            r"WHEN regexp_full_match(trino_id, '\d{4}-W\d{2}-[1-7]') THEN trino_iso_week_day(trino_id, CAST(trino_id[10] AS INTEGER)) "
            r"WHEN regexp_full_match(trino_id, '\d{4}-\d{3}') "
            "THEN make_date(CAST(trino_id[1:4] AS BIGINT), 1, 1) + CAST(CAST(trino_id[6:8] AS INTEGER) - 1 AS INTEGER) "
            f"WHEN trino_id IS NOT NULL THEN {_ISO_DATE_ERROR} END"
        ),
    ),
    r"CREATE OR REPLACE TEMP MACRO trino_iso_parts(t) AS regexp_extract(t, '^([^T]+)(?:T(\d{2})(?::?(\d{2})(?::?(\d{2})"
    r"(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$', ['day', 'hour', 'minute', 'second', 'fraction', 'zone'])",
    "CREATE OR REPLACE TEMP MACRO trino_iso_clock(parts) AS "
    "to_hours(CAST(coalesce(nullif((parts).hour, ''), '0') AS BIGINT)) "
    "+ to_minutes(CAST(coalesce(nullif((parts).minute, ''), '0') AS BIGINT)) "
    "+ to_milliseconds(CAST(coalesce(nullif((parts).second, ''), '0') || rpad((parts).fraction, 3, '0')[1:3] AS BIGINT))",
    "CREATE OR REPLACE TEMP MACRO trino_iso_timestamp(t) AS "
    + once(
        "trino_ip",
        "trino_iso_parts(t)",
        "CASE WHEN (trino_ip).day <> '' THEN trino_zoned_once("
        "CAST(trino_iso_date((trino_ip).day) AS TIMESTAMP) + trino_iso_clock(trino_ip), (trino_ip).zone) "
        f"WHEN t IS NOT NULL THEN {_ISO_TIME_ERROR} END",
    ),
)

_CLOCK_UNITS = {"millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000}
_CALENDAR_UNITS = {
    "day": "to_days(CAST({0} AS INTEGER))",
    "week": "to_days(CAST({0} * 7 AS INTEGER))",
    "month": "to_months(CAST({0} AS INTEGER))",
    "quarter": "to_months(CAST({0} * 3 AS INTEGER))",
    "year": "to_months(CAST({0} * 12 AS INTEGER))",
}


def _unit(node: exp.Expr, value: Type, of: exp.Expr) -> str:
    """The unit that a call names. Raises: QueryFailed for one the value's type does not have."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise not_supported(of, "the unit of a date function must be a literal")
    unit = node.name.lower()
    units = (*_CALENDAR_UNITS,) if value == DATE else (*_CLOCK_UNITS, *_CALENDAR_UNITS)
    if unit not in units:
        kind = {"date": "DATE", "timestamp": "TIMESTAMP"}.get(value.name, "TIMESTAMP WITH TIME ZONE")
        raise located("INVALID_FUNCTION_ARGUMENT", node, f"'{node.name}' is not a valid {kind} field")
    return unit


def _moment(expressions: Expressions, node: exp.Expr, of: exp.Expr) -> Typed:
    value = expressions.typed(node)
    if value.type.name == "unknown":
        return Typed("CAST(NULL AS TIMESTAMP)", TIMESTAMP)
    if value.type.name not in ("date", "timestamp", "timestamp with time zone"):
        raise type_mismatch(of, f"a date or timestamp is wanted, not {value.type}")
    return value


def _arguments(arguments: list[exp.Expr], count: int, name: str, node: exp.Expr) -> list[exp.Expr]:
    if len(arguments) != count:
        raise located("FUNCTION_NOT_FOUND", node, f"Unexpected number of arguments for function {name}: {count} wanted")
    return arguments


def _date_trunc(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    unit_node, value_node = _arguments(arguments, 2, "date_trunc", node)
    value = _moment(expressions, value_node, node)
    unit = _unit(unit_node, value.type, node)
    if value.type == DATE:
        return Typed(f"CAST(date_trunc('{unit}', {value.sql}) AS DATE)", DATE)
    if value.type.name == "timestamp":
        return Typed(f"date_trunc('{unit}', {value.sql})", value.type)
    truncated = once_if_long(
        {"trino_tz": value.sql}, f"trino_zoned(date_trunc('{unit}', trino_local(trino_tz)), (trino_tz).zone)"
    )
    return Typed(truncated, value.type)


def _date_add(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    unit_node, amount_node, value_node = _arguments(arguments, 3, "date_add", node)
    value = _moment(expressions, value_node, node)
    unit = _unit(unit_node, value.type, node)
    amount = expressions.typed(amount_node)
    if common_type(amount.type, BIGINT) != BIGINT:
        raise type_mismatch(amount_node, f"date_add takes a bigint, not {amount.type}")
    count = coerced(amount.sql, amount.type, BIGINT)
    if unit in _CLOCK_UNITS:
        moved = f"to_milliseconds({count} * {_CLOCK_UNITS[unit]})"
        if value.type.name == "timestamp":
            return Typed(f"({value.sql} + {moved})", value.type)
        return Typed(f"trino_at_zone(({value.sql}).instant + {moved}, ({value.sql}).zone)", value.type)
    moved = _CALENDAR_UNITS[unit].format(count)
    if value.type == DATE:
        return Typed(f"CAST({value.sql} + {moved} AS DATE)", DATE)
    if value.type.name == "timestamp":
        return Typed(f"({value.sql} + {moved})", value.type)
    added = once_if_long(
        {"trino_az": value.sql, "trino_ab": moved}, "trino_zoned(trino_local(trino_az) + trino_ab, (trino_az).zone)"
    )
    return Typed(added, value.type)


def _date_diff(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    unit_node, *value_nodes = _arguments(arguments, 3, "date_diff", node)
    values = [_moment(expressions, value, node) for value in value_nodes]
    common = common_type(values[0].type, values[1].type)
    if common is None:
        raise type_mismatch(node, f"date_diff of {values[0].type} and {values[1].type}")
    unit = _unit(unit_node, common, node)
    texts = [coerced(value.sql, value.type, common) for value in values]
    if common.name == "timestamp with time zone":
        # Days and longer units are counted on the clock of the first one's zone.
        zone = f"({texts[0]}).zone"
        on_clock = unit in _CALENDAR_UNITS
        texts = [f"trino_local_of(({text}).instant, {zone})" if on_clock else f"({text}).instant" for text in texts]
    return Typed(f"date_sub('{unit}', {', '.join(texts)})", BIGINT)


def _date(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    (argument,) = _arguments(arguments, 1, "date", node)
    value = expressions.typed(argument)
    sql = cast_sql(value.sql, value.type, DATE)
    if sql is None:
        raise type_mismatch(node, f"Cannot cast {value.type} to date")
    return Typed(sql, DATE)


def _pattern(node: exp.Expr, of: exp.Expr) -> str:
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise not_supported(of, "the format of a date function must be a literal")
    return node.name


def _local(value: Typed) -> str:
    if value.type.name == "timestamp with time zone":
        return f"trino_local({value.sql})"
    return coerced(value.sql, value.type, TIMESTAMP) if value.type == DATE else value.sql


def _date_format(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    value_node, pattern_node = _arguments(arguments, 2, "date_format", node)
    value = _moment(expressions, value_node, node)
    try:
        pattern = mysql_format(_pattern(pattern_node, node))
    except PatternError as error:
        raise located("INVALID_FUNCTION_ARGUMENT", pattern_node, str(error)) from None
    return Typed(f"strftime({_local(value)}, {literal(pattern)})", VARCHAR)


def _format_datetime(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    value_node, pattern_node = _arguments(arguments, 2, "format_datetime", node)
    value = _moment(expressions, value_node, node)
    zoned = coerced(value.sql, value.type, TIMESTAMP_TZ) if value.type.name != TIMESTAMP_TZ.name else value.sql
    try:
        pieces = joda_pieces(_pattern(pattern_node, node))
    except PatternError as error:
        raise located("INVALID_FUNCTION_ARGUMENT", pattern_node, str(error)) from None
    texts = [piece.sql(_local(value), zoned) for piece in pieces] or ["''"]
    return Typed(f"({' || '.join(texts)})", VARCHAR)


def _date_parse(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    value_node, pattern_node = _arguments(arguments, 2, "date_parse", node)
    value = expressions.typed(value_node)
    if common_type(value.type, VARCHAR) is None:
        raise type_mismatch(value_node, f"date_parse takes a varchar, not {value.type}")
    try:
        pattern = mysql_parse_format(_pattern(pattern_node, node))
    except PatternError as error:
        raise located("INVALID_FUNCTION_ARGUMENT", pattern_node, str(error)) from None
    return Typed(_parsed(value, pattern), TIMESTAMP)


def _parse_datetime(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    value_node, pattern_node = _arguments(arguments, 2, "parse_datetime", node)
    value = expressions.typed(value_node)
    if common_type(value.type, VARCHAR) is None:
        raise type_mismatch(value_node, f"parse_datetime takes a varchar, not {value.type}")
    try:
        pieces = joda_pieces(_pattern(pattern_node, node))
        pattern = "".join(piece.parse_format() for piece in pieces)
    except PatternError as error:
        raise located("INVALID_FUNCTION_ARGUMENT", pattern_node, str(error)) from None
    return Typed(f"trino_zoned({_parsed(value, pattern)}, 'UTC')", TIMESTAMP_TZ)


def _parsed(value: Typed, pattern: str) -> str:
    failure = raised(f"('INVALID_FUNCTION_ARGUMENT: Invalid format: \"' || {value.sql} || '\"')", TIMESTAMP)
    parsed = f"try_strptime({value.sql}, {literal(pattern)})"
    return f"coalesce({parsed}, CASE WHEN {value.sql} IS NOT NULL THEN {failure} END)"


SPECIAL: dict[str, SpecialCall] = {
    "date": _date,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "date_format": _date_format,
    "date_parse": _date_parse,
    "date_trunc": _date_trunc,
    "format_datetime": _format_datetime,
    "parse_datetime": _parse_datetime,
}
