"""The words of a QuickSight expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from local_aws.quicksight.preparation.terms import InvalidExpression

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<comment>/\*.*?\*/)
    | (?P<number>\d+\.\d*|\.\d+|\d+)
    | '(?P<text>(?:[^'\\]|\\.|'')*)'
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | \{(?P<braced>[^{}]+)\}
    | \$\{(?P<parameter>[^{}]+)\}
    | (?P<word>[^\W\d]\w*)
    | (?P<symbol><>|!=|<=|>=|[-+*/%^()\[\],=<>])
    )""",
    re.VERBOSE | re.DOTALL,
)

Kind = Literal["number", "text", "name", "parameter", "word", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One word: a number, a 'text', a {name}, a ${parameter}, a word (function, operator, name), or a symbol."""

    kind: Kind
    value: str


def tokens(expression: str) -> list[Token]:
    """The words of an expression, with an end.

    Raises: InvalidExpression naming the place of a character that belongs nowhere.
    """
    found: list[Token] = []
    position = 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            rest = expression[position:].strip()
            raise InvalidExpression(f"{rest[:20]!r} at character {position + 1} is not understood")
        position = match.end()
        kind = match.lastgroup
        value = match[kind] if kind else ""
        if kind == "text":
            found.append(Token("text", re.sub(r"''|\\(.)", lambda escape: escape[1] or "'", value)))
        elif kind == "quoted":
            found.append(Token("text", re.sub(r"\\(.)", r"\1", value)))
        elif kind == "braced":
            found.append(Token("name", value))
        elif kind == "number":
            found.append(Token("number", value))
        elif kind == "parameter":
            found.append(Token("parameter", value))
        elif kind == "word":
            found.append(Token("word", value))
        elif kind == "symbol":
            found.append(Token("symbol", value))
    return [*found, Token("end", "")]
