"""The words of space-delimited and JSON patterns, and how quoted text is read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_aws.logs.patterns.errors import InvalidPattern

_TOKEN = re.compile(
    r"""
    (?P<ellipsis>\.\.\.(?=\s*(?:,|$)))
  | (?P<selector>\$(?:\['[^']*'\] | \["[^"]*"\] | \[(?!['"]) | [^\s=!<>&|(),"%\[])*)
  | "(?P<text>(?:[^"\\]|\\.)*)"
  | %(?P<regex>[^%]*)%
  | (?P<mark>&&|\|\||!=|<=|>=|[=<>(),])
  | (?P<word>[A-Za-z0-9_.*+-]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a pattern. `kind`: ellipsis, selector, text (unquoted), regex, mark, word or end."""

    kind: str
    text: str
    position: int


class Tokens:
    """The tokens of a pattern's inside, read from left to right. `offset`: where the inside begins."""

    def __init__(self, inside: str, offset: int) -> None:
        self._tokens = _tokens(inside, offset)
        self._next = 0

    @property
    def next(self) -> Token:
        """The token that comes next, not yet taken."""
        return self._tokens[self._next]

    @property
    def after_next(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token; the last one, `end`, can be taken again and again."""
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def take_mark(self, *marks: str) -> str | None:
        """The next token if it is one of the marks."""
        if self.next.kind == "mark" and self.next.text in marks:
            return self.take().text
        return None

    def take_word(self, word: str) -> bool:
        """Whether the next token is the bare word; it is taken then."""
        if self.next.kind == "word" and self.next.text == word:
            self.take()
            return True
        return False

    def unexpected(self, wanted: str) -> InvalidPattern:
        """The error that the next token is not what is wanted."""
        found = "the end" if self.next.kind == "end" else f"'{self.next.text}'"
        return InvalidPattern.at(self.next.position, f"{wanted} expected, not {found}")


def _tokens(inside: str, offset: int) -> list[Token]:
    tokens = []
    position = _after_space(inside, 0)
    while position < len(inside):
        found = _TOKEN.match(inside, position)
        if found is None:
            raise _unreadable(inside, position, offset)
        kind = str(found.lastgroup)
        text = unquoted(found[kind]) if kind == "text" else found[kind]
        if kind == "word":
            _refuse_more_characters(inside, found)
        tokens.append(Token(kind, text, offset + position))
        position = _after_space(inside, found.end())
    tokens.append(Token("end", "", offset + len(inside)))
    return tokens


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    assert found is not None
    return found.end()


def _refuse_more_characters(inside: str, word: re.Match[str]) -> None:
    """`/a/b` and `10.0.0.1:80` are no bare words; the message names the whole of it."""
    rest = re.match(r"[^\s=!<>&|(),\]}\"%]+", inside[word.end() :])
    if rest is not None:
        raise InvalidPattern.term(word["word"] + rest[0])


def _unreadable(inside: str, position: int, offset: int) -> InvalidPattern:
    character = inside[position]
    if character == '"':
        return InvalidPattern.at(offset + position, "a quotation mark is not closed")
    if character == "%":
        return InvalidPattern.at(offset + position, "a regular expression is not closed with %")
    if character in "&|!":
        return InvalidPattern.at(offset + position, f"'{character}' is no operator; there are = != < > <= >= && ||")
    word = re.match(r"[^\s=<>&|(),]+", inside[position:])
    return InvalidPattern.term(word[0] if word else character)


def unquoted(inside: str) -> str:
    r"""The text between quotation marks, where \" and \\ stand for the mark and the backslash."""
    return re.sub(r'\\(["\\])', r"\1", inside)


def quoted(text: str) -> str:
    """`text` as it stands in a pattern; `unquoted` of its inside is the text again."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
