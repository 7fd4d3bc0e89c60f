"""An alarm's state from its data points: M of N, and what missing data counts for.

The rules and the tables they are tested with are the CloudWatch user guide's ("Configuring how CloudWatch alarms
treat missing data").
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
"""The comparisons with a fixed threshold; those with an anomaly band are not evaluated here."""


def state_of(
    breaching: Sequence[bool | None], evaluation_periods: int, datapoints_to_alarm: int, missing: str
) -> str | None:
    """The state that data points call for; None to keep the current one.

    `breaching`: of each data point in the evaluation range, the newest first, whether it breaches the threshold;
    None where it is missing. The range may be longer than `evaluation_periods`. `missing`: breaching,
    notBreaching, ignore or missing.
    """
    real = [one for one in breaching if one is not None]
    if len(real) >= evaluation_periods:  # then the newest real ones count, and nothing is filled in
        return ALARM if sum(real[:evaluation_periods]) >= datapoints_to_alarm else OK
    filled = evaluation_periods - len(real)
    if missing == "breaching":
        return ALARM if sum(real) + filled >= datapoints_to_alarm else OK
    if sum(real) >= datapoints_to_alarm:
        return ALARM
    if missing == "notBreaching" or not all(real):
        return OK
    if missing == "ignore":
        return None
    return ALARM if real else INSUFFICIENT_DATA
