"""Which calls run chosen days again: the chosen days, all of them, and no other."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.page.plan import AT_MOST, SINGLE_RUNS_AT_MOST, plan

TODAY = date(2026, 11, 24)


def days_of(call) -> list[str]:
    """The days that a call makes runs for."""
    if call.path == "/api/v2/backfills":
        first, last = (date.fromisoformat(call.body[key][:10]) for key in ("from_date", "to_date"))
        return [f"{first + timedelta(days=n)}" for n in range((last - first).days + 1)]
    assert call.path == "/api/v2/dags/flow_logs_daily/dagRuns"
    assert call.body["logical_date"] is None
    return [call.body["partition_key"]]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=SINGLE_RUNS_AT_MOST))
def test_exactly_the_chosen_days_are_run_once(back):
    chosen = [f"{TODAY - timedelta(days=n)}" for n in back]
    found = plan(chosen, today=TODAY)
    assert sorted(day for call in found.calls for day in days_of(call)) == sorted({*chosen}) == list(found.days)
    assert sum(call.path == "/api/v2/backfills" for call in found.calls) in (0, len(found.calls))


def test_days_in_a_row_are_one_backfill():
    found = plan(["2026-11-03", "2026-11-01", "2026-11-02"], today=TODAY, reprocess="failed")
    (call,) = found.calls
    assert call.body == {
        "dag_id": "flow_logs_daily", "from_date": "2026-11-01T00:00:00Z", "to_date": "2026-11-03T00:00:00Z",
        "reprocess_behavior": "failed", "max_active_runs": 4,
    }  # fmt: skip
    assert "2026-11-01 to 2026-11-03, 3 days" in found.words


def test_days_with_gaps_get_a_run_each():
    found = plan(["2026-11-01", "2026-11-03"], today=TODAY)
    assert [call.body for call in found.calls] == [
        {"logical_date": None, "partition_key": "2026-11-01", "conf": {}},
        {"logical_date": None, "partition_key": "2026-11-03", "conf": {}},
    ]


def test_some_targets_are_named_in_the_run_and_a_day_without_any_is_run_whole():
    target = "network/111122223333/us-east-1"
    found = plan(["2026-11-01", "2026-11-02"], today=TODAY, targets={"2026-11-01": [target], "2026-11-02": []})
    assert [call.body["conf"] for call in found.calls] == [{"targets": [target]}, {}]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], "no day is chosen"),
        (["2026-11-24"], "2026-11-24 is not over yet"),
        (["yesterday"], "'yesterday' is no day; write YYYY-MM-DD"),
        (["20261101"], "'20261101' is no day as it must be written: 2026-11-01"),
        ([f"{TODAY - timedelta(days=n)}" for n in range(1, AT_MOST + 2)], f"choose {AT_MOST} at most"),
        ([f"{TODAY - timedelta(days=2 * n)}" for n in range(1, SINGLE_RUNS_AT_MOST + 2)], "not in a row"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(days, words):
    with pytest.raises(ValueError, match=words):
        plan(days, today=TODAY)
