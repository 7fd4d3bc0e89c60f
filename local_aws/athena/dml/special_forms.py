"""Forms with a syntax of their own: IN, LIKE, EXISTS, EXTRACT, TRIM, INTERVAL, subscripts, the current time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import coerced, raised
from local_aws.athena.dml.failures import located, not_supported, syntax_error, type_mismatch
from local_aws.athena.dml.operators import CannotApply, Typed, as_type, comparable
from local_aws.athena.dml.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    INTEGERS,
    INTERVAL_DAY,
    INTERVAL_YEAR,
    JSON,
    TIME,
    TIMESTAMP,
    TIMESTAMP_TZ,
    VARCHAR,
    Type,
    coerces,
    common_type,
    literal,
)

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions


def _call(expressions: Expressions, node: exp.Expr, name: str, *arguments: exp.Expr | None) -> Typed:
    """The function that a form stands for."""
    return expressions.function(name, [argument for argument in arguments if argument is not None], node)


def membership(expressions: Expressions, node: exp.In) -> Typed:
    """Returns `value IN (list or query)`."""
    value = expressions.typed(node.this)
    query = node.args.get("query")
    if query is not None:
        sql, columns = _single_column(expressions, query, node)
        return Typed(_compared_with_query(value, "= ANY", sql, columns), BOOLEAN)
    type_ = value.type
    options = [expressions.typed(option) for option in node.expressions]
    for option, option_node in zip(options, node.expressions, strict=True):
        common = common_type(type_, option.type)
        if common is None:
            raise type_mismatch(
                option_node,
                f"value and result of subquery must be of the same type for IN expression: {value.type} vs {option.type}",
            )
        type_ = common
    shown = [comparable(as_type(item, type_), type_) for item in (value, *options)]
    return Typed(f"({shown[0]} IN ({', '.join(shown[1:])}))", BOOLEAN)


def quantified(expressions: Expressions, node: exp.Binary, operator: str) -> Typed:
    """Returns `value operator ANY|SOME|ALL (query)`."""
    quantifier = node.expression
    query = quantifier.this
    if not isinstance(query, exp.Subquery | exp.Query):
        raise syntax_error(quantifier, "mismatched input. Expecting: <query>")
    sql, type_ = _single_column(expressions, query, node)
    word = "ANY" if isinstance(quantifier, exp.Any) else "ALL"
    return Typed(_compared_with_query(expressions.typed(node.this), f"{operator} {word}", sql, type_), BOOLEAN)


def _compared_with_query(value: Typed, operator: str, sql: str, type_: Type) -> str:
    common = common_type(value.type, type_)
    if common is None:
        raise CannotApply(f"value and result of subquery must be of the same type: {value.type} vs {type_}")
    inner = comparable(coerced('"q"."c"', type_, common), common)
    return f'({comparable(as_type(value, common), common)} {operator} (SELECT {inner} FROM {sql} AS "q"("c")))'


def _single_column(expressions: Expressions, query: exp.Expr, node: exp.Expr) -> tuple[str, Type]:
    relation, columns = expressions.queries.subquery(query, expressions.scope)
    if len(columns) != 1:
        raise located(
            "TYPE_MISMATCH", node, f"Multiple columns returned by subquery are not yet supported. Found {len(columns)}"
        )
    return relation.sql, columns[0].type


def scalar_subquery(expressions: Expressions, node: exp.Subquery) -> Typed:
    """Returns `(query)` as a value."""
    sql, type_ = _single_column(expressions, node, node)
    return Typed(f'(SELECT "q"."c" FROM {sql} AS "q"("c"))', type_)


def exists(expressions: Expressions, node: exp.Exists) -> Typed:
    """Returns EXISTS (query)."""
    relation, _ = expressions.queries.subquery(node.this, expressions.scope)
    return Typed(f"EXISTS (SELECT 1 FROM {relation.sql})", BOOLEAN)


def like(expressions: Expressions, node: exp.Like) -> Typed:
    """Returns `value LIKE pattern`."""
    value, pattern = _texts(expressions, node)
    return Typed(f"({value} {_like_word(node)} {pattern})", BOOLEAN)


def escaped_like(expressions: Expressions, node: exp.Escape) -> Typed:
    """Returns `value LIKE pattern ESCAPE character`."""
    value, pattern = _texts(expressions, node.this)
    escape = node.expression
    if not isinstance(escape, exp.Literal) or len(escape.name) != 1:
        raise located("INVALID_FUNCTION_ARGUMENT", node, "Escape string must be a single character")
    return Typed(f"({value} {_like_word(node.this)} {pattern} ESCAPE {literal(escape.name)})", BOOLEAN)


def _like_word(node: exp.Expr) -> str:
    return "NOT LIKE" if node.args.get("negate") else "LIKE"


def _texts(expressions: Expressions, node: exp.Expr) -> tuple[str, str]:
    value, pattern = expressions.typed(node.this), expressions.typed(node.args["expression"])
    for side, part in ((value, node.this), (pattern, node.args["expression"])):
        if not coerces(side.type, VARCHAR):
            raise type_mismatch(part, f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type})")
    return as_type(value, VARCHAR), as_type(pattern, VARCHAR)


_EXTRACTED = {
    **{part: part for part in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")},
    "day_of_month": "day_of_month",
    "day_of_week": "day_of_week",
    "dow": "day_of_week",
    "dayofweek": "day_of_week",
    "day_of_year": "day_of_year",
    "doy": "day_of_year",
    "dayofyear": "day_of_year",
    "year_of_week": "year_of_week",
    "yow": "year_of_week",
    "timezone_hour": "timezone_hour",
    "timezone_minute": "timezone_minute",
}


def extract(expressions: Expressions, node: exp.Extract) -> Typed:
    """Returns EXTRACT(part FROM value)."""
    name = _EXTRACTED.get(node.this.name.lower())
    if name is None:
        raise syntax_error(node, f"Invalid EXTRACT field: {node.this.name}")
    return _call(expressions, node, name, node.expression)


def substring(expressions: Expressions, node: exp.Substring) -> Typed:
    """Returns a part of a text: SUBSTRING(text FROM start FOR length)."""
    return _call(expressions, node, "substr", node.this, node.args.get("start"), node.args.get("length"))


def trim(expressions: Expressions, node: exp.Trim) -> Typed:
    """Returns TRIM([LEADING|TRAILING|BOTH] [characters FROM] text)."""
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    return _call(expressions, node, name, node.this, node.expression or None)


def position(expressions: Expressions, node: exp.StrPosition) -> Typed:
    """Returns POSITION(part IN text)."""
    return _call(expressions, node, "strpos", node.this, node.args["substr"])


def normalize(expressions: Expressions, node: exp.Normalize) -> Typed:
    """Returns NORMALIZE(text), in NFC."""
    form = node.args.get("form")
    if form and form.name.upper() != "NFC":
        raise not_supported(node, f"normalize with form {form.name} is not supported")
    return _call(expressions, node, "normalize", node.this)


def json_literal(expressions: Expressions, node: exp.ParseJSON) -> Typed:
    """Returns JSON '…'."""
    return Typed(f"json({literal(node.this.name)})", JSON, constant=True)


_UNITS = {
    "SECOND": ("to_microseconds", 1_000_000, INTERVAL_DAY),
    "MINUTE": ("to_microseconds", 60_000_000, INTERVAL_DAY),
    "HOUR": ("to_microseconds", 3_600_000_000, INTERVAL_DAY),
    "DAY": ("to_microseconds", 86_400_000_000, INTERVAL_DAY),
    "WEEK": ("to_microseconds", 604_800_000_000, INTERVAL_DAY),
    "MONTH": ("to_months", 1, INTERVAL_YEAR),
    "YEAR": ("to_months", 12, INTERVAL_YEAR),
}


def interval(node: exp.Interval) -> Typed:
    """Returns INTERVAL '…' unit and INTERVAL '1 02:03:04' DAY TO SECOND."""
    unit, text = node.args.get("unit"), node.this.name.strip() if node.this is not None else ""
    if isinstance(unit, exp.IntervalSpan):
        return _interval_span(node, unit, text)
    name = unit.name.upper() if unit is not None else ""
    if name not in _UNITS or not re.fullmatch(r"[+-]?\d+(\.\d{1,3})?", text) or ("." in text and name != "SECOND"):
        raise located("INVALID_LITERAL", node, f"'{text}' is not a valid INTERVAL literal")
    function, factor, type_ = _UNITS[name]
    amount = round(float(text) * factor) if "." in text else int(text) * factor
    return Typed(f"{function}({amount})", type_)


def _interval_span(node: exp.Interval, unit: exp.IntervalSpan, text: str) -> Typed:
    first, last = unit.this.name.upper(), unit.expression.name.upper()
    match = re.fullmatch(r"(-?)(\d+)-(\d+)", text) if (first, last) == ("YEAR", "MONTH") else None
    if match:
        months = int(match[2]) * 12 + int(match[3])
        return Typed(f"to_months({-months if match[1] else months})", INTERVAL_YEAR)
    units = ["DAY", "HOUR", "MINUTE", "SECOND"]
    if first in units and last in units:
        names = units[units.index(first) : units.index(last) + 1]
        numbers = re.fullmatch(r"(-?)" + r"[ :]".join(r"(\d+(?:\.\d{1,3})?)" for _ in names), text)
        if numbers:
            parts = zip(names, numbers.groups()[1:], strict=True)
            micros = round(sum(float(number) * _UNITS[name][1] for name, number in parts))
            return Typed(f"to_microseconds({-micros if numbers[1] else micros})", INTERVAL_DAY)
    raise located("INVALID_LITERAL", node, f"'{text}' is not a valid INTERVAL literal")


def literal_precision(text: str, target: Type) -> Type:
    """Returns the type of TIMESTAMP '…' and TIME '…': as many digits as the text has."""
    fraction = re.search(r":\d{2}\.(\d+)", text)
    return Type(target.name, numbers=(len(fraction[1]) if fraction else 0,))


def subscript(value: Typed, index: Typed) -> Typed:
    """Returns value[index] of an array, a map or a row. Raises: CannotApply."""
    if value.type.name == "array" and index.type.name in INTEGERS:
        return Typed(_element(value, as_type(index, BIGINT)), value.type.args[0])
    if value.type.name == "map" and common_type(index.type, value.type.args[0]) == value.type.args[0]:
        key = as_type(index, value.type.args[0])
        failure = raised(
            f"('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST({key} AS VARCHAR))", value.type.args[1]
        )
        found = f"map_extract_value({value.sql}, {key})"
        present = f"map_contains({value.sql}, {key})"
        return Typed(f"(CASE WHEN NOT {present} THEN {failure} ELSE {found} END)", value.type.args[1])
    if (
        value.type.name == "row"
        and index.constant
        and index.sql.isdigit()
        and 0 < int(index.sql) <= len(value.type.args)
    ):
        place = int(index.sql) - 1
        name = literal(value.type.field_names[place])
        return Typed(f"struct_extract({value.sql}, {name})", value.type.args[place])
    raise CannotApply(f"Cannot use {index.type} for subscript of {value.type}")


def _element(value: Typed, index: str) -> str:
    def failure(message: str) -> str:
        return raised(f"('INVALID_FUNCTION_ARGUMENT: {message}')", value.type.args[0])

    return (
        f"(CASE WHEN {index} > len({value.sql}) THEN "
        + failure(
            f"Array subscript must be less than or equal to array length: ' || {index} || ' > ' || len({value.sql}) || '"
        )
        + f" WHEN {index} < 0 THEN {failure('Array subscript is negative')}"
        f" WHEN {index} = 0 THEN {failure('SQL array indices start at 1')}"
        f" ELSE list_extract({value.sql}, {index}) END)"
    )


_CURRENT: dict[type[exp.Expr], tuple[str, Type]] = {
    exp.CurrentDate: ("CAST(trino_now() AS DATE)", DATE),
    exp.CurrentTimestamp: ("trino_zoned(trino_now(), 'UTC')", TIMESTAMP_TZ),
    exp.Localtimestamp: ("trino_now()", TIMESTAMP),
    exp.Localtime: ("CAST(trino_now() AS TIME)", TIME),
}


def current(node: exp.Expr) -> Typed:
    """Returns current_date, current_timestamp, localtimestamp, localtime: the statement's start, in UTC."""
    found = _CURRENT.get(type(node))
    if found is None:
        raise not_supported(node, f"{type(node).__name__} is not supported")
    digits = node.this
    if digits is not None and digits.name != "3":
        raise not_supported(node, f"{type(node).__name__} with precision {digits.name} is not supported")
    return Typed(*found)


def row(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """Returns ROW(value, …)."""
    return expressions.row([expressions.typed(argument) for argument in arguments])


def grouping(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """Returns GROUPING(column, …): a bit for each column, set where it is not grouped by."""
    expressions.scope.has_aggregates = True
    values = [expressions.typed(argument).sql for argument in arguments]
    return Typed(f"CAST(GROUPING({', '.join(values)}) AS INTEGER)", INTEGER)


FORMS = {"row": row, "grouping": grouping}
"""Forms that are written as calls, by lower-case name."""
