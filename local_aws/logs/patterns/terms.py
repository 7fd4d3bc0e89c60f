"""Patterns for unstructured messages: terms, "phrases", ?optional and -excluded ones, or one %regular expression%."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.message import LogMessage
from local_aws.logs.patterns.regular_expressions import compile_regex
from local_aws.logs.patterns.tokens import quoted, unquoted

_TERM = re.compile(r'(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"]+))(?=\s|$)', re.DOTALL)
_BARE = re.compile(r"\w+")


@dataclass(frozen=True)
class WithoutFields:
    """What patterns for unstructured messages answer about fields: there are none."""

    @property
    def supports_dimensions(self) -> bool:
        """Dimensions are fields of a message."""
        return False

    def extracted_values(self, message: LogMessage) -> dict[str, str]:
        """Always empty."""
        return {}

    def knows(self, reference: str) -> bool:
        """There is nothing to refer to."""
        return False

    def value(self, message: LogMessage, reference: str) -> str | None:
        """There is nothing to refer to."""
        return None


@dataclass(frozen=True)
class Terms(WithoutFields):
    """All of `required` and none of `excluded`; without either, one of `optional`; without any, every message.

    AWS ignores ?optional terms beside others. Terms are case-sensitive and found within words.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def regex_count(self) -> int:
        """Terms are no regular expressions."""
        return 0

    def matches(self, message: LogMessage) -> bool:
        """Whether the terms are, and are not, in the message."""
        text = message.text
        if self.required or self.excluded:
            return all(term in text for term in self.required) and not any(term in text for term in self.excluded)
        return not self.optional or any(term in text for term in self.optional)

    def __str__(self) -> str:
        signed = {"": self.required, "?": self.optional, "-": self.excluded}
        return " ".join(sign + _printed(term) for sign, terms in signed.items() for term in terms)


@dataclass(frozen=True)
class StandaloneRegex(WithoutFields):
    """The whole pattern is one %regular expression%, searched for anywhere in the message."""

    source: str

    @property
    def regex_count(self) -> int:
        """Itself."""
        return 1

    @cached_property
    def _search(self) -> re.Pattern[str]:
        return compile_regex(self.source)

    def matches(self, message: LogMessage) -> bool:
        """Whether the expression is found."""
        return self._search.search(message.text) is not None

    def __str__(self) -> str:
        return f"%{self.source}%"


def parse_terms(pattern: str) -> Terms | StandaloneRegex:
    """Raises: InvalidPattern."""
    if pattern.startswith("%"):
        if len(pattern) < 2 or not pattern.endswith("%"):
            raise InvalidPattern("If a filter pattern starts with '%' it must end with '%'")
        regex = StandaloneRegex(pattern[1:-1])
        compile_regex(regex.source)
        return regex
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(pattern):
        if pattern[position].isspace():
            position += 1
            continue
        found = _TERM.match(pattern, position)
        if found is None:
            raise _broken_term(pattern, position)
        term = _term(found)
        if term.strip():  # the pattern " " selects every message
            terms[found["sign"]].append(term)
        position = found.end()
    return Terms(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _term(found: re.Match[str]) -> str:
    word = found["word"]
    if word is None:
        return unquoted(found["phrase"])
    if not _BARE.fullmatch(word):
        raise InvalidPattern.term(word)
    return str(word)


def _broken_term(pattern: str, position: int) -> InvalidPattern:
    term = pattern[position:].split()[0]
    if pattern.count('"', position) % 2:
        return InvalidPattern.at(position, f"a quotation mark is not closed in {term}")
    return InvalidPattern.term(term)


def _printed(term: str) -> str:
    return term if _BARE.fullmatch(term) else quoted(term)
