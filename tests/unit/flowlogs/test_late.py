"""Which targets of a curated day are late, and the run that takes them up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowlogs.late import late_day, window
from flowlogs.ledger import LedgerRow, ObjectCount, RowCount, ledger_row
from flowlogs.targets import Target

DAY = date(2026, 11, 3)
TARGETS = tuple(Target("network", account, "us-east-1") for account in ("111122223333", "222233334444", "333344445555"))

counts = st.one_of(
    st.just(ObjectCount()),
    st.builds(
        ObjectCount,
        objects=st.integers(1, 3),
        bytes=st.integers(1, 3),
        newest=st.sampled_from([datetime(2026, 11, 4, hour, tzinfo=UTC) for hour in (1, 2)]),
    ),
)


def row(target: Target, files: ObjectCount) -> LedgerRow:
    return ledger_row(
        target, status="complete", reason="", files=files, rows=RowCount(), scanned=0, cost_usd=0.0, run_id="test",
        recorded_at=datetime(2026, 11, 4, 3, tzinfo=UTC),
    )  # fmt: skip


@given(st.lists(counts, min_size=3, max_size=3), st.lists(counts, min_size=3, max_size=3))
def test_exactly_the_targets_with_other_files_are_late(then, now):
    rows = {target: row(target, files) for target, files in zip(TARGETS, then, strict=True)}
    found = dict(zip(TARGETS, now, strict=True))
    late = late_day(DAY, rows, found, TARGETS)
    changed = tuple(target for target, a, b in zip(TARGETS, then, now, strict=True) if a != b)
    assert (late.targets if late else ()) == changed


def test_a_target_that_the_ledger_does_not_have_is_late_when_it_has_files():
    known, with_files, without = TARGETS
    files = ObjectCount(1, 10, datetime(2026, 11, 4, 1, tzinfo=UTC))
    late = late_day(DAY, {known: row(known, files)}, {known: files, with_files: files, without: ObjectCount()}, TARGETS)
    assert late is not None
    assert late.targets == (with_files,)


def test_the_same_find_of_a_day_is_the_same_run_and_another_the_day_after():
    def run(size: int, found_on: str) -> dict:
        found = dict.fromkeys(TARGETS, ObjectCount(1, size, datetime(2026, 11, 4, 1, tzinfo=UTC)))
        late = late_day(DAY, {}, found, TARGETS)
        assert late is not None
        return late.trigger(found_on)

    assert run(10, "2026-11-12") == run(10, "2026-11-12")
    names = {
        run(10, "2026-11-12")["trigger_run_id"],
        run(11, "2026-11-12")["trigger_run_id"],
        run(10, "2026-11-13")["trigger_run_id"],
    }
    assert len(names) == 3
    assert run(10, "2026-11-12")["conf"] == {"day": "2026-11-03", "targets": [str(target) for target in TARGETS]}


@given(st.dates(min_value=date(2001, 1, 1)), st.integers(1, 366))
def test_the_window_ends_with_its_last_day(last, days):
    found = window(last, days)
    assert (len(found), found[-1], found[0]) == (days, last, last - timedelta(days=days - 1))
