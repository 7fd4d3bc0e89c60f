"""Trino's errors, each with its code, its place in the text and Trino's own words."""

from __future__ import annotations

import re

from sqlglot import exp

from local_aws.athena.model import QueryFailed


def position(node: exp.Expr) -> tuple[int, int] | None:
    """Returns line and column (both from 1) of the first token of a node, or None if the parser kept none."""
    places = [(part.meta["start"], part.meta) for part in node.walk() if "start" in part.meta]
    if not places:
        return None
    start, meta = min(places, key=lambda place: int(place[0]))
    return int(meta["line"]), int(meta["col"]) - (int(meta["end"]) - int(start))


def located(code: str, node: exp.Expr | None, message: str) -> QueryFailed:
    """Returns the error `CODE: line L:C: message`; without a place `CODE: message`."""
    place = position(node) if node is not None else None
    return QueryFailed(f"{code}: line {place[0]}:{place[1]}: {message}" if place else f"{code}: {message}")


def with_place(failure: QueryFailed, node: exp.Expr) -> QueryFailed:
    """Returns a failure `CODE: message` of the catalog with the place of the name that caused it."""
    code, separator, message = failure.message.partition(": ")
    if not separator or message.startswith("line ") or not re.fullmatch("[A-Z_]+", code):
        return failure
    return located(code, node, message)


def column_not_found(node: exp.Expr, name: str) -> QueryFailed:
    """Returns COLUMN_NOT_FOUND for a name as it was typed."""
    return located("COLUMN_NOT_FOUND", node, f"Column '{name}' cannot be resolved")


def function_not_found(node: exp.Expr, name: str) -> QueryFailed:
    """Returns FUNCTION_NOT_FOUND for a function Athena, or this Athena, does not have."""
    return located("FUNCTION_NOT_FOUND", node, f"Function '{name.lower()}' not registered")


def type_mismatch(node: exp.Expr | None, message: str) -> QueryFailed:
    """Returns TYPE_MISMATCH."""
    return located("TYPE_MISMATCH", node, message)


def not_supported(node: exp.Expr | None, message: str) -> QueryFailed:
    """Returns NOT_SUPPORTED: right in Trino's grammar, but beyond Athena or this Athena."""
    return located("NOT_SUPPORTED", node, message)


def syntax_error(node: exp.Expr | None, message: str) -> QueryFailed:
    """Returns SYNTAX_ERROR."""
    return located("SYNTAX_ERROR", node, message)


def mismatched_input(sql: str, offset: int, text: str) -> QueryFailed:
    """Returns the parser's error for an unexpected token at an offset of the statement."""
    line = sql.count("\n", 0, offset) + 1
    column = offset - (sql.rfind("\n", 0, offset) + 1) + 1
    return QueryFailed(f"SYNTAX_ERROR: line {line}:{column}: mismatched input '{text}'")
