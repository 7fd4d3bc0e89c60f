"""Bucket listings in key order, page by page, however large the bucket.

MiniStack keeps a bucket's keys in a plain dict and sorts all of them for every LIST. `KeyIndex` keeps them
sorted instead, so that one page costs one page.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any

_AFTER_EVERY_CHARACTER = "\U0010ffff"


class KeyIndex(dict[str, Any]):
    """A bucket's objects by key, with the keys also held in order."""

    def __init__(self, objects: dict[str, Any]) -> None:
        super().__init__(objects)
        self._ordered = sorted(objects)
        self._lock = threading.Lock()

    def __setitem__(self, key: str, value: Any) -> None:
        with self._lock:
            if key not in self:
                insort(self._ordered, key)
            super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        with self._lock:
            super().__delitem__(key)
            del self._ordered[bisect_left(self._ordered, key)]

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key, as dict.pop does."""
        with self._lock:
            if key in self:
                del self._ordered[bisect_left(self._ordered, key)]
            return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As dict.setdefault."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **more: Any) -> None:
        """As dict.update."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            super().clear()
            self._ordered.clear()

    def page(self, prefix: str, after: str, size: int) -> list[str]:
        """At most `size` keys that start with `prefix` and sort behind `after`, in order."""
        with self._lock:
            first = bisect_left(self._ordered, prefix)
            if after:
                first = max(first, bisect_right(self._ordered, after))
            keys = self._ordered[first : first + size]
        while keys and not keys[-1].startswith(prefix):
            keys.pop()
        return keys


def list_page(
    objects: KeyIndex, prefix: str, delimiter: str, max_keys: int, start_after: str
) -> tuple[list[str], list[str], bool, str]:
    """One page of a bucket listing: keys, common prefixes, whether more follow, the last row.

    Rows at or before `start_after` are left out; a common prefix is one row (S3 API, ListObjectsV2).
    """
    keys: list[str] = []
    common_prefixes: list[str] = []
    last = start_after
    for row, is_prefix in _rows(objects, prefix, delimiter, start_after, max_keys):
        if len(keys) + len(common_prefixes) == max_keys:
            return keys, common_prefixes, True, last
        (common_prefixes if is_prefix else keys).append(row)
        last = row
    return keys, common_prefixes, False, last


def _rows(
    objects: KeyIndex, prefix: str, delimiter: str, start_after: str, max_keys: int
) -> Iterator[tuple[str, bool]]:
    after = start_after
    if delimiter and start_after.startswith(prefix):
        # The marker may itself be, or lie in, a collapsed group: that group was a row before this page.
        group = _group(start_after, prefix, delimiter)
        after = group + _AFTER_EVERY_CHARACTER if group else after
    while page := objects.page(prefix, after, 1 if delimiter else max_keys + 1):
        for key in page:
            group = _group(key, prefix, delimiter)
            if group:
                yield group, True
                after = group + _AFTER_EVERY_CHARACTER
                break
            yield key, False
            after = key


def _group(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix that a key collapses into, or an empty string."""
    if not delimiter:
        return ""
    end = key.find(delimiter, len(prefix))
    return key[: end + len(delimiter)] if end >= 0 else ""
