"""Defects that flow log files have in the wild, each put into an extra file of its own.

The files that a day has anyway stay as they are, so that incidents and counts are the same with and
without defects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .fields import LogField

UNKNOWN_COLUMN = "x-unknown-field"

Lines = list[bytes]
"""A text file's lines without their newlines, the header first."""


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect: what it is, how it is put into a file, and where it can occur.

    `spoil` changes the lines (header first) at the given record positions (1 is the first record) and
    returns how often the defect occurs in the file now. `harmless` defects leave every record's values
    right; the others spoil one record an occurrence. `of_values` defects change values, so that Parquet
    files can have them too; the others are about text. A defect without `spoil` concerns the file's bytes.
    """

    meaning: str
    spoil: Callable[[Lines, Sequence[int], Sequence[LogField]], int] | None = None
    of_values: bool = False
    harmless: bool = False

    def possible_in(self, file_format: str) -> bool:
        """Whether files of the format can have the defect."""
        return file_format == "text" or self.of_values or self.spoil is None


def _each(change: Callable[[bytes], bytes]) -> Callable[[Lines, Sequence[int], Sequence[LogField]], int]:
    def spoil(lines: Lines, positions: Sequence[int], fields: Sequence[LogField]) -> int:
        for i in positions:
            lines[i] = change(lines[i])
        return len(positions)

    return spoil


def _each_value(
    change: Callable[[bytes], bytes], *names: str
) -> Callable[[Lines, Sequence[int], Sequence[LogField]], int]:
    def spoil(lines: Lines, positions: Sequence[int], fields: Sequence[LogField]) -> int:
        at = [i for i, field in enumerate(fields) if field.name in names]
        for line in positions:
            values = lines[line].split(b" ")
            for i in at:
                values[i] = change(values[i])
            lines[line] = b" ".join(values)
        return len(positions) if at else 0

    return spoil


def _repeat_header(lines: Lines, positions: Sequence[int], fields: Sequence[LogField]) -> int:
    for i in sorted(positions, reverse=True):
        lines.insert(i, lines[0])
    return len(positions)


def _unknown_column(lines: Lines, positions: Sequence[int], fields: Sequence[LogField]) -> int:
    lines[0] += b" " + UNKNOWN_COLUMN.encode()
    for i in range(1, len(lines)):
        lines[i] += b" x%d" % i
    return len(lines) - 1


def _no_final_newline(lines: Lines, positions: Sequence[int], fields: Sequence[LogField]) -> int:
    return 1  # `spoil_text` leaves the newline out


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        "repeated-header": Defect("the header line stands again before some records", _repeat_header, harmless=True),
        "unknown-column": Defect(
            "every line, the header too, has one more column", _unknown_column, of_values=True, harmless=True
        ),
        "too-few-fields": Defect("the last field is missing", _each(lambda line: line.rpartition(b" ")[0])),
        "too-many-fields": Defect("a word stands after the last field", _each(lambda line: line + b" one-too-many")),
        "double-space": Defect(
            "two spaces between the second and third field",
            _each(lambda line: b" ".join([*line.split(b" ")[:2], b"", *line.split(b" ")[2:]])),
        ),
        "no-final-newline": Defect("the last line does not end with a newline", _no_final_newline, harmless=True),
        "milliseconds": Defect(
            "start and end in milliseconds", _each_value(lambda v: v + b"000", "start", "end"), of_values=True
        ),
        "short-account": Defect(
            "an account id of 11 digits", _each_value(lambda v: v[1:], "account-id"), of_values=True
        ),
        "unknown-account": Defect(
            "`unknown` for the account id", _each_value(lambda _: b"unknown", "account-id"), of_values=True
        ),
        "empty-file": Defect("an object of 0 bytes"),
        "truncated-file": Defect("the file's second half is missing"),
    }
)
"""The defects by name."""


@dataclass(frozen=True, slots=True)
class SpoiltText:
    """A text file with a defect: its lines with the header first, each with its newline; how many records
    it has, how often the defect occurs in it, and how many records are spoilt.
    """

    lines: list[bytes]
    records: int
    occurrences: int
    spoilt: int


def spoil_text(
    defect: str, header: bytes, body: bytes, fields: Sequence[LogField], rng: np.random.Generator
) -> SpoiltText:
    """The text with the defect put into some of its lines; `header` is the header line, `body` the lines of
    the records. Defects of the file's bytes leave the text as it is: they come when the file is made.
    """
    lines = [header.rstrip(b"\n"), *body.splitlines()]
    records = len(lines) - 1
    spoil = DEFECTS[defect].spoil
    if spoil is None:
        occurrences, spoilt = 1, records
    else:
        positions = sorted(int(i) for i in 1 + rng.choice(records, size=min(3, records), replace=False))
        occurrences = spoil(lines, positions, fields)
        spoilt = 0 if DEFECTS[defect].harmless else occurrences
    ended = [line + b"\n" for line in lines]
    if defect == "no-final-newline":
        ended[-1] = lines[-1]
    return SpoiltText(ended, records, occurrences, spoilt)
