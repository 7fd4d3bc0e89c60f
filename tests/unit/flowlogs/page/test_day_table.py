"""The table of a day's targets: filtered, sorted, paged."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.page.day_table import SORTS, day_table
from tests.unit.flowlogs.page import sample_ledger as sample

TARGETS = sample.targets(120)
ROWS = sample.rows(date(2026, 11, 20), TARGETS)
BAD = [sample.row(TARGETS[7], **sample.MISSING), sample.row(TARGETS[3], **sample.LATE)]


@settings(max_examples=40)
@given(st.sampled_from(["", "-"]), st.sampled_from(sorted(SORTS)), st.integers(0, 9))
def test_pages_are_sorted_and_hold_every_row_once(turned, name, extra):
    rows = [*ROWS[: 100 + extra], *BAD]
    pages = [day_table(rows, sort=f"{turned}{name}", page=number) for number in (1, 2, 3)]
    together = [row for page in pages for row in page.rows]
    assert len(together) == len(rows) == pages[0].matching
    assert pages[0].pages == 3
    values = [SORTS[name](row) for row in together]
    assert values == sorted(values, reverse=bool(turned))


def test_what_is_not_complete_comes_first():
    assert [row.status for row in day_table([*ROWS, *BAD]).rows[:2]] == ["missing", "partial"]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"state": "m"}, [BAD[0]]),
        ({"text": "no file"}, [BAD[0]]),
        ({"text": f"{BAD[1].account} {BAD[1].region}"}, [BAD[1]]),
        ({"text": "FL-0A1B"}, [BAD[1]]),
        ({"text": "fl-0a1b", "state": "m"}, []),
    ],
)
def test_words_and_states_leave_out_the_rest(how, found):
    assert day_table(BAD, **how).rows == found


def test_an_unknown_order_is_the_usual_one():
    assert day_table(BAD, sort="password").sort == "state"
