"""Trino's operators on typed values: which types they take, what they return, how DuckDB computes them."""

from __future__ import annotations

from dataclasses import dataclass

from local_aws.athena.dml.casts import coerced, once_if_long, raised, text_of
from local_aws.athena.dml.types import (
    DATE,
    INTEGERS,
    INTERVAL_DAY,
    INTERVAL_YEAR,
    NUMERICS,
    UNKNOWN,
    VARCHAR,
    Type,
    array_of,
    as_decimal,
    common_type,
    decimal_of,
    trino_to_duckdb,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A translated expression: DuckDB's text, in parentheses where it needs them, and Trino's type."""

    sql: str
    type: Type
    constant: bool = False
    """Whether it is a literal."""


class CannotApply(Exception):
    """The types do not fit the operator. The message is Trino's."""


ZONED = "timestamp with time zone"
_DATE_TIMES = ("date", "timestamp", ZONED)
_INTERVALS = (INTERVAL_DAY.name, INTERVAL_YEAR.name)


def as_type(value: Typed, target: Type) -> str:
    """Returns a value's text as the type it coerces to."""
    return coerced(value.sql, value.type, target)


def comparable(value: str, type_: Type) -> str:
    """Returns what DuckDB compares for a value: the instant of a time with zone."""
    return f"({value}).instant" if type_.name == ZONED else value


def compare(operator: str, left: Typed, right: Typed, *, shown: str | None = None) -> str:
    """Returns `left operator right` (=, <>, <, <=, >, >=, IS [NOT] DISTINCT FROM).

    Raises: CannotApply, with `shown` as the operator's name.
    """
    common = common_type(left.type, right.type)
    if common is None:
        raise CannotApply(f"Cannot apply operator: {left.type} {shown or operator} {right.type}")
    if common.name in ("map", "json") and operator not in ("=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"):
        raise CannotApply(f"Cannot apply operator: {left.type} {shown or operator} {right.type}")
    one, other = (comparable(as_type(value, common), common) for value in (left, right))
    return f"({one} {operator} {other})"


def concatenated(left: Typed, right: Typed) -> Typed:
    """Returns `left || right` of texts, binaries or arrays. Raises: CannotApply."""
    names = {left.type.name, right.type.name}
    if names <= {"varchar", "char", "unknown"}:
        return Typed(f"({as_type(left, VARCHAR)} || {as_type(right, VARCHAR)})", VARCHAR)
    if names == {"varbinary"}:
        return Typed(f"({left.sql} || {right.sql})", left.type)
    if "array" in names:
        arrays = [value if value.type.name == "array" else _as_array(value) for value in (left, right)]
        common = common_type(arrays[0].type, arrays[1].type)
        if common is not None:
            one, other = (as_type(value, common) for value in arrays)
            strict = f"CASE WHEN {one} IS NOT NULL AND {other} IS NOT NULL THEN list_concat({one}, {other}) END"
            return Typed(f"({strict})", common)
    raise CannotApply(f"Unexpected parameters ({left.type}, {right.type}) for function concat")


def _as_array(value: Typed) -> Typed:
    return Typed(f"list_value({value.sql})", array_of(value.type))


def arithmetic(operator: str, left: Typed, right: Typed) -> Typed:
    """Returns `left operator right` (+ - * / %). Raises: CannotApply."""
    if left.type == UNKNOWN and right.type == UNKNOWN:
        return Typed("CAST(NULL AS INTEGER)", Type("integer"))
    if left.type == UNKNOWN:
        left = Typed(f"CAST(NULL AS {trino_to_duckdb(right.type)})", right.type)
    if right.type == UNKNOWN:
        right = Typed(f"CAST(NULL AS {trino_to_duckdb(left.type)})", left.type)
    if left.type.name in NUMERICS and right.type.name in NUMERICS:
        return _numeric(operator, left, right)
    result = _with_time(operator, left, right)
    if result is None:
        raise CannotApply(f"Cannot apply operator: {left.type} {operator} {right.type}")
    return result


def _numeric(operator: str, left: Typed, right: Typed) -> Typed:
    common = common_type(left.type, right.type)
    assert common is not None, "numeric types have a common type"
    if common.name == "decimal":
        return _decimal(operator, left, right)
    one, other = as_type(left, common), as_type(right, common)
    if operator in ("/", "%") and common.name in INTEGERS:
        if right.constant and right.sql.strip("()-0"):
            return Typed(f"({one} {'//' if operator == '/' else '%'} {other})", common)
        return Typed(_checked_division("//" if operator == "/" else "%", one, other, common), common)
    if operator == "%":
        return Typed(f"fmod({one}, {other})", common)
    return Typed(f"({one} {operator} {other})", common)


def _checked_division(operator: str, one: str, other: str, type_: Type) -> str:
    failure = raised("'DIVISION_BY_ZERO: Division by zero'", type_)
    by_zero = f"WHEN {one} IS NOT NULL AND {other} = 0 THEN {failure}"
    return f"(CASE WHEN {other} <> 0 THEN {one} {operator} {other} {by_zero} END)"


def _decimal(operator: str, left: Typed, right: Typed) -> Typed:
    """Trino's rules for the precision and scale of decimal results."""
    (p1, s1), (p2, s2) = as_decimal(left.type).numbers, as_decimal(right.type).numbers
    one, other = as_type(left, as_decimal(left.type)), as_type(right, as_decimal(right.type))
    if operator in ("+", "-"):
        scale = max(s1, s2)
        result = decimal_of(max(p1 - s1, p2 - s2) + scale + 1, scale)
    elif operator == "*":
        if s1 + s2 > 38:
            raise CannotApply(f"Cannot apply operator: {left.type} * {right.type}")
        result = decimal_of(p1 + p2, s1 + s2)
    elif operator == "/":
        scale = max(s1, s2)
        result = decimal_of(p1 + s2 + max(s2 - s1, 0), scale)
    else:
        scale = max(s1, s2)
        result = decimal_of(min(p2 - s2, p1 - s1) + scale, scale)
    wanted = trino_to_duckdb(result)
    if operator in ("+", "-"):
        return Typed(f"(CAST({one} AS {wanted}) {operator} CAST({other} AS {wanted}))", result)
    if operator == "*":
        return Typed(f"CAST({one} * {other} AS {wanted})", result)
    # Both as whole numbers of the result's scale; the quotient is rounded half up, as Trino does.
    shift = result.numbers[1]
    numbers = [f"trino_unscaled({value}, {shift})" for value in (one, other)]
    failure = raised("'DIVISION_BY_ZERO: Division by zero'", result)
    computed = (
        f"trino_decimal_quotient({numbers[0]}, {numbers[1]}, {shift})"
        if operator == "/"
        else f"{numbers[0]} % {numbers[1]}"
    )
    scaled = f"trino_scaled({computed}, {shift})"
    return Typed(
        f"(CASE WHEN {other} <> 0 THEN CAST({scaled} AS {wanted}) "
        f"WHEN {one} IS NOT NULL AND {other} = 0 THEN {failure} END)",
        result,
    )


def _with_time(operator: str, left: Typed, right: Typed) -> Typed | None:
    """Operators on dates, times and intervals."""
    one, other = left.type.name, right.type.name
    if operator == "+" and one in _INTERVALS and other in (*_DATE_TIMES, "time"):
        return _with_time("+", right, left)
    if operator in "+-" and other in _INTERVALS:
        if one == other:
            return Typed(f"({left.sql} {operator} {right.sql})", left.type)
        if one == "date":
            return Typed(f"CAST({left.sql} {operator} {right.sql} AS DATE)", DATE)
        if one in ("timestamp", "time"):
            return Typed(f"({left.sql} {operator} {right.sql})", left.type)
        if one == ZONED and other == INTERVAL_DAY.name:
            moved = f"({left.sql}).instant {operator} {right.sql}"
            return Typed(f"struct_pack(instant := {moved}, zone := ({left.sql}).zone)", left.type)
        if one == ZONED:
            moved = once_if_long(
                {"trino_mz": left.sql, "trino_mi": right.sql},
                f"trino_zoned(trino_local(trino_mz) {operator} trino_mi, (trino_mz).zone)",
            )
            return Typed(moved, left.type)
    if operator == "-" and one in _DATE_TIMES and other in _DATE_TIMES:
        common = common_type(left.type, right.type)
        assert common is not None, "dates and times have a common type"
        values = [comparable(as_type(value, common), common) for value in (left, right)]
        return Typed(f"(CAST({values[0]} AS TIMESTAMP) - CAST({values[1]} AS TIMESTAMP))", INTERVAL_DAY)
    if operator in "*/" and one in _INTERVALS and other in NUMERICS:
        if one == INTERVAL_YEAR.name:
            months = f"datepart('year', {left.sql}) * 12 + datepart('month', {left.sql})"
            return Typed(f"to_months(CAST(trunc(({months}) {operator} {right.sql}) AS INTEGER))", left.type)
        micros = f"trino_interval_millis({left.sql}) {operator} {as_type(right, Type('double'))}"
        return Typed(f"to_milliseconds(round({micros}))", left.type)
    if operator == "*" and other in _INTERVALS and one in NUMERICS:
        return _with_time("*", right, left)
    return None


def negated(value: Typed) -> Typed:
    """Returns `- value`. Raises: CannotApply."""
    if value.type.name not in (*NUMERICS, *_INTERVALS, "unknown"):
        raise CannotApply(f"Cannot negate {value.type}")
    return Typed(f"(- {value.sql})", value.type, value.constant)


def at_time_zone(value: Typed, zone: Typed) -> Typed:
    """Returns `value AT TIME ZONE zone`. Raises: CannotApply."""
    if value.type.name not in ("timestamp", ZONED) or zone.type.name not in ("varchar", "unknown"):
        raise CannotApply(f"Type of value must be a time or timestamp with or without time zone (actual {value.type})")
    zoned = Type(ZONED, numbers=value.type.numbers)
    return Typed(f"struct_pack(instant := ({as_type(value, zoned)}).instant, zone := trino_zone({zone.sql}))", zoned)


def as_text(value: Typed) -> str:
    """Returns a scalar as CAST(… AS varchar)."""
    return value.sql if value.type.name in ("varchar", "char") else text_of(value.sql, value.type)
