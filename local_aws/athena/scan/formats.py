"""How CTAS, INSERT and UNLOAD write files: DuckDB's COPY options, and what Glue has to say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.athena.dml.relations import OutputColumn
from local_aws.athena.dml.types import INTEGERS, UnknownType, hive_type, literal
from local_aws.athena.model import QueryFailed
from local_aws.athena.scan.storage import LAZY_SIMPLE_SERDE, FileFormat, Storage

_REFUSED_FORMATS = ("ORC", "AVRO", "ION")

_DEFAULT_DELIMITER = "\x01"

_PARQUET_COMPRESSIONS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "NONE": "uncompressed", "LZ4": "lz4_raw"}
_TEXT_COMPRESSIONS = {"GZIP": "gzip", "ZSTD": "zstd", "NONE": "none"}
_SUFFIXES = {"gzip": ".gz", "zstd": ".zst", "none": ""}


@dataclass(frozen=True)
class OutputFormat:
    """A format in which data files are written: PARQUET, TEXTFILE or JSON, with DuckDB's name of the compression."""

    name: str
    compression: str
    delimiter: str = _DEFAULT_DELIMITER
    null_text: str = "\\N"

    @property
    def suffix(self) -> str:
        """What a data file's name ends in: readers tell the compression of text by it."""
        return "" if self.name == "PARQUET" else _SUFFIXES[self.compression]

    @property
    def copy_options(self) -> str:
        """The options of DuckDB's COPY."""
        if self.name == "PARQUET":
            return f"FORMAT parquet, COMPRESSION {self.compression}"
        if self.name == "JSON":
            return f"FORMAT json, COMPRESSION {self.compression}"
        return (
            f"FORMAT csv, HEADER false, DELIMITER {literal(self.delimiter)}, QUOTE '', ESCAPE '', "
            f"NULLSTR {literal(self.null_text)}, COMPRESSION {self.compression}"
        )

    def value_sql(self, name: str, column: OutputColumn) -> str:
        """An expression for the file's value of a column. Raises: QueryFailed for a type the format cannot hold."""
        stored_type(column)
        if self.name == "PARQUET" or column.type.name in (*INTEGERS, "boolean", "varchar", "char"):
            return name
        if column.type.name == "timestamp":
            return f"strftime({name}, '%Y-%m-%d %H:%M:%S.%g')"
        if column.type.name == "varbinary":
            return f"to_base64({name})"
        if self.name == "TEXTFILE" and column.type.args:
            raise QueryFailed(
                f"NOT_SUPPORTED: column {column.name} of type {column.type} cannot be written as TEXTFILE; use PARQUET or JSON"
            )
        return f"CAST({name} AS VARCHAR)" if self.name == "TEXTFILE" else name


def output_format(properties: Mapping[str, Any], default: str | None) -> OutputFormat:
    """The format that the properties of a CTAS or UNLOAD ask for. Raises: QueryFailed."""
    name = str(properties.get("format", default or "")).upper()
    if name in _REFUSED_FORMATS:
        raise QueryFailed(f"NOT_SUPPORTED: writing {name} is not supported here; use PARQUET, TEXTFILE or JSON")
    if name not in ("PARQUET", "TEXTFILE", "JSON"):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: format must be PARQUET, TEXTFILE or JSON, not {name or 'missing'}")
    given = next(
        (
            properties[key]
            for key in ("write_compression", "compression", f"{name.lower()}_compression")
            if key in properties
        ),
        "GZIP",
    )
    compressions = _PARQUET_COMPRESSIONS if name == "PARQUET" else _TEXT_COMPRESSIONS
    compression = compressions.get("NONE" if str(given).upper() == "UNCOMPRESSED" else str(given).upper())
    if compression is None:
        raise QueryFailed(
            f"NOT_SUPPORTED: compression {given} is not supported for {name}; use {', '.join(compressions)}"
        )
    delimiter = str(properties.get("field_delimiter", _DEFAULT_DELIMITER)).replace("\\t", "\t")
    if len(delimiter) != 1:
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: field_delimiter must be one character, not {delimiter!r}")
    return OutputFormat(name, compression, delimiter)


def format_of_table(storage: Storage, name: str) -> OutputFormat:
    """The format in which INSERT INTO adds files to a table. Raises: QueryFailed for tables that are only read."""
    if storage.file_format is FileFormat.PARQUET:
        return OutputFormat("PARQUET", "gzip")
    if storage.header_lines == 0 and storage.file_format is FileFormat.JSON:
        return OutputFormat("JSON", "gzip")
    if (
        storage.header_lines == 0
        and storage.file_format is FileFormat.DELIMITED
        and not storage.parameter("escape.delim")
    ):
        delimiter = storage.parameter("field.delim", default=_DEFAULT_DELIMITER) or _DEFAULT_DELIMITER
        return OutputFormat(
            "TEXTFILE", "gzip", delimiter, storage.parameter("serialization.null.format", default="\\N") or ""
        )
    raise QueryFailed(
        f"NOT_SUPPORTED: INSERT INTO {name}: tables with quoting, escapes, regular expressions or header lines are only read"
    )


def stored_type(column: OutputColumn) -> str:
    """The Hive type of a written column. Raises: QueryFailed when Hive has no such type."""
    try:
        return hive_type(column.type)
    except UnknownType as error:
        raise QueryFailed(f"NOT_SUPPORTED: column {column.name}: {error}") from error


_CLASSES = {
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "TEXTFILE": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        LAZY_SIMPLE_SERDE,
    ),
    "JSON": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hive.hcatalog.data.JsonSerDe",
    ),
}


def storage_descriptor(written: OutputFormat, columns: Sequence[OutputColumn], location: str) -> dict[str, Any]:
    """Glue's StorageDescriptor of files written in a format."""
    input_format, output, serde = _CLASSES[written.name]
    parameters = {"serialization.format": "1"}
    if written.name == "TEXTFILE":
        parameters = {"serialization.format": written.delimiter, "field.delim": written.delimiter}
    return {
        "Columns": [{"Name": column.name.lower(), "Type": stored_type(column)} for column in columns],
        "Location": location,
        "InputFormat": input_format,
        "OutputFormat": output,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {},
        "StoredAsSubDirectories": False,
    }
