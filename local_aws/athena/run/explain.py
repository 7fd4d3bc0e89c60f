"""EXPLAIN, EXPLAIN ANALYZE and SHOW FUNCTIONS."""

from __future__ import annotations

import re

from local_aws.athena.dml.functions import FUNCTIONS, SPECIAL
from local_aws.athena.dml.relations import TranslatedQuery
from local_aws.athena.dml.statements import CreateTableAs, CreateView, Explain, InsertInto, Query, ShowFunctions, Unload
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest, ResultColumn
from local_aws.athena.run.selecting import bound_query, translated
from local_aws.athena.scan.queries import BoundQuery, Run

_PLAN = ResultColumn("Query Plan", "varchar", 2147483647, case_sensitive=True)


def explain(statement: Explain, request: QueryRequest) -> QueryOutcome:
    """Write the plan: for each table its filters on partitions and its files, then DuckDB's operators.

    With ANALYZE the query runs. Raises: QueryFailed, as the query itself would.
    """
    inner = statement.statement
    if isinstance(inner, CreateTableAs | CreateView | InsertInto | Unload):
        inner = inner.query
    if not isinstance(inner, Query):
        raise QueryFailed("NOT_SUPPORTED: EXPLAIN takes a query")
    options = dict(statement.options)
    if options.get("format", "text") not in ("text",) or options.get("type", "logical") == "io":
        raise QueryFailed(f"NOT_SUPPORTED: EXPLAIN with {options} is not supported; use FORMAT TEXT, TYPE LOGICAL")
    query = translated(inner, request)
    if options.get("type") == "validate":
        return _written(request, ["Valid", "true"], ResultColumn("Valid", "boolean"))
    with bound_query(query, request) as bound:
        lines = ["Query Plan", *_tables(bound, query)]
        word = "EXPLAIN ANALYZE" if statement.analyze else "EXPLAIN"
        plan: list[str] = []

        def run(connection: object) -> int:
            rows = bound.session.connection.execute(f"{word} {query.sql}").fetchall()
            plan.extend(line for _, text in rows for line in str(text).splitlines())
            return 0

        done = bound.run(run)
    scanned = done if statement.analyze else None
    return _written(request, lines + plan, _PLAN, scanned)


def _tables(bound: BoundQuery, query: TranslatedQuery) -> list[str]:
    lines = []
    for scan in bound.scans:
        table = scan.use.table
        files = list(scan.files)
        lines.append(f"TableScan[table = {table.catalog}:{table.database}:{table.name}]")
        lines.extend(f"    partition filter: {condition}" for condition in scan.use.partition_filters)
        partitions = {file.partition.values for file in files}
        lines.append(f"    {len(partitions)} partitions, {len(files)} files, {sum(file.size for file in files)} bytes")
        lines.append(f"    columns: {', '.join(sorted(scan.use.columns)) or '(none)'}")
    columns = ", ".join(f"{column.name}:{column.type}" for column in query.columns)
    lines.append(f"Output[{columns}]")
    return lines


def show_functions(statement: ShowFunctions, request: QueryRequest) -> QueryOutcome:
    """Write the functions there are, one overload a line, those that match a LIKE pattern."""
    pattern = None
    if statement.pattern is not None:
        pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in statement.pattern)
    lines = ["Function\tReturn Type\tArgument Types\tFunction Type"]
    for name in sorted({*FUNCTIONS, *SPECIAL}):
        if pattern is not None and not re.fullmatch(pattern, name):
            continue
        for overload in FUNCTIONS.get(name, ()):
            kind = "aggregate" if "[" in overload.template else "scalar"
            arguments = str(overload).removeprefix(f"{name}(").removesuffix(")")
            lines.append(f"{name}\t{overload.result}\t{arguments}\t{kind}")
        if name not in FUNCTIONS:
            lines.append(f"{name}\t\t\tscalar")
    return _written(request, lines, ResultColumn("Function", "varchar"), substatement="SHOW_FUNCTIONS")


def _written(
    request: QueryRequest,
    lines: list[str],
    column: ResultColumn,
    run: Run | None = None,
    substatement: str = "EXPLAIN",
) -> QueryOutcome:
    request.result_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    scanned = run.scanned_bytes if run is not None else 0
    return QueryOutcome("UTILITY", substatement, (column,), data_scanned_bytes=scanned, output_rows=len(lines))
