"""Metric filters: what PutMetricFilter accepts, and what a batch of log events adds to a filter's metrics."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.aws_json import ServiceError, service_model
from local_aws.logs.patterns import FilterPattern, InvalidPattern, LogMessage, parse
from local_aws.logs.patterns.operands import number

MOST_FILTERS = 100
"""Metric filters of one log group (PutMetricFilter's documentation)."""

MOST_FILTERS_WITH_REGEX = 5
"""Filter patterns with regular expressions in one log group (the user guide's quota)."""

MOST_DIMENSIONS = 3
"""Dimensions of a metric filter's metric."""

_LONGEST = {"metricName": 255, "metricNamespace": 255, "metricValue": 100}
_METRIC_NAME = re.compile(r"[^:*$]*")
_FILTER_NAME = re.compile(r"[^:*]{1,512}")

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Event:
    """A log event: when, in epoch milliseconds, and its message."""

    timestamp: int
    message: LogMessage


@dataclass(frozen=True)
class Measurement:
    """What a batch of log events adds to one metric in one minute."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    minute: int
    """The beginning of the minute, in epoch seconds."""
    values: tuple[tuple[float, int], ...]
    """Each value, and how often."""
    is_default: bool
    """Nothing matched in this minute: the filter's default value."""


def validated(params: dict[str, Any]) -> FilterPattern:
    """The pattern of a PutMetricFilter request.

    Raises: ServiceError InvalidParameterException for a pattern, name or transformation that AWS refuses.
    """
    if not _FILTER_NAME.fullmatch(params["filterName"]):
        raise _invalid(f"filterName '{params['filterName']}' must have 1 to 512 characters without : and *")
    pattern = parsed_pattern(params.get("filterPattern", ""))
    transformations = params["metricTransformations"]
    if len(transformations) != 1:
        raise _invalid(f"metricTransformations must have exactly 1 item, not {len(transformations)}")
    _check_transformation(transformations[0], pattern)
    return pattern


def parsed_pattern(text: str) -> FilterPattern:
    """The pattern that a request carries.

    Raises: ServiceError InvalidParameterException.
    """
    try:
        return parse(text)
    except InvalidPattern as error:
        raise _invalid(str(error)) from error


def measurements(metric_filter: dict[str, Any], events: Sequence[Event]) -> Iterator[Measurement]:
    """What a metric filter, as PutMetricFilter takes it, makes of log events that arrived together.

    A match without a numeric value, or without the value of a dimension, adds nothing. The default value is
    reported for a minute in which log events arrived and none of them added anything.
    """
    pattern = parse(metric_filter.get("filterPattern", ""))
    matching = [event for event in events if pattern.matches(event.message)]
    for transformation in metric_filter["metricTransformations"]:
        yield from _transformed(transformation, pattern, matching, events)


def _transformed(
    transformation: dict[str, Any], pattern: FilterPattern, matching: Sequence[Event], events: Sequence[Event]
) -> Iterator[Measurement]:
    values: dict[tuple[int, tuple[tuple[str, str], ...]], Counter[float]] = defaultdict(Counter)
    for event in matching:
        value = _value(transformation["metricValue"], pattern, event.message)
        dimensions = _dimensions(transformation.get("dimensions") or {}, pattern, event.message)
        if value is not None and dimensions is not None:
            values[_minute(event), dimensions][value] += 1
    namespace, metric = transformation["metricNamespace"], transformation["metricName"]
    unit = transformation.get("unit") or "None"
    for (minute, dimensions), counts in values.items():
        yield Measurement(namespace, metric, dimensions, unit, minute, tuple(counts.items()), is_default=False)
    default = transformation.get("defaultValue")
    if default is not None:
        with_values = {minute for minute, _ in values}
        for minute in {_minute(event) for event in events} - with_values:
            yield Measurement(namespace, metric, (), unit, minute, ((float(default), 1),), is_default=True)


def _minute(event: Event) -> int:
    return event.timestamp // MINUTE_MS * 60


def _value(written: str, pattern: FilterPattern, message: LogMessage) -> float | None:
    text = pattern.value(message, written) if written.startswith("$") else written
    value = None if text is None else number(text)
    return value if value is not None and math.isfinite(value) else None


def _dimensions(
    written: dict[str, str], pattern: FilterPattern, message: LogMessage
) -> tuple[tuple[str, str], ...] | None:
    dimensions = []
    for name, reference in written.items():
        text = pattern.value(message, reference)
        if not text:
            return None
        dimensions.append((name, text))
    return tuple(dimensions)


def _check_transformation(transformation: dict[str, Any], pattern: FilterPattern) -> None:
    for member, longest in _LONGEST.items():
        if len(transformation[member]) > longest:
            raise _invalid(f"{member} has at most {longest} characters, this has {len(transformation[member])}")
    for member in ("metricName", "metricNamespace"):
        if not _METRIC_NAME.fullmatch(transformation[member]):
            raise _invalid(f"{member} '{transformation[member]}' must not contain : * or $")
    _check_value(transformation["metricValue"], pattern)
    unit = transformation.get("unit")
    units = service_model("logs").shape_for("StandardUnit").metadata["enum"]
    if unit is not None and unit not in units:
        raise _invalid(f"unit '{unit}' is none of {', '.join(units)}")
    _check_dimensions(transformation, pattern)


def _check_value(written: str, pattern: FilterPattern) -> None:
    if written.startswith("$"):
        if not pattern.knows(written):
            raise _invalid(f"Invalid metric transformation: metricValue {written} is no field of the filter pattern")
    elif number(written) is None:
        raise _invalid(
            f"Invalid metric transformation: metricValue '{written}' is neither a number nor a field such as $bytes"
        )


def _check_dimensions(transformation: dict[str, Any], pattern: FilterPattern) -> None:
    dimensions = transformation.get("dimensions") or {}
    if not dimensions:
        return
    if transformation.get("defaultValue") is not None:
        raise _invalid("Invalid metric transformation: dimensions and default value are mutually exclusive properties")
    if not pattern.supports_dimensions:
        raise _invalid("The specified filter pattern does not support dimensions")
    if len(dimensions) > MOST_DIMENSIONS:
        raise _invalid(f"a metric filter has at most {MOST_DIMENSIONS} dimensions, this has {len(dimensions)}")
    for name, reference in dimensions.items():
        if not pattern.knows(reference):
            message = f"Invalid metric transformation: dimension {name}: {reference} is no field of the filter pattern"
            raise _invalid(message)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
