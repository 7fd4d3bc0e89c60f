"""Execution parameters: the values of a statement's question marks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokenizer_core import TokenType

from local_aws.athena.dml.parser import parse_expression, tokens
from local_aws.athena.model import QueryFailed


def bound(sql: str, parameters: Sequence[str]) -> str:
    """Returns a statement with each `?` replaced by a parameter, the text of a SQL expression.

    Raises: QueryFailed INVALID_PARAMETER_USAGE when their numbers differ, SYNTAX_ERROR when a parameter is no
    expression.
    """
    places = [token.start for token in tokens(sql) if token.token_type is TokenType.PLACEHOLDER]
    if len(places) != len(parameters):
        raise QueryFailed(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: "
            f"expected {len(places)} but found {len(parameters)}"
        )
    for place, parameter in reversed(list(zip(places, parameters, strict=True))):
        parse_expression(parameter)
        sql = f"{sql[:place]}{parameter}{sql[place + 1 :]}"
    return sql
