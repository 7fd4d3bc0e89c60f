"""LazySimpleSerDe: fields between delimiters, without quoting.

Fields beyond the columns are dropped and missing ones NULL; an empty field is an empty string, and NULL in
every other type (Hive, LazySimpleSerDe and LazyStruct).
"""

from __future__ import annotations

from collections.abc import Sequence

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import literal, quoted
from local_aws.athena.scan.conversions import TextRules, column_type, is_text, missing_column_sql, value_sql
from local_aws.athena.scan.storage import Storage

_DEFAULT_DELIMITERS = ("\x01", "\x02", "\x03")


def delimited_sql(storage: Storage, wanted: Sequence[Column], lines: str) -> str:
    """SELECT of the wanted columns and file_index over a relation of lines."""
    rules = TextRules(_nested_separators(storage), storage.parameter("serialization.null.format", default="\\N") or "")
    positions = {column.name: number for number, column in enumerate(storage.columns, start=1)}
    escape = storage.parameter("escape.delim")
    values = [_column_sql(column, positions.get(column.name), rules, escape) for column in wanted]
    fields = _fields_sql(_delimiter(storage), escape)
    source = f"(SELECT {fields} AS fields, file_index FROM {lines})" if values else lines
    return f"SELECT {''.join(value + ', ' for value in values)}file_index FROM {source}"


def _column_sql(column: Column, position: int | None, rules: TextRules, escape: str | None) -> str:
    if position is None:
        return missing_column_sql(column)
    type_ = column_type(column)
    value = value_sql(f"fields[{position}]", type_, rules)
    if escape and is_text(type_):
        value = _unescaped_sql(value, escape)
    return f"{value} AS {quoted(column.name)}"


def _delimiter(storage: Storage) -> str:
    text = storage.parameter("field.delim", "serialization.format", default=_DEFAULT_DELIMITERS[0])
    return _character(text or _DEFAULT_DELIMITERS[0])


def _nested_separators(storage: Storage) -> tuple[str, ...]:
    collection = storage.parameter("collection.delim", "colelction.delim", default=_DEFAULT_DELIMITERS[1])
    keys = storage.parameter("mapkey.delim", default=_DEFAULT_DELIMITERS[2])
    return (_character(collection or ""), _character(keys or ""), *TextRules.separators[2:])


def _character(text: str) -> str:
    r"""A delimiter as Hive reads it: a number from -128 to 127 is a byte's value, else the first character.

    So `serialization.format=1` means \x01 (Hive, LazyUtils.getByte).
    """
    if text.lstrip("-").isdecimal() and -128 <= int(text) <= 127:
        return chr(int(text) % 256)
    return text[:1]


def _fields_sql(delimiter: str, escape: str | None) -> str:
    split = f"string_split(line, {literal(delimiter)})"
    if not escape:
        return split
    # Only lines that hold the escape character need the regular expression. A lone one at the end of the line
    # stands for itself: it is doubled, lest it takes the delimiter that the pattern needs behind the last field.
    mark, end = _in_class(escape), _in_class(delimiter)
    lone = f"regexp_matches(line, '(^|[^{mark}])([{mark}][{mark}])*[{mark}]$', 's')"
    closed = f"line || CASE WHEN {lone} THEN {literal(escape + delimiter)} ELSE {literal(delimiter)} END"
    pattern = f"((?:[{mark}].|[^{mark}{end}])*)[{end}]".replace("'", "''")
    escaped = f"regexp_extract_all({closed}, '{pattern}', 1, 's')"
    return f"CASE WHEN contains(line, {literal(escape)}) THEN {escaped} ELSE {split} END"


def _in_class(character: str) -> str:
    """A character within brackets of a regular expression."""
    return "\\" + character if character in "\\]^-[" else character


def _unescaped_sql(value: str, escape: str) -> str:
    r"""The escape character taken away before any character; `\n` and `\r` are line ends (Hive, LazyUtils)."""
    mark = _in_class(escape)
    pieces = f"regexp_extract_all({value}, '[{mark}].|[^{mark}]+|[{mark}]$', 0, 's')"
    lower_n, lower_r = literal(escape + "n"), literal(escape + "r")
    one = (
        f"CASE WHEN piece = {lower_n} THEN chr(10) WHEN piece = {lower_r} THEN chr(13) "
        f"WHEN length(piece) = 2 AND starts_with(piece, {literal(escape)}) THEN piece[2] ELSE piece END"
    )
    joined = f"array_to_string(list_transform({pieces}, lambda piece: {one}), '')"
    return f"CASE WHEN contains({value}, {literal(escape)}) THEN {joined} ELSE {value} END"
