"""Whether a curated day adds up: every row of the files is a record, a gap, or in quarantine; no record got lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from flowlogs.ledger import RowCount
from flowlogs.targets import Target

Place = tuple[str, str, str]
"""Source, account and region."""


def curated_counts(rows: Sequence[Mapping[str, str]], source_of_run: Mapping[str, str]) -> dict[Place, RowCount]:
    """What the rows of `checks/rows_by_target.sql` count, by target.

    Args:
        rows: the query's result.
        source_of_run: the source that each run's folder is of.
    """
    found: dict[Place, RowCount] = {}
    for row in rows:
        place = (source_of_run[row["run"]], row["aws_account"], row["aws_region"])
        count, kind = int(row["rows"]), row["kind"]
        found[place] = found.get(place, RowCount()) + RowCount(
            records=count,
            nodata=count - int(row["skipdata"]) if kind == "GAP" else 0,
            skipdata=int(row["skipdata"]) if kind == "GAP" else 0,
            unparsable=count if kind == "QUARANTINE" else 0,
            outside_day=int(row["outside_day"]) if kind not in ("GAP", "QUARANTINE") else 0,
            accepted=count if kind == "ACCEPT" else 0,
            rejected=count if kind == "REJECT" else 0,
            without_action=count if kind == "NONE" else 0,
        )
    return found


def differing_targets(
    targets: Sequence[Target], curated: Mapping[Place, RowCount], in_files: Mapping[tuple[str, str], int]
) -> list[str]:
    """The targets whose files hold another number of rows than was curated, in words."""
    differences = []
    for target in targets:
        count = curated.get((target.source, target.account, target.region), RowCount())
        rows = in_files.get((target.account, target.region), 0)
        if rows != count.records:
            differences.append(
                f"{target}: {rows} rows in the files, {count.records} curated "
                f"({count.curated} records, {count.nodata} NODATA, {count.skipdata} SKIPDATA, "
                f"{count.unparsable} quarantined)"
            )
    return differences


def lost_in_summary(
    rows: Sequence[Mapping[str, str]], source_of_run: Mapping[str, str], curated: Mapping[Place, RowCount]
) -> list[str]:
    """The targets whose summary adds up to another number of flows than there are records, in words."""
    flows: Counter[Place] = Counter()
    for row in rows:
        flows[source_of_run[row["run"]], row["aws_account"], row["aws_region"]] += int(row["flows"] or 0)
    places = sorted({*flows, *curated})
    return [
        f"{'/'.join(place)}: {curated.get(place, RowCount()).curated} records, {flows[place]} flows in the summary"
        for place in places
        if flows[place] != curated.get(place, RowCount()).curated
    ]
