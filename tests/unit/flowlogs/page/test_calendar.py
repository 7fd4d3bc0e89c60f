"""The calendar and the table of targets: every day has one cell, gaps are seen, pages leave nothing out."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.page.calendar import by_month, calendar
from flowlogs.page.digest import digest
from flowlogs.page.states import NO_RESULT, RUNNING
from flowlogs.page.target_rows import PAGE, page_of, target_rows
from tests.unit.flowlogs.page import sample_ledger as sample

TODAY = date(2026, 11, 24)
TARGETS = sample.targets(60)


def digests(*names: str, of=TARGETS, **changes):
    return {name: digest(name, [sample.row(target, **changes) for target in of]) for name in names}


@settings(max_examples=50)
@given(st.sets(st.integers(-3, 500), max_size=8), st.sets(st.integers(-400, 500), max_size=3), st.integers(1, 400))
def test_days_stand_in_a_row_up_to_yesterday_and_never_more_than_asked_for(back, running_back, days):
    ledger = digests(*(f"{TODAY - timedelta(days=n)}" for n in back), of=TARGETS[:1])
    running = frozenset(f"{TODAY - timedelta(days=n)}" for n in running_back)
    found = calendar(ledger, today=TODAY, days=days, running=running)
    names = [day.day for day in found]
    assert len(found) <= days
    assert names == [names[0] + timedelta(days=n) for n in range(len(names))] if names else True
    known = [n for n in {*back, *running_back} if n >= 0]
    assert bool(found) == bool(known)
    if found:
        assert names[-1] == TODAY - timedelta(days=0 if 0 in known else 1)
        assert all((day.digest is not None) == (day.name in ledger) for day in found)
        assert all(day.is_running == (day.name in running) for day in found)
        months = by_month(found)
        assert [day for _, of_month in reversed(months) for day in of_month.values()] == found


def test_a_day_without_rows_needs_a_look_unless_a_run_works_on_it():
    ledger = digests("2026-11-20", "2026-11-23") | digests("2026-11-22", **sample.MISSING)
    found = calendar(ledger, today=TODAY, days=400, running=frozenset({"2026-11-21"}), failed=frozenset({"2026-11-19"}))
    assert {day.name: day.state.name for day in found} == {
        "2026-11-20": "complete", "2026-11-21": "running", "2026-11-22": "missing", "2026-11-23": "complete",
    }  # fmt: skip
    assert [day.name for day in found if day.needs_a_look] == ["2026-11-22"]
    (absent,) = calendar(digests("2026-11-22"), today=TODAY, days=1, failed=frozenset({"2026-11-23"}))
    assert absent.state == NO_RESULT
    assert absent.needs_a_look
    assert absent.in_words() == "2026-11-23: the run failed"


def test_a_cell_says_in_words_what_it_shows():
    rows = [sample.row(TARGETS[0], **sample.MISSING), sample.row(TARGETS[1], **sample.LATE), sample.row(TARGETS[2])]
    ledger = {"2026-11-23": digest("2026-11-23", rows)}
    (day,) = calendar(ledger, today=TODAY, days=5, running=frozenset({"2026-11-23"}))
    assert day.in_words() == "2026-11-23: 1 of 3 targets complete, 1 missing, 1 late; a run works on it"
    assert day.state.name == "missing"


def test_rows_of_targets_hold_every_day_and_say_who_runs():
    gone = TARGETS[0]
    ledger = digests("2026-11-20", "2026-11-21", of=TARGETS[:3]) | digests("2026-11-23", of=TARGETS[1:3])
    ledger["2026-11-21"] = digest(
        "2026-11-21", [sample.row(TARGETS[0]), sample.row(TARGETS[1], **sample.MISSING), sample.row(TARGETS[2])]
    )
    days = calendar(ledger, today=TODAY, days=30)
    found = {row.target: row for row in target_rows(days, {"2026-11-20": frozenset({str(TARGETS[2])})})}
    assert found[str(gone)].codes == "ccn-"
    assert found[str(TARGETS[1])].codes == "cmnc"
    assert found[str(TARGETS[2])].codes == "rcnc"
    assert found[str(TARGETS[1])].not_complete == 2
    everywhere = target_rows(days, {"2026-11-23": None})
    assert {row.codes[-1] for row in everywhere} == {RUNNING.code}
    stretches = found[str(TARGETS[1])].stretches
    assert [(one.in_words(), one.days) for one in stretches] == [
        ("2026-11-20: complete", 1), ("2026-11-21: missing", 1), ("2026-11-22: no result", 1), ("2026-11-23: complete", 1),
    ]  # fmt: skip
    assert target_rows(days[:1], {})[0].stretches[0].in_words() == "2026-11-20: complete"


def test_pages_together_hold_every_target_once_the_worst_first():
    bad = TARGETS[41]
    ledger = digests("2026-11-22")
    ledger["2026-11-23"] = digest(
        "2026-11-23", [sample.row(t, **(sample.MISSING if t == bad else {})) for t in TARGETS]
    )
    rows = target_rows(calendar(ledger, today=TODAY, days=30), {})
    pages = [page_of(rows, page=number) for number in range(1, 4)]
    assert {page.pages for page in pages} == {-(-len(TARGETS) // PAGE)}
    together = [row.target for page in pages for row in page.rows]
    assert together[0] == str(bad)
    assert sorted(together) == sorted(str(target) for target in TARGETS)
    assert page_of(rows, page=99).page == 3
    assert [row.target for row in page_of(rows, only_problems=True).rows] == [str(bad)]
    assert [row.target for row in page_of(rows, text=f"{bad.account} {bad.region}").rows] == [str(bad)]
    assert page_of(rows, text="nowhere").rows == []
    assert [row.target for row in page_of(rows, order="name").rows] == sorted(str(t) for t in TARGETS)[:PAGE]


def test_no_days_have_no_rows():
    assert calendar({}, today=TODAY, days=400) == []
    assert target_rows([], {}) == []
