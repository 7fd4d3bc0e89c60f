"""Sections as CSV files that are harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

from flowlogs.reports.results import SectionResult

_BEGINS_FORMULA = r"[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|]"
_FORMULA = re.compile(rf"[\t\r]|{_BEGINS_FORMULA}")
_FORMULA_WITHIN = re.compile(rf"([;\t\r\n])(?={_BEGINS_FORMULA})")
"""Where a spreadsheet that separates cells by semicolons or tabs would begin a new one, or after it a new line."""
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def csv_text(result: SectionResult) -> str:
    """A section's rows under their labels. Begins with a byte order mark, without which Excel takes it for ANSI."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
    writer.writerow([harmless(column.label) for column in result.section.columns.values()])
    for row in result.rows:
        writer.writerow([harmless(row[name] or "") for name in result.section.columns])
    return "\ufeff" + file.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: such a text is led by an apostrophe (OWASP, CSV injection)."""
    if _NUMBER.fullmatch(cell):
        return cell
    cell = _FORMULA_WITHIN.sub(r"\1'", cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell
