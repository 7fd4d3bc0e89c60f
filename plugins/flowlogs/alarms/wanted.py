"""What the settings want in AWS for the alarms: names, requests, and how what is there differs, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from flowlogs.alarm_settings import AlarmRule, Alarms, Subscriptions
from flowlogs.alarms.filter_pattern import filter_pattern, pattern_name
from flowlogs.alarms.sample_records import SampleRecord, sample_records
from flowlogs.settings import Settings

Protocol = Literal["email", "http", "https", "sqs", "lambda"]

_COMPARISONS: Final = {
    ">=": "GreaterThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
_BAND_COMPARISONS: Final = {
    ">=": "GreaterThanUpperThreshold",
    ">": "GreaterThanUpperThreshold",
    "<=": "LessThanLowerThreshold",
    "<": "LessThanLowerThreshold",
}
_ENVIRONMENT_BYTES: Final = 4000
"""Of a Lambda function's environment variables; the quota is 4 KB for all (Lambda quotas)."""


@dataclass(frozen=True, slots=True)
class WantedFilter:
    """A metric filter: counts the records that a rule asks for.

    Attributes:
        rule: the rule's name.
        name: the filter's.
        value: what a record adds: `1`, or a field of the pattern such as `$bytes`.
        default: what a minute with records of which none matched adds; None for nothing.
        samples: records that the pattern has to select or to leave.
    """

    rule: str
    name: str
    log_group: str
    pattern: str
    metric_name: str
    namespace: str
    value: str
    default: float | None
    samples: tuple[SampleRecord, ...]

    def request(self) -> dict[str, Any]:
        """The arguments of PutMetricFilter."""
        transformation: dict[str, Any] = {
            "metricName": self.metric_name,
            "metricNamespace": self.namespace,
            "metricValue": self.value,
        }
        if self.default is not None:
            transformation["defaultValue"] = self.default
        return {
            "logGroupName": self.log_group,
            "filterName": self.name,
            "filterPattern": self.pattern,
            "metricTransformations": [transformation],
        }

    def differences(self, actual: Mapping[str, Any]) -> list[str]:
        """How a filter, as DescribeMetricFilters answers it, differs from this."""
        found = _differences(
            {"filterPattern": actual.get("filterPattern", "")}, {"filterPattern": self.pattern}, _FILTER_WORDS
        )
        transformations = actual.get("metricTransformations", [])
        if len(transformations) != 1:
            return [*found, f"it has {len(transformations)} metric transformations, expected 1"]
        wanted: dict[str, Any] = {**_PLAIN_TRANSFORMATION, **self.request()["metricTransformations"][0]}
        there = {**_PLAIN_TRANSFORMATION, **{name: value for name, value in transformations[0].items() if value}}
        if transformations[0].get("defaultValue") is not None:
            there["defaultValue"] = float(transformations[0]["defaultValue"])
        return found + _differences(there, wanted, _FILTER_WORDS)


@dataclass(frozen=True, slots=True)
class WantedAlarm:
    """A metric alarm.

    Attributes:
        rule: the rule's name.
        period: seconds.
        comparison: how the statistic compares with the threshold: >= > <= <
        anomaly_band: standard deviations that take the threshold's place; None for the threshold.
    """

    rule: str
    name: str
    description: str
    severity: str
    namespace: str
    metric_name: str
    statistic: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    anomaly_band: float | None
    missing_data: str

    def request(self, topic_arn: str) -> dict[str, Any]:
        """The arguments of PutMetricAlarm, with the topic told of ALARM and of OK."""
        request = {
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "ActionsEnabled": True,
            "AlarmActions": [topic_arn],
            "OKActions": [topic_arn],
            "InsufficientDataActions": [],
            "EvaluationPeriods": self.evaluation_periods,
            "DatapointsToAlarm": self.datapoints_to_alarm,
            "TreatMissingData": self.missing_data,
        }
        if self.anomaly_band is None:
            return {
                **request,
                "Namespace": self.namespace,
                "MetricName": self.metric_name,
                "Statistic": self.statistic,
                "Period": self.period,
                "ComparisonOperator": _COMPARISONS[self.comparison],
                "Threshold": self.threshold,
            }
        metric = {"Namespace": self.namespace, "MetricName": self.metric_name}
        return {
            **request,
            "ComparisonOperator": _BAND_COMPARISONS[self.comparison],
            "ThresholdMetricId": "band",
            "Metrics": [
                {
                    "Id": "records",
                    "MetricStat": {"Metric": metric, "Period": self.period, "Stat": self.statistic},
                    "ReturnData": True,
                },
                {
                    "Id": "band",
                    "Expression": f"ANOMALY_DETECTION_BAND(records, {self.anomaly_band:g})",
                    "Label": "expected",
                    "ReturnData": True,
                },
            ],
        }

    def differences(self, actual: Mapping[str, Any], topic_arn: str | None = None) -> list[str]:
        """How an alarm, as DescribeAlarms answers it, differs from this; its actions only with the topic's ARN."""
        wanted = self.request(topic_arn or "")
        names = [name for name in _ALARM_WORDS if topic_arn is not None or name not in _ACTIONS]
        return _differences(_plain_alarm(actual, names), _plain_alarm(wanted, names), _ALARM_WORDS)


