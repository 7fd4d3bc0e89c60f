"""The `.metadata` object beside a result: its columns, as a protocol buffer message.

AWS documents only that the file is binary and internal ("Work with query results", user guide), and clients
do not read it: they ask GetQueryResults. What is written here is a well-formed message of the columns in the
order of the API's ColumnInfo; the field numbers are unverified.
"""

from __future__ import annotations

from collections.abc import Sequence

from local_aws.athena.model import ResultColumn

_COLUMN_FIELD = 4
_NULLABLE = {"NOT_NULL": 1, "NULLABLE": 2, "UNKNOWN": 3}


def metadata_bytes(columns: Sequence[ResultColumn]) -> bytes:
    """The message for a result's columns."""
    return b"".join(_length_delimited(_COLUMN_FIELD, _column(column)) for column in columns)


def _column(column: ResultColumn) -> bytes:
    texts = ("hive", "", "", column.name, column.name, column.type)  # catalog, schema, table, name, label, type
    message = b"".join(_length_delimited(number, text.encode()) for number, text in enumerate(texts, 1))
    numbers = (column.precision, column.scale, _NULLABLE[column.nullable], int(column.case_sensitive))
    return message + b"".join(_varint(number << 3) + _varint(value) for number, value in enumerate(numbers, 7))


def _length_delimited(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
