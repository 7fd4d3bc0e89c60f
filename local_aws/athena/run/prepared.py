"""PREPARE and DEALLOCATE PREPARE: prepared statements of the work group."""

from __future__ import annotations

from local_aws.athena.dml.statements import Deallocate, Prepare
from local_aws.athena.model import QueryOutcome, QueryRequest


def prepare(statement: Prepare, request: QueryRequest) -> QueryOutcome:
    """Keep a statement under a name, in the place of one that has it already."""
    request.save_prepared_statement(statement.name, statement.sql)
    request.result_file.write_text("")
    return QueryOutcome("UTILITY", "PREPARE")


def deallocate(statement: Deallocate, request: QueryRequest) -> QueryOutcome:
    """Forget a prepared statement. Raises: QueryFailed when there is none of the name."""
    request.prepared_statement(statement.name)
    request.save_prepared_statement(statement.name, None)
    request.result_file.write_text("")
    return QueryOutcome("UTILITY", "DEALLOCATE")
