"""Results of sections: rows as Athena gives them, values as their kinds say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
        """Whether there may be more rows than were asked for. Some statements bound their rows in another way."""
        return len(self.rows) == self.limit and (not self.sql or f"LIMIT {self.limit}" in self.sql)


def read_result(section: Section, text: str) -> list[Row]:
    """The rows of a result file of Athena; NULL, which stands there as nothing without quotes, is None.

    Raises:
        ValueError: when the columns are not those of the section's header, or a row has not as many.
    """
    lines = _lines(text)
    names = next(lines, [])
    if names != list(section.columns):
        raise ValueError(
            f"section {section.name} has the columns {', '.join(map(str, names))}, "
            f"its header {', '.join(section.columns)}"
        )
    return [dict(zip(section.columns, row, strict=True)) for row in lines]


_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|\Z)')


def _lines(text: str) -> Iterator[list[str | None]]:
    """Fields of each line. The csv module cannot tell nothing from empty text, and takes no field over 128 KiB.

    Raises:
        ValueError: for a text that is no CSV.
    """
    row: list[str | None] = []
    place = 0
    while place < len(text) or row:
        field = _FIELD.match(text, place)
        if field is None:
            raise ValueError(f"the result is no CSV at character {place}")
        quoted, bare, end = field.groups()
        row.append(quoted.replace('""', '"') if quoted is not None else bare or None)
        place = field.end()
        if end != ",":
            yield row
            row = []


def number(text: str | None) -> float:
    """A number of a result; 0 for NULL and for what is none."""
    try:
        value = float(text) if text else 0.0
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def moment(text: str | None) -> datetime | None:
    """A timestamp of a result, which is in UTC; None for NULL and for what is none."""
    try:
        found = datetime.fromisoformat((text or "").removesuffix(" UTC"))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
