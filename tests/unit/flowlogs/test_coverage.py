"""What arrived of a day: small in XCom, the same after it, and in words for people."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.coverage import Coverage, Incomplete, in_words
from flowlogs.targets import Target

DAY = date(2026, 11, 22)


def target(number: int) -> Target:
    return Target("network", f"{number:012d}", "us-east-1")


REASONS = st.builds(Incomplete, st.sampled_from(["partial", "missing"]), st.text())
TARGETS = st.builds(Target, st.text(min_size=1), st.from_regex(r"\A[0-9]{12}\Z"), st.text(min_size=1))
COVERAGES = st.builds(Coverage, st.dates(), st.integers(0, 10**6), st.dictionaries(TARGETS, REASONS, max_size=20))


@given(COVERAGES)
def test_a_coverage_is_the_same_after_json(coverage):
    assert Coverage.from_json(json.loads(json.dumps(coverage.to_json()))) == coverage


def test_complete_targets_cost_no_bytes():
    assert json.dumps(Coverage(DAY, 100_000).to_json()) == '{"day": "2026-11-22", "targets": 100000, "incomplete": []}'


def test_incomplete_targets_stand_in_order_whatever_the_order_they_were_found_in():
    partial = Incomplete("partial", "files came 3 minutes ago")
    one, other = ({target(n): partial for n in order} for order in ([2, 1, 3], [3, 2, 1]))
    assert Coverage(DAY, 3, one).to_json() == Coverage(DAY, 3, other).to_json()
    assert Coverage(DAY, 3, one).to_json()["incomplete"][0] == [
        "network", "000000000001", "us-east-1", "partial", "files came 3 minutes ago",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        {},
        {"day": "2026-11-22", "targets": 1},
        {"day": "2026-11-31", "targets": 1, "incomplete": []},
        {"day": 20261122, "targets": 1, "incomplete": []},
        {"day": "2026-11-22", "targets": "many", "incomplete": []},
        {"day": "2026-11-22", "targets": 1, "incomplete": [["network", "1", "us-east-1"]]},
        {"day": "2026-11-22", "targets": 1, "incomplete": None},
        None,
        [],
    ],
    ids=str,
)
def test_something_else_is_refused_with_its_text(text):
    with pytest.raises(ValueError, match="not a day's coverage as the arrival sensor returns it") as refused:
        Coverage.from_json(text)
    assert str(refused.value).endswith(f": {text!r}")


def test_the_status_of_each_target():
    coverage = Coverage(DAY, 3, {target(1): Incomplete("partial", "late"), target(2): Incomplete("missing", "none")})
    assert [(coverage.status_of(target(n)), coverage.reason_of(target(n))) for n in (1, 2, 3)] == [
        ("partial", "late"),
        ("missing", "none"),
        ("complete", ""),
    ]
    assert not coverage.is_complete


def test_a_complete_day_in_one_line():
    coverage = Coverage(DAY, 12)
    assert coverage.is_complete
    assert coverage.summary() == "2026-11-22: 12 of 12 targets complete"


def test_an_incomplete_day_in_one_line():
    incomplete = {
        target(3): Incomplete("missing", "no file"),
        target(1): Incomplete("partial", "files came 2 minutes ago"),
        target(2): Incomplete("missing", "no file"),
    }
    assert Coverage(DAY, 12, incomplete).summary() == (
        "2026-11-22: 9 of 12 targets complete; 2 missing, 1 partial: "
        "network/000000000001/us-east-1 (files came 2 minutes ago); "
        "network/000000000002/us-east-1 (no file); network/000000000003/us-east-1 (no file)"
    )


@pytest.mark.parametrize(
    ("incomplete", "shown", "rest"), [(5, 5, ""), (6, 5, "; and 1 more"), (900, 5, "; and 895 more")]
)
def test_the_first_five_are_named(incomplete, shown, rest):
    words = in_words({target(number): Incomplete("missing", "none") for number in range(incomplete)})
    assert words.count("(none)") == shown
    assert words.endswith("(none)" + rest)
