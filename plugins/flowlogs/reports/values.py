"""Values of results as people read them: bytes in units, ports with services, protocols by name, nothing hidden."""

from __future__ import annotations

import math
import re
import unicodedata

from flowlogs.fields import protocol_name
from flowlogs.reports.results import moment
from flowlogs.reports.sections import Kind
from flowlogs.reports.services import service_name

NONE_SHOWN = "–"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_WHOLE = re.compile(r"-?[0-9]{1,30}")
_LONGEST = 300
_TOO_LARGE = 1e15
"""From here on, digits are no longer exact and only fill the line."""
_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that have no shape, break lines, or turn the text after them around."""


def shown(text: str | None, kind: Kind) -> str:
    """A value as it stands in a table or a message."""
    if text is None or text == "":
        return NONE_SHOWN
    if kind == "bytes" and _is_number(text):
        return bytes_in_units(float(text))
    if kind == "share" and _is_number(text):
        return _percent(float(text))
    if kind == "number" and _is_number(text):
        return f"{int(text):,}" if _WHOLE.fullmatch(text) else count(float(text))
    if kind == "port" and _WHOLE.fullmatch(text):
        name = service_name(int(text))
        return f"{text} {name}" if name else text
    if kind == "protocol" and _WHOLE.fullmatch(text):
        name = protocol_name(int(text))
        return name if name != text else f"protocol {text}"
    if kind == "time" and (found := moment(text)) is not None:
        return f"{found:%Y-%m-%d %H:%M:%S}"
    return visible(text)


def _percent(share: float) -> str:
    if abs(share) >= _TOO_LARGE:
        return f"{share * 100:.3g}%"
    return f"{share:+,.0%}" if abs(share) >= 10 else f"{share:.1%}"


def count(value: float) -> str:
    """A number with thousands apart: `1,234`, `1,234.5`."""
    if abs(value) >= _TOO_LARGE:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def bytes_in_units(value: float) -> str:
    """`1.2 MB`: units of a thousand, as AWS bills."""
    size, unit = abs(value), 0
    while size >= 999.95 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    figure = count(size) if unit == 0 else f"{size:,.1f}" if size < _TOO_LARGE else f"{size:.3g}"
    return f"{'-' if value < 0 else ''}{figure} {_UNITS[unit]}"


def cost(usd: float) -> str:
    """`$1.23`; what is less than a cent in words."""
    return f"${usd:,.2f}" if usd >= 0.01 else "under 1 cent"


def exact_bytes(text: str | None) -> str | None:
    """`1,234,567 bytes`, for a pointer that rests on `1.2 MB`; None where that says no more."""
    return f"{int(text):,} bytes" if text and _WHOLE.fullmatch(text) and abs(int(text)) >= 1000 else None


def visible(text: str, longest: int = _LONGEST) -> str:
    """A text with characters that hide or turn others shown by their code, and cut when it is very long."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _HIDDEN else c for c in cut)


def visible_lines(text: str) -> str:
    """As `visible`, of a whole text with its lines and indentation."""
    return "\n".join("\t".join(visible(part, len(part)) for part in line.split("\t")) for line in text.split("\n"))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