@dataclass(frozen=True, slots=True)
class WantedSubscription:
    """Somebody who is told by the topic."""

    protocol: Protocol
    endpoint: str


@dataclass(frozen=True, slots=True)
class WantedFunction:
    """The Lambda function that posts to Slack; its role has the same name.

    Attributes:
        dead_letter_queue: name of the SQS queue for events that could not be posted.
        webhook: where the webhook's URL is kept: `secretsmanager:<name>` or `ssm:/<path>`.
        variables: its environment variables.
    """

    name: str
    dead_letter_queue: str
    webhook: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WantedAlarms:
    """All that the settings want for the alarms.

    Attributes:
        alarm_prefix: how the names of all alarms begin.
        subscriptions: those of the settings; `subscriptions_of` has the deployment's own too.
        drill_queue: name of the SQS queue that shows whether the topic's messages arrive.
        function: the Slack Lambda; None without a webhook.
        tags: what everything is tagged with.
    """

    environment: str
    log_group: str
    retention_days: int
    topic_name: str
    alarm_prefix: str
    filters: tuple[WantedFilter, ...]
    alarms: tuple[WantedAlarm, ...]
    subscriptions: tuple[WantedSubscription, ...]
    drill_queue: str
    function: WantedFunction | None
    tags: Mapping[str, str]

    def subscriptions_of(self, topic_arn: str) -> tuple[WantedSubscription, ...]:
        """Every subscription of the topic: the settings', the drill queue, and the Slack Lambda."""
        _, partition, _, region, account, _ = topic_arn.split(":")
        own = [WantedSubscription("sqs", f"arn:{partition}:sqs:{region}:{account}:{self.drill_queue}")]
        if self.function is not None:
            arn = f"arn:{partition}:lambda:{region}:{account}:function:{self.function.name}"
            own.append(WantedSubscription("lambda", arn))
        return (*self.subscriptions, *own)


def wanted(settings: Settings) -> WantedAlarms:
    """What the settings want.

    Raises:
        ValueError: when `alarms.log_group` is not set, so that no alarms are wanted.
    """
    alarms, environment = settings.alarms, settings.environment
    if alarms.log_group is None:
        raise ValueError("the settings define no alarms: set alarms.log_group")
    prefix = f"{environment}-flowlogs-"
    filters = tuple(_filter(rule, alarms, alarms.log_group, environment) for rule in alarms.rules)
    return WantedAlarms(
        environment=environment,
        log_group=alarms.log_group,
        retention_days=alarms.retention_days,
        topic_name=f"{prefix}alarms",
        alarm_prefix=prefix,
        filters=filters,
        alarms=tuple(_alarm(rule, alarms, environment) for rule in alarms.rules),
        subscriptions=tuple(dict.fromkeys(_subscriptions(alarms.subscriptions))),
        drill_queue=f"{prefix}drill",
        function=_function(settings, alarms.log_group, prefix, filters),
        tags={"flowlogs": environment},
    )


def _filter(rule: AlarmRule, alarms: Alarms, log_group: str, environment: str) -> WantedFilter:
    fields = {field.name: field for field in alarms.fields}
    return WantedFilter(
        rule=rule.name,
        name=f"{environment}-flowlogs-{rule.name}",
        log_group=log_group,
        pattern=filter_pattern(alarms.fields, rule.where, rule.value_field),
        metric_name=f"{environment}_{rule.name}",
        namespace=alarms.namespace,
        value="1" if rule.value_field is None else f"${pattern_name(fields[rule.value_field])}",
        # A zero does not change a sum, and tells an alarm that nothing happened; it would change any other statistic.
        default=0.0 if rule.statistic == "Sum" and rule.where else None,
        samples=sample_records(alarms.fields, rule.where, rule.value_field),
    )


def _alarm(rule: AlarmRule, alarms: Alarms, environment: str) -> WantedAlarm:
    return WantedAlarm(
        rule=rule.name,
        name=f"{environment}-flowlogs-{rule.name}",
        # The Slack Lambda takes the title and the severity from here (include/slack_notifier/alarm.py).
        description=f"{rule.title}\nSeverity: {rule.severity}\n{rule.description}",
        severity=rule.severity,
        namespace=alarms.namespace,
        metric_name=f"{environment}_{rule.name}",
        statistic=rule.statistic,
        period=rule.period_seconds,
        evaluation_periods=rule.evaluation_periods,
        datapoints_to_alarm=rule.datapoints,
        comparison=rule.comparison,
        threshold=rule.threshold,
        anomaly_band=rule.anomaly_band if alarms.anomaly_detection else None,
        missing_data=rule.missing_data,
    )


