"""Parsing Trino SQL with sqlglot, kept close to the text.

sqlglot's Trino dialect maps functions onto nodes of its own, under which Trino's name is lost and other systems'
names are understood too. Here only the forms with a syntax of their own (CAST, EXTRACT, TRIM, …) become such nodes;
every other call stays `exp.Anonymous` under the name that was typed, for the table of functions to judge.
"""

from __future__ import annotations

import re
import string
from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from local_aws.athena.dml.failures import mismatched_input
from local_aws.athena.dml.known_parts import refuse_unknown_parts
from local_aws.athena.model import QueryFailed

_FORMS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "NORMALIZE", "LISTAGG")

_FOREIGN_TOKENS = {
    TokenType.DCOLON,
    TokenType.QUALIFY,
    TokenType.ILIKE,
    TokenType.RLIKE,
    TokenType.GLOB,
    TokenType.DIV,
    TokenType.AMP,
    TokenType.CARET,
    TokenType.NULLSAFE_EQ,
    TokenType.HASH_ARROW,
    TokenType.DHASH_ARROW,
    TokenType.DARROW,
    TokenType.PIVOT,
    TokenType.UNPIVOT,
    TokenType.ASOF,
}
"""Operators that sqlglot would accept although Trino's grammar does not have them."""


_WORD = {*string.ascii_letters, "_"}


class TrinoSql(Trino):
    """Trino's grammar with function calls left as they are, and array indexes from 1."""

    INDEX_OFFSET = 0

    class Tokenizer(Trino.Tokenizer):
        """Tokenizes every statement to its end; sqlglot's would keep the rest of an EXECUTE or SHOW as one text."""

        COMMANDS: ClassVar[set[TokenType]] = set()

    class Parser(TrinoParser):
        """See the module."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in TrinoParser.FUNCTION_PARSERS.items() if name in _FORMS
        }
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in TrinoParser.NO_PAREN_FUNCTION_PARSERS.items() if name != "CONNECT_BY_ROOT"
        }


def tokens(sql: str) -> list[Token]:
    """Returns the tokens of a statement, without a closing semicolon. Raises: QueryFailed SYNTAX_ERROR."""
    try:
        found = TrinoSql().tokenize(sql)
    except TokenError as error:
        raise QueryFailed(f"SYNTAX_ERROR: {error}") from None
    while found and found[-1].token_type is TokenType.SEMICOLON:
        found.pop()
    return found


def parse_query(sql: str) -> exp.Query:
    """Returns the tree of a query (SELECT, WITH, VALUES, TABLE, set operations).

    Raises: QueryFailed SYNTAX_ERROR with the place and the token that does not fit.
    """
    found = tokens(sql)
    for token in found:
        if token.token_type in _FOREIGN_TOKENS:
            raise mismatched_input(sql, token.start, token.text)
    for number, behind in pairwise(found):
        # `100_000` would be 100 under the name _000.
        if number.token_type is TokenType.NUMBER and behind.start == number.end + 1 and behind.text[:1] in _WORD:
            raise mismatched_input(sql, behind.start, behind.text)
    tree = _parse(sql, found)
    if isinstance(tree, exp.Subquery | exp.Query | exp.Values):
        return tree  # type: ignore[return-value]
    raise mismatched_input(sql, found[0].start if found else 0, found[0].text if found else "<EOF>")


def parse_expression(sql: str) -> exp.Expr:
    """Returns the tree of one expression, such as an execution parameter. Raises: QueryFailed SYNTAX_ERROR."""
    query = parse_query(f"SELECT {sql}")
    if not isinstance(query, exp.Select) or len(query.expressions) != 1 or query.args.get("from_"):
        raise QueryFailed(f"SYNTAX_ERROR: {sql!r} is not an expression")
    expression: exp.Expr = query.expressions[0]
    return expression


def _parse(sql: str, found: list[Token]) -> exp.Expr:
    if not found:
        raise mismatched_input(sql, len(sql), "<EOF>")
    try:
        trees = TrinoSql().parser().parse(found, sql)
    except ParseError as error:
        raise _failure(sql, error) from None
    if len(trees) != 1 or trees[0] is None:
        extra = next(token for token in found if token.token_type is TokenType.SEMICOLON)
        raise mismatched_input(sql, extra.start, ";")
    tree = trees[0]
    _keep_timestamp_literals(tree)
    for node in tree.walk():
        refuse_unknown_parts(node)
    return tree


def _failure(sql: str, error: ParseError) -> QueryFailed:
    details = error.errors[0] if error.errors else {}
    line, column, text = details.get("line"), details.get("col"), str(details.get("highlight") or "")
    if not line or not column:
        return QueryFailed(f"SYNTAX_ERROR: {error}")
    place = max(1, int(column) - max(len(text), 1) + 1)
    return QueryFailed(f"SYNTAX_ERROR: line {line}:{place}: mismatched input '{text or '<EOF>'}'")


_ZONED = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([A-Za-z][\w/+-]*|[+-]\d{1,2}(:?\d{2})?)$")


def _keep_timestamp_literals(tree: exp.Expr) -> None:
    """Gives TIMESTAMP '…' literals, which sqlglot makes casts of, their precision and zone from the text."""
    for cast in tree.find_all(exp.Cast):
        text = cast.this
        if type(cast) is not exp.Cast or not (isinstance(text, exp.Literal) and text.is_string):
            continue
        if cast.to.this is exp.DType.TIMESTAMP and cast.to.expressions and _ZONED.search(text.name.strip()):
            cast.to.set("this", exp.DType.TIMESTAMPTZ)
