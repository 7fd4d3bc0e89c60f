"""CREATE TABLE AS, INSERT INTO and UNLOAD: a query's rows as data files in S3, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.athena.ddl.views import is_view
from local_aws.athena.dml.casts import coerced
from local_aws.athena.dml.relations import OutputColumn, TranslatedQuery
from local_aws.athena.dml.schema import CATALOG
from local_aws.athena.dml.statements import CreateTableAs, InsertInto, PropertyValue, Unload
from local_aws.athena.dml.types import Type, coerces, hive_to_trino, trino_to_duckdb
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest, ResultColumn
from local_aws.athena.run.selecting import bound_query, translated
from local_aws.athena.scan.formats import OutputFormat, format_of_table, output_format, storage_descriptor, stored_type
from local_aws.athena.scan.projection import projection_enabled
from local_aws.athena.scan.queries import Run
from local_aws.athena.scan.storage import storage_of
from local_aws.athena.scan.writing import (
    WrittenFile,
    check_empty,
    object_name,
    partition_folder,
    published,
    write_files,
)
from local_aws.glue.catalog import EntityNotFound

_CTAS_PROPERTIES = {
    "format",
    "external_location",
    "partitioned_by",
    "write_compression",
    "parquet_compression",
    "json_compression",
    "textfile_compression",
    "field_delimiter",
    "table_type",
    "is_external",
}
_ROWS = ResultColumn("rows", "bigint", 19)

_UNLOAD_PROPERTIES = {"format", "partitioned_by", "compression", "field_delimiter"}


def create_table_as(statement: CreateTableAs, request: QueryRequest) -> QueryOutcome:
    """Make a table of a query's rows. Raises: QueryFailed; nothing is left behind then."""
    database, name = statement.table.database or request.database, statement.table.name
    _check_properties(statement.properties, _CTAS_PROPERTIES)
    if str(statement.properties.get("table_type", "HIVE")).upper() != "HIVE":
        raise QueryFailed("NOT_SUPPORTED: only tables of table_type 'HIVE' can be created here")
    if _exists(database, name, request):
        if not statement.if_not_exists:
            raise QueryFailed(
                f"TABLE_ALREADY_EXISTS: line 1:1: Destination table '{CATALOG}.{database}.{name}' already exists"
            )
        return _nothing_written("CREATE_TABLE_AS_SELECT", request)
    query = _named(translated(statement.query, request), statement.columns)
    written = output_format(statement.properties, "PARQUET")
    keys = _partition_names(statement.properties, query.columns)
    location = str(
        statement.properties.get("external_location") or f"{request.output_location}tables/{request.query_id}/"
    )
    location = location if location.endswith("/") else f"{location}/"
    check_empty(request.objects, location, f"table '{database}.{name}'")
    data = [column for column in query.columns if column.name not in keys]
    table_input = _table_input(name, data, [c for c in query.columns if c.name in keys], written, location)
    if not statement.with_data:
        request.catalog.create_table(database, table_input)
        return _nothing_written("CREATE_TABLE_AS_SELECT", request)
    with bound_query(query, request) as bound:
        run, files = write_files(bound, query.columns, keys, written)
        placed = _placed(files, keys, written, location)
        with published(request, [(uri, file.path) for uri, file in placed]):
            request.catalog.create_table(database, table_input)
            _add_partitions(request, database, table_input, [file.values for _, file in placed], location, keys)
    return _outcome("CREATE_TABLE_AS_SELECT", run, [uri for uri, _ in placed], request)


