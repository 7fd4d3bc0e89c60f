"""How what QuickSight holds differs from what was asked for, in words, without what QuickSight adds itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

_ADDED: Final = frozenset(
    {
        "Arn", "CreatedTime", "LastUpdatedTime", "Status", "ErrorInfo", "OutputColumns",
        "ConsumedSpiceCapacityInBytes", "StartAfterDateTime", "SubType", "Id", "FolderPath", "SharingModel",
        "Options", "QueryExecutionOptions",
    }
)  # fmt: skip
"""Keys that answers have and requests need not: times, states, and defaults that are written out."""

_DEFAULTS: Final = frozenset({"VISIBLE", "ENABLED", "AUTO", "NONE"})
"""Values of keys that were left out, when they are written out."""

_NAMES: Final = (
    "VisualId", "SheetId", "FilterId", "FilterGroupId", "FilterControlId", "SheetTextBoxId", "ElementId", "FieldId",
    "Identifier", "ColumnName", "Name", "Principal",
)  # fmt: skip
_SHOWN: Final = 60


def differences(wanted: Any, actual: Any, where: str = "") -> list[str]:
    """What is different, each with its place: `Sheets[overview].Visuals[flows].Title…`.

    Lists are compared in their order. What is empty is as what is not there.
    """
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        found = []
        for key in [*wanted, *(key for key in actual if key not in wanted)]:
            place = f"{where}.{key}" if where else key
            if key in wanted:
                found += differences(wanted[key], actual.get(key), place)
            elif key not in _ADDED and not _is_default(actual[key]):
                found.append(f"{place} is {_shown(actual[key])}, expected nothing")
        return found
    if _is_list(wanted) and _is_list(actual):
        names = [_name(one, number) for number, one in enumerate(wanted)]
        others = [_name(one, number) for number, one in enumerate(actual)]
        if names != others:
            missing = [name for name in names if name not in others]
            extra = [name for name in others if name not in names]
            parts = [f"lacks {', '.join(missing)}"] if missing else []
            parts += [f"has {', '.join(extra)} besides"] if extra else []
            return [f"{where} {' and '.join(parts) or 'is in another order'}"]
        return [
            text
            for name, one, other in zip(names, wanted, actual, strict=True)
            for text in differences(one, other, f"{where}[{name}]")
        ]
    if _is_empty(wanted) and _is_empty(actual):
        return []
    return [] if _same(wanted, actual) else [f"{where} is {_shown(actual)}, expected {_shown(wanted)}"]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _name(value: Any, number: int) -> str:
    """What tells an item of a list from the others: its id, or its place."""
    if isinstance(value, Mapping):
        for key in _NAMES:
            if isinstance(value.get(key), str):
                return str(value[key])
        if len(value) == 1:
            (inner,) = value.values()
            return _name(inner, number)
    return str(number)


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(one) for one in value.values())
    return value is None or (_is_list(value) and not value)


def _is_default(value: Any) -> bool:
    """Whether an answer says it where the request did not, and means nothing by it."""
    if isinstance(value, Mapping):
        return all(key in _ADDED or _is_default(one) for key, one in value.items())
    return _is_empty(value) or (isinstance(value, str) and value in _DEFAULTS)


def _same(wanted: Any, actual: Any) -> bool:
    if isinstance(wanted, (int, float)) and isinstance(actual, (int, float)):
        return float(wanted) == float(actual)
    if isinstance(actual, datetime):
        return str(wanted) == actual.isoformat()
    return bool(wanted == actual)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
