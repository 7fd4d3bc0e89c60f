"""The digests of all days in one small object, so that a process that has just started need not read the ledger.

It is a cache that whoever reads the ledger writes, not a part of the ledger that `record_day` keeps up: days are
recorded at the same time, and each would have to read, change and write the one object. Every entry carries the
location of the rows that it was made of. A run never writes where another wrote (`flowlogs.ledger.run_folder`), so an
entry whose location the catalog still shows is right, whoever wrote the object and whenever; any other is left out.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any, Final

from flowlogs.page.digest import DayDigest

VERSION: Final = 1
KEY: Final = "page/ledger_digests.json.gz"
"""Below `lake.prefix`."""


def packed(digests: Mapping[str, DayDigest | None]) -> bytes:
    """The object's bytes. `digests` are by location; None for a location without rows."""
    numbers: dict[tuple[str, ...], int] = {}
    days: list[dict[str, Any]] = []
    for location, digest in digests.items():
        if digest is None:
            days.append({"location": location, "digest": None})
        else:
            number = numbers.setdefault(digest.targets, len(numbers))
            days.append({"location": location, "targets": number, "digest": digest.to_json()})
    values = {"version": VERSION, "targets": [list(targets) for targets in numbers], "days": days}
    return gzip.compress(json.dumps(values, separators=(",", ":")).encode(), compresslevel=3)


def unpacked(data: bytes) -> dict[str, DayDigest | None]:
    """The digests of the object's bytes; none when they are something else, or of another version: then the ledger is
    read, as without the object.
    """
    try:
        values: dict[str, Any] = json.loads(gzip.decompress(data))
        if values["version"] != VERSION:
            return {}
        targets = [tuple(some) for some in values["targets"]]
        return {
            day["location"]: None
            if day["digest"] is None
            else DayDigest.from_json(day["digest"], targets[day["targets"]])
            for day in values["days"]
        }
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError):
        return {}