def insert_into(statement: InsertInto, request: QueryRequest) -> QueryOutcome:
    """Add a query's rows to a table. Raises: QueryFailed."""
    database, name = statement.table.database or request.database, statement.table.name
    try:
        table = request.catalog.get_table(database, name)
    except EntityNotFound:
        raise QueryFailed(
            f"TABLE_NOT_FOUND: line 1:1: Table '{CATALOG}.{database}.{name}' does not exist", error_type=1003
        ) from None
    if is_view(table):
        raise QueryFailed("NOT_SUPPORTED: line 1:1: Inserting into views is not supported")
    written = format_of_table(storage_of(table), name)
    keys = [str(key["Name"]).lower() for key in table.get("PartitionKeys") or ()]
    query = _as_table(translated(statement.query, request), _table_columns(table), statement.columns)
    location = str(table["StorageDescriptor"].get("Location") or "")
    location = location if location.endswith("/") else f"{location}/"
    with bound_query(query, request) as bound:
        run, files = write_files(bound, query.columns, keys, written)
        existing = _existing_locations(request, database, name, {file.values for file in files} if keys else set())
        placed = [
            (
                f"{existing.get(file.values) or location + partition_folder(keys, file.values)}{object_name(written, n)}",
                file,
            )
            for n, file in enumerate(files)
        ]
        with published(request, [(uri, file.path) for uri, file in placed]):
            fresh = [file.values for file in files if file.values not in existing]
            if keys and not projection_enabled(table):
                _add_partitions(request, database, table, fresh, location, keys)
    return _outcome("INSERT", run, [uri for uri, _ in placed], request)


def unload(statement: Unload, request: QueryRequest) -> QueryOutcome:
    """Write a query's rows to a folder of S3. Raises: QueryFailed."""
    _check_properties(statement.properties, _UNLOAD_PROPERTIES)
    query = translated(statement.query, request)
    written = output_format(statement.properties, None)
    keys = _partition_names(statement.properties, query.columns)
    location = statement.location if statement.location.endswith("/") else f"{statement.location}/"
    check_empty(request.objects, location, "UNLOAD")
    with bound_query(query, request) as bound:
        run, files = write_files(bound, query.columns, keys, written)
        placed = _placed(files, keys, written, location)
        with published(request, [(uri, file.path) for uri, file in placed]):
            pass
    return _outcome("UNLOAD", run, [uri for uri, _ in placed], request)


def _check_properties(properties: Mapping[str, PropertyValue], known: set[str]) -> None:
    for name in properties:
        if name not in known:
            raise QueryFailed(
                f"INVALID_TABLE_PROPERTY: line 1:1: property '{name}' is not supported here; use {', '.join(sorted(known))}"
            )


def _exists(database: str, name: str, request: QueryRequest) -> bool:
    try:
        request.catalog.get_database(database)
    except EntityNotFound:
        raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema {database} not found", error_type=1003) from None
    try:
        request.catalog.get_table(database, name)
    except EntityNotFound:
        return False
    return True


def _named(query: TranslatedQuery, names: Sequence[str]) -> TranslatedQuery:
    """The query with the new table's column names. Raises: QueryFailed for a missing or doubled name."""
    if names and len(names) != len(query.columns):
        raise QueryFailed(
            f"MISMATCHED_COLUMN_ALIASES: line 1:1: Column alias list has {len(names)} entries but relation has "
            f"{len(query.columns)} columns"
        )
    columns = [
        OutputColumn((names[place] if names else column.name).lower(), column.type)
        for place, column in enumerate(query.columns)
    ]
    for place, column in enumerate(columns):
        if column.name.startswith("_col"):
            raise QueryFailed(f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {place + 1}")
        if any(other.name == column.name for other in columns[:place]):
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{column.name}' specified more than once")
    return TranslatedQuery(query.sql, query.tables, tuple(columns))


def _partition_names(properties: Mapping[str, PropertyValue], columns: Sequence[OutputColumn]) -> list[str]:
    given = properties.get("partitioned_by", ())
    if not isinstance(given, tuple):
        raise QueryFailed("INVALID_TABLE_PROPERTY: partitioned_by takes ARRAY['column', …]")
    names = [name.lower() for name in given]
    if names and [column.name.lower() for column in columns[-len(names) :]] != names:
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order as "
            f"the table properties: {names}"
        )
    return [column.name for column in columns[-len(names) :]] if names else []


def _placed(
    files: Sequence[WrittenFile], keys: Sequence[str], written: OutputFormat, location: str
) -> list[tuple[str, WrittenFile]]:
    return [
        (f"{location}{partition_folder(keys, file.values)}{object_name(written, number)}", file)
        for number, file in enumerate(files)
    ]


