"""Days of the ledger, made up: most targets complete, some not, each day the same however often it is made."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flowlogs.ledger import LedgerRow
from flowlogs.targets import Target

REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-2")


def targets(count: int, source: str = "network") -> list[Target]:
    return [
        Target(source, f"{100_000_000_000 + number // len(REGIONS):012d}", REGIONS[number % len(REGIONS)])
        for number in range(count)
    ]


def row(target: Target, **changes: Any) -> LedgerRow:
    """The row of a complete target."""
    values: dict[str, Any] = {
        "source": target.source, "account": target.account, "region": target.region, "status": "complete", "reason": "",
        "objects": 288, "bytes": 4_000_000, "newest_object": "2026-11-10T00:04:11Z", "records": 60_000, "nodata": 120,
        "skipdata": 0, "unparsable": 0, "outside_day": 30, "bytes_scanned": 4_200_000, "cost_usd": 0.000021,
        "run_id": "scheduled__2026-11-10", "recorded_at": "2026-11-10T00:31:00Z", "curated": 59_880, "accepted": 52_000,
        "rejected": 7_880,
    }  # fmt: skip
    return LedgerRow(**{**values, **changes})


MISSING = {
    "status": "missing", "reason": "no file of the day came", "objects": 0, "bytes": 0, "newest_object": None, "records": 0,
    "nodata": 0, "outside_day": 0, "curated": 0, "accepted": 0, "rejected": 0, "bytes_scanned": 0, "cost_usd": 0.0,
}  # fmt: skip
LATE = {
    "status": "partial", "reason": "fl-0a1b2c3d ends at 21:40 (UTC), 2 h 20 min before the day's end", "objects": 260,
}  # fmt: skip
QUARANTINED = {"unparsable": 17, "curated": 59_863, "accepted": 51_983}
REVISED = {"revision": 2, "objects_before": 287, "records_before": 59_500}


def rows(day: date, of: Sequence[Target]) -> list[LedgerRow]:
    """A day: one in eight days has gaps; here and there is a revision or a quarantined line."""
    chance = random.Random(f"{day}")
    gap = chance.random() < 0.125
    recorded = datetime(day.year, day.month, day.day, 0, 31, tzinfo=UTC) + timedelta(days=1)
    found = []
    for target in of:
        luck = chance.random()
        changes: dict[str, Any] = {}
        if gap and luck < 0.01:
            changes = MISSING
        elif gap and luck < 0.02:
            changes = LATE
        elif luck > 0.9998:
            changes = QUARANTINED
        elif luck > 0.9995:
            changes = REVISED
        found.append(
            row(
                target,
                **{
                    "recorded_at": f"{recorded:%Y-%m-%dT%H:%M:%SZ}",
                    "newest_object": f"{day}T23:59:41Z",
                    "run_id": f"scheduled__{day}",
                    "rejected": chance.randrange(100, 9000),
                    **changes,
                },
            )
        )
    return found


def days(count: int, last: date) -> list[date]:
    return [last - timedelta(days=back) for back in range(count)][::-1]
