"""The search cluster: whether it answers, and what it has of the last days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flowlogs.health.observations import SearchedDay, SeenSearch
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.search.cluster import SearchCluster

DAYS: Final = 7
"""Days back that are looked at."""
EXPORTED_AFTER: Final = timedelta(hours=3)
"""After so long, a day that is in the ledger is reported and exported."""


def seen_search(settings: Settings, at: datetime) -> SeenSearch:
    """The cluster of the settings, with the days that are in the ledger long enough.

    Days before the first one that was ever exported are none: the export was switched on later.
    """
    from airflow.sdk.exceptions import AirflowException

    from flowlogs.hooks.search import SearchHook
    from flowlogs.search.cluster import SearchError

    try:
        with SearchHook(settings).get_conn() as cluster:
            found = {kind: _flows(cluster, f"{settings.search.prefix}-{kind}") for kind in ("rejected", "daily")}
    except (SearchError, AirflowException) as error:
        return SeenSearch(settings.search.conn_id, problem=str(error))
    wanted = _wanted(settings, at)
    exported = {day for days in found.values() for day in days}
    first = min(exported, default=max(wanted, default=""))
    return SeenSearch(
        settings.search.conn_id,
        days=tuple(
            SearchedDay(day, flows, {kind: days[day] for kind, days in found.items() if day in days})
            for day, flows in sorted(wanted.items())
            if day >= first
        ),
    )


def _flows(cluster: SearchCluster, alias: str) -> dict[str, int]:
    """Flows behind an alias by day; none when nothing was ever exported."""
    from flowlogs.search.cluster import SearchError

    body: dict[str, Any] = {
        "size": 0,
        "aggs": {
            "days": {
                "terms": {"field": "flowlogs.day", "size": 10_000, "format": "yyyy-MM-dd"},
                "aggs": {"flows": {"sum": {"field": "flowlogs.flows"}}},
            }
        },
    }
    try:
        answer = cluster.request("POST", f"/{alias}/_search", body=body)
    except SearchError as error:
        if error.status == 404:
            return {}
        raise
    return {one["key_as_string"]: int(one["flows"]["value"]) for one in answer["aggregations"]["days"]["buckets"]}


def _wanted(settings: Settings, at: datetime) -> Mapping[str, Mapping[str, int]]:
    from flowlogs.hooks.ledger import LedgerHook

    today = at.astimezone(UTC).date()
    rows = LedgerHook.of(settings).days([str(today - timedelta(days=back)) for back in range(1, DAYS + 1)])
    settled = {
        day: some.values()
        for day, some in rows.items()
        if some and max(datetime.fromisoformat(row.recorded_at) for row in some.values()) < at - EXPORTED_AFTER
    }
    return {
        day: {"rejected": sum(row.rejected for row in some), "daily": sum(row.curated for row in some)}
        for day, some in settled.items()
    }
