"""An alarm's state from its data points: the tables of CloudWatch's user guide, row by row.

`0` is a data point that is not breaching, `X` one that is, `-` a missing one; the newest stands last.
"""

from __future__ import annotations

import pytest

from local_aws.alarms.states import state_of

CURRENT = None
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def states(row: str, evaluation_periods: int, datapoints_to_alarm: int) -> tuple[str | None, ...]:
    newest_first = [{"0": False, "X": True, "-": None}[mark] for mark in reversed(row.split())]
    return tuple(state_of(newest_first, evaluation_periods, datapoints_to_alarm, missing) for missing in TREATMENTS)


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("0 - X - X", ("OK", "OK", "OK", "OK")),
        ("0 - - - -", ("OK", "OK", "OK", "OK")),
        ("- - - - -", ("INSUFFICIENT_DATA", CURRENT, "ALARM", "OK")),
        ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("- - X - -", ("ALARM", CURRENT, "ALARM", "OK")),
    ],
)
def test_three_out_of_three(row, wanted):
    assert states(row, 3, 3) == wanted


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
        ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
        ("- - - - X", ("ALARM", CURRENT, "ALARM", "OK")),
    ],
)
def test_two_out_of_three(row, wanted):
    assert states(row, 3, 2) == wanted


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0", ("OK", "OK", "OK", "OK")),
        ("-", ("INSUFFICIENT_DATA", CURRENT, "ALARM", "OK")),
        ("X -", ("ALARM", "ALARM", "ALARM", "ALARM")),  # a real one in the range counts before a missing one
    ],
)
def test_one_out_of_one(row, wanted):
    assert states(row, 1, 1) == wanted


def test_only_the_newest_real_ones_count():
    assert states("X X 0 0", 2, 1) == ("OK",) * 4
    assert states("X - 0 0", 2, 1) == ("OK",) * 4
    assert states("0 X - 0", 2, 1) == ("ALARM",) * 4
