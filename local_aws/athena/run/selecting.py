"""Queries: translated, bound to files, their rows written as Athena's result."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from local_aws.athena.dml.macros import macros_used
from local_aws.athena.dml.query import translate
from local_aws.athena.dml.relations import TranslatedQuery
from local_aws.athena.dml.render import rendered_columns
from local_aws.athena.dml.statements import Query
from local_aws.athena.model import QueryOutcome, QueryRequest
from local_aws.athena.scan.catalog_schema import GlueSchema
from local_aws.athena.scan.queries import BoundQuery
from local_aws.athena.scan.results import write_result
from local_aws.athena.scan.session import open_session


def select(statement: Query, request: QueryRequest) -> QueryOutcome:
    """Run a query. Raises: QueryFailed, QueryCancelled."""
    query = translated(statement, request)
    columns, texts, names = rendered_columns(query.columns)
    with bound_query(query, request, texts) as bound:
        run = write_result(bound, columns, texts, names, request.result_file)
    return QueryOutcome(
        "DML",
        "SELECT",
        tuple(columns),
        data_scanned_bytes=run.scanned_bytes,
        input_rows=run.scanned_rows,
        input_bytes=run.listed_bytes,
        output_rows=run.rows,
        output_bytes=request.result_file.stat().st_size,
        planning_seconds=run.planning_seconds,
    )


def translated(statement: Query, request: QueryRequest) -> TranslatedQuery:
    """Returns the query for DuckDB. Raises: QueryFailed."""
    return translate(statement.tree, GlueSchema(request.catalog), database=request.database)


@contextlib.contextmanager
def bound_query(query: TranslatedQuery, request: QueryRequest, texts: Sequence[str] = ()) -> Iterator[BoundQuery]:
    """A query bound to the files it reads, in a session of its own that knows the macros it and `texts` use."""
    filters = [condition for use in query.tables for condition in use.partition_filters]
    with open_session(request.result_file.parent, request.cancelled) as session:
        for macro in macros_used(query.sql, *texts, *filters):
            session.connection.execute(macro)
        yield BoundQuery(session, request, query)
