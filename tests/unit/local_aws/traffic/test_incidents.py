"""Incidents: the rules of the report find what was planted, nothing that nearly is, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from statistics import mean, stdev

import pytest

from local_aws.traffic import FolderSink, TrafficPlan, each_target, write_traffic
from local_aws.traffic.network import THREAT_LIST
from local_aws.traffic.scenes import KINDS, REJECT_SPIKE, SCENES
from tests.unit.local_aws.traffic.detections import RULES, detector, planted_as_found
from tests.unit.local_aws.traffic.reading import all_rows, files_in

FRIDAY = date(2026, 11, 20)
PLAN = TrafficPlan(days=(FRIDAY,), records_per_day=40_000, file_minutes=60)


@pytest.fixture(scope="module")
def planted_day(tmp_path_factory):
    """A day with every kind of incident: its manifest, and its records."""
    folder = tmp_path_factory.mktemp("planted")
    return write_traffic(PLAN, FolderSink(folder)), all_rows(files_in(folder))


@pytest.fixture(scope="module")
def find(planted_day):
    return detector(planted_day[1])


@pytest.fixture(scope="module")
def find_in_quiet_day(tmp_path_factory):
    """The rules over a larger day of a larger network without incidents."""
    folder = tmp_path_factory.mktemp("quiet")
    plan = replace(PLAN, records_per_day=150_000, interfaces=100, incidents=(), seed=2)
    write_traffic(plan, FolderSink(folder))
    return detector(all_rows(files_in(folder)))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_what_was_planted_for_it_and_nothing_else(planted_day, find, rule):
    manifest, _ = planted_day
    planted = [incident for incident in manifest.planted if incident.detection == rule]
    assert find(rule) == {
        finding for incident in planted if not incident.near_miss for finding in planted_as_found(incident)
    }
    assert all(find(rule).isdisjoint(planted_as_found(incident)) for incident in planted if incident.near_miss)


@pytest.mark.parametrize("rule", RULES)
def test_a_day_without_incidents_has_nothing_to_find(find_in_quiet_day, rule):
    assert find_in_quiet_day(rule) == set()


@pytest.mark.parametrize("kind", SCENES)
def test_every_kind_is_planted_with_a_near_miss(planted_day, kind):
    manifest, _ = planted_day
    near_misses = Counter(incident.near_miss for incident in manifest.planted if incident.kind == kind)
    assert near_misses[False] >= 1
    assert near_misses[True] >= 1


def test_the_manifest_counts_the_records_of_what_was_planted(planted_day):
    manifest, rows = planted_day
    for incident in manifest.planted:
        if incident.kind == REJECT_SPIKE:
            continue
        found = [
            row
            for row in rows
            if row["srcaddr"] in incident.sources
            and row["dstaddr"] in incident.targets
            and row["action"] in incident.actions
            and int(row["dstport"]) in incident.ports
            and incident.first <= int(row["start"]) <= incident.last
        ]
        assert len(found) == incident.count, incident
        assert sum(int(row["bytes"]) for row in found) == incident.bytes
        assert {row["interface-id"] for row in found} == set(incident.interfaces)
        assert {int(row["protocol"]) for row in found} == {incident.protocol}
        assert {(row["account-id"], incident.region) for row in found} == {(incident.account, "us-east-1")}


def test_incidents_lie_wholly_inside_their_days_files(planted_day):
    manifest, _ = planted_day
    day_starts, day_ends = 1795132800, 1795132800 + 86_400
    for incident in manifest.planted:
        assert day_starts <= incident.first <= incident.last < day_ends


def test_the_threat_list_stands_in_the_manifest(planted_day):
    import json

    assert json.loads(planted_day[0].as_json())["threat_list"] == list(THREAT_LIST)


@pytest.mark.parametrize(("records_per_day", "incident_every"), [(6_000, 5), (20_000, 1)])
def test_a_reject_spike_stands_out_of_the_28_days_before_it_and_no_other_day_does(
    tmp_path, records_per_day, incident_every
):
    plan = TrafficPlan(
        days=tuple(FRIDAY + timedelta(days=i) for i in range(36)),
        targets=each_target(["111122223333", "222233334444"], ["us-east-1"]),
        records_per_day=records_per_day,
        incident_every=incident_every,
        file_minutes=1440,
    )
    manifest = write_traffic(plan, FolderSink(tmp_path))
    spikes = {
        (incident.account, incident.day)
        for incident in manifest.planted
        if incident.kind == REJECT_SPIKE and not incident.near_miss
    }
    found, looked_at = set(), set()
    for target in plan.targets:
        days = [totals for totals in manifest.totals if totals.account == target.account]
        for i in range(5, len(days)):
            before = [totals.rejected for totals in days[max(0, i - 28) : i]]
            looked_at.add((target.account, days[i].day))
            if days[i].rejected > mean(before) + 3 * stdev(before):
                found.add((target.account, days[i].day))
    assert found == spikes & looked_at
    assert found


def test_incidents_can_be_put_on_chosen_days(write):
    days = tuple(FRIDAY + timedelta(days=i) for i in range(3))
    plan = TrafficPlan(
        days=days,
        records_per_day=100,
        incidents=("beaconing",),
        incident_days={"ssh-brute-force": (days[1],), "beaconing": (days[2],)},
        file_minutes=1440,
    )
    manifest, _ = write(plan)
    assert {(incident.kind, incident.day) for incident in manifest.planted} == {
        ("ssh-brute-force", days[1].isoformat()),
        ("beaconing", days[2].isoformat()),
    }


@pytest.mark.parametrize("every", [1, 3, 5])
def test_kinds_take_turns_on_a_target(write, every):
    days = tuple(FRIDAY + timedelta(days=i) for i in range(every))
    plan = TrafficPlan(days=days, records_per_day=100, incident_every=every, file_minutes=1440)
    manifest, _ = write(plan)
    planted_on = Counter(kind for kind, _ in {(incident.kind, incident.day) for incident in manifest.planted})
    assert {kind: planted_on[kind] for kind in KINDS if kind != REJECT_SPIKE} == dict.fromkeys(SCENES, 1)
