"""Statements of the curated day: their targets, folders, columns, conditions."""

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs import curation
from flowlogs.settings import Settings
from flowlogs.targets import Target
from tests.unit.flowlogs.smallest_settings import section, source

DAY = date(2026, 11, 22)


def of_sources(*sources):
    return Settings.model_validate(section(sources=list(sources)))


def accounts(number):
    return [f"{111122220000 + n}" for n in range(number)]


@pytest.mark.parametrize(("plan", "kinds"), [(curation.record_parts, 5), (curation.summary_parts, 3)])
@pytest.mark.parametrize("targets", [1, 20, 21, 33, 34, 250])
def test_every_target_is_in_one_statement_that_athena_takes(plan, kinds, targets):
    parts = plan(of_sources(source(accounts=accounts(targets))), DAY)
    assert [number for part in parts for number in range(part.first, part.last)] == list(range(targets))
    assert max(part.last - part.first for part in parts) * kinds <= 100


@given(st.sets(st.integers(0, 59), min_size=1))
def test_chosen_targets_and_no_others_are_in_statements_that_athena_takes(chosen):
    settings = of_sources(source(accounts=accounts(60)))
    targets = settings.source("network").targets()
    parts = curation.record_parts(settings, DAY, frozenset(targets[number] for number in chosen))
    assert sorted(number for part in parts for number in range(part.first, part.last)) == sorted(chosen)
    assert max(part.last - part.first for part in parts) * 5 <= 100


def test_very_scattered_targets_are_curated_with_their_neighbours():
    settings = of_sources(source(accounts=accounts(1000)))
    every_other = frozenset(settings.source("network").targets()[::2])
    parts = curation.record_parts(settings, DAY, every_other)
    assert [number for part in parts for number in range(part.first, part.last)] == list(range(1000))
    assert len(parts) == 50


def test_each_source_has_statements_of_its_own():
    parts = curation.record_parts(of_sources(source(), source(name="edge", table="edge", prefix="edge/")), DAY)
    assert [part.to_json() for part in parts] == [
        {"source": "network", "first": 0, "last": 1, "day": "2026-11-22"},
        {"source": "edge", "first": 0, "last": 1, "day": "2026-11-22"},
    ]


class TestFolders:
    settings = of_sources(source(accounts=accounts(30)))

    def name(self, run_id="scheduled__1", first=0, last=20, try_number=1, settings=None):
        found = (settings or self.settings).source("network")
        return curation.run_name(run_id, found, first, last, try_number)

    def test_each_try_of_each_run_has_its_own(self):
        names = {self.name(), self.name(try_number=2), self.name("manual__1"), self.name(first=20, last=30)}
        assert len(names) == 4

    def test_a_folder_tells_its_targets(self):
        folder = curation.Folder.of(self.name(first=20, last=30), self.settings)
        assert folder.targets == self.settings.source("network").targets()[20:30]

    def test_other_targets_than_were_written_are_refused(self):
        changed = of_sources(source(accounts=accounts(31)[1:]))
        with pytest.raises(ValueError, match="the targets of network changed since"):
            curation.Folder.of(self.name(), changed)

    @pytest.mark.parametrize("run", ["", "x", "0123456789ab-network-0-1", "../../x"])
    def test_a_name_that_is_no_runs_is_refused(self, run):
        with pytest.raises(ValueError, match="is no folder of a run"):
            curation.Folder.of(run, self.settings)

    def test_a_run_is_read_off_a_statement(self):
        run = self.name()
        location = f"s3://lake/{curation.run_prefix('flow_records', '2026-11-22', run)}"
        assert curation.run_of(f"UNLOAD (SELECT 1)\nTO '{location}'\nWITH (format = 'PARQUET')") == run
        with pytest.raises(ValueError, match="is no file of a run"):
            curation.run_of("SELECT 1")


targets = st.lists(
    st.tuples(st.sampled_from(accounts(4)), st.sampled_from(["us-east-1", "eu-west-1", "ap-northeast-2"])),
    min_size=1,
    unique=True,
)


@given(targets)
def test_the_condition_holds_for_its_targets_alone(wanted):
    condition = curation.of_targets([Target("network", account, region) for account, region in wanted])
    everything = [(a, r) for a in accounts(4) for r in ("us-east-1", "eu-west-1", "ap-northeast-2")]
    values = ", ".join(f"('{account}', '{region}')" for account, region in everything)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT * FROM (VALUES {values}) AS t(aws_account, aws_region) WHERE {condition}"
        ).fetchall()
    assert sorted(found) == sorted(wanted)


def test_fields_that_sources_declare_are_columns():
    settings = of_sources(source(log_format="${srcaddr} ${my-field}", extra_fields={"my-field": "bigint"}))
    columns = dict(curation.record_columns(settings))
    assert columns["my_field"] == "bigint"
    assert columns["start"] == "timestamp"
    assert "action" not in columns, "it is a partition key"


@pytest.mark.parametrize(
    ("log_format", "kinds"),
    [("${srcaddr} ${action}", ("ACCEPT", "REJECT", "NONE")), ("${srcaddr}", ("NONE",))],
)
def test_the_actions_a_source_can_have(log_format, kinds):
    assert curation.kinds_of(of_sources(source(log_format=log_format)).source("network")) == kinds
