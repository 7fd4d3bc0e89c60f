"""A day's digest: the newest row wins, each target has its worst state, totals are plain sums."""

import json
import random
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.ledger import LedgerRow
from flowlogs.page.digest import DayDigest, Totals, digest, newest_rows
from flowlogs.page.digest_file import packed, unpacked
from flowlogs.page.states import COMPLETE, LATE, MISSING_DAY, QUARANTINED, REVISED, WORST_FIRST, state_of
from flowlogs.targets import Target
from tests.unit.flowlogs.page import sample_ledger as sample

FEW = sample.targets(4)

numbers = st.integers(0, 10**15)
ledger_rows = st.builds(
    LedgerRow,
    source=st.just("network"),
    account=st.sampled_from([target.account for target in sample.targets(15)]),
    region=st.sampled_from(sample.REGIONS),
    status=st.sampled_from(["complete", "partial", "missing"]),
    reason=st.text(max_size=10),
    objects=numbers,
    bytes=numbers,
    newest_object=st.none(),
    records=numbers,
    nodata=numbers,
    skipdata=numbers,
    unparsable=st.sampled_from([0, 0, 1, 10**9]),
    outside_day=numbers,
    bytes_scanned=numbers,
    cost_usd=st.floats(0, 1000),
    run_id=st.sampled_from(["a", "b"]),
    recorded_at=st.sampled_from([f"2026-11-{day}T00:00:00Z" for day in range(10, 15)]),
    curated=numbers,
    accepted=numbers,
    rejected=numbers,
    revision=st.integers(1, 3),
)


@settings(max_examples=50)
@given(st.lists(ledger_rows, max_size=6))
def test_of_each_target_the_newest_row_counts_and_totals_are_plain_sums(rows):
    found = digest("2026-11-10", rows)
    if not rows:
        assert found is None
        return
    wanted = {}
    for row in sorted(rows, key=lambda one: one.recorded_at):  # stable: of equals the one that comes last
        wanted[str(row.target)] = row
    assert found.targets == tuple(sorted(wanted))
    for field in fields(Totals):
        assert getattr(found.totals, field.name) == pytest.approx(sum(getattr(r, field.name) for r in wanted.values()))
    assert dict(zip(found.targets, found.codes, strict=True)) == {k: state_of(r).code for k, r in wanted.items()}
    assert sum(found.counts.values()) == len(wanted)
    assert found.not_complete == sum(row.status != "complete" for row in wanted.values())
    assert found.recorded_at == max(row.recorded_at for row in rows)


@settings(max_examples=50)
@given(st.lists(ledger_rows, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_written_at_different_times_changes_nothing(rows, chance):
    distinct = {(str(row.target), row.recorded_at): row for row in rows}
    shuffled = [*distinct.values()]
    chance.shuffle(shuffled)
    assert newest_rows(shuffled) == newest_rows(distinct.values())


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, COMPLETE),
        (sample.MISSING, MISSING_DAY),
        (sample.LATE, LATE),
        (sample.QUARANTINED, QUARANTINED),
        (sample.REVISED, REVISED),
        ({**sample.REVISED, **sample.QUARANTINED}, QUARANTINED),
        ({**sample.REVISED, **sample.LATE, "unparsable": 3}, LATE),
        ({**sample.REVISED, **sample.MISSING}, MISSING_DAY),
    ],
)
def test_a_target_has_the_worst_state_that_holds(changes, state):
    assert state_of(sample.row(FEW[0], **changes)) == state


def test_reasons_are_counted_the_most_common_first():
    rows = [
        sample.row(FEW[0], **sample.LATE),
        sample.row(FEW[1], **sample.MISSING),
        sample.row(FEW[2], **sample.MISSING),
        sample.row(FEW[3], reason="of a complete target"),
    ]
    found = digest("2026-11-10", rows)
    assert [(one.code, one.text, one.targets, one.example) for one in found.reasons] == [
        ("m", "no file of the day came", 2, str(FEW[1])),
        ("l", sample.LATE["reason"], 1, str(FEW[0])),
    ]
    assert found.worst == "m"


def test_a_day_with_thousands_of_reasons_keeps_a_handful():
    rows = [sample.row(t, **{**sample.LATE, "reason": f"{t} {'x' * 5000}"}) for t in sample.targets(1000)]
    found = digest("2026-11-10", rows)
    assert len(found.reasons) == 5
    assert len(packed({"s3://lake/a/": found})) < 50_000


def test_the_digest_file_gives_back_what_it_was_given():
    days = [digest(f"{day}", sample.rows(day, FEW)) for day in sample.days(30, date(2026, 11, 10))]
    moved = digest("2026-11-11", sample.rows(date(2026, 11, 11), FEW[:2]))
    kept = {f"s3://lake/flow_runs/dt={one.day}/run=a-1/": one for one in [*days, moved]} | {"s3://lake/empty/": None}
    found = unpacked(packed(kept))
    assert found == kept
    targets = [one.targets for one in found.values() if one is not None]
    assert len({id(some) for some in targets}) == 2  # the same names once


def damaged() -> list[bytes]:
    import gzip

    good = packed({"s3://lake/a/": digest("2026-11-10", [sample.row(FEW[0])])})
    values = json.loads(gzip.decompress(good))
    other_version = {**values, "version": 0}
    no_such_targets = json.loads(json.dumps(values))
    no_such_targets["days"][0]["targets"] = 7
    too_many_states = json.loads(json.dumps(values))
    too_many_states["days"][0]["digest"]["codes"] = "cc"
    unknown_state = json.loads(json.dumps(values))
    unknown_state["days"][0]["digest"]["codes"] = "<"
    texts = [other_version, no_such_targets, too_many_states, unknown_state, {"version": 1}, [], None]
    return [b"", b"no gzip", good[:-9], *(gzip.compress(json.dumps(text).encode(), mtime=0) for text in texts)]


@pytest.mark.parametrize("data", damaged())
def test_a_damaged_digest_file_is_as_none(data):
    assert unpacked(data) == {}


def test_a_digest_knows_its_columns():
    """A new number of the ledger that the page should add up is seen here."""
    summed = {field.name for field in fields(Totals)}
    told = {"status", "reason", "source", "account", "region", "newest_object", "run_id", "recorded_at"}
    revisions = {"revision", "objects_before", "records_before"}
    assert {field.name for field in fields(LedgerRow)} == summed | told | revisions


def test_digests_of_equal_days_are_equal():
    rows = [sample.row(Target("network", "111122223333", region)) for region in sample.REGIONS]
    random.Random(1).shuffle(rows)
    one = digest("2026-11-10", rows)
    assert isinstance(one, DayDigest)
    assert one == digest("2026-11-10", sorted(rows, key=lambda row: row.region))
    assert one != digest("2026-11-10", [replace(row, unparsable=1) for row in rows])
    assert set(one.codes) <= set(WORST_FIRST)
