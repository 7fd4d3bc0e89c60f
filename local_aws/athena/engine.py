"""One statement, run: Hive DDL on the Glue catalog, or Trino SQL on DuckDB over the objects of S3."""

from __future__ import annotations

from local_aws.athena.ddl import parse_ddl, run_ddl
from local_aws.athena.dml.parameters import bound
from local_aws.athena.dml.statements import (
    CreateTableAs,
    CreateView,
    Deallocate,
    DropView,
    Execute,
    Explain,
    InsertInto,
    Prepare,
    Query,
    ShowFunctions,
    Statement,
    Unload,
    parse_statement,
)
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest
from local_aws.athena.run.explain import explain, show_functions
from local_aws.athena.run.prepared import deallocate, prepare
from local_aws.athena.run.selecting import select
from local_aws.athena.run.views import create_view, drop_view
from local_aws.athena.run.writing import create_table_as, insert_into, unload


def run_statement(request: QueryRequest) -> QueryOutcome:
    """Run a statement and write what it answers to the request's result file.

    Raises:
        QueryFailed: as Athena says it.
        QueryCancelled: when it was stopped, or would have read more than the work group allows.
    """
    ddl = parse_ddl(request.sql)
    if ddl is not None:
        return run_ddl(ddl, request)
    return _run(_statement(request), request)


def _statement(request: QueryRequest) -> Statement:
    """The statement with its parameters' values; EXECUTE is the statement that was prepared."""
    parameters = request.execution_parameters
    statement = _parsed(request.sql, parameters)
    if not isinstance(statement, Execute):
        return statement
    prepared = bound(request.prepared_statement(statement.name), statement.parameters or parameters)
    return parse_statement(prepared)


def _parsed(sql: str, parameters: tuple[str, ...]) -> Statement:
    statement = parse_statement(sql)
    if isinstance(statement, Prepare | Execute):
        return statement
    return parse_statement(bound(sql, parameters)) if parameters or "?" in sql else statement


def _run(statement: Statement, request: QueryRequest) -> QueryOutcome:
    match statement:
        case Query():
            return select(statement, request)
        case CreateTableAs():
            return create_table_as(statement, request)
        case InsertInto():
            return insert_into(statement, request)
        case Unload():
            return unload(statement, request)
        case CreateView():
            return create_view(statement, request)
        case DropView():
            return drop_view(statement, request)
        case Explain():
            return explain(statement, request)
        case ShowFunctions():
            return show_functions(statement, request)
        case Prepare():
            return prepare(statement, request)
        case Deallocate():
            return deallocate(statement, request)
        case Execute():
            raise QueryFailed("NOT_SUPPORTED: a prepared statement cannot execute another one")
