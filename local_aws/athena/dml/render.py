"""Values as text: what Athena's result files and GetQueryResults show of each type."""

from __future__ import annotations

from collections.abc import Sequence

from local_aws.athena.dml.casts import rounded, text_of
from local_aws.athena.dml.relations import OutputColumn
from local_aws.athena.dml.types import Type, literal, quoted
from local_aws.athena.model import ResultColumn

_ATHENA_NAMES = {"real": "float"}
_MILLISECONDS = ("timestamp", "timestamp with time zone", "time")

_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varchar": 2147483647,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
}


def rendered_columns(columns: Sequence[OutputColumn]) -> tuple[list[ResultColumn], list[str], list[str]]:
    """Returns a result's columns as Athena describes them, DuckDB expressions for their values' text, and the names
    the expressions know the query's columns by.
    """
    names = [f"c{place}" for place in range(len(columns))]
    texts = [text_sql(quoted(name), column.type) for name, column in zip(names, columns, strict=True)]
    return [_result_column(column) for column in columns], texts, names


def _result_column(column: OutputColumn) -> ResultColumn:
    type_ = column.type
    precision, scale = _PRECISIONS.get(type_.name, 0), 0
    if type_.name == "decimal":
        precision, scale = type_.numbers
    elif type_.name in ("varchar", "char") and type_.numbers:
        precision = type_.numbers[0]
    return ResultColumn(
        column.name,
        _ATHENA_NAMES.get(type_.name, type_.name),
        precision,
        scale,
        case_sensitive=type_.name in ("varchar", "char"),
    )


def text_sql(sql: str, type_: Type, depth: int = 0) -> str:
    """Returns a DuckDB expression for the text of a value; NULL stays NULL."""
    if type_.name == "array":
        element = _inside(f"e{depth}", type_.args[0], depth)
        texts = f"list_transform({sql}, lambda e{depth}: {element})"
        return f"('[' || array_to_string({texts}, ', ') || ']')"
    if type_.name == "map":
        key = _inside(f"e{depth}.key", type_.args[0], depth)
        value = _inside(f"e{depth}.value", type_.args[1], depth)
        texts = f"list_transform(map_entries({sql}), lambda e{depth}: {key} || '=' || {value})"
        return f"(CASE WHEN {sql} IS NOT NULL THEN '{{' || array_to_string({texts}, ', ') || '}}' END)"
    if type_.name == "row":
        fields = [
            f"'{name.replace(chr(39), chr(39) * 2)}=' || "
            + _inside(f"struct_extract({sql}, {literal(name)})", arg, depth)
            for name, arg in zip(type_.field_names, type_.args, strict=True)
        ]
        joined = " || ', ' || ".join(fields)
        return f"(CASE WHEN {sql} IS NOT NULL THEN '{{' || {joined} || '}}' END)"
    if type_.name == "varbinary":
        return f"lower(trim(regexp_replace(hex({sql}), '(..)', '\\1 ', 'g')))"
    if type_.name == "interval day to second":
        return _day_interval(sql)
    if type_.name == "interval year to month":
        months = f"(datepart('year', {sql}) * 12 + datepart('month', {sql}))"
        sign = f"CASE WHEN {months} < 0 THEN '-' ELSE '' END"
        return f"({sign} || (abs({months}) // 12) || '-' || (abs({months}) % 12))"
    if type_.name in _MILLISECONDS and type_.numbers != (3,):
        # Athena's results have milliseconds, whatever the precision of the type.
        milliseconds = Type(type_.name, numbers=(3,))
        return text_of(rounded(sql, type_, milliseconds), milliseconds)
    return text_of(sql, type_)


def _inside(sql: str, type_: Type, depth: int) -> str:
    return f"coalesce({text_sql(sql, type_, depth + 1)}, 'null')"


def _day_interval(sql: str) -> str:
    millis = f"trino_interval_millis({sql})"
    parts = (
        f"(abs({millis}) // 86400000)",
        "' '",
        f"lpad(CAST(abs({millis}) // 3600000 % 24 AS VARCHAR), 2, '0')",
        "':'",
        f"lpad(CAST(abs({millis}) // 60000 % 60 AS VARCHAR), 2, '0')",
        "':'",
        f"lpad(CAST(abs({millis}) // 1000 % 60 AS VARCHAR), 2, '0')",
        "'.'",
        f"lpad(CAST(abs({millis}) % 1000 AS VARCHAR), 3, '0')",
    )
    return f"(CASE WHEN {millis} < 0 THEN '-' ELSE '' END || {' || '.join(parts)})"
