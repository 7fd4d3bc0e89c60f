"""How the files of a table or partition are stored: Glue's StorageDescriptor, read for the readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local_aws.athena.dml.schema import Column
from local_aws.athena.model import QueryFailed


class FileFormat(Enum):
    """The kinds of files that are read here."""

    DELIMITED = "delimited"
    QUOTED = "quoted"
    REGEX = "regex"
    JSON = "json"
    PARQUET = "parquet"


_FORMATS = {
    "org.apache.hadoop.hive.serde2.lazy.lazysimpleserde": FileFormat.DELIMITED,
    "org.apache.hadoop.hive.serde2.opencsvserde": FileFormat.QUOTED,
    "org.apache.hadoop.hive.serde2.regexserde": FileFormat.REGEX,
    "com.amazonaws.glue.serde.regexserde": FileFormat.REGEX,
    "org.apache.hadoop.hive.contrib.serde2.regexserde": FileFormat.REGEX,
    "org.openx.data.jsonserde.jsonserde": FileFormat.JSON,
    "org.apache.hive.hcatalog.data.jsonserde": FileFormat.JSON,
    "org.apache.hadoop.hive.serde2.jsonserde": FileFormat.JSON,
    "org.apache.hadoop.hive.ql.io.parquet.serde.parquethiveserde": FileFormat.PARQUET,
}
"""Serialization libraries by their name in lower case (Athena user guide, "Supported SerDes and data formats")."""

LAZY_SIMPLE_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

_REFUSED_PARAMETERS = ("serialization.last.column.takes.rest", "skip.footer.line.count", "serialization.encoding")
"""SerDe and table parameters that change what is read, and that the readers here do not follow."""


@dataclass(frozen=True)
class Storage:
    """The format of a set of files: hashable, so that files of one storage are read together.

    `columns` are the columns that the files' descriptor declares, in the order of the fields of a text line.
    """

    file_format: FileFormat
    serde: str
    columns: tuple[Column, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    header_lines: int = 0

    def parameter(self, *names: str, default: str | None = None) -> str | None:
        """The first of the SerDe's parameters that is set."""
        parameters = dict(self.parameters)
        return next((parameters[name] for name in names if name in parameters), default)


def storage_of(table: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Storage:
    """The storage of a Glue table, or of a partition whose descriptor differs by `overrides`.

    Raises: QueryFailed for formats and settings that are not supported here.
    """
    descriptor = {**table.get("StorageDescriptor", {}), **(overrides or {})}
    serde_info = descriptor.get("SerdeInfo") or {}
    serde = str(serde_info.get("SerializationLibrary") or LAZY_SIMPLE_SERDE)
    file_format = _FORMATS.get(serde.lower())
    name = f"{table.get('DatabaseName', '')}.{table.get('Name', '')}"
    if file_format is None:
        raise QueryFailed(
            f"HIVE_UNSUPPORTED_FORMAT: SerDe {serde} of table {name} is not supported; "
            "supported are delimited text, OpenCSVSerDe, RegexSerDe, JSON and Parquet"
        )
    table_parameters = {str(key).lower(): str(value) for key, value in (table.get("Parameters") or {}).items()}
    parameters = {str(key): str(value) for key, value in (serde_info.get("Parameters") or {}).items()}
    for refused in _REFUSED_PARAMETERS:
        value = parameters.get(refused, table_parameters.get(refused, ""))
        if value.lower() not in ("", "0", "false", "utf-8", "utf8"):
            raise QueryFailed(f"NOT_SUPPORTED: {refused}={value} of table {name} is not supported")
    return Storage(
        file_format,
        serde,
        tuple(Column(str(c["Name"]).lower(), str(c.get("Type") or "string")) for c in descriptor.get("Columns") or ()),
        tuple(sorted(parameters.items())),
        _header_lines(parameters, table_parameters, name) if file_format is not FileFormat.PARQUET else 0,
    )


def _header_lines(parameters: Mapping[str, str], table_parameters: Mapping[str, str], name: str) -> int:
    text = table_parameters.get("skip.header.line.count", parameters.get("skip.header.line.count", "0"))
    if not text.strip().isdecimal():
        raise QueryFailed(f"HIVE_INVALID_METADATA: Invalid value for skip.header.line.count property of {name}: {text}")
    return int(text)
