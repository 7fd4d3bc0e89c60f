"""CREATE VIEW and DROP VIEW, kept in Glue as Athena keeps views."""

from __future__ import annotations

from local_aws.athena.ddl.views import is_view, view_table_input
from local_aws.athena.dml.schema import CATALOG
from local_aws.athena.dml.statements import CreateView, DropView
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest
from local_aws.athena.run.selecting import translated
from local_aws.glue.catalog import EntityNotFound


def create_view(statement: CreateView, request: QueryRequest) -> QueryOutcome:
    """Keep a query as a view. Raises: QueryFailed when it does not translate, or the name is taken."""
    query = translated(statement.query, request)
    seen: set[str] = set()
    for place, column in enumerate(query.columns, start=1):
        if column.name.startswith("_col"):
            raise QueryFailed(f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {place}")
        if column.name.lower() in seen:
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{column.name}' specified more than once")
        seen.add(column.name.lower())
    database, name = statement.view.database or request.database, statement.view.name
    columns = [(column.name.lower(), str(column.type)) for column in query.columns]
    table_input = view_table_input(name, statement.query.sql, request.database, columns)
    if statement.comment:
        table_input["Description"] = statement.comment
    try:
        existing = request.catalog.get_table(database, name)
    except EntityNotFound:
        _check_database(database, request)
        request.catalog.create_table(database, table_input)
    else:
        if not is_view(existing):
            raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: Table already exists: '{CATALOG}.{database}.{name}'")
        if not statement.or_replace:
            raise QueryFailed(f"ALREADY_EXISTS: line 1:1: View already exists: '{CATALOG}.{database}.{name}'")
        request.catalog.update_table(database, table_input)
    request.result_file.write_text("")
    return QueryOutcome("DDL", "CREATE_VIEW")


def drop_view(statement: DropView, request: QueryRequest) -> QueryOutcome:
    """Delete a view. Raises: QueryFailed when there is none of the name, unless IF EXISTS says not to."""
    database, name = statement.view.database or request.database, statement.view.name
    try:
        existing = request.catalog.get_table(database, name)
    except EntityNotFound:
        if not statement.if_exists:
            raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: View '{CATALOG}.{database}.{name}' does not exist") from None
    else:
        if not is_view(existing):
            raise QueryFailed(
                f"TABLE_NOT_FOUND: line 1:1: View '{CATALOG}.{database}.{name}' does not exist, but a table with that "
                "name exists. Did you mean DROP TABLE?"
            )
        request.catalog.delete_table(database, name)
    request.result_file.write_text("")
    return QueryOutcome("DDL", "DROP_VIEW")


def _check_database(database: str, request: QueryRequest) -> None:
    try:
        request.catalog.get_database(database)
    except EntityNotFound:
        raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{database}' does not exist") from None
