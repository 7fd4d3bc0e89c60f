"""CREATE EXTERNAL TABLE: its clauses, and the TableInput that Athena makes of them."""

from __future__ import annotations

import time
from typing import Any

from local_aws.athena.ddl.statements import Column, CreateTable
from local_aws.athena.ddl.terms import check_location, columns, properties, table_name
from local_aws.athena.ddl.tokens import Kind, Tokens
from local_aws.athena.model import QueryFailed

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

# STORED AS name -> SerDe, input format, output format (Hive's StorageFormatFactory; Athena's SerDe reference).
FORMATS = {
    "TEXTFILE": (LAZY_SIMPLE, TEXT_INPUT, TEXT_OUTPUT),
    "JSONFILE": ("org.apache.hive.hcatalog.data.JsonSerDe", TEXT_INPUT, TEXT_OUTPUT),
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    ),
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    ),
    "AVRO": (
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    ),
    "SEQUENCEFILE": (
        LAZY_SIMPLE,
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
    ),
}

# ROW FORMAT DELIMITED clause -> SerDe property.
_DELIMITERS = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)


def parse_create_table(tokens: Tokens) -> CreateTable:
    """The statement behind CREATE.

    Raises:
        QueryFailed: for a managed table, a missing clause, or a clause out of place.
    """
    external = tokens.accept("EXTERNAL")
    tokens.expect("TABLE")
    if_not_exists = tokens.accept("IF", "NOT", "EXISTS")
    table = table_name(tokens)
    table_columns = columns(tokens)
    comment = tokens.string() if tokens.accept("COMMENT") else None
    partition_keys = columns(tokens) if tokens.accept("PARTITIONED", "BY") else ()
    clustered_by, buckets = _clustering(tokens)
    serde, serde_properties = _row_format(tokens)
    stored_as, input_format, output_format = _file_format(tokens)
    if serde is None and tokens.at("WITH", "SERDEPROPERTIES"):
        tokens.expect("WITH", "SERDEPROPERTIES")
        serde_properties = {**serde_properties, **properties(tokens)}
    location = tokens.string() if tokens.accept("LOCATION") else None
    table_properties = properties(tokens) if tokens.accept("TBLPROPERTIES") else {}
    if not external:
        kind = table_properties.get("table_type", "").upper()
        if kind == "ICEBERG":
            raise QueryFailed("NOT_SUPPORTED: Iceberg tables are not served by the local Athena", error_type=1000)
        raise QueryFailed(
            "FAILED: SemanticException: only external tables: write CREATE EXTERNAL TABLE, or CREATE TABLE AS SELECT"
        )
    return CreateTable(
        table=table,
        if_not_exists=if_not_exists,
        columns=table_columns,
        partition_keys=partition_keys,
        comment=comment,
        serde=serde,
        serde_properties=serde_properties,
        stored_as=stored_as,
        input_format=input_format,
        output_format=output_format,
        location=location,
        properties=table_properties,
        clustered_by=clustered_by,
        buckets=buckets,
    )


def _clustering(tokens: Tokens) -> tuple[tuple[str, ...], int]:
    if not tokens.accept("CLUSTERED", "BY"):
        return (), 0
    tokens.expect("(")
    names = [tokens.name()]
    while tokens.accept(","):
        names.append(tokens.name())
    tokens.expect(")", "INTO")
    count = tokens.take()
    if count.kind is not Kind.NUMBER:
        tokens.fail("expecting a number of buckets", count)
    tokens.expect("BUCKETS")
    return tuple(names), int(count.value)


def _row_format(tokens: Tokens) -> tuple[str | None, dict[str, str]]:
    if tokens.accept("ROW", "FORMAT", "SERDE"):
        serde = tokens.string()
        return serde, properties(tokens) if tokens.accept("WITH", "SERDEPROPERTIES") else {}
    found: dict[str, str] = {}
    if tokens.accept("ROW", "FORMAT"):
        tokens.expect("DELIMITED")
        while clause := next((clause for clause in _DELIMITERS if tokens.accept(*clause[0])), None):
            found[clause[1]] = tokens.string()
        if "field.delim" in found:
            found["serialization.format"] = found["field.delim"]
    return None, found


def _file_format(tokens: Tokens) -> tuple[str | None, str | None, str | None]:
    if not tokens.accept("STORED", "AS"):
        return None, None, None
    if tokens.accept("INPUTFORMAT"):
        input_format = tokens.string()
        tokens.expect("OUTPUTFORMAT")
        return None, input_format, tokens.string()
    start = tokens.current
    name = tokens.name().upper()
    if name not in FORMATS:
        tokens.fail(f"expecting one of {', '.join(FORMATS)}", start)
    return name, None, None


def table_input(statement: CreateTable) -> dict[str, Any]:
    """Glue's TableInput, as Athena fills it.

    Raises:
        QueryFailed: for a missing or wrong location, or a column that is there twice.
    """
    _check_columns(statement.columns, statement.partition_keys)
    if statement.location is None:
        raise QueryFailed("FAILED: SemanticException: an external table needs a LOCATION 's3://bucket/folder/'")
    serde, input_format, output_format = FORMATS[statement.stored_as or "TEXTFILE"]
    serde_properties = dict(statement.serde_properties)
    serde_properties.setdefault("serialization.format", "1")
    descriptor: dict[str, Any] = {
        "Columns": [glue_column(column) for column in statement.columns],
        "Location": check_location(statement.location),
        "InputFormat": statement.input_format or input_format,
        "OutputFormat": statement.output_format or output_format,
        "Compressed": False,
        "NumberOfBuckets": statement.buckets or -1,
        "SerdeInfo": {"SerializationLibrary": statement.serde or serde, "Parameters": serde_properties},
        "BucketColumns": list(statement.clustered_by),
        "SortColumns": [],
        "Parameters": {},
        "SkewedInfo": {"SkewedColumnNames": [], "SkewedColumnValues": [], "SkewedColumnValueLocationMaps": {}},
        "StoredAsSubDirectories": False,
    }
    parameters = {
        "EXTERNAL": "TRUE",
        "transient_lastDdlTime": str(int(time.time())),
        **({"comment": statement.comment} if statement.comment else {}),
        **statement.properties,
    }
    return {
        "Name": statement.table.name,
        "Owner": "hadoop",
        "Retention": 0,
        "StorageDescriptor": descriptor,
        "PartitionKeys": [glue_column(column) for column in statement.partition_keys],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }


def glue_column(column: Column) -> dict[str, str]:
    """A column as Glue keeps it."""
    kept = {"Name": column.name, "Type": column.type}
    return {**kept, "Comment": column.comment} if column.comment is not None else kept


def _check_columns(*lists: tuple[Column, ...]) -> None:
    seen: set[str] = set()
    for column in (column for columns_ in lists for column in columns_):
        if column.name in seen:
            raise QueryFailed(f"FAILED: SemanticException [Error 10036]: Duplicate column name: {column.name}")
        seen.add(column.name)
