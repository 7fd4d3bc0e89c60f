"""What a CloudWatch alarm's message says: state, metric, threshold, when.

The message's form: CloudWatch user guide, "Notifying users on alarm changes".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from notification import Notification, text_of

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": "{} or more",
    "GreaterThanThreshold": "more than {}",
    "LessThanThreshold": "less than {}",
    "LessThanOrEqualToThreshold": "{} or less",
    "GreaterThanUpperThreshold": "above the expected band",
    "LessThanLowerThreshold": "below the expected band",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside the expected band",
}
_ABOUT_TOO_LITTLE = ("LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerThreshold")
_NUMBER = r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?"
_DATAPOINTS = re.compile(r"\[([^\]]*)\]")
_DATAPOINT = re.compile(rf"({_NUMBER}) \(([0-9]{{2}}/[0-9]{{2}}/[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})\)")
_BARE_VALUE = re.compile(rf"Threshold Crossed: \w+ ({_NUMBER}) ")
"""As MiniStack, under the local AWS, gives the reason."""
_DRILL = re.compile(r"\[drill ([\w.:-]{1,100})[^\]]*\]", re.ASCII)
_BAND = re.compile(rf"ANOMALY_DETECTION_BAND\([^,]*, *({_NUMBER})\)")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
_SEVERITY = re.compile(r"severity: *([a-z]+)\.?", re.IGNORECASE)
_LONGEST_WINDOW = timedelta(days=7)
"""CloudWatch evaluates no longer (PutMetricAlarm: EvaluationPeriods)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that changed its state.

    Attributes:
        state, old_state: ALARM, OK or INSUFFICIENT_DATA.
        changed_at: when the state changed.
        values: the metric's values that made it change, as the reason gives them.
        starts: when the periods of those values begin; empty when the reason does not say.
        period: seconds.
        band: standard deviations of the expected band, for an alarm on anomalies.
        drill: the drill that set the state; None when it is no drill.
    """

    name: str
    description: str
    account: str
    region: str
    arn: str
    state: str
    old_state: str
    reason: str
    changed_at: datetime
    values: tuple[float, ...]
    starts: tuple[datetime, ...]
    namespace: str
    metric: str
    statistic: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float | None
    band: float | None
    drill: str | None

    @classmethod
    def of(cls, notification: Notification) -> Alarm:
        """The alarm of a notification that `is_alarm`; what it does not say is empty."""
        values = notification.values
        trigger = values.get("Trigger")
        trigger = trigger if isinstance(trigger, dict) else {}
        metric = _metric(trigger)
        reason = text_of(values.get("NewStateReason"))
        arn = text_of(values.get("AlarmArn"))
        points = _datapoints(reason)
        statistic = text_of(metric.get("Statistic"))
        drill = _DRILL.match(reason)
        evaluation_periods = _whole(trigger.get("EvaluationPeriods"), 1)
        return cls(
            name=text_of(values.get("AlarmName")),
            description=text_of(values.get("AlarmDescription")),
            account=text_of(values.get("AWSAccountId")),
            region=_region(arn, notification.topic_arn, text_of(values.get("Region"))),
            arn=arn,
            state=text_of(values.get("NewStateValue")),
            old_state=text_of(values.get("OldStateValue")),
            reason=reason,
            changed_at=_moment(text_of(values.get("StateChangeTime")))
            or _moment(notification.sent_at)
            or datetime.now(UTC),
            values=tuple(value for value, _ in points) or _bare_values(reason),
            starts=tuple(start for _, start in points),
            namespace=text_of(metric.get("Namespace")),
            metric=text_of(metric.get("MetricName")),
            statistic=statistic.capitalize() if statistic.isupper() else statistic,
            period=_whole(metric.get("Period"), 60),
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=_whole(trigger.get("DatapointsToAlarm"), evaluation_periods),
            comparison=text_of(trigger.get("ComparisonOperator")),
            threshold=_number(trigger.get("Threshold")),
            band=_band(trigger),
            drill=drill.group(1) if drill else None,
        )

    @property
    def title(self) -> str:
        """What the alarm is called for people: the first line of a description of several, or its name."""
        first, _, rest = self.description.strip().partition("\n")
        return first.strip() if rest.strip() and len(first) <= 100 else self.name

    @property
    def explanation(self) -> str:
        """The description without what `title` and `severity` say."""
        lines = self.description.strip().splitlines()
        lines = lines[1:] if lines and lines[0].strip() == self.title else lines
        return "\n".join(line for line in lines if not _SEVERITY.fullmatch(line.strip())).strip()

    @property
    def severity(self) -> str:
        """As the description says, in a line `Severity: high`; empty when it says none."""
        found = (_SEVERITY.fullmatch(line.strip()) for line in self.description.splitlines())
        return next((match.group(1).lower() for match in found if match), "")

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when to when the metric was looked at, the end not included."""
        length = min(timedelta(seconds=self.period), _LONGEST_WINDOW)
        if self.starts:
            first, last = min(self.starts), max(self.starts) + length
            return max(first, last - _LONGEST_WINDOW), last
        # The periods are whole minutes or hours, so the first may begin nearly a period earlier.
        looked_at = min(timedelta(seconds=self.period * (self.evaluation_periods + 1)), _LONGEST_WINDOW)
        return self.changed_at - looked_at, self.changed_at + timedelta(seconds=1)

    @property
    def has_log_lines(self) -> bool:
        """Whether log lines can have made the alarm go off: not when it tells of too few, nor of AWS's own metrics."""
        too_few = self.comparison in _ABOUT_TOO_LITTLE or "no datapoints" in self.reason
        return self.state == "ALARM" and bool(self.metric) and not self.namespace.startswith("AWS/") and not too_few

    @property
    def value_words(self) -> str:
        """How many there were: `5 in 300 s`; empty when the reason does not say."""
        if not self.values:
            return "no data" if "no datapoints" in self.reason else ""
        shown = ", ".join(map(_shown, self.values[:10])) + ", …" * (len(self.values) > 10)
        return f"{shown} in {'periods of ' * (len(self.values) > 1)}{self.period:,} s"

    @property
    def threshold_words(self) -> str:
        """When the alarm goes off: `3 or more`; empty when the message does not say (a composite alarm)."""
        words = _COMPARISONS.get(self.comparison, "")
        if "{}" in words:
            words = words.format(_shown(self.threshold)) if self.threshold is not None else ""
        if words and self.band is not None:
            words += f" ({_shown(self.band)} standard deviations)"
        if words and self.evaluation_periods > 1:
            words += f", in {self.datapoints_to_alarm} of {self.evaluation_periods} periods"
        return words


