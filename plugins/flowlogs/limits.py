"""Whether a day of a source keeps the limits of the settings."""

from __future__ import annotations

from collections.abc import Mapping

from flowlogs.ledger import RowCount
from flowlogs.settings import Checks
from flowlogs.sources import Source


def broken_limits(
    source: Source, rows: Mapping[tuple[str, str], RowCount], checks: Checks, excused: frozenset[tuple[str, str]]
) -> list[str]:
    """The limits that a day of a source breaks, in words.

    Args:
        source: the source.
        rows: what was counted, by account and region; a target without rows is not there.
        checks: the limits.
        excused: targets known to be without files, which the wait for the day has told of already.
    """
    broken = []
    for target in source.targets():
        place = (target.account, target.region)
        found = rows.get(place, RowCount()).records
        if found < checks.min_rows_per_target and place not in excused:
            broken.append(f"{target} has {found} rows, checks.min_rows_per_target is {checks.min_rows_per_target}")
    total = sum(rows.values(), RowCount())
    if total.records:
        limits = {
            "max_nodata_share": (total.nodata, checks.max_nodata_share),
            "max_skipdata_share": (total.skipdata, checks.max_skipdata_share),
            "max_unparsable_share": (total.unparsable, checks.max_unparsable_share),
            "max_outside_day_share": (total.outside_day, checks.max_outside_day_share),
        }
        for name, (count, limit) in limits.items():
            share = count / total.records
            if share > limit:
                broken.append(
                    f"{source.name}: {count} of {total.records} rows ({share:.2%}), checks.{name} is {limit:.2%}"
                )
    return broken
