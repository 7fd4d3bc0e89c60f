"""What PutLogEvents takes of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.logs.ingestion import DAY_MS, HOUR_MS, RefusedBatch, accepted

NOW = 1_779_624_000_000


def batch(*ages: int) -> list[dict[str, Any]]:
    """Events so many milliseconds before NOW."""
    return [{"timestamp": NOW - age, "message": str(age)} for age in ages]


@pytest.mark.parametrize(
    ("ages", "retention_days", "taken", "rejected"),
    [
        ((2, 1, 0), None, ["2", "1", "0"], {}),
        ((14 * DAY_MS + 1, 14 * DAY_MS), None, [str(14 * DAY_MS)], {"tooOldLogEventEndIndex": 1}),
        ((DAY_MS + 2, DAY_MS + 1, DAY_MS), 1, [str(DAY_MS)], {"expiredLogEventEndIndex": 2}),
        ((0, -2 * HOUR_MS, -2 * HOUR_MS - 1), None, ["0", str(-2 * HOUR_MS)], {"tooNewLogEventStartIndex": 2}),
    ],
)
def test_events_too_old_or_too_new_are_left_out(ages, retention_days, taken, rejected):
    answer = accepted(batch(*ages), now=NOW, retention_days=retention_days)
    assert [event["message"] for event in answer.events] == taken
    assert answer.rejected == rejected


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        (batch(1, 2), "chronological order"),
        (batch(DAY_MS + 1, 0), "24 hours"),
        (batch(*[0] * 10_001), "at most 10000"),
    ],
)
def test_a_batch_may_be_refused_whole(events, problem):
    with pytest.raises(RefusedBatch, match=problem):
        accepted(events, now=NOW, retention_days=None)
