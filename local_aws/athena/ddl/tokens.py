"""Hive SQL cut into tokens, and a cursor over them that a recursive-descent parser reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from local_aws.athena.model import QueryFailed

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
      | (?P<quoted>`(?:[^`]|``)+`)
      | (?P<number>-?\d+(?:\.\d+)?(?![A-Za-z_]))
      | (?P<word>[A-Za-z0-9_]+)
      | (?P<symbol><>|<=|>=|!=|[<>=(),:;.*\[\]-])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}


class Kind(Enum):
    """What a token is."""

    STRING = "string"
    QUOTED = "quoted"
    NUMBER = "number"
    WORD = "word"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its value (strings and quoted names without quotes and escapes) and where it begins."""

    kind: Kind
    value: str
    position: int


class Tokens:
    """A cursor over the tokens of a statement; errors name line, column and what was found."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens = _tokenize(sql)
        self._next = 0

    @property
    def current(self) -> Token:
        """The token that would be taken next."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """The next token, which is then behind the cursor."""
        token = self._tokens[self._next]
        if token.kind is not Kind.END:
            self._next += 1
        return token

    def at(self, *words: str) -> bool:
        """Whether the next tokens are these keywords or symbols."""
        found = self._tokens[self._next : self._next + len(words)]
        return len(found) == len(words) and all(
            token.kind in (Kind.WORD, Kind.SYMBOL) and token.value.upper() == word
            for token, word in zip(found, words, strict=True)
        )

    def accept(self, *words: str) -> bool:
        """Take these keywords or symbols if they come next."""
        if not self.at(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Take these keywords or symbols.

        Raises:
            QueryFailed: when something else comes.
        """
        for word in words:
            if not self.accept(word):
                self.fail(f"expecting {word}")

    def name(self) -> str:
        """An identifier, in lower case as Hive folds it; quoted or not."""
        token = self.take()
        if token.kind not in (Kind.WORD, Kind.QUOTED):
            self.fail("expecting an identifier", token)
        return token.value.lower()

    def string(self) -> str:
        """A quoted string."""
        token = self.take()
        if token.kind is not Kind.STRING:
            self.fail("expecting a quoted string", token)
        return token.value

    def end(self) -> None:
        """The statement must be over; one semicolon may close it."""
        self.accept(";")
        if self.current.kind is not Kind.END:
            self.fail("expecting EOF")

    def fail(self, expectation: str, token: Token | None = None) -> NoReturn:
        """Refuse the statement at a token (the current one).

        Raises:
            QueryFailed: always, in Hive's words.
        """
        token = token or self.current
        before = self.sql[: token.position]
        line, column = before.count("\n") + 1, token.position - (before.rfind("\n") + 1)
        found = "<EOF>" if token.kind is Kind.END else token.value
        raise QueryFailed(f"FAILED: ParseException line {line}:{column} mismatched input '{found}' {expectation}")


def _tokenize(sql: str) -> list[Token]:
    tokens, position = [], 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None:
            line, column = sql.count("\n", 0, position) + 1, position - (sql.rfind("\n", 0, position) + 1)
            text = f"FAILED: ParseException line {line}:{column} cannot recognize input near '{sql[position]}'"
            raise QueryFailed(text)
        kind = match.lastgroup
        if kind != "skip":
            tokens.append(Token(Kind(kind), _value(str(kind), match.group()), position))
        position = match.end()
    tokens.append(Token(Kind.END, "", len(sql)))
    return tokens


def _value(kind: str, text: str) -> str:
    if kind == "quoted":
        return text[1:-1].replace("``", "`")
    if kind == "string":
        quote, body = text[0], text[1:-1]
        if "\\" not in body and quote not in body:
            return body
        unescape = re.compile(rf"\\u([0-9a-fA-F]{{4}})|\\([0-7]{{3}})|\\(.)|{quote}{quote}", re.DOTALL)
        return unescape.sub(lambda match: _unescaped(match, quote), body)
    return text


def _unescaped(match: re.Match[str], quote: str) -> str:
    unicode_digits, octal, character = match.groups()
    if unicode_digits:
        return chr(int(unicode_digits, 16))
    if octal:
        return chr(int(octal, 8))
    return quote if character is None else _ESCAPES.get(character, character)