def _subscriptions(subscriptions: Subscriptions) -> Iterator[WantedSubscription]:
    for address in subscriptions.emails:
        yield WantedSubscription("email", address)
    for url in subscriptions.https:
        yield WantedSubscription("https" if url.startswith("https:") else "http", url)
    for arn in subscriptions.queues:
        yield WantedSubscription("sqs", arn)


def _function(
    settings: Settings, log_group: str, prefix: str, filters: tuple[WantedFilter, ...]
) -> WantedFunction | None:
    webhook = settings.alarms.subscriptions.slack_webhook
    if webhook is None:
        return None
    variables = {
        "WEBHOOK": webhook,
        "ENVIRONMENT": settings.environment,
        "LOG_GROUP": log_group,
        "LOG_FIELDS": json.dumps([field.name for field in settings.alarms.fields], separators=(",", ":")),
    }
    room = _ENVIRONMENT_BYTES - sum(len(name) + len(value) for name, value in variables.items())
    patterns: dict[str, str] = {}
    for one in filters:  # what finds no room, the function looks up by the alarm's metric
        more = {**patterns, one.name: one.pattern}
        if len("FILTER_PATTERNS" + json.dumps(more)) <= room:
            patterns = more
    variables["FILTER_PATTERNS"] = json.dumps(patterns)
    return WantedFunction(
        name=f"{prefix}slack",
        dead_letter_queue=f"{prefix}slack-dead-letters",
        webhook=webhook,
        variables=variables,
    )


_FILTER_WORDS: Final = {
    "filterPattern": "pattern",
    "metricName": "metric",
    "metricNamespace": "namespace",
    "metricValue": "value",
    "defaultValue": "default value",
    "dimensions": "dimensions",
    "unit": "unit",
}
_PLAIN_TRANSFORMATION: Final[dict[str, Any]] = {"defaultValue": None, "dimensions": {}, "unit": "None"}

_ACTIONS: Final = ("ActionsEnabled", "AlarmActions", "OKActions", "InsufficientDataActions")
_ALARM_WORDS: Final = {
    "AlarmDescription": "description",
    "ActionsEnabled": "actions enabled",
    "AlarmActions": "actions for ALARM",
    "OKActions": "actions for OK",
    "InsufficientDataActions": "actions for INSUFFICIENT_DATA",
    "Namespace": "namespace",
    "MetricName": "metric",
    "Dimensions": "dimensions",
    "Statistic": "statistic",
    "ExtendedStatistic": "percentile",
    "Period": "period",
    "Unit": "unit",
    "EvaluationPeriods": "evaluation periods",
    "DatapointsToAlarm": "datapoints to alarm",
    "ComparisonOperator": "comparison",
    "Threshold": "threshold",
    "ThresholdMetricId": "band",
    "Metrics": "metrics",
    "TreatMissingData": "missing data",
}
_USUAL: Final[dict[str, Any]] = {
    "ActionsEnabled": True,
    "AlarmActions": [],
    "OKActions": [],
    "InsufficientDataActions": [],
    "Dimensions": [],
    "Metrics": [],
    "TreatMissingData": "missing",
}
"""What CloudWatch takes for a member that a request leaves out."""


def _plain_alarm(alarm: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """An alarm's members, those that are left out as CloudWatch takes them."""
    found: dict[str, Any] = {
        name: alarm.get(name) if alarm.get(name) is not None else _USUAL.get(name) for name in names
    }
    found["DatapointsToAlarm"] = alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods")
    found["Metrics"] = sorted(map(_plain_metric, found["Metrics"]), key=lambda metric: str(metric["Id"]))
    if found["Metrics"]:  # the answers of some services give zeros for what an alarm on expressions does not have
        found = {name: value or _USUAL.get(name) for name, value in found.items()}
        found["Threshold"] = None
    return found


def _plain_metric(metric: Mapping[str, Any]) -> dict[str, Any]:
    stat = metric.get("MetricStat") or {}
    return {
        "Id": metric.get("Id"),
        "Expression": "".join(str(metric.get("Expression") or "").split()),
        "Metric": {name: stat.get("Metric", {}).get(name) for name in ("Namespace", "MetricName")},
        "Dimensions": stat.get("Metric", {}).get("Dimensions") or [],
        "Period": stat.get("Period"),
        "Stat": stat.get("Stat"),
    }


def _differences(actual: Mapping[str, Any], expected: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    return [
        f"{words[name]} is {_shown(actual.get(name))}, expected {_shown(value)}"
        for name, value in expected.items()
        if actual.get(name) != value
    ]


def _shown(value: Any) -> str:
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, list | dict) else repr(value)