def is_alarm(notification: Notification) -> bool:
    """Whether a notification tells of an alarm's state."""
    return "AlarmName" in notification.values and "NewStateValue" in notification.values


def _metric(trigger: Mapping[str, Any]) -> Mapping[str, Any]:
    """Name, namespace, statistic and period: of the alarm itself, or of the first metric of its expressions."""
    if trigger.get("MetricName"):
        return {**trigger, "Statistic": trigger.get("Statistic") or trigger.get("ExtendedStatistic")}
    metrics = trigger.get("Metrics")
    for entry in metrics if isinstance(metrics, list) else []:
        stat = entry.get("MetricStat") if isinstance(entry, dict) else None
        if isinstance(stat, dict) and isinstance(stat.get("Metric"), dict):
            return {**stat["Metric"], "Statistic": stat.get("Stat"), "Period": stat.get("Period")}
    return trigger


def _band(trigger: Mapping[str, Any]) -> float | None:
    metrics = trigger.get("Metrics")
    for entry in metrics if isinstance(metrics, list) else []:
        if isinstance(entry, dict) and (found := _BAND.search(text_of(entry.get("Expression")))):
            return float(found.group(1))
    return None


def _datapoints(reason: str) -> list[tuple[float, datetime]]:
    """`[5.0 (23/11/26 10:00:00)]`: value, and the beginning of its period in UTC, day first."""
    brackets = _DATAPOINTS.search(reason.removeprefix("[drill "))
    points = []
    for value, text in _DATAPOINT.findall(brackets.group(1)) if brackets else []:
        try:
            points.append((float(value), datetime.strptime(text, "%d/%m/%y %H:%M:%S").replace(tzinfo=UTC)))
        except ValueError:
            continue
    return points


def _bare_values(reason: str) -> tuple[float, ...]:
    found = _BARE_VALUE.search(reason)
    return (float(found.group(1)),) if found else ()


def _region(alarm_arn: str, topic_arn: str, region: str) -> str:
    """The region's code: CloudWatch's message gives the region's long name, the ARNs its code."""
    for code in [*(arn.split(":")[3] for arn in (alarm_arn, topic_arn) if arn.count(":") >= 5), region]:
        if _REGION.fullmatch(code):
            return code
    return ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 < moment.year < 9999 else None


def _whole(value: Any, otherwise: int) -> int:
    """A count or a number of seconds, from 1 to a week."""
    number = _number(value)
    return min(max(1, int(number)), 7 * 24 * 3600) if number is not None else otherwise


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(value: float) -> str:
    return f"{value:,.10g}"
