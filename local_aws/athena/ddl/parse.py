"""Hive DDL text to statements, by recursive descent (Athena user guide, "DDL statements")."""

from __future__ import annotations

import re
from collections.abc import Callable

from local_aws.athena.ddl.create_table import parse_create_table
from local_aws.athena.ddl.statements import (
    AddPartitions,
    AlterDatabase,
    ChangeColumns,
    CreateDatabase,
    DdlStatement,
    Describe,
    DropDatabase,
    DropPartitions,
    DropTable,
    NewPartition,
    PartitionSpec,
    RenamePartition,
    RepairTable,
    SetPartitionLocation,
    SetTableProperties,
    Show,
)
from local_aws.athena.ddl.terms import column, columns, partition_spec, properties, table_name
from local_aws.athena.ddl.tokens import Kind, Tokens
from local_aws.athena.model import QueryFailed

# What begins a statement of this module, behind comments; everything else is Trino SQL.
_DDL = re.compile(
    r"""(?:\s|--[^\n]*\n|/\*.*?\*/)*
        (?:(?P<create>CREATE\s+(?:DATABASE|SCHEMA|EXTERNAL))\b
          |(?P<create_table>CREATE\s+TABLE)\b
          |(?:DROP|ALTER)\s+(?:DATABASE|SCHEMA|TABLE)\b
          |MSCK\b|DESCRIBE\b|DESC\b
          |SHOW\s+(?:DATABASES|SCHEMAS|TABLES|VIEWS|PARTITIONS|COLUMNS|TBLPROPERTIES|CREATE\s+TABLE)\b)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CTAS = re.compile(r"\bAS\s*(?:\(|SELECT\b|WITH\b|VALUES\b|TABLE\b)", re.IGNORECASE)


def parse_ddl(sql: str) -> DdlStatement | None:
    """The statement, or None when it is not Hive DDL (then it is Trino SQL: SELECT, CTAS, views, …).

    Raises:
        QueryFailed: for DDL that is wrong, with line and column.
    """
    begin = _DDL.match(sql)
    if begin is None or (begin["create_table"] and _CTAS.search(sql)):
        return None
    tokens = Tokens(sql)
    statement = _STATEMENTS[tokens.take().value.upper()](tokens)
    tokens.end()
    return statement


def _create(tokens: Tokens) -> DdlStatement:
    if tokens.accept("DATABASE") or tokens.accept("SCHEMA"):
        return _create_database(tokens)
    return parse_create_table(tokens)


def _create_database(tokens: Tokens) -> CreateDatabase:
    if_not_exists = tokens.accept("IF", "NOT", "EXISTS")
    name = tokens.name()
    comment = tokens.string() if tokens.accept("COMMENT") else None
    location = tokens.string() if tokens.accept("LOCATION") else None
    database_properties = properties(tokens) if tokens.accept("WITH", "DBPROPERTIES") else {}
    return CreateDatabase(name, if_not_exists, comment, location, database_properties)


def _drop(tokens: Tokens) -> DdlStatement:
    if tokens.accept("TABLE"):
        if_exists = tokens.accept("IF", "EXISTS")
        table = table_name(tokens)
        tokens.accept("PURGE")
        return DropTable(table, if_exists)
    tokens.take()  # DATABASE or SCHEMA
    if_exists = tokens.accept("IF", "EXISTS")
    name = tokens.name()
    cascade = tokens.accept("CASCADE")
    if not cascade:
        tokens.accept("RESTRICT")
    return DropDatabase(name, if_exists, cascade)


def _alter(tokens: Tokens) -> DdlStatement:
    if tokens.accept("DATABASE") or tokens.accept("SCHEMA"):
        name = tokens.name()
        tokens.expect("SET", "DBPROPERTIES")
        return AlterDatabase(name, properties(tokens))
    tokens.expect("TABLE")
    table = table_name(tokens)
    if tokens.accept("ADD", "COLUMNS"):
        return ChangeColumns(table, "ADD", columns(tokens))
    if tokens.accept("REPLACE", "COLUMNS"):
        return ChangeColumns(table, "REPLACE", columns(tokens))
    if tokens.accept("CHANGE"):
        tokens.accept("COLUMN")
        return ChangeColumns(table, "CHANGE", changed=tokens.name(), columns=(column(tokens),))
    if tokens.accept("SET", "TBLPROPERTIES"):
        return SetTableProperties(table, properties(tokens))
    if tokens.accept("ADD"):
        if_not_exists = tokens.accept("IF", "NOT", "EXISTS")
        return AddPartitions(table, if_not_exists, _new_partitions(tokens))
    if tokens.accept("DROP"):
        if_exists = tokens.accept("IF", "EXISTS")
        specs = [_partition(tokens, comparisons=True)]
        while tokens.accept(","):
            specs.append(_partition(tokens, comparisons=True))
        tokens.accept("PURGE")
        return DropPartitions(table, if_exists, tuple(specs))
    if tokens.at("PARTITION"):
        spec = _partition(tokens)
        if tokens.accept("SET", "LOCATION"):
            return SetPartitionLocation(table, spec, tokens.string())
        tokens.expect("RENAME", "TO")
        return RenamePartition(table, spec, _partition(tokens))
    raise QueryFailed(
        "FAILED: this ALTER TABLE is not supported by Athena. Supported: ADD/DROP/RENAME PARTITION, PARTITION … SET "
        "LOCATION, ADD/REPLACE/CHANGE COLUMNS, SET TBLPROPERTIES",
        error_type=1000,
    )


def _new_partitions(tokens: Tokens) -> tuple[NewPartition, ...]:
    partitions = []
    while tokens.at("PARTITION"):
        spec = _partition(tokens)
        location = tokens.string() if tokens.accept("LOCATION") else None
        partitions.append(NewPartition(spec, location))
        tokens.accept(",")
    if not partitions:
        tokens.fail("expecting PARTITION")
    return tuple(partitions)


def _partition(tokens: Tokens, *, comparisons: bool = False) -> PartitionSpec:
    tokens.expect("PARTITION")
    return partition_spec(tokens, comparisons=comparisons)


def _msck(tokens: Tokens) -> RepairTable:
    tokens.expect("REPAIR", "TABLE")
    return RepairTable(table_name(tokens))


def _describe(tokens: Tokens) -> Describe:
    mode = next((word for word in ("EXTENDED", "FORMATTED") if tokens.accept(word)), "")
    table = table_name(tokens)
    spec = _partition(tokens) if tokens.at("PARTITION") else ()
    is_over = tokens.current.kind is Kind.END or tokens.at(";")
    return Describe(table, mode, spec, None if is_over else tokens.name())


def _show(tokens: Tokens) -> Show:
    if tokens.accept("DATABASES") or tokens.accept("SCHEMAS"):
        return Show("DATABASES", pattern=_pattern(tokens))
    for what in ("TABLES", "VIEWS"):
        if tokens.accept(what):
            database = tokens.name() if tokens.accept("IN") or tokens.accept("FROM") else None
            return Show(what, database=database, pattern=_pattern(tokens))
    if tokens.accept("PARTITIONS"):
        table = table_name(tokens)
        return Show("PARTITIONS", table, spec=_partition(tokens) if tokens.at("PARTITION") else ())
    if tokens.accept("COLUMNS"):
        if not tokens.accept("IN"):
            tokens.expect("FROM")
        table = table_name(tokens)
        database = tokens.name() if tokens.accept("IN") or tokens.accept("FROM") else None
        return Show("COLUMNS", table, database=database)
    if tokens.accept("TBLPROPERTIES"):
        table = table_name(tokens)
        wanted = None
        if tokens.accept("("):
            wanted = tokens.string()
            tokens.expect(")")
        return Show("TBLPROPERTIES", table, property=wanted)
    tokens.expect("CREATE", "TABLE")
    return Show("CREATE_TABLE", table_name(tokens))


def _pattern(tokens: Tokens) -> str | None:
    tokens.accept("LIKE")
    return tokens.string() if tokens.current.kind is Kind.STRING else None


_STATEMENTS: dict[str, Callable[[Tokens], DdlStatement]] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "MSCK": _msck,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "SHOW": _show,
}