def _table_input(
    name: str, data: Sequence[OutputColumn], keys: Sequence[OutputColumn], written: OutputFormat, location: str
) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
        "PartitionKeys": [{"Name": key.name, "Type": stored_type(key)} for key in keys],
        "StorageDescriptor": storage_descriptor(written, data, location),
    }


def _add_partitions(
    request: QueryRequest,
    database: str,
    table: Mapping[str, Any],
    values: Sequence[tuple[str, ...]],
    location: str,
    keys: Sequence[str],
) -> None:
    if not keys or not values:
        return
    inputs = [
        {
            "Values": list(row),
            "StorageDescriptor": {**table["StorageDescriptor"], "Location": location + partition_folder(keys, row)},
        }
        for row in dict.fromkeys(values)
    ]
    errors = request.catalog.create_partitions(database, str(table["Name"]), inputs)
    for error in errors:
        # Another statement may have made the same partition meanwhile: at the same place, as its values decide it.
        if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
            raise QueryFailed(f"HIVE_METASTORE_ERROR: {error['ErrorDetail']['ErrorMessage']}")


def _existing_locations(
    request: QueryRequest, database: str, name: str, values: set[tuple[str, ...]]
) -> dict[tuple[str, ...], str]:
    if not values:
        return {}
    found = request.catalog.batch_get_partitions(database, name, [list(row) for row in sorted(values)])
    locations = {tuple(one["Values"]): str(one["StorageDescriptor"].get("Location") or "") for one in found}
    return {row: text if text.endswith("/") else f"{text}/" for row, text in locations.items()}


def _table_columns(table: Mapping[str, Any]) -> list[OutputColumn]:
    columns = [*table["StorageDescriptor"].get("Columns", ()), *(table.get("PartitionKeys") or ())]
    return [OutputColumn(str(column["Name"]).lower(), hive_to_trino(str(column["Type"]))) for column in columns]


def _as_table(query: TranslatedQuery, columns: Sequence[OutputColumn], names: Sequence[str]) -> TranslatedQuery:
    """The query with the table's columns, in their order and types; those not named are NULL. Raises: QueryFailed."""
    chosen = [name.lower() for name in names] or [column.name for column in columns]
    known = {column.name: column.type for column in columns}
    for name in chosen:
        if name not in known:
            raise QueryFailed(f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {name}")
    given = [column.type for column in query.columns]
    wanted = [known[name] for name in chosen]
    if len(given) != len(wanted) or not all(map(_assignable, given, wanted)):
        raise QueryFailed(
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            f"Table: [{', '.join(map(str, wanted))}], Query: [{', '.join(map(str, given))}]"
        )
    texts = []
    for place, column in enumerate(columns):
        if column.name in chosen:
            source = chosen.index(column.name)
            value = coerced(f"c{source}", given[source], column.type)
        else:
            value = f"CAST(NULL AS {trino_to_duckdb(column.type)})"
        texts.append(f"{value} AS c{place}")
    inner = ", ".join(f"c{place}" for place in range(len(given)))
    return TranslatedQuery(
        f"SELECT {', '.join(texts)} FROM ({query.sql}) AS inserted({inner})", query.tables, tuple(columns)
    )


def _assignable(source: Type, target: Type) -> bool:
    return source.name == "unknown" or coerces(source, target) or (source.base == target.base and not target.args)


def _outcome(substatement: str, run: Run, uris: Sequence[str], request: QueryRequest) -> QueryOutcome:
    request.result_file.write_text("")
    return QueryOutcome(
        "DML",
        substatement,
        (_ROWS,),
        data_scanned_bytes=run.scanned_bytes,
        update_count=run.rows,
        written=tuple(uris),
        input_rows=run.scanned_rows,
        input_bytes=run.listed_bytes,
        output_rows=run.rows,
        planning_seconds=run.planning_seconds,
    )


def _nothing_written(substatement: str, request: QueryRequest) -> QueryOutcome:
    request.result_file.write_text("")
    return QueryOutcome("DML", substatement, (_ROWS,), update_count=0)
