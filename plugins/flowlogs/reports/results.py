"""Results of sections: rows as Athena gives them, values as their kinds say."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowlogs.reports.sections import Section

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SectionResult:
    """What a section's query answered, and what it took."""

    section: Section
    rows: Sequence[Row] = ()
    sql: str = ""
    query_id: str = ""
    bytes_scanned: int = 0
    cost_usd: float = 0.0
    error: str | None = None
    """Why there is no answer."""
    limit: int = 100

    @property
    def is_cut(self) -> bool:
        """Whether there may be more rows than were asked for."""
        return len(self.rows) >= self.limit


def read_result(section: Section, text: str) -> list[Row]:
    """The rows of a result file of Athena; NULL, which stands there as nothing without quotes, is None.

    Raises:
        ValueError: when the columns are not those of the section's header.
    """
    lines = csv.reader(_marked(text).splitlines(keepends=True))
    names = next(lines, [])
    if names != list(section.columns):
        raise ValueError(
            f"section {section.name} has the columns {', '.join(names)}, its header {', '.join(section.columns)}"
        )
    return [
        {name: None if value == _NULL else value for name, value in zip(names, row, strict=True)}
        for row in lines
        if row
    ]


_NULL = "\0"


def _marked(text: str) -> str:
    """The text with a mark where Athena wrote NULL: a field of no characters outside quotes."""
    found: list[str] = []
    at_start, quoted = True, False
    for character in text:
        if not quoted and at_start and character in ",\n" and found:
            found.append(_NULL)
        found.append(character)
        if character == '"':
            quoted = not quoted
        at_start = not quoted and character in ",\n"
    return "".join(found)


def number(text: str | None) -> float:
    """A number of a result; 0 for NULL."""
    return float(text) if text else 0.0


def moment(text: str | None) -> datetime | None:
    """A timestamp of a result (UTC); None for NULL and for what is none."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
