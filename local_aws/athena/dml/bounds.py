"""LIMIT, OFFSET, FETCH FIRST, and positions in the SELECT list."""

from __future__ import annotations

from sqlglot import exp

from local_aws.athena.dml.failures import located, not_supported, syntax_error


def limits(node: exp.Expr) -> str:
    """Returns the LIMIT and OFFSET clauses of a query, or nothing. Raises: QueryFailed."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    sql = ""
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and options.args.get("with_ties"):
            raise not_supported(limit, "FETCH FIRST … WITH TIES is not supported")
        count = limit.args.get("count")
        sql += f" LIMIT {_number(count, 'FETCH FIRST') if count is not None else 1}"
    elif limit is not None and limit.expression.name.upper() != "ALL":
        sql += f" LIMIT {_number(limit.expression, 'LIMIT')}"
    if offset is not None:
        sql += f" OFFSET {_number(offset.expression, 'OFFSET')}"
    return sql


def _number(node: exp.Expr, word: str) -> int:
    if not (isinstance(node, exp.Literal) and node.is_int):
        raise syntax_error(node, f"mismatched input '{node.sql('trino')}': {word} takes a number")
    return int(node.name)


def position_of(node: exp.Literal, columns: int) -> int:
    """Returns the place, from 0, of a column that ORDER BY names by its number. Raises: QueryFailed."""
    place = int(node.name)
    if not 1 <= place <= columns:
        raise located("INVALID_COLUMN_REFERENCE", node, f"ORDER BY position {place} is not in select list")
    return place - 1
