"""Rules on the search cluster, which days are exported to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowlogs.health.observations import Observations
from flowlogs.health.rule import Fault, Limits, Rule


def search_unreachable(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A cluster that does not answer."""
    if seen.search is not None and seen.search.problem:
        yield Fault(seen.search.connection, f"Search cluster {seen.search.connection}: {seen.search.problem}")


def search_day_missing(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A day of the ledger that lacks documents of some kind."""
    for one in seen.search.days if seen.search else ():
        lacking = [kind for kind, flows in one.wanted.items() if flows and not one.found.get(kind)]
        if lacking:
            yield Fault(one.day, f"{one.day} is not in the search cluster ({', '.join(lacking)})")


def search_day_differs(seen: Observations, limits: Limits) -> Iterator[Fault]:
    """A day that is there with other sums than the ledger's."""
    for one in seen.search.days if seen.search else ():
        differing = [
            f"{kind} {one.found[kind]:,} flows, the ledger {wanted:,}"
            for kind, wanted in one.wanted.items()
            if one.found.get(kind) and one.found[kind] != wanted
        ]
        if differing:
            yield Fault(one.day, f"{one.day} in the search cluster: {'; '.join(differing)}")


SEARCH_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="search_unreachable",
        link="search",
        severity="high",
        title="Search cluster does not answer",
        explanation="Nobody can search, and no day can be exported.",
        remedy="See the cluster's health, and host, credentials and certificate of the Airflow connection (docs/search.md).",
        needs=(),
        judge=search_unreachable,
    ),
    Rule(
        id="search_day_missing",
        link="search",
        severity="medium",
        title="Day not in the search cluster",
        explanation="A day that was curated hours ago cannot be searched: its export did not run, or failed.",
        remedy="See the run of rejected_traffic_report and of search_export for the day; trigger search_export with it.",
        needs=(),
        judge=search_day_missing,
    ),
    Rule(
        id="search_day_differs",
        link="search",
        severity="medium",
        title="Day differs in the search cluster",
        explanation="The sums behind the alias are not the ledger's: documents were refused, or somebody changed the index.",
        remedy="Trigger search_export with the day; see search_dead_letters/ in the lake for refused documents.",
        needs=(),
        judge=search_day_differs,
    ),
)
