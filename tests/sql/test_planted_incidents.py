"""What the detections find of planted incidents, and of nothing: seven days with incidents, seven without.

The table of it stands in docs/detections.md; `UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from flowlogs.curation import run_name, run_prefix
from flowlogs.dag_defaults import SQL_FOLDER
from flowlogs.reports.sections import read_sections
from local_aws.traffic import FolderSink, TrafficPlan, write_traffic
from local_aws.traffic import Target as TrafficTarget
from tests.athena_in_process import Athena
from tests.conftest import ROOT
from tests.sql.conftest import SqlFiles
from tests.unit.flowlogs.smallest_settings import source

pytestmark = pytest.mark.long

ACCOUNTS = ("111122223333", "222233334444")
REGION = "us-east-1"
DAYS = tuple(date(2026, 10, 20) + timedelta(days=number) for number in range(7))
RECORDS = 4_000
PAGE = ROOT / "docs" / "detections.md"

SECTIONS = {
    "repeated-http": "repeated_http",
    "ssh-brute-force": "brute_force",
    "rdp-brute-force": "brute_force",
    "winrm-brute-force": "brute_force",
    "database-brute-force": "brute_force",
    "vertical-scan": "vertical_scan",
    "horizontal-scan": "horizontal_scan",
    "egress-vertical-scan": "egress_vertical_scan",
    "egress-horizontal-scan": "egress_horizontal_scan",
    "accepted-after-rejected": "accepted_after_rejected",
    "reject-spike": "reject_spike",
    "large-egress": "large_egress",
    "unapproved-dns": "unapproved_dns",
    "unusual-protocol": "unusual_protocol",
    "cleartext-accepted": "cleartext_accepted",
    "admin-port-accepted": "admin_port_accepted",
    "threat-list": "threat_list",
    "beaconing": "beaconing",
}
"""The section that is meant to find each kind of incident."""
DETECTIONS = tuple(s.name for s in read_sections(Path(SQL_FOLDER) / "reports") if s.is_detection)


@dataclass
class Tally:
    """What a detection did over the days."""

    planted: int = 0
    found: int = 0
    near_misses: int = 0
    near_misses_found: int = 0
    others: list[str] = field(default_factory=list)
    """Rows that nothing was planted for, on days with incidents."""
    on_quiet_days: list[str] = field(default_factory=list)


@dataclass
class Week:
    """Days of one bucket, curated, and what was planted in them."""

    sql: SqlFiles
    planted: list
    rows: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    """Of each day and detection."""

    def run(self) -> None:
        for day in map(str, DAYS):
            for section in DETECTIONS:
                described = next(s for s in read_sections(Path(SQL_FOLDER) / "reports") if s.name == section)
                params = {
                    "first": day, "last": day, "limit": 1000, "section": section,
                    "baseline_first": str(date.fromisoformat(day) - timedelta(days=28)),
                    "thresholds": described.thresholds,
                }  # fmt: skip
                found = self.sql.athena.rows(self.sql.rendered(f"reports/{section}.sql", **params))
                names = list(described.columns)
                self.rows[day, section] = [dict(zip(names, row, strict=True)) for row in found]


def curated_week(folder: Path, monkeypatch: pytest.MonkeyPatch, incidents: tuple[str, ...] | None) -> Week:
    settings_file = folder / "flowlogs.yaml"
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(settings_file))
    athena = Athena(folder)
    athena.database = "flowlogs"
    sql = SqlFiles(athena, settings_file)
    settings = sql.settings(source(accounts=list(ACCOUNTS)))
    network = settings.source("network")
    plan = TrafficPlan(
        days=DAYS,
        targets=tuple(TrafficTarget(account, REGION) for account in ACCOUNTS),
        records_per_day=RECORDS,
        file_minutes=240,
        **({} if incidents is None else {"incidents": incidents}),
    )
    manifest = write_traffic(plan, FolderSink(folder / "s3" / "logs"))
    for day in map(str, DAYS):
        sql.set_up("network", day)
        run = sql.curate("network", day, run_id=day)
        for table in ("flow_runs", "threat_list"):
            sql.rows(f"tables/{table}.sql")
        for target in network.targets():
            keys = f"dt = '{day}', aws_account = '{target.account}', aws_region = '{REGION}', source = 'network'"
            place = f"aws_account={target.account}/aws_region={REGION}"
            for action in ("ACCEPT", "REJECT"):
                for table, kind in (("flow_records", "kind"), ("flow_daily", "action")):
                    prefix = f"s3://logs/lake/{run_prefix(table, day, run)}{place}/{kind}={action}/"
                    athena.text(f"ALTER TABLE {table} ADD PARTITION ({keys}, action = '{action}') LOCATION '{prefix}'")
        assert run == run_name(day, network, 0, len(ACCOUNTS), 1)
        athena.text(sql.rendered("curate/summary.sql", day, day, source="network", first=0, last=len(ACCOUNTS)))
    listed = yaml.safe_load(manifest.as_json())["threat_list"]
    athena.put("lake/threat_list/list.csv", "".join(f"{entry},planted\n" for entry in listed))
    week = Week(sql, list(manifest.planted))
    week.run()
    return week


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Week, Week]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        with_incidents = curated_week(tmp_path_factory.mktemp("incidents"), monkeypatch, None)
        without = curated_week(tmp_path_factory.mktemp("quiet"), monkeypatch, ())
        yield with_incidents, without


@pytest.fixture(scope="module")
def tallies(weeks) -> dict[str, Tally]:
    with_incidents, without = weeks
    tallies = {section: Tally() for section in DETECTIONS}
    matched: set[tuple[str, str, int]] = set()
    for incident in with_incidents.planted:
        section = SECTIONS[incident.kind]
        if section == "reject_spike" and (date.fromisoformat(incident.day) - DAYS[0]).days < 5:
            continue  # there are not yet five days to stand out of
        rows = with_incidents.rows[incident.day, section]
        hits = [number for number, row in enumerate(rows) if is_of(row, incident, section)]
        tally = tallies[section]
        if incident.near_miss:
            tally.near_misses += 1
            tally.near_misses_found += bool(hits)
        else:
            tally.planted += 1
            tally.found += bool(hits)
        matched |= {(incident.day, section, number) for number in hits}
    for (day, section), rows in with_incidents.rows.items():
        tallies[section].others += [
            f"{day} {row['who']} -> {row['what']}"
            for number, row in enumerate(rows)
            if (day, section, number) not in matched
        ]
    for (day, section), rows in without.rows.items():
        tallies[section].on_quiet_days += [f"{day} {row['who']} -> {row['what']}" for row in rows]
    return tallies


def is_of(row: dict[str, str], incident, section: str) -> bool:
    """Whether a row is this incident: who did it, to what, and when."""
    if section == "reject_spike":
        return row["who"] == f"{incident.account}/{incident.region}" and row["day"] == incident.day
    actors = {*incident.sources, *(incident.targets if section == "threat_list" else ())}
    if row["who"] not in actors:
        return False
    first, last = (
        datetime.fromisoformat(row[name]).replace(tzinfo=UTC).timestamp() for name in ("first_seen", "last_seen")
    )
    if section == "threat_list":  # one row for an address, whichever targets it had to do with
        return first <= incident.first <= incident.last <= last
    return incident.first <= first <= last <= incident.last


def test_every_kind_of_incident_was_planted(weeks):
    planted = Counter(incident.kind for incident in weeks[0].planted if not incident.near_miss)
    assert set(planted) == set(SECTIONS)
    assert {SECTIONS[kind] for kind in planted} == set(DETECTIONS)


@pytest.mark.parametrize("section", DETECTIONS)
def test_what_is_planted_is_found_and_nothing_else(tallies, section):
    tally = tallies[section]
    assert tally.planted > 0
    assert tally.found == tally.planted
    assert tally.near_misses_found == 0
    assert tally.others == []
    assert tally.on_quiet_days == []


def test_the_table_in_the_docs_is_of_this_run(tallies):
    text = page(tallies)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text)
    assert PAGE.read_text() == text, "run the test with UPDATE_DOCS=1 to write docs/detections.md anew"


def page(tallies: dict[str, Tally]) -> str:
    sections = {section.name: section for section in read_sections(Path(SQL_FOLDER) / "reports")}
    lines = [
        "# Detections",
        "",
        f"Written by `tests/sql/test_planted_incidents.py`: {len(DAYS)} days of {len(ACCOUNTS)} accounts with incidents of every "
        f"kind planted (docs/traffic.md), and the same days without. Each incident has to be found on its day by the "
        "detection meant for it, with its source and within its times. A near miss stays just under the threshold.",
        "",
        "| detection | severity | planted | found | near misses | reported | other rows | rows on days without |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, tally in tallies.items():
        section = sections[name]
        lines.append(
            f"| {section.title} (`{name}`) | {section.severity} | {tally.planted} | {tally.found} | {tally.near_misses} | "
            f"{tally.near_misses_found} | {len(tally.others)} | {len(tally.on_quiet_days)} |"
        )
    return "\n".join(lines) + "\n"
