"""Values as readers see them: numbers with their format, sizes, dates by granularity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_SCALES = {"THOUSANDS": (1e3, "K"), "MILLIONS": (1e6, "M"), "BILLIONS": (1e9, "B"), "TRILLIONS": (1e12, "T")}
_SEPARATORS = {"COMMA": ",", "DOT": ".", "SPACE": " "}
_BYTES = ("B", "KB", "MB", "GB", "TB", "PB")

_DATE_TOKENS = (
    ("YYYY", "%Y"), ("yyyy", "%Y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("DD", "%d"), ("dd", "%d"), ("D", "{day}"),
    ("d", "{day}"), ("HH", "%H"), ("hh", "%I"), ("h", "%I"), ("mm", "%M"), ("ss", "%S"), ("SSS", "%f"), ("a", "%p"), ("A", "%p"),
)  # fmt: skip
_BY_GRANULARITY = {
    "YEAR": "YYYY", "QUARTER": "MMM YYYY", "MONTH": "MMM YYYY", "WEEK": "MMM D, YYYY", "DAY": "MMM D, YYYY",
    "HOUR": "MMM D, YYYY HH:mm", "MINUTE": "MMM D, YYYY HH:mm", "SECOND": "MMM D, YYYY HH:mm:ss",
    "MILLISECOND": "MMM D, YYYY HH:mm:ss",
}  # fmt: skip

Format = Mapping[str, Any]
"""A FormatConfiguration of the definition, opened as far as its kind; empty for none."""


def shown(value: object, format_: Format, *, granularity: str | None = None, is_bytes: bool = False) -> str:
    """A value as its field's format says; thousands are separated, sizes in bytes have their unit."""
    if value is None:
        return str(_inner(format_).get("NullValueFormatConfiguration", {}).get("NullString", "null"))
    if isinstance(value, (datetime, date)):
        return dated(value, str(format_.get("DateTimeFormat") or _BY_GRANULARITY[granularity or "DAY"]))
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _number(float(value), value, format_, is_bytes=is_bytes)
    return str(value)


def short(value: float, format_: Format, *, is_bytes: bool = False) -> str:
    """A number for the tick of an axis: 1.5K, 20M, or as its format's scale says."""
    inner = _inner(format_)
    if is_bytes and not inner:
        return size(value)
    if inner.get("NumberScale", "NONE") not in ("NONE", "AUTO") or "PercentageDisplayFormatConfiguration" in format_:
        return _number(value, value, format_, is_bytes=is_bytes)
    return f"{inner.get('Prefix', '')}{_scaled(value)}{inner.get('Suffix', '')}"


def size(value: float) -> str:
    """A number of bytes with its unit, in steps of 1,000 as AWS prices them."""
    unit = 0
    while abs(value) >= 1000 and unit < len(_BYTES) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if unit == 0 or abs(value) >= 100 else 1
    return f"{value:,.{digits}f} {_BYTES[unit]}".replace(".0 ", " ")


def dated(value: datetime | date, pattern: str) -> str:
    """A date by a QuickSight date format, such as `MMM D, YYYY`."""
    made, left = "", pattern
    while left:
        for token, own in _DATE_TOKENS:
            if left.startswith(token):
                made, left = made + own, left[len(token) :]
                break
        else:
            made, left = made + ("%%" if left[0] == "%" else left[0]), left[1:]
    return value.strftime(made).replace("{day}", str(value.day))


def _number(value: float, exact: object, format_: Format, *, is_bytes: bool) -> str:
    inner = _inner(format_)
    if "PercentageDisplayFormatConfiguration" in format_:
        digits = inner.get("DecimalPlacesConfiguration", {}).get("DecimalPlaces", 2)
        return f"{inner.get('Prefix', '')}{_grouped(value * 100, digits, inner)}{inner.get('Suffix', '%')}"
    if is_bytes and not inner:
        return size(value)
    if not math.isfinite(value):
        return "-"
    scale = inner.get("NumberScale", "NONE")
    digits = inner.get("DecimalPlacesConfiguration", {}).get("DecimalPlaces")
    unit = ""
    if scale == "AUTO":
        scale = next((name for name, (factor, _) in reversed(_SCALES.items()) if abs(value) >= factor), "NONE")
        digits = 1 if digits is None and scale != "NONE" else digits
    if scale in _SCALES:
        factor, unit = _SCALES[scale]
        value = value / factor
        digits = 2 if digits is None else digits
    if digits is None:
        digits = 0 if isinstance(exact, int) or value == int(value) else 2
    return f"{inner.get('Prefix', '')}{_grouped(value, digits, inner)}{unit}{inner.get('Suffix', '')}"


def _grouped(value: float, digits: int, inner: Format) -> str:
    separators = inner.get("SeparatorConfiguration", {})
    thousands = separators.get("ThousandsSeparator", {})
    text = f"{value:,.{digits}f}"
    group = _SEPARATORS[thousands.get("Symbol", "COMMA")] if thousands.get("Visibility", "VISIBLE") == "VISIBLE" else ""
    point = _SEPARATORS[separators.get("DecimalSeparator", "DOT")]
    return text.replace(",", "\0").replace(".", point).replace("\0", group)


def _scaled(value: float) -> str:
    for factor, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= factor:
            return f"{value / factor:.1f}".removesuffix(".0") + unit
    return f"{value:.2f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def _inner(format_: Format) -> Format:
    for name in (
        "NumberDisplayFormatConfiguration",
        "CurrencyDisplayFormatConfiguration",
        "PercentageDisplayFormatConfiguration",
    ):
        if name in format_:
            inner: Format = format_[name]
            return inner
    return format_ if "NullValueFormatConfiguration" in format_ else {}
