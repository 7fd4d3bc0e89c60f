"""The targets of one day as a table: filtered, sorted, paged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowlogs.ledger import LedgerRow
from flowlogs.page.states import WORST_FIRST, state_of

PAGE: Final = 50

SORTS: Final[dict[str, Callable[[LedgerRow], Any]]] = {
    "target": lambda row: str(row.target),
    "state": lambda row: WORST_FIRST.index(state_of(row).code),
    "objects": lambda row: row.objects,
    "bytes": lambda row: row.bytes,
    "records": lambda row: row.records,
    "accepted": lambda row: row.accepted,
    "rejected": lambda row: row.rejected,
    "nodata": lambda row: row.nodata,
    "skipdata": lambda row: row.skipdata,
    "unparsable": lambda row: row.unparsable,
    "bytes_scanned": lambda row: row.bytes_scanned,
    "newest_object": lambda row: row.newest_object or "",
}
"""What the table can be sorted by; `-name` turns the order round."""


@dataclass(frozen=True, slots=True)
class DayTable:
    """Some rows of those that match."""

    rows: Sequence[LedgerRow]
    matching: int
    page: int
    sort: str

    @property
    def pages(self) -> int:
        """How many pages there are, 1 at least."""
        return max(1, -(-self.matching // PAGE))


def day_table(
    rows: Sequence[LedgerRow], *, text: str = "", state: str = "", sort: str = "state", page: int = 1
) -> DayTable:
    """A page of the rows whose target or reason holds all words of `text`, and that are in the state of a code."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        name, sort = "state", "state"
    words = text.lower().split()
    found = [
        row
        for row in rows
        if (not state or state_of(row).code == state)
        and all(word in f"{row.target} {row.reason}".lower() for word in words)
    ]
    found.sort(key=lambda row: str(row.target))
    found.sort(key=SORTS[name], reverse=sort.startswith("-"))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    return DayTable(found[(page - 1) * PAGE : page * PAGE], len(found), page, sort)
