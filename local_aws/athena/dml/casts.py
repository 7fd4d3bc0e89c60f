"""Casts and implicit coercions, as Trino makes them.

A cast that fails on a value fails in DuckDB as the cast of a text that is the error itself
(`CAST('DIVISION_BY_ZERO: …' AS BIGINT)`): unlike DuckDB's error() it is no volatile function, so that TRY works
on it. `runtime.py` reads the text back from DuckDB's error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from local_aws.athena.dml.types import (
    INTEGERS,
    NUMERICS,
    VARCHAR,
    Type,
    literal,
    quoted,
    trino_to_duckdb,
)

_LONG = 300
"""Characters of a value that is not written out several times."""


def raised(message: str, type_: Type) -> str:
    """Returns an expression of a type that fails with a message when it is evaluated; `message` is SQL."""
    return f"CAST(CAST({message} AS BIGINT) AS {trino_to_duckdb(type_)})"


def once(name: str, value: str, body: str) -> str:
    """Returns an expression in which a value has a name, so that it is computed once.

    DuckDB replaces a macro's parameter by its argument wherever it stands: macros of macros that use it several times
    would grow beyond measure. The name must not be another macro's.
    """
    return f"list_extract(list_transform(list_value({value}), lambda {name}: {body}), 1)"


def once_each(values: Mapping[str, str], body: str) -> str:
    """As `once` for several values. No value stands inside a lambda, where DuckDB takes no aggregates."""
    name = "_".join(values)
    fields = ", ".join(f"{field} := {value}" for field, value in values.items())
    return once(name, f"struct_pack({fields})", re.sub(rf"\b({'|'.join(values)})\b", rf"({name}).\1", body))


def once_if_long(values: Mapping[str, str], body: str) -> str:
    """As `once_each` for long values; short ones are written out, which lets DuckDB compute with constants in them."""
    if sum(map(len, values.values())) > _LONG:
        return once_each(values, body)
    return re.sub(rf"\b({'|'.join(values)})\b", lambda name: f"({values[name[0]]})", body)


def coerced(sql: str, source: Type, target: Type) -> str:
    """Returns an expression as a value of a type it coerces to."""
    if source == target or (source.name in ("varchar", "char") and target.name in ("varchar", "char")):
        return sql
    cast = cast_sql(sql, source, target)
    if cast is None:
        raise ValueError(f"{source} does not coerce to {target}")
    return cast


def cast_sql(sql: str, source: Type, target: Type) -> str | None:
    """Returns CAST(sql AS target), or None if Trino has no such cast."""
    if source == target and source.name != "row":
        return sql
    wanted = trino_to_duckdb(target)
    if source.name == "unknown":
        return f"CAST(NULL AS {wanted})"
    if target.name == "json":
        return None if source.name in ("varbinary", "ipaddress", "ipprefix") else _to_json(sql, source)
    if source.name == "json":
        return _from_json(sql, target)
    if source.name in ("array", "map", "row") or target.name in ("array", "map", "row"):
        return _nested(sql, source, target)
    if target.name in ("varchar", "char"):
        return _to_text(sql, source, target)
    if source.name in ("varchar", "char"):
        return _from_text(sql, target)
    if source.name in NUMERICS:
        return _from_number(sql, source, target)
    if source.name == "boolean":
        return f"CAST({sql} AS {wanted})" if target.name in NUMERICS else None
    if source.name == "interval day to second" or source.name == "interval year to month":
        return None
    if {source.name, target.name} <= {"ipaddress", "ipprefix"}:
        return f"trino_ip_{target.name}({sql})"
    return _time(sql, source, target)


def _time(sql: str, source: Type, target: Type) -> str | None:
    zoned, plain = "timestamp with time zone", ("date", "timestamp")
    if source.name == target.name:
        return rounded(sql, source, target)
    if source.name in plain and target.name in plain:
        return f"CAST({sql} AS {trino_to_duckdb(target)})"
    if source.name in plain and target.name == zoned:
        return f"trino_zoned(CAST({sql} AS TIMESTAMP), 'UTC')"
    if source.name == zoned and target.name in (*plain, "time"):
        return f"CAST(trino_local({sql}) AS {trino_to_duckdb(target)})"
    if source.name == "timestamp" and target.name == "time":
        return f"CAST({sql} AS TIME)"
    if {source.name, target.name} == {"varbinary"}:
        return sql
    return None


def rounded(sql: str, source: Type, target: Type) -> str:
    """Returns a time value rounded from its precision to a lower one."""
    digits = min(target.numbers[0], 6) if target.numbers else 6
    if not source.numbers or digits >= source.numbers[0]:
        return sql
    if target.name == "timestamp with time zone":
        return f"struct_pack(instant := trino_rounded(({sql}).instant, {10 ** (6 - digits)}), zone := ({sql}).zone)"
    if target.name == "timestamp":
        return f"trino_rounded({sql}, {10 ** (6 - digits)})"
    return f"CAST(trino_rounded(DATE '1970-01-01' + {sql}, {10 ** (6 - digits)}) AS TIME)"


_INTEGER_NAMES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}


def _from_number(sql: str, source: Type, target: Type) -> str | None:
    wanted = trino_to_duckdb(target)
    if target.name == "boolean":
        return f"({sql} <> 0)"
    if target.name not in NUMERICS:
        return None
    if target.name in INTEGERS and source.name in ("real", "double"):
        return f"CAST(round({sql}) AS {wanted})"
    if target.name == "decimal" and source.name in ("real", "double"):
        return f"CAST(round(CAST({sql} AS DOUBLE), {target.numbers[1]}) AS {wanted})"
    return f"CAST({sql} AS {wanted})"


def _to_text(sql: str, source: Type, target: Type) -> str | None:
    if source.name in ("varchar", "char"):
        text = sql
    elif source.name in ("varbinary", "interval day to second", "interval year to month", "hyperloglog"):
        return None
    elif source.name in ("real", "double"):
        text = f"trino_scientific_text({sql})"
    else:
        text = text_of(sql, source)
    return f"left({text}, {target.numbers[0]})" if target.numbers and target.numbers != source.numbers else text


def text_of(sql: str, source: Type) -> str:
    """Returns a scalar value as text, as results show it; CAST(… AS varchar) writes doubles otherwise."""
    if source.name == "double":
        return f"trino_double_text({sql})"
    if source.name == "real":
        return f"trino_real_text({sql})"
    if source.name == "decimal" and source.numbers[0] == source.numbers[1]:
        # DuckDB writes a decimal without digits before its point as `.05`.
        return f"regexp_replace(CAST({sql} AS VARCHAR), '^(-?)[.]', '\\10.')"
    if source.name == "timestamp":
        return timestamp_text(sql, source.numbers[0])
    if source.name == "timestamp with time zone":
        local = timestamp_text(f"trino_local({sql})", source.numbers[0])
        return f"({local} || ' ' || ({sql}).zone)"
    if source.name == "time":
        return time_text(sql, source.numbers[0])
    if source.name in ("ipaddress", "ipprefix"):
        return f"trino_{source.name}_text({sql})"
    return f"CAST({sql} AS VARCHAR)"


def timestamp_text(sql: str, digits: int) -> str:
    """Returns a timestamp as Trino writes it: `2026-11-10 00:00:00.000` with a precision of 3."""
    if digits == 0:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S')"
    if digits == 3:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    zeros = f" || '{'0' * (digits - 6)}'" if digits > 6 else ""
    return f"(left(strftime({sql}, '%Y-%m-%d %H:%M:%S.%f'), {20 + min(digits, 6)}){zeros})"


def time_text(sql: str, digits: int) -> str:
    """Returns a time of day as Trino writes it: `10:30:00.000` with a precision of 3."""
    end = 8 if digits == 0 else 9 + min(digits, 6)
    return f"left(strftime(DATE '1970-01-01' + {sql}, '%H:%M:%S.%f'), {end})"


_PATTERNS = {
    "date": r"\s*[+-]?\d{4,}-\d{1,2}-\d{1,2}\s*",
    "timestamp": r"\s*\d{4,}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,12})?)?)?\s*",
    "time": r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,12})?)?",
    "real": r"\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*",
    "double": r"\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*",
    "decimal": r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*",
    **dict.fromkeys(INTEGERS, r"[+-]?\d+"),
}
"""The texts Trino casts to a type. DuckDB accepts more (`1.5` as integer, `2026/11/10` as date)."""

_WORDS = {
    "date": "Value cannot be cast to date: ' || {0} || '",
    "timestamp": "Value cannot be cast to timestamp: ' || {0} || '",
    "timestamp with time zone": "Value cannot be cast to timestamp with time zone: ' || {0} || '",
    "time": "Value cannot be cast to time: ' || {0} || '",
    "ipaddress": "Cannot cast value to IPADDRESS: ' || {0} || '",
    "ipprefix": "Cannot cast value to IPPREFIX: ' || {0} || '",
}


def _from_text(sql: str, target: Type) -> str | None:
    wanted = trino_to_duckdb(target)
    name = target.name
    if name == "varbinary":
        return f"encode({sql})"
    shown = _INTEGER_NAMES.get(name, name.upper())
    if name == "decimal":
        shown = f"DECIMAL({target.numbers[0]}, {target.numbers[1]})"
    words = _WORDS.get(name, "Cannot cast ''' || {0} || ''' to " + shown).format(sql)
    failure = raised(f"('INVALID_CAST_ARGUMENT: {words}')", target)
    if name == "boolean":
        return (
            f"(CASE lower({sql}) WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true WHEN 'false' THEN false "
            f"WHEN 'f' THEN false WHEN '0' THEN false ELSE CASE WHEN {sql} IS NOT NULL THEN {failure} END END)"
        )
    if name in ("ipaddress", "ipprefix", "timestamp with time zone"):
        parse = {"ipaddress": "trino_parse_ip", "ipprefix": "trino_parse_prefix"}.get(name, "trino_parse_zoned")
        return f"COALESCE({parse}({sql}), CASE WHEN {sql} IS NOT NULL THEN {failure} END)"
    if name not in _PATTERNS:
        return None
    return (
        f"(CASE WHEN regexp_full_match({sql}, {literal(_PATTERNS[name])}) THEN CAST({sql} AS {wanted}) "
        f"WHEN {sql} IS NOT NULL THEN {failure} END)"
    )


def _nested(sql: str, source: Type, target: Type) -> str | None:
    if source.name != target.name or len(source.args) != len(target.args):
        return None
    if source.args == target.args and source.field_names == target.field_names:
        return sql
    if source.name == "array":
        element = cast_sql("e", source.args[0], target.args[0])
        return element and f"list_transform({sql}, lambda e: {element})"
    if source.name == "map":
        key, value = (
            cast_sql(f"e.{part}", *pair)
            for part, pair in zip(("key", "value"), zip(source.args, target.args, strict=True), strict=True)
        )
        if key is None or value is None:
            return None
        return _map_of_entries(sql, key, value)
    fields: list[str] = []
    for place, name in enumerate(target.field_names):
        value = cast_sql(
            f"struct_extract({sql}, {literal(source.field_names[place])})", source.args[place], target.args[place]
        )
        if value is None:
            return None
        fields.append(f"{quoted(name)} := {value}")
    return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(fields)}) END)"


def _map_of_entries(sql: str, key: str, value: str) -> str:
    """A map with each entry `e` of another made anew."""
    entries = f"list_transform(map_entries({sql}), lambda e: struct_pack(key := {key}, value := {value}))"
    return f"map_from_entries({entries})"


def _to_json(sql: str, source: Type) -> str | None:
    value = _json_ready(sql, source)
    return value and f"to_json({value})"


def _json_ready(sql: str, source: Type) -> str | None:
    """The value as DuckDB's to_json shows it the way Trino does: times as text, rows as lists."""
    if source.name == "array":
        element = _json_ready("e", source.args[0])
        return sql if element == "e" else element and f"list_transform({sql}, lambda e: {element})"
    if source.name == "map":
        value = _json_ready("e.value", source.args[1])
        if source.args[0].name not in ("varchar", "boolean", *NUMERICS) or value is None:
            return None
        key = text_of("e.key", source.args[0]) if source.args[0] != VARCHAR else "e.key"
        return _map_of_entries(sql, key, f"to_json({value})")
    if source.name == "row":
        fields = []
        for name, arg in zip(source.field_names, source.args, strict=True):
            value = _json_ready(f"struct_extract({sql}, {literal(name)})", arg)
            if value is None:
                return None
            fields.append(f"{quoted(name)} := {value}")
        return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(fields)}) END)"
    if source.name in ("date", "timestamp", "timestamp with time zone", "time"):
        return text_of(sql, source)
    if source.name in ("varchar", "char", "boolean", "json", *NUMERICS):
        return sql
    return None


def _from_json(sql: str, target: Type) -> str | None:
    wanted = trino_to_duckdb(target)
    if target.name in ("varchar", "char", "boolean", *NUMERICS):
        text = f"json_extract_string({sql}, '$')"
        fits = {"varchar": "VARCHAR,BOOLEAN,DOUBLE,BIGINT,UBIGINT,HUGEINT,NULL"}.get(target.name)
        shown = literal(f"INVALID_CAST_ARGUMENT: Cannot cast to {target}. Expected a scalar, but got a JSON container")
        if fits:
            return f"(CASE WHEN json_type({sql}) IN ('ARRAY', 'OBJECT') THEN {raised(shown, target)} ELSE {text} END)"
        return _from_text(text, target)
    if target.name in ("array", "map", "row"):
        return f"CAST({sql} AS {wanted})" if _plain(target) else None
    return None


def _plain(target: Type) -> bool:
    return all(
        _plain(arg) if arg.args else arg.name in ("varchar", "boolean", "double", "bigint", "integer", "json")
        for arg in target.args
    )
