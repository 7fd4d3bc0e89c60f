"""The page of the alarms' health: one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.health.chains import chains
from flowlogs.health.findings import Changes
from flowlogs.health.observations import Observations
from flowlogs.health.rule import LINKS, clock, lasting
from flowlogs.health.rules import RULES, Judgement
from flowlogs.reports.page import TEMPLATES
from flowlogs.reports.sections import SEVERITIES
from flowlogs.reports.values import visible


@dataclass(frozen=True)
class HealthPage:
    """What the page shows.

    Attributes:
        environment: the deployment's name.
        seen: what was looked at.
        judgement: what is broken, and what is the consequence of it.
        changes: what is new, worse, resolved or as before.
        calls: how often each operation of AWS was called.
        drill: the last drill's report (`flowlogs.drill.DrillReport.to_json`); None when there was none.
    """

    environment: str
    seen: Observations
    judgement: Judgement
    changes: Changes
    calls: Mapping[str, int]
    drill: Mapping[str, Any] | None = None

    def html(self) -> str:
        """The page."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {"visible": visible, "clock": clock, "lasting": lasting}
        standing = self.changes.standing
        all_chains = chains(self.seen, self.judgement, standing)
        return environment.get_template("alarm_health.html.j2").render(
            page=self,
            seen=self.seen,
            changes=self.changes,
            new={finding.id for finding in self.changes.new},
            worse={finding.id for finding in self.changes.worse},
            by_severity={
                severity: found
                for severity in SEVERITIES
                if (found := [finding for finding in standing if finding.severity == severity])
            },
            broken=[chain for chain in all_chains if not chain.is_whole],
            whole=[chain for chain in all_chains if chain.is_whole],
            states=_states(self.seen),
            links=LINKS,
            rules=RULES,
        )


def _states(seen: Observations) -> Sequence[tuple[str, int]]:
    states = [alarm.state for alarm in seen.alarms if alarm.exists]
    return [(state, states.count(state)) for state in ("ALARM", "OK", "INSUFFICIENT_DATA") if state in states]
