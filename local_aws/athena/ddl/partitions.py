"""Statements on partitions: add, drop, move, rename, repair, list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from local_aws.athena.ddl.statements import (
    AddPartitions,
    DropPartitions,
    PartitionCondition,
    PartitionSpec,
    RenamePartition,
    RepairTable,
    SetPartitionLocation,
)
from local_aws.athena.ddl.terms import check_location
from local_aws.athena.model import QueryFailed, QueryRequest
from local_aws.glue.catalog import EntityNotFound
from local_aws.glue.key_types import key_columns, typed_value
from local_aws.objects import NoSuchBucket, split_s3_uri

Shape = dict[str, Any]
T = TypeVar("T")

BATCH = 1000
"""Partitions handed to the catalog at once; Athena itself batches its calls of Glue."""


def add_partitions(statement: AddPartitions, table: Shape, request: QueryRequest) -> None:
    """ALTER TABLE … ADD PARTITION. Without IF NOT EXISTS one that exists fails the statement, and none is added.

    Raises:
        QueryFailed: naming the partition that exists, or the specification that does not fit the table.
    """
    keys = _keys(table)
    inputs: dict[tuple[str, ...], Shape] = {}
    for new in statement.partitions:
        values = _values(new.spec, keys, table)
        location = check_location(new.location) if new.location else _default_location(table, keys, values)
        inputs.setdefault(tuple(values), _partition_input(table, values, location))
    catalog, database, name = request.catalog, table["DatabaseName"], table["Name"]
    existing = {
        tuple(found["Values"])
        for some in _batches(list(inputs))
        for found in catalog.batch_get_partitions(database, name, some)
    }
    if existing and not statement.if_not_exists:
        first = min(existing)
        raise QueryFailed(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            f"AlreadyExistsException(message:Partition already exists: {_name(keys, first)})",
            error_type=1301,
        )
    for some in _batches([shape for values, shape in inputs.items() if values not in existing]):
        errors = catalog.create_partitions(database, name, some)
        refused = [error for error in errors if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        if refused or (errors and not statement.if_not_exists):  # else: made by somebody else in between
            detail = (refused or errors)[0]["ErrorDetail"]
            raise QueryFailed(f"FAILED: Execution Error: {detail['ErrorCode']}: {detail['ErrorMessage']}")


def drop_partitions(statement: DropPartitions, table: Shape, request: QueryRequest) -> None:
    """ALTER TABLE … DROP PARTITION; a specification may name some columns, or compare.

    Raises:
        QueryFailed: when a specification matches nothing and IF EXISTS is not there.
    """
    database, name = table["DatabaseName"], table["Name"]
    for spec in statement.specs:
        expression = _expression(spec, table)
        found = [list(values) for values, _, _ in request.catalog.partition_values(database, name, expression)]
        if not found and not statement.if_exists:
            raise _missing(spec)
        for some in _batches(found):
            request.catalog.delete_partitions(database, name, some)


def set_partition_location(statement: SetPartitionLocation, table: Shape, request: QueryRequest) -> None:
    """ALTER TABLE … PARTITION (…) SET LOCATION."""
    values = _values(statement.spec, _keys(table), table)
    partition = _existing(table, values, statement.spec, request)
    descriptor = {**partition["StorageDescriptor"], "Location": check_location(statement.location)}
    _update(table, values, {**_input_of(partition), "StorageDescriptor": descriptor}, request)


def rename_partition(statement: RenamePartition, table: Shape, request: QueryRequest) -> None:
    """ALTER TABLE … PARTITION (…) RENAME TO PARTITION (…): the values change, the location stays."""
    keys = _keys(table)
    values, new_values = _values(statement.spec, keys, table), _values(statement.new_spec, keys, table)
    partition = _existing(table, values, statement.spec, request)
    _update(table, values, {**_input_of(partition), "Values": new_values}, request)


def repair_table(statement: RepairTable, table: Shape, request: QueryRequest) -> list[str]:
    """MSCK REPAIR TABLE: adds what Hive-style folders (`key=value/…`) hold and the catalog lacks; its output.

    Raises:
        QueryFailed: for a table without partitions.
    """
    keys = _keys(table)
    if not keys:
        raise QueryFailed(f"FAILED: Execution Error: MSCK REPAIR TABLE: {table['Name']} is not partitioned")
    database, name = table["DatabaseName"], table["Name"]
    known = {values for values, _, _ in request.catalog.partition_values(database, name)}
    found = dict(_partition_folders(table, keys, request))
    missing = [values for values in found if values not in known]
    for some in _batches(missing):
        inputs = [_partition_input(table, values, found[values]) for values in some]
        request.catalog.create_partitions(database, name, inputs)
    output = []
    if missing:
        output.append("Partitions not in metastore:\t" + "\t".join(f"{name}:{_name(keys, v)}" for v in missing))
    return output + [f"Repair: Added partition to metastore {name}:{_name(keys, values)}" for values in missing]


def show_partitions(spec: PartitionSpec, table: Shape, request: QueryRequest) -> Iterator[str]:
    """SHOW PARTITIONS: `key=value/key=value`, a line each.

    Raises:
        QueryFailed: for a table without partitions.
    """
    keys = _keys(table)
    if not keys:
        raise QueryFailed(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            f"Table {table['Name']} is not a partitioned table"
        )
    expression = _expression(spec, table) if spec else None
    for values, _, _ in request.catalog.partition_values(table["DatabaseName"], table["Name"], expression):
        yield _name(keys, values)


def _keys(table: Shape) -> list[str]:
    return [key["Name"] for key in table.get("PartitionKeys") or []]


def _values(spec: PartitionSpec, keys: Sequence[str], table: Shape) -> list[str]:
    given = {condition.column: condition.value for condition in spec}
    if set(given) != set(keys) or len(given) != len(spec):
        raise QueryFailed(
            f"FAILED: SemanticException partition spec {{{', '.join(given)}}} doesn't contain all "
            f"({len(keys)}) partition columns of {table['Name']}: {', '.join(keys)}"
        )
    for key in key_columns(table["PartitionKeys"]):
        try:
            typed_value(key.kind, given[key.name])
        except ValueError as error:
            raise QueryFailed(
                f"FAILED: SemanticException: partition value {key.name}={given[key.name]!r} is no {key.hive_type}"
            ) from error
    return [given[key] for key in keys]


def _expression(spec: PartitionSpec, table: Shape) -> str:
    keys = _keys(table)
    for condition in spec:
        if condition.column not in keys:
            raise QueryFailed(
                f"FAILED: SemanticException {condition.column} is no partition column of {table['Name']}: "
                f"{', '.join(keys)}"
            )
    return " AND ".join(_term(condition) for condition in spec)


def _term(condition: PartitionCondition) -> str:
    return f"{condition.column} {condition.operator} '{condition.value.replace(chr(39), chr(39) * 2)}'"


def _partition_input(table: Shape, values: Sequence[str], location: str) -> Shape:
    return {"Values": list(values), "StorageDescriptor": {**table["StorageDescriptor"], "Location": location}}


def _default_location(table: Shape, keys: Sequence[str], values: Sequence[str]) -> str:
    return f"{table['StorageDescriptor']['Location'].rstrip('/')}/{_name(keys, values)}"


def _name(keys: Sequence[str], values: Sequence[str]) -> str:
    """`key=value/key=value`, escaped as Hive does (FileUtils.escapePathName)."""
    return "/".join(f"{key}={quote(value, safe=_UNESCAPED)}" for key, value in zip(keys, values, strict=True))


_UNESCAPED = " !$&(),+-.;<>@_`|~"


def _partition_folders(
    table: Shape, keys: Sequence[str], request: QueryRequest
) -> Iterator[tuple[tuple[str, ...], str]]:
    location = f"{table['StorageDescriptor']['Location'].rstrip('/')}/"
    bucket, prefix = split_s3_uri(location)
    seen: set[str] = set()
    try:
        for found in request.objects.list(bucket, prefix):
            folders = found.key[len(prefix) :].split("/")[: len(keys)]
            path = "/".join(folders)
            if path in seen or len(folders) < len(keys) or found.key == f"{prefix}{path}":
                continue
            seen.add(path)
            parts = [folder.partition("=") for folder in folders]
            if all(name.lower() == key and equals for (name, equals, _), key in zip(parts, keys, strict=True)):
                yield tuple(unquote(value) for _, _, value in parts), f"{location}{path}"
    except NoSuchBucket as error:
        raise QueryFailed(f"FAILED: Execution Error: the bucket {error} does not exist") from error


def _existing(table: Shape, values: list[str], spec: PartitionSpec, request: QueryRequest) -> Shape:
    try:
        return request.catalog.get_partition(table["DatabaseName"], table["Name"], values)
    except EntityNotFound as error:
        raise _missing(spec) from error


def _update(table: Shape, values: list[str], partition: Shape, request: QueryRequest) -> None:
    request.catalog.update_partition(table["DatabaseName"], table["Name"], values, partition)


def _input_of(partition: Shape) -> Shape:
    kept = ("Values", "LastAccessTime", "StorageDescriptor", "Parameters", "LastAnalyzedTime")
    return {key: partition[key] for key in kept if key in partition}


def _missing(spec: PartitionSpec) -> QueryFailed:
    text = "/".join(f"{condition.column}{condition.operator}{condition.value}" for condition in spec)
    return QueryFailed(f"FAILED: SemanticException [Error 10006]: Partition not found {text}")


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
