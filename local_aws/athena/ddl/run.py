"""DDL statements run on the Glue catalog; their text output is the result file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from local_aws.athena.ddl.create_table import glue_column, table_input
from local_aws.athena.ddl.partitions import (
    add_partitions,
    drop_partitions,
    rename_partition,
    repair_table,
    set_partition_location,
)
from local_aws.athena.ddl.show import describe_lines, result_columns, show_lines
from local_aws.athena.ddl.statements import (
    AddPartitions,
    AlterDatabase,
    ChangeColumns,
    CreateDatabase,
    CreateTable,
    DdlStatement,
    Describe,
    DropDatabase,
    DropPartitions,
    DropTable,
    RenamePartition,
    RepairTable,
    SetPartitionLocation,
    SetTableProperties,
    Show,
    TableName,
)
from local_aws.athena.ddl.terms import check_location
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest, ResultColumn
from local_aws.glue.catalog import AlreadyExists, CatalogError, EntityNotFound

Shape = dict[str, Any]
_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def run_ddl(statement: DdlStatement, request: QueryRequest) -> QueryOutcome:
    """Run a statement and write its text to the request's result file.

    Raises:
        QueryFailed: in Hive's words; the catalog is as before.
    """
    try:
        if isinstance(statement, Show):
            return _show(statement, request)
        if isinstance(statement, Describe):
            described = describe_lines(statement, _table(statement.table, request), request)
            return _outcome("DESCRIBE_TABLE", described, request, result_columns("DESCRIBE"))
        substatement, run = _STATEMENTS[type(statement)]
        lines = run(statement, request) or ()
        return _outcome(substatement, lines, request, (ResultColumn("result", "string"),) if lines else ())
    except CatalogError as error:
        raise QueryFailed(f"{_TASK}{error.code}(message:{error.message})") from error


def _show(statement: Show, request: QueryRequest) -> QueryOutcome:
    def table() -> Shape:
        assert statement.table is not None
        named = statement.table
        return _table(TableName(named.database or statement.database, named.name), request)

    lines = show_lines(statement, table, request)
    return _outcome(f"SHOW_{statement.what}", lines, request, result_columns(statement.what))


def _outcome(
    substatement: str, lines: Iterable[str], request: QueryRequest, columns: tuple[ResultColumn, ...]
) -> QueryOutcome:
    count = 0
    with request.result_file.open("w", encoding="utf-8", newline="\n") as result:
        for line in lines:
            result.write(f"{line}\n")
            count += 1
    return QueryOutcome("DDL", substatement, columns, output_rows=count)


def _table(name: TableName, request: QueryRequest) -> Shape:
    database = name.database or request.database
    try:
        return request.catalog.get_table(database, name.name)
    except EntityNotFound as error:
        raise QueryFailed(
            f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.name}", error_type=1001
        ) from error


def _create_database(statement: CreateDatabase, request: QueryRequest) -> None:
    shape: Shape = {"Name": statement.name, "Parameters": statement.properties}
    if statement.comment is not None:
        shape["Description"] = statement.comment
    if statement.location is not None:
        shape["LocationUri"] = check_location(statement.location)
    try:
        request.catalog.create_database(shape)
    except AlreadyExists as error:
        if not statement.if_not_exists:
            text = f"{_TASK}Database {statement.name} already exists"
            raise QueryFailed(text) from error


def _drop_database(statement: DropDatabase, request: QueryRequest) -> None:
    try:
        tables = request.catalog.list_tables(statement.name)
    except EntityNotFound as error:
        if statement.if_exists:
            return
        raise QueryFailed(
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {statement.name}"
        ) from error
    if tables and not statement.cascade:
        raise QueryFailed(
            f"{_TASK}InvalidOperationException(message:Database {statement.name} is not empty. "
            "One or more tables exist.)"
        )
    request.catalog.delete_database(statement.name)


def _alter_database(statement: AlterDatabase, request: QueryRequest) -> None:
    database = request.catalog.get_database(statement.name)
    kept: Shape = {key: database[key] for key in ("Name", "Description", "LocationUri") if key in database}
    parameters = {**(database.get("Parameters") or {}), **statement.properties}
    request.catalog.update_database(statement.name, {**kept, "Parameters": parameters})


def _create_table(statement: CreateTable, request: QueryRequest) -> None:
    shape = table_input(statement)
    try:
        request.catalog.create_table(statement.table.database or request.database, shape)
    except AlreadyExists as error:
        if not statement.if_not_exists:
            raise QueryFailed(
                f"{_TASK}AlreadyExistsException(message:Table {shape['Name']} already exists.)"
            ) from error


def _drop_table(statement: DropTable, request: QueryRequest) -> None:
    try:
        request.catalog.delete_table(statement.table.database or request.database, statement.table.name)
    except EntityNotFound as error:
        if not statement.if_exists:
            name = f"{statement.table.database or request.database}.{statement.table.name}"
            raise QueryFailed(f"FAILED: SemanticException [Error 10001]: Table not found {name}") from error


def _change_columns(statement: ChangeColumns, request: QueryRequest) -> None:
    table = _table(statement.table, request)
    current = list(table["StorageDescriptor"].get("Columns") or [])
    named = [glue_column(column) for column in statement.columns]
    if statement.how == "ADD":
        changed = current + named
    elif statement.how == "REPLACE":
        changed = named
    else:
        if statement.changed not in [column["Name"] for column in current]:
            raise QueryFailed(f"FAILED: SemanticException: {table['Name']} has no column {statement.changed}")
        changed = [named[0] if column["Name"] == statement.changed else column for column in current]
    names = [column["Name"] for column in [*changed, *(table.get("PartitionKeys") or [])]]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise QueryFailed(f"FAILED: SemanticException [Error 10036]: Duplicate column name: {twice}")
    descriptor = {**table["StorageDescriptor"], "Columns": changed}
    _update_table(table, {"StorageDescriptor": descriptor}, request)


def _set_table_properties(statement: SetTableProperties, request: QueryRequest) -> None:
    table = _table(statement.table, request)
    _update_table(table, {"Parameters": {**(table.get("Parameters") or {}), **statement.properties}}, request)


def _update_table(table: Shape, changes: Shape, request: QueryRequest) -> None:
    kept = (
        "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText",
        "ViewExpandedText", "TableType", "Parameters",
    )  # fmt: skip
    shape = {key: table[key] for key in kept if key in table}
    request.catalog.update_table(table["DatabaseName"], {**shape, **changes})


def _on_table(run: Callable[[Any, Shape, QueryRequest], Iterable[str] | None]) -> Callable[[Any, QueryRequest], Any]:
    return lambda statement, request: run(statement, _table(statement.table, request), request)


_STATEMENTS: dict[type, tuple[str, Callable[[Any, QueryRequest], Iterable[str] | None]]] = {
    CreateDatabase: ("CREATE_DATABASE", _create_database),
    DropDatabase: ("DROP_DATABASE", _drop_database),
    AlterDatabase: ("ALTER_DATABASE", _alter_database),
    CreateTable: ("CREATE_TABLE", _create_table),
    DropTable: ("DROP_TABLE", _drop_table),
    AddPartitions: ("ALTER_TABLE_ADD_PARTITION", _on_table(add_partitions)),
    DropPartitions: ("ALTER_TABLE_DROP_PARTITION", _on_table(drop_partitions)),
    SetPartitionLocation: ("ALTER_TABLE_SET_LOCATION", _on_table(set_partition_location)),
    RenamePartition: ("ALTER_TABLE_RENAME_PARTITION", _on_table(rename_partition)),
    ChangeColumns: ("ALTER_TABLE_COLUMNS", _change_columns),
    SetTableProperties: ("ALTER_TABLE_SET_TBLPROPERTIES", _set_table_properties),
    RepairTable: ("MSCK_REPAIR_TABLE", _on_table(repair_table)),
}
"""Statement -> Athena's SubstatementType (AWS documents examples only; these names are unverified) and what it does."""
