"""What PutMetricFilter accepts, and what log events add to a filter's metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.aws_json import ServiceError
from local_aws.logs.metric_filters import Event, Measurement, measurements, validated
from local_aws.logs.patterns import LogMessage

MINUTE = 1_779_624_000
"""Epoch seconds of a whole minute."""

ATTEMPTS = "[srcaddr, dstport = 80 || dstport = 443, bytes]"


def metric_filter(pattern: str = ATTEMPTS, **transformation: Any) -> dict[str, Any]:
    metric = {"metricName": "m", "metricNamespace": "n", "metricValue": "1", **transformation}
    return {"filterName": "f", "filterPattern": pattern, "metricTransformations": [metric]}


def at(second: float, message: str) -> Event:
    return Event(int((MINUTE + second) * 1000), LogMessage(message))


def measured(wanted: dict[str, Any], *events: Event) -> list[Measurement]:
    validated(wanted)
    return list(measurements(wanted, events))


def values(wanted: dict[str, Any], *events: Event) -> list[tuple[int, dict[str, str], dict[float, int]]]:
    """(minutes after MINUTE, dimensions, how often each value) of each measurement."""
    return [((one.minute - MINUTE) // 60, dict(one.dimensions), dict(one.values)) for one in measured(wanted, *events)]


def test_matches_are_counted_in_the_minute_of_the_events():
    events = [at(0, "a 80 1"), at(59.999, "b 443 2"), at(60, "c 80 3"), at(61, "d 22 4")]
    assert values(metric_filter(), *events) == [(0, {}, {1.0: 2}), (1, {}, {1.0: 1})]


def test_a_field_is_the_value():
    events = [at(0, "a 80 1500"), at(1, "b 443 40"), at(2, "c 80 1500"), at(3, "d 80 none"), at(4, "e 80 1e999")]
    assert values(metric_filter(metricValue="$bytes"), *events) == [(0, {}, {1500.0: 2, 40.0: 1})]
    assert values(metric_filter(metricValue="$3"), *events) == [(0, {}, {1500.0: 2, 40.0: 1})]


def test_a_property_is_the_value():
    wanted = metric_filter("{ $.latency = * }", metricValue="$.latency", unit="Milliseconds")
    events = [at(0, json.dumps({"latency": 50, "requestType": "GET"})), at(1, json.dumps({"latency": "12.5"}))]
    (measurement,) = measured(wanted, *events)
    assert measurement == Measurement("n", "m", (), "Milliseconds", MINUTE, ((50.0, 1), (12.5, 1)), is_default=False)


def test_dimensions_are_fields():
    wanted = metric_filter("{ $.eventType = * }", dimensions={"Type": "$.eventType", "User": "$.user.name"})
    events = [
        at(0, json.dumps({"eventType": "Update", "user": {"name": "a"}})),
        at(1, json.dumps({"eventType": "Update", "user": {"name": "a"}})),
        at(2, json.dumps({"eventType": "Delete", "user": {"name": "a"}})),
        at(3, json.dumps({"eventType": "Delete"})),  # a metric with fewer dimensions would be another metric
    ]
    assert values(wanted, *events) == [
        (0, {"Type": "Update", "User": "a"}, {1.0: 2}),
        (0, {"Type": "Delete", "User": "a"}, {1.0: 1}),
    ]
    by_port = metric_filter(dimensions={"port": "$dstport"})
    assert values(by_port, at(0, "a 80 1")) == [(0, {"port": "80"}, {1.0: 1})]


class TestDefaultValue:
    def test_it_is_reported_for_minutes_with_events_and_no_match(self):
        wanted = metric_filter(defaultValue=0.5)
        found = measured(wanted, at(0, "a 80 1"), at(1, "b 22 1"), at(60, "c 22 1"), at(61, "d 22 1"))
        assert [(one.minute - MINUTE, one.values, one.is_default) for one in found] == [
            (0, ((1.0, 1),), False),
            (60, ((0.5, 1),), True),
        ]

    def test_without_events_nothing_is_reported(self):
        assert measured(metric_filter(defaultValue=0)) == []

    def test_without_it_nothing_is_reported(self):
        assert measured(metric_filter(), at(0, "b 22 1")) == []


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (metric_filter("[a"), "must end with ']'"),
        (metric_filter("a:b"), "Invalid character(s) in term 'a:b'"),
        (metric_filter(metricValue="one"), "neither a number nor a field"),
        (metric_filter(metricValue="$packets"), "$packets is no field of the filter pattern"),
        (metric_filter(metricValue="$.bytes"), "$.bytes is no field of the filter pattern"),
        (metric_filter("{ $.a = 1 }", metricValue="$.b[*]"), "is no field of the filter pattern"),
        (metric_filter("ERROR", metricValue="$a"), "is no field of the filter pattern"),
        (metric_filter(unit="Parsecs"), "unit 'Parsecs' is none of"),
        (metric_filter(metricName="a:b"), "must not contain"),
        (metric_filter(metricNamespace="$a"), "must not contain"),
        (metric_filter(metricName="m" * 256), "at most 255 characters"),
        (metric_filter("ERROR", dimensions={"a": "$a"}), "The specified filter pattern does not support dimensions"),
        (metric_filter(dimensions={"a": "$a"}), "dimension a: $a is no field"),
        (metric_filter(dimensions={str(i): "$bytes" for i in range(4)}), "at most 3 dimensions"),
        (
            metric_filter(dimensions={"a": "$bytes"}, defaultValue=0),
            "dimensions and default value are mutually exclusive properties",
        ),
        ({**metric_filter(), "filterName": "a:b"}, "without : and *"),
    ],
)
def test_what_is_refused(wanted, problem):
    with pytest.raises(ServiceError) as caught:
        validated(wanted)
    assert caught.value.code == "InvalidParameterException"
    assert problem in caught.value.message
