"""An alarm's reasons are worded as CloudWatch words them."""

from __future__ import annotations

import json

import pytest

from local_aws.alarms.datapoints import Datapoint
from local_aws.alarms.reasons import reason, reason_data

AT = 1_779_624_000
WHEN = "(24/05/26 12:00:00)"


def point(value: float | None) -> Datapoint:
    return Datapoint(AT, value, 1)


@pytest.mark.parametrize(
    ("state", "values", "periods", "missing", "wanted"),
    [
        (
            "ALARM",
            [5.0],
            1,
            "missing",
            f"Threshold Crossed: 1 out of the last 1 datapoints [5.0 {WHEN}] was greater than or equal to "
            "the threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            "OK",
            [2.0, 1.0],
            2,
            "missing",
            f"Threshold Crossed: 2 out of the last 2 datapoints [2.0 {WHEN}, 1.0 {WHEN}] were not greater than or "
            "equal to the threshold (3.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            "ALARM",
            [None],
            1,
            "breaching",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
            "[Breaching].",
        ),
        (
            "OK",
            [None, None],
            2,
            "notBreaching",
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
            "[NonBreaching].",
        ),
        (
            "ALARM",
            [None, 4.0, None],
            3,
            "breaching",
            f"Threshold Crossed: 1 out of the last 3 datapoints [4.0 {WHEN}] was greater than or equal to "
            "the threshold (3.0) and 2 missing datapoints were treated as [Breaching].",
        ),
        ("INSUFFICIENT_DATA", [None, None], 2, "missing", "Insufficient Data: 2 datapoints were unknown."),
    ],
)
def test_reasons(state, values, periods, missing, wanted):
    text = reason(
        state,
        [point(value) for value in values],
        comparison="GreaterThanOrEqualToThreshold",
        threshold=3.0,
        evaluation_periods=periods,
        datapoints_to_alarm=1,
        missing=missing,
    )
    assert text == wanted


def test_the_data_behind_a_reason():
    text = reason_data([point(5.0), point(None)], now=AT + 90.25, statistic="Sum", period=60, threshold=3.0)
    assert json.loads(text) == {
        "version": "1.0",
        "queryDate": "2026-05-24T12:01:30.250+0000",
        "startDate": "2026-05-24T12:00:00.000+0000",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [5.0],
        "threshold": 3.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-05-24T12:00:00.000+0000", "sampleCount": 1, "value": 5.0},
            {"timestamp": "2026-05-24T12:00:00.000+0000"},
        ],
    }
