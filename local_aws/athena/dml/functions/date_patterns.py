"""The two languages of date patterns in Trino: MySQL's (date_format) and Joda's (format_datetime)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_aws.athena.dml.types import literal


class PatternError(ValueError):
    """A pattern with a specifier that Trino, or this Athena, does not have."""


_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M",
    "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S",
    "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_MYSQL_REFUSED = "DUuVwX"
"""Specifiers of MySQL that Trino refuses (Trino, "Date and time functions", MySQL date functions)."""

_NOT_PARSED = ("v", "x", "W", "a")


def mysql_format(pattern: str) -> str:
    """Returns DuckDB's strftime format of a MySQL pattern. Raises: PatternError."""
    return "".join(_mysql_piece(match) for match in re.finditer(r"%(.)|([^%]+)|(%)$", pattern, re.DOTALL))


def mysql_parse_format(pattern: str) -> str:
    """Returns DuckDB's strptime format of a MySQL pattern, whose numbers may be short. Raises: PatternError."""
    for specifier in re.findall(r"%(.)", pattern):
        if specifier in _NOT_PARSED:
            raise PatternError(f"%{specifier} is not supported when dates are parsed")
    return mysql_format(pattern).replace("%-", "%")


def _mysql_piece(match: re.Match[str]) -> str:
    specifier, text, _ = match.groups()
    if text is not None:
        return text
    if specifier is None:
        raise PatternError("Invalid date format string: it ends in %")
    if specifier in _MYSQL_REFUSED:
        raise PatternError(f"%{specifier} not currently supported in the date format string")
    return _MYSQL.get(specifier, specifier)


@dataclass(frozen=True)
class Piece:
    """A run of one letter of a Joda pattern, or text (letter '')."""

    letter: str
    text: str

    def sql(self, local: str, zoned: str) -> str:
        """Returns DuckDB's expression for the text of a local time. Raises: PatternError."""
        if not self.letter:
            return literal(self.text)
        count = len(self.text)
        if self.letter == "Z":
            offset = f"trino_offset_text({zoned})"
            return {1: f"replace({offset}, ':', '')", 2: offset}.get(count, f"({zoned}).zone")
        if self.letter == "S":
            fraction = f"strftime({local}, '%f')"
            return f"left({fraction}, {count})" if count <= 6 else f"rpad({fraction}, {count}, '0')"
        number = _JODA_NUMBERS.get(self.letter)
        if number is not None:
            return f"printf('%0{count}d', CAST({number.format(local)} AS BIGINT))"
        return f"strftime({local}, {literal(self._strftime())})"

    def parse_format(self) -> str:
        """Returns DuckDB's strptime format. Raises: PatternError."""
        if not self.letter:
            return self.text.replace("%", "%%")
        parsed = {"y": "%Y", "M": "%m", "d": "%d", "H": "%H", "h": "%I", "m": "%M", "s": "%S", "S": "%f", "a": "%p"}
        if self.letter == "y" and len(self.text) == 2:
            return "%y"
        if self.letter == "M" and len(self.text) >= 3:
            return "%b" if len(self.text) == 3 else "%B"
        if self.letter not in parsed:
            raise PatternError(f"'{self.text}' is not supported when dates are parsed")
        return parsed[self.letter]

    def _strftime(self) -> str:
        count = len(self.text)
        if self.letter in "yYu":
            return "%y" if count == 2 else "%Y"
        if self.letter == "M":
            return {1: "%-m", 2: "%m", 3: "%b"}.get(count, "%B")
        if self.letter == "E":
            return "%a" if count <= 3 else "%A"
        if self.letter == "a":
            return "%p"
        if self.letter == "x":
            return "%G"
        raise PatternError(f"Illegal pattern component: {self.text}")


_JODA_NUMBERS = {
    "d": "day({})",
    "D": "dayofyear({})",
    "e": "isodow({})",
    "w": "week({})",
    "H": "hour({})",
    "k": "(CASE WHEN hour({0}) = 0 THEN 24 ELSE hour({0}) END)",
    "K": "(hour({}) % 12)",
    "h": "(CASE WHEN hour({0}) % 12 = 0 THEN 12 ELSE hour({0}) % 12 END)",
    "m": "minute({})",
    "s": "second({})",
}


def joda_pieces(pattern: str) -> list[Piece]:
    """Returns the pieces of a Joda pattern, as in `yyyy-MM-dd'T'HH:mm`. Raises: PatternError."""
    pieces: list[Piece] = []
    place = 0
    while place < len(pattern):
        letter = pattern[place]
        if letter == "'":
            quoted = re.match(r"'((?:[^']|'')*)'", pattern[place:])
            if quoted is None:
                raise PatternError(f"Illegal pattern: a quote is not closed in {pattern!r}")
            pieces.append(Piece("", quoted[1].replace("''", "'") if quoted[1] else "'"))
            place += len(quoted[0])
            continue
        run = re.match(rf"{re.escape(letter)}+", pattern[place:])
        assert run is not None, "the letter itself matches"
        pieces.append(Piece(letter if letter.isascii() and letter.isalpha() else "", run[0]))
        place += len(run[0])
    return pieces
