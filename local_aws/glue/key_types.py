"""Partition key types: how the text of a partition value compares.

Glue keeps every partition value as text and compares it by the Hive type of its key. The catalog stores
beside the text a *sort value* that SQLite compares and indexes in that order:

    string, char, varchar            the text itself
    tinyint, smallint, int, bigint   an integer
    date, timestamp                  text of fixed width
    decimal                          text of fixed width that sorts as the number does

A text that its type cannot hold has its UTF-8 bytes as sort value. SQLite orders every BLOB after every
number and text, so `sort value < x''` says "has a value of its type".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

SortValue = str | int | bytes

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""The text that stands for NULL in a partition value (hive.exec.default.partition.name)."""


class KeyKind(Enum):
    """What kind of comparison a partition key's type asks for."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    OTHER = "other"
    """A type that Glue does not compare (boolean, float, double, binary); stored by its text."""


_KINDS = {
    **dict.fromkeys(("string", "char", "varchar"), KeyKind.TEXT),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long"), KeyKind.INTEGER),
    "decimal": KeyKind.DECIMAL,
    "date": KeyKind.DATE,
    "timestamp": KeyKind.TIMESTAMP,
}


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One partition key and the SQLite columns that hold its values.

    `value_column` holds the text as it was put, `sort_column` the sort value; for keys that compare as text
    they are one column.
    """

    name: str
    hive_type: str
    kind: KeyKind
    value_column: str
    sort_column: str

    @property
    def typed(self) -> bool:
        """Whether the sort value differs from the text."""
        return self.sort_column != self.value_column


def key_columns(partition_keys: Sequence[dict[str, Any]]) -> tuple[KeyColumn, ...]:
    """The columns of a table's PartitionKeys. A key without a type counts as string."""
    columns = []
    for position, key in enumerate(partition_keys):
        hive_type = str(key.get("Type") or "string").strip().lower()
        kind = _KINDS.get(hive_type.partition("(")[0].strip(), KeyKind.OTHER)
        value_column = f"v{position}"
        sort_column = value_column if kind in (KeyKind.TEXT, KeyKind.OTHER) else f"s{position}"
        columns.append(KeyColumn(str(key["Name"]), hive_type, kind, value_column, sort_column))
    return tuple(columns)


def sort_value(kind: KeyKind, text: str) -> SortValue:
    """The sort value of a partition value; the text's bytes when its type cannot hold it."""
    try:
        return typed_value(kind, text)
    except ValueError:
        return text.encode("utf-8", "surrogatepass")


def typed_value(kind: KeyKind, text: str) -> str | int:
    """The sort value of a text that its type can hold.

    Raises: ValueError with Glue's words, such as `"abc" is not an integer.`
    """
    return _CONVERTERS[kind](text)


def _text(text: str) -> str:
    return text


def _integer(text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,25}", text):
        number = int(text)
        if -(2**63) <= number < 2**63:
            return number
    raise ValueError(f'"{text}" is not an integer.')


_DECIMAL_DIGITS = 38  # Hive's decimal(38, 38) at most


def _decimal(text: str) -> str:
    """Sign, 38 digits before and 38 after the point; a negative number as its nines' complement."""
    error = ValueError(f"{text} is not a decimal.")
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        raise error
    try:
        sign, digits, exponent = Decimal(text).as_tuple()
    except InvalidOperation:
        raise error from None
    if not isinstance(exponent, int):
        raise error
    significant = "".join(map(str, digits)).lstrip("0")
    if not significant:
        return "1" + "0" * 2 * _DECIMAL_DIGITS
    trimmed = significant.rstrip("0")
    exponent += len(significant) - len(trimmed)
    if exponent < -_DECIMAL_DIGITS or len(trimmed) + exponent > _DECIMAL_DIGITS:
        raise error
    scaled = int(trimmed) * 10 ** (exponent + _DECIMAL_DIGITS)
    if sign:
        return "0" + str(10 ** (2 * _DECIMAL_DIGITS) - 1 - scaled).zfill(2 * _DECIMAL_DIGITS)
    return "1" + str(scaled).zfill(2 * _DECIMAL_DIGITS)


def _date(text: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{text} is not a date.")


def _timestamp(text: str) -> str:
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?", text)
    try:
        if match:
            seconds = datetime.fromisoformat(match[1]).isoformat(sep=" ")
            return f"{seconds}.{(match[2] or '').ljust(9, '0')}"
    except ValueError:
        pass
    message = f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
    raise ValueError(message)


_CONVERTERS: dict[KeyKind, Callable[[str], str | int]] = {
    KeyKind.TEXT: _text,
    KeyKind.OTHER: _text,
    KeyKind.INTEGER: _integer,
    KeyKind.DECIMAL: _decimal,
    KeyKind.DATE: _date,
    KeyKind.TIMESTAMP: _timestamp,
}
