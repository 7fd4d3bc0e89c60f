"""Values of results as people read them: bytes in units, ports with services, protocols by name, nothing hidden."""

from __future__ import annotations

import re
import unicodedata

from flowlogs.fields import protocol_name
from flowlogs.reports.results import moment
from flowlogs.reports.sections import Kind
from flowlogs.reports.services import service_name

NONE_SHOWN = "–"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_WHOLE = re.compile(r"-?[0-9]+")
_LONGEST = 300


def shown(text: str | None, kind: Kind) -> str:
    """A value as it stands in a table or a message."""
    if text is None or text == "":
        return NONE_SHOWN
    if kind == "bytes" and _is_number(text):
        return bytes_in_units(float(text))
    if kind == "share" and _is_number(text):
        return f"{float(text):+.0%}" if abs(float(text)) >= 10 else f"{float(text):.1%}"
    if kind == "number" and _is_number(text):
        return count(float(text))
    if kind == "port" and _WHOLE.fullmatch(text):
        name = service_name(int(text))
        return f"{text} {name}" if name else text
    if kind == "protocol" and _WHOLE.fullmatch(text):
        name = protocol_name(int(text))
        return name if name != text else f"protocol {text}"
    if kind == "time" and (found := moment(text)) is not None:
        return f"{found:%Y-%m-%d %H:%M:%S}"
    return visible(text)


def count(value: float) -> str:
    """A number with thousands apart: `1,234`, `1,234.5`."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def bytes_in_units(value: float) -> str:
    """`1.2 MB`: units of a thousand, as AWS bills."""
    size, unit = abs(value), 0
    while size >= 999.95 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    sign = "-" if value < 0 else ""
    return f"{sign}{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{sign}{size:.1f} {_UNITS[unit]}"


def visible(text: str) -> str:
    """A text with characters that hide or turn others shown by their code, and cut when it is very long."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(
        f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else c for c in cut
    )


def _is_number(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return value == value and value not in (float("inf"), float("-inf"))
