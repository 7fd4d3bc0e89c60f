"""Flow log records as lines of a table that people read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from log_lines import LogLine
from slack_text import cut

_WIDEST = 200
_PORTLESS = ("", "-")


def table_of(lines: Sequence[LogLine], fields: Sequence[str]) -> str:
    """Time, source, destination with port, interface, action; a line that is no record of these fields as it is.

    Args:
        lines: lines of the log group.
        fields: names of the log format's fields, in its order.
    """
    rows = [_row(line, fields) for line in lines]
    tabular = [row for row in rows if len(row) > 2]
    widths = [max(len(row[column]) for row in tabular) for column in range(len(tabular[0]))] if tabular else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if len(row) > 2
        else "  ".join(row)
        for row in rows
    )


def _row(line: LogLine, fields: Sequence[str]) -> tuple[str, ...]:
    """Five cells; of a line that is no record, its time and text."""
    values = line.text.split()
    record = dict(zip(fields, values, strict=False))
    if len(values) != len(fields) or not {"srcaddr", "dstaddr"} <= record.keys():
        return _time(line.timestamp / 1000), cut(" ".join(values), _WIDEST)
    # Records are as long as their longest address, unless something else stands in the log group.
    record = {name: cut(value, 45) for name, value in record.items()}
    start = record.get("start", "")
    return (
        _time(int(start) if start.isascii() and start.isdigit() and len(start) <= 12 else line.timestamp / 1000),
        _with_port(record["srcaddr"], record.get("srcport", "")),
        f"→ {_with_port(record['dstaddr'], record.get('dstport', ''))}",
        record.get("interface-id", "-"),
        record.get("action", "-"),
    )


def _with_port(address: str, port: str) -> str:
    if port in _PORTLESS:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _time(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return "--:--:--"
