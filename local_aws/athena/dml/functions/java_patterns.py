r"""Regular expressions of Trino (Joni with Java's syntax) in the syntax of RE2, which DuckDB has.

RE2 matches in linear time and so has no lookaround, backreferences, possessive quantifiers and atomic groups; a
pattern that uses one is refused by name. \d, \w and \s are Unicode's in Trino and written out here. Two things RE2
cannot tell apart are left as RE2 has them: \b and \B look at ASCII letters, and outside of regexp_like `$` matches
at the very end only, not before a line feed at the end as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGIT = r"\p{Nd}"
_WORD = r"\p{L}\p{M}\p{N}\p{Pc}"
_SPACE = r"\t-\r\x{85}\p{Z}"
_NOT_SPACE = (
    r"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"
    r"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)
_CLASSES = {"d": _DIGIT, "D": r"\P{Nd}", "w": _WORD, "s": _SPACE, "S": _NOT_SPACE}
_SAME = "bBAztnrfa"
_GROUPS = {
    "(?=": "the lookahead (?=",
    "(?!": "the lookahead (?!",
    "(?<=": "the lookbehind (?<=",
    "(?<!": "the lookbehind (?<!",
    "(?>": "the atomic group (?>",
    "(?#": "the comment (?#",
}
_PROPERTIES = {
    "alpha": r"\p{L}\p{M}",
    "digit": _DIGIT,
    "alnum": r"\p{L}\p{M}\p{Nd}",
    "upper": r"\p{Lu}",
    "uppercase": r"\p{Lu}",
    "lower": r"\p{Ll}",
    "lowercase": r"\p{Ll}",
    "space": _SPACE,
    "whitespace": _SPACE,
}


class UnsupportedPattern(ValueError):
    """A pattern RE2 cannot match. The message names the part."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern in RE2's syntax."""

    text: str
    groups: int
    """How many capturing groups it has."""
    names: dict[str, int]
    """The numbers of the named groups."""
    never_empty: bool
    """Whether every match is known to have a character."""


def translated(pattern: str, *, before_last_newline: bool = False) -> Pattern:
    """Returns a pattern for RE2.

    Args:
        pattern: Trino's.
        before_last_newline: whether `$` shall match before a line feed at the end, too. The line feed is then part
            of the match, so that this is for tests alone.

    Raises: UnsupportedPattern.
    """
    return _Translator(pattern, r"(?:\n?\z)" if before_last_newline else r"\z").pattern()


class _Translator:
    def __init__(self, text: str, end: str) -> None:
        self._text = text
        self._place = 0
        self._end = end
        self._many_lines = re.search(r"\(\?[is]*m", text) is not None
        self._groups = 0
        self._names: dict[str, int] = {}

    def pattern(self) -> Pattern:
        parts: list[str] = []
        while self._place < len(self._text):
            parts.append(self._next())
        return Pattern("".join(parts), self._groups, self._names, _never_empty(parts))

    def _take(self, expression: str) -> re.Match[str] | None:
        match = re.compile(expression, re.DOTALL).match(self._text, self._place)
        if match is not None:
            self._place = match.end()
        return match

    def _next(self) -> str:
        character = self._text[self._place]
        if character == "\\":
            return self._escape()
        if character == "[":
            return self._class()
        if character == "(":
            return self._group()
        quantifier = self._take(r"([*+?]|\{\d+(?:,\d*)?\})([+?]?)")
        if quantifier is not None:
            if quantifier[2] == "+":
                raise UnsupportedPattern(f"the possessive quantifier {quantifier[0]}")
            return quantifier[0]
        self._place += 1
        if character == "$" and not self._many_lines:
            return self._end
        return character

    def _group(self) -> str:
        for opening, name in _GROUPS.items():
            if self._text.startswith(opening, self._place):
                raise UnsupportedPattern(name)
        named = self._take(r"\(\?<([A-Za-z]\w*)>")
        if named is not None:
            self._groups += 1
            self._names[named[1]] = self._groups
            return f"(?P<{named[1]}>"
        flags = self._take(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?[:)]")
        if flags is not None:
            unknown = set((flags[1] or "") + (flags[2] or "")) - set("ims")
            if unknown:
                raise UnsupportedPattern(f"the flag (?{min(unknown)})")
            return flags[0]
        if self._text.startswith("(?", self._place):
            raise UnsupportedPattern(f"the group {self._text[self._place : self._place + 3]}")
        self._place += 1
        self._groups += 1
        return "("

    def _escape(self) -> str:
        quoted = self._take(r"\\Q(.*?)(?:\\E|\Z)")
        if quoted is not None:
            return "".join(map(_plain, quoted[1]))
        if self._take(r"\\W"):
            return f"[^{_WORD}]"
        if self._take(r"\\Z"):
            return self._end
        same = self._take(rf"\\[{_SAME}]")
        if same is not None:
            return same[0]
        item, is_set = self._item()
        return f"[{item}]" if is_set else item

    def _item(self) -> tuple[str, bool]:
        """An escape that is right inside and outside of brackets, and whether it is a set of characters."""
        match = self._take(r"\\([dDwsS])")
        if match is not None:
            return _CLASSES[match[1]], True
        match = self._take(r"\\([pP])(?:\{(\^?)([^}]*)\}|([A-Z]))")
        if match is not None:
            return self._property(match[3] or match[4], negated=(match[1] == "P") != (match[2] == "^")), True
        match = self._take(r"\\(?:u([0-9A-Fa-f]{4})|x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2}))")
        if match is not None:
            return f"\\x{{{match[1] or match[2] or match[3]}}}", False
        match = self._take(r"\\([tnrfae])")
        if match is not None:
            return r"\x1b" if match[1] == "e" else match[0], False
        match = self._take(r"\\([^A-Za-z0-9])")
        if match is not None:
            return _plain(match[1]), False
        match = self._take(r"\\(k<\w*>|.?)")
        found = match[0] if match is not None else "\\"
        if found[1:2].isdigit() or found.startswith("\\k"):
            raise UnsupportedPattern(f"the backreference {found}")
        raise UnsupportedPattern(f"the escape {found}")

    @staticmethod
    def _property(name: str, *, negated: bool) -> str:
        plain = name.replace("_", "").removeprefix("generalcategory=").removeprefix("Is")
        known = _PROPERTIES.get(plain.lower())
        if known is not None and not negated:
            return known
        if known is not None or not re.fullmatch(r"[A-Z][a-z&]?|[A-Z][a-z]{2,}", plain) or plain.startswith("In"):
            raise UnsupportedPattern(f"the property {'^' if negated else ''}{name}")
        return f"\\{'P' if negated else 'p'}{{{plain}}}"

    def _class(self) -> str:
        opening = self._take(r"\[(\^?)")
        assert opening is not None, "a class begins with a bracket"
        negated = bool(opening[1])
        items: list[str] = [r"\]"] if self._take(r"\]") else []
        not_word = False
        while not self._take(r"\]"):
            if self._place >= len(self._text):
                raise UnsupportedPattern("a [ without its ]")
            if self._take(r"\\W"):
                not_word = True
            elif self._take(r"\\b"):
                items.append(r"\x08")
            elif self._text[self._place] == "\\":
                items.append(self._item()[0])
            elif self._take(r"\["):
                raise UnsupportedPattern("a character class inside of another")
            elif self._take("&&"):
                raise UnsupportedPattern("the intersection && of character classes")
            else:
                items.append(self._text[self._place])
                self._place += 1
        body = "".join(items)
        if not not_word:
            return f"[{'^' if negated else ''}{body}]"
        if negated:
            raise UnsupportedPattern(r"\W in a negated character class")
        return f"(?:[^{_WORD}]|[{body}])" if body else f"[^{_WORD}]"


def _plain(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\x{{{ord(character):x}}}"


def _never_empty(parts: list[str]) -> bool:
    """Tells whether one part, outside of groups and alternatives, always takes up a character."""
    depth = 0
    for part in filter(None, parts):
        if part == "|" and depth == 0:
            return False
        depth += (part[0] == "(" and part[-1] != ")") - (part == ")")
    optional = ("*", "?", "{0")
    for part, following in zip(parts, [*parts[1:], ""], strict=False):
        if part[:1] == "(":
            depth += part[-1] != ")"
        elif part == ")":
            depth -= 1
        elif depth == 0 and part[:1] not in "^$*+?{" and part not in _ZERO_WIDTH and not following.startswith(optional):
            return True
    return False


_ZERO_WIDTH = (r"\b", r"\B", r"\A", r"\z", "")
