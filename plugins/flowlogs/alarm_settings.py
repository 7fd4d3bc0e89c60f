"""Settings of the alarms: which records they count, when they go off, who is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from flowlogs import fields as record_fields
from flowlogs.alarms.filter_pattern import filter_pattern, unknown_field
from flowlogs.setting_types import Identifier, Positive, PositiveCount, Section
from flowlogs.targets import ACCOUNT_PATTERN

RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that a log group can keep its events (PutRetentionPolicy, retentionInDays)."""

_DAY: Final = 86_400
_LONGEST_ENVIRONMENT: Final = 49
"""`{environment}-flowlogs-slack` is a Lambda function's name, which has 64 characters at most."""


def _matching(pattern: str, remedy: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def validate(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(remedy)
        return value

    return AfterValidator(validate)


LogGroupName = Annotated[
    str,
    _matching(r"[A-Za-z0-9._/#-]{1,512}", "is not a log group's name; use up to 512 letters, digits and ._/#-"),
]
MetricNamespace = Annotated[
    str,
    _matching(
        r"(?!AWS/)[A-Za-z0-9._/#-]{1,255}",
        "is not a namespace for metrics of your own; use letters, digits and ._/#-, and do not begin with AWS/",
    ),
]
EmailAddress = Annotated[
    str, _matching(r"[^@\s\"<>]{1,64}@[A-Za-z0-9.-]{1,255}", "is not an e-mail address; write name@example.com")
]
EndpointUrl = Annotated[
    str,
    _matching(r"https?://[^\s\"'<>@/]+(/[^\s\"'<>]*)?", "is not a URL; write https://host/path, without a password"),
]
QueueArn = Annotated[
    str,
    _matching(
        rf"arn:aws[a-z-]*:sqs:[a-z0-9-]+:{ACCOUNT_PATTERN}:[A-Za-z0-9_-]{{1,80}}",
        "is not an SQS queue's ARN; write arn:aws:sqs:region:account:name",
    ),
]
_WEBHOOK_PLACE = re.compile(r"secretsmanager:[A-Za-z0-9/_+=.@-]{1,512}|ssm:/[A-Za-z0-9/_.-]{1,1010}", re.ASCII)
AlarmPrefix = Annotated[
    str, _matching(r"[!-~]([ -~]{0,253}[!-~])?", "is not the beginning of alarms' names; use printable ASCII")
]


class Subscriptions(Section):
    """Who is told when an alarm changes its state."""

    emails: tuple[EmailAddress, ...] = Field(
        default=(), description="E-mail addresses; each has to confirm the message that AWS sends it."
    )
    https: tuple[EndpointUrl, ...] = Field(
        default=(), description="HTTPS URLs that answer SNS's confirmation; http is taken too, for a local AWS."
    )
    queues: tuple[QueueArn, ...] = Field(
        default=(), description="ARNs of SQS queues, whose policies let the topic send to them."
    )
    slack_webhook: str | None = Field(
        default=None,
        description=(
            "Where the URL of a Slack incoming webhook is kept: secretsmanager:<name> or ssm:/<path>. Empty: no Lambda "
            "for Slack."
        ),
    )

    @model_validator(mode="after")
    def _keeps_the_webhook_elsewhere(self) -> Self:
        """The value is not repeated in the message: people write the URL here, which is a secret."""
        if self.slack_webhook is not None and _WEBHOOK_PLACE.fullmatch(self.slack_webhook) is None:
            raise ValueError(
                "slack_webhook names no place that a webhook's URL is kept at; write secretsmanager:<name> or "
                "ssm:/<path>, never the URL itself"
            )
        return self


class AlarmRule(Section):
    """A metric filter and the alarm on its metric."""

    name: Identifier = Field(description="Name of the rule, in the names of its filter, metric and alarm; unique.")
    title: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="What the alarm is called in messages; one line."
    )
    description: Annotated[str, Field(min_length=1, max_length=800)] = Field(
        description="What it means that the alarm goes off, and what to do; in the alarm's description."
    )
    severity: Literal["critical", "high", "medium", "low", "info"] = Field(
        default="high", description="How bad it is; in the alarm's description and in messages."
    )
    where: Mapping[str, Any] = Field(
        default_factory=dict,
        description=(
            "Which records count: AWS field names of log_format with a value, a comparison ('>= 1024', '!= 22', joined "
            "by &&), a text with * at its beginning or end, or a list of these, of which one must hold. Empty for all."
        ),
    )
    value: int | str = Field(
        default=1, description="What a record adds to the metric: 1, or the number in a field such as bytes."
    )
    statistic: Literal["Sum", "Average", "Minimum", "Maximum", "SampleCount"] = Field(
        default="Sum", description="What is made of the values of a period."
    )
    period_seconds: int = Field(
        default=300, description="Seconds of a period: 10, 30, or a multiple of 60; flow logs are minutes apart."
    )
    evaluation_periods: PositiveCount = Field(default=1, description="Periods that the alarm looks at.")
    datapoints_to_alarm: PositiveCount | None = Field(
        default=None,
        description="Periods of these that must be over the threshold; empty for all of evaluation_periods.",
    )
    comparison: Literal[">=", ">", "<=", "<"] = Field(
        default=">=", description="How the statistic compares with the threshold, or to which side it leaves the band."
    )
    threshold: float = Field(description="The alarm goes off when the statistic compares so with this.")
    anomaly_band: Positive | None = Field(
        default=None,
        description=(
            "In place of the threshold, where alarms.anomaly_detection: standard deviations from what CloudWatch "
            "expects. Empty for the threshold."
        ),
    )
    missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] = Field(
        default="notBreaching", description="What a period without data counts as."
    )

    @field_validator("title", "description")
    @classmethod
    def _is_text(cls, value: str, info: ValidationInfo) -> str:
        if not value.strip() or (info.field_name == "title" and "\n" in value):
            raise ValueError("must be text of one line" if info.field_name == "title" else "must be text")
        return value.strip()

    @field_validator("where")
    @classmethod
    def _frozen(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return MappingProxyType({name: tuple(one) if isinstance(one, list) else one for name, one in value.items()})

    @field_validator("value")
    @classmethod
    def _is_one_or_a_field(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value != 1:
            raise ValueError("must be 1, to count records, or the name of a field with numbers, such as bytes")
        return value

    @field_validator("period_seconds")
    @classmethod
    def _is_a_period(cls, value: int) -> int:
        if value not in (10, 30) and (value <= 0 or value % 60):
            raise ValueError("is no period of CloudWatch; write 10, 30, or a multiple of 60")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.datapoints_to_alarm is not None and self.datapoints_to_alarm > self.evaluation_periods:
            raise ValueError(
                f"datapoints_to_alarm is {self.datapoints_to_alarm}, more than evaluation_periods "
                f"{self.evaluation_periods}; make it smaller"
            )
        looks_back = self.period_seconds * self.evaluation_periods
        longest = 7 * _DAY if self.period_seconds >= 3600 else _DAY
        if looks_back > longest:
            raise ValueError(
                f"looks back {looks_back} seconds (period_seconds {self.period_seconds} x evaluation_periods "
                f"{self.evaluation_periods}), CloudWatch {longest} at most; take fewer periods, or periods of an hour "
                "for up to 7 days"
            )
        return self

    @property
    def value_field(self) -> str | None:
        """AWS name of the field that the metric's value is read from; None when records are counted."""
        return self.value if isinstance(self.value, str) else None

    @property
    def datapoints(self) -> int:
        """Periods that must be over the threshold."""
        return self.datapoints_to_alarm or self.evaluation_periods


class Alarms(Section):
    """The second path of the flow logs: log group, metric filters, alarms, messages."""

    log_group: LogGroupName | None = Field(
        default=None, description="CloudWatch Logs log group that flow logs deliver to as well; empty for no alarms."
    )
    extra_fields: Mapping[str, str] = Field(
        default_factory=dict, description="As a source's extra_fields: fields of log_format that are newer."
    )
    log_format: str = Field(
        default=record_fields.DEFAULT_LOG_FORMAT,
        description="LogFormat of the flow log that delivers there; the default is AWS's default.",
    )
    retention_days: int = Field(
        default=30, description=f"Days that the log group keeps its records: {', '.join(map(str, RETENTION_DAYS))}."
    )
    namespace: MetricNamespace = Field(default="FlowLogs", description="CloudWatch namespace of the rules' metrics.")
    on_drift: Literal["repair", "report"] = Field(
        default="repair", description="What was edited by hand: repair it, or only report it."
    )
    anomaly_detection: bool = Field(
        default=True,
        description="Whether CloudWatch has anomaly detection (the local AWS has not); otherwise thresholds are used.",
    )
    subscriptions: Subscriptions = Field(default_factory=Subscriptions, description="Who is told.")
    max_alarm_hours: Positive = Field(
        default=24, description="Hours in ALARM after which the health check finds an alarm stuck."
    )
    max_insufficient_hours: Positive = Field(
        default=6, description="Hours in INSUFFICIENT_DATA after which the health check finds an alarm stuck."
    )
    extra_alarm_prefixes: tuple[AlarmPrefix, ...] = Field(
        default=(), description="The health check also looks at alarms whose names begin so."
    )
    extra_alarm_tags: Mapping[str, str] = Field(
        default_factory=dict, description="The health check also looks at alarms that have all of these tags."
    )
    rules: tuple[AlarmRule, ...] = Field(default=(), description="Metric filters and their alarms.")

    @field_validator("extra_fields")
    @classmethod
    def _are_fields(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        record_fields.declared_fields(value)
        return MappingProxyType(dict(value))

    @field_validator("log_format")
    @classmethod
    def _parses(cls, value: str, info: ValidationInfo) -> str:
        if "extra_fields" in info.data:  # otherwise they are wrong, and reported already
            record_fields.parse_log_format(value, info.data["extra_fields"])
        return value

    @field_validator("retention_days")
    @classmethod
    def _is_a_retention(cls, value: int) -> int:
        if value not in RETENTION_DAYS:
            raise ValueError(f"is no number of days that CloudWatch Logs keeps; write one of {RETENTION_DAYS}")
        return value

    @field_validator("extra_alarm_tags")
    @classmethod
    def _frozen(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType(dict(value))

    @field_validator("rules", mode="wrap")
    @classmethod
    def _fit_the_format(
        cls, value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> tuple[AlarmRule, ...]:
        """Refuses a name that two rules share, and what a rule asks of records that have no such field."""
        errors = _repeated_names(value)
        rules: tuple[AlarmRule, ...] = ()
        try:
            rules = validate(value)
        except ValidationError as error:
            errors += [
                InitErrorDetails(type=found["type"], loc=found["loc"], input=found["input"], ctx=found.get("ctx", {}))
                for found in error.errors()
            ]
        if "log_format" in info.data and "extra_fields" in info.data:
            fields = record_fields.parse_log_format(info.data["log_format"], info.data["extra_fields"])
            errors += [found for position, rule in enumerate(rules) for found in _misfits(position, rule, fields)]
        if errors:
            raise ValidationError.from_exception_data("rules", errors)
        return rules

    @cached_property
    def fields(self) -> tuple[record_fields.Field, ...]:
        """The fields of the log group's records, in order."""
        return record_fields.parse_log_format(self.log_format, self.extra_fields)


def _misfits(position: int, rule: AlarmRule, fields: Sequence[record_fields.Field]) -> list[InitErrorDetails]:
    errors = []
    types = {field.name: field.hive_type for field in fields}
    if rule.value_field is not None and types.get(rule.value_field, "string") == "string":
        numbers = ", ".join(name for name, hive_type in types.items() if hive_type != "string")
        message = f"is not a field of alarms.log_format with numbers; write 1, or one of {numbers}"
        errors.append(_error((position, "value"), rule.value, message))
    for name in rule.where:
        if name not in types:
            errors.append(_error((position, "where", name), rule.where[name], unknown_field(name, fields)))
            continue
        try:
            filter_pattern(fields, {name: rule.where[name]})
        except ValueError as error:
            errors.append(_error((position, "where", name), rule.where[name], str(error)))
    if not errors:
        try:
            filter_pattern(fields, rule.where, rule.value_field)
        except ValueError as error:
            errors.append(_error((position, "where"), dict(rule.where), str(error)))
    return errors


def _repeated_names(rules: Any) -> list[InitErrorDetails]:
    errors, first = [], dict[str, int]()
    for position, rule in enumerate(rules if isinstance(rules, Sequence) else ()):
        name = rule.get("name") if isinstance(rule, Mapping) else getattr(rule, "name", None)
        if isinstance(name, str) and first.setdefault(name, position) != position:
            message = f"rules[{first[name]}] has the same name; give each rule its own"
            errors.append(_error((position, "name"), name, message))
    return errors


def _error(path: tuple[int | str, ...], value: object, message: str) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=path, input=value, ctx={"error": ValueError(message)})


def _fits_environment(value: Alarms, info: ValidationInfo) -> Alarms:
    environment = info.data.get("environment", "")
    if value.log_group is not None and len(environment) > _LONGEST_ENVIRONMENT:
        raise ValueError(
            f"need an environment of {_LONGEST_ENVIRONMENT} characters at most, for the names of what setup makes; "
            f"{environment!r} has {len(environment)}"
        )
    longest = max((rule.name for rule in value.rules), key=len, default="")
    if len(f"{environment}-flowlogs-{longest}") > 255:
        raise ValueError(f"have a rule with too long a name; an alarm's name has 255 characters: shorten {longest!r}")
    return value


NamedAlarms = Annotated[Alarms, AfterValidator(_fits_environment)]
"""Alarms whose names in AWS, which begin with the environment, are not too long."""
