"""What a run's folders become, and what they replace."""

from datetime import UTC, datetime

from flowlogs.publishing import Note, record_partitions, summary_partitions, unreferenced
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section, source

SETTINGS = Settings.model_validate(section(lake={"bucket": "lake", "prefix": "net/"}, sources=[source()]))
SOURCE = SETTINGS.source("network")
(TARGET,) = SOURCE.targets()
KEYS = ("2026-11-22", "111122223333", "us-east-1", "network")
FOLDER = "s3://lake/net/{}/dt=2026-11-22/run=r-1/aws_account=111122223333/aws_region=us-east-1/"


def test_a_targets_records_are_a_partition_for_each_action_and_two_more():
    found = {(p.table, p.values): p.location for p in record_partitions(SETTINGS.lake, SOURCE, TARGET, KEYS[0], "r-1")}
    folder = FOLDER.format("flow_records")
    assert found == {
        ("flow_records", (*KEYS, "ACCEPT")): f"{folder}kind=ACCEPT/",
        ("flow_records", (*KEYS, "REJECT")): f"{folder}kind=REJECT/",
        ("flow_records", (*KEYS, "NONE")): f"{folder}kind=NONE/",
        ("flow_gaps", KEYS): f"{folder}kind=GAP/",
        ("flow_quarantine", KEYS): f"{folder}kind=QUARANTINE/",
    }


def test_a_targets_summary_is_a_partition_for_each_action():
    found = list(summary_partitions(SETTINGS.lake, SOURCE, TARGET, KEYS[0], "r-1"))
    assert [partition.values[-1] for partition in found] == ["ACCEPT", "REJECT", "NONE"]
    assert found[0].location == FOLDER.format("flow_daily") + "action=ACCEPT/"


def test_a_note_comes_back_as_it_was_written():
    note = Note("flow_daily", "2026-11-22", ("a/", "b/"), datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC))
    assert Note.from_json(note.to_json()) == note
    assert note.key(SETTINGS.lake, "r-1") == "net/superseded/20261123T010203Z_flow_daily_2026-11-22_r-1.json"


def test_what_a_partition_points_at_is_not_removed():
    prefixes = ["flow_daily/dt=2026-11-22/run=a-1/", "flow_daily/dt=2026-11-22/run=a-10/"]
    assert unreferenced(prefixes, "lake", ["s3://lake/flow_daily/dt=2026-11-22/run=a-10/x/"]) == prefixes[:1]
    assert unreferenced(prefixes, "lake", []) == prefixes
