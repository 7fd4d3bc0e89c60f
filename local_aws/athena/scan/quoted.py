"""OpenCSVSerDe: one record a line, fields that may stand in quotes (opencsv's CSVParser, line by line).

Columns are strings unless the table says otherwise; a field that its type cannot read fails the query, as on
Athena, a date is a count of days and a timestamp one of milliseconds since 1970
(https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html).
"""

from __future__ import annotations

from collections.abc import Sequence

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import INTEGERS, literal, quoted, trino_to_duckdb
from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.conversions import column_type, is_text, missing_column_sql
from local_aws.athena.scan.storage import Storage


def quoted_sql(storage: Storage, wanted: Sequence[Column], lines: str) -> str:
    """SELECT of the wanted columns and file_index over a relation of lines."""
    separator = storage.parameter("separatorChar", default=",") or ","
    quote = storage.parameter("quoteChar", default='"') or '"'
    escape = storage.parameter("escapeChar", default="\\") or "\\"
    positions = {column.name: number for number, column in enumerate(storage.columns, start=1)}
    values = [_column_sql(column, positions.get(column.name), quote[0], escape[0]) for column in wanted]
    fields = _fields_sql(separator[0], quote[0], escape[0])
    source = f"(SELECT {fields} AS fields, file_index FROM {lines})" if values else lines
    return f"SELECT {''.join(value + ', ' for value in values)}file_index FROM {source}"


def _in_class(character: str) -> str:
    return "\\" + character if character in "\\]^-[" else character


def _fields_sql(separator: str, quote: str, escape: str) -> str:
    """The line's fields as they are written: only lines with quotes or escapes need the regular expression."""
    s, q, e = _in_class(separator), _in_class(quote), _in_class(escape)
    inside = f"(?:[{e}].|[{q}][{q}]|[^{q}{e}])*"
    pattern = f"((?:[{q}]{inside}(?:[{q}]|$)|[{e}]|[^{s}{q}{e}])*)(?:[{s}]|$)".replace("'", "''")
    plain = f"NOT contains(line, {literal(quote)}) AND NOT contains(line, {literal(escape)})"
    found = f"regexp_extract_all(line, '{pattern}', 1, 's')"
    # The pattern also finds the empty text behind a last field that no separator ends.
    whole = f"CASE WHEN ends_with(line, {literal(separator)}) THEN {found} ELSE list_slice({found}, 1, -2) END"
    return f"CASE WHEN {plain} THEN string_split(line, {literal(separator)}) ELSE {whole} END"


def _column_sql(column: Column, position: int | None, quote: str, escape: str) -> str:
    if position is None:
        return missing_column_sql(column)
    value = _value_sql(_bare_sql(f"fields[{position}]", quote, escape), column, position)
    return f"{value} AS {quoted(column.name)}"


def _bare_sql(field: str, quote: str, escape: str) -> str:
    """A field without its quotes; a doubled quote or an escaped character inside stands for itself."""
    q, e = _in_class(quote), _in_class(escape)
    inner = f"CASE WHEN starts_with({field}, {literal(quote)}) THEN {field}[2:] ELSE {field} END"
    inner = f"regexp_replace({inner}, '([^{q}{e}]|^|[{e}].|[{q}][{q}])[{q}]$', '\\1', 's')".replace("'''", "''''")
    pieces = f"regexp_extract_all({inner}, '[{e}][{q}{e}]|[{q}][{q}]|[{q}]|[{e}]|[^{q}{e}]+', 0, 's')"
    kept = f"list_transform({pieces}, lambda piece: {_piece_sql(quote, escape)})"
    plain = f"NOT contains({field}, {literal(quote)}) AND NOT contains({field}, {literal(escape)})"
    return f"CASE WHEN {plain} THEN {field} ELSE array_to_string({kept}, '') END"


def _piece_sql(quote: str, escape: str) -> str:
    pairs = (escape + quote, escape + escape, quote + quote)
    single = (quote, escape)
    return (
        f"CASE WHEN piece IN ({', '.join(map(literal, pairs))}) THEN piece[2] "
        f"WHEN piece IN ({', '.join(map(literal, single))}) THEN '' ELSE piece END"
    )


def _value_sql(text: str, column: Column, position: int) -> str:
    type_ = column_type(column)
    kind, target = type_.name, trino_to_duckdb(type_)
    if is_text(type_):
        return text
    if kind in INTEGERS:
        value, valid = f"TRY_CAST(field AS {target})", "regexp_full_match(field, '[+-]?[0-9]+')"
    elif kind in ("real", "double", "decimal"):
        value, valid = f"TRY_CAST(trim(field) AS {target})", "regexp_full_match(trim(field), '[-+0-9.eE]+|NaN')"
    elif kind == "boolean":
        value, valid = "lower(field) = 'true'", "lower(field) IN ('true', 'false')"
    elif kind == "date":
        value, valid = "DATE '1970-01-01' + TRY_CAST(field AS INTEGER)", "regexp_full_match(field, '-?[0-9]+')"
    elif kind == "timestamp":
        value, valid = "make_timestamp(TRY_CAST(field AS BIGINT) * 1000)", "regexp_full_match(field, '-?[0-9]+')"
    else:
        raise QueryFailed(f"NOT_SUPPORTED: OpenCSVSerDe columns of type {column.type} are not supported")
    problem = (
        f"error('HIVE_BAD_DATA: Error parsing field value ''' || field || ''' for field {position - 1}: "
        "For input string: \"' || field || '\"')"
    )
    converted = f"CASE WHEN field IS NULL THEN NULL WHEN {valid} THEN coalesce({value}, {problem}) ELSE {problem} END"
    return f"list_transform([{text}], lambda field: {converted})[1]"
