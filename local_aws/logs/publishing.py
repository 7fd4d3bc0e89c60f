"""Measurements of metric filters as points of MiniStack's CloudWatch metrics."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch

from local_aws.logs.metric_filters import Measurement

_DEFAULT = "MetricFilterDefault"
"""Marks a point that is a filter's default value: it gives way when its minute gets a real one."""


def publish(measurement: Measurement) -> None:
    """Add a measurement to the metric of the caller's account and region, at the beginning of its minute."""
    dimensions = dict(measurement.dimensions)
    key = (measurement.namespace, measurement.metric, cloudwatch._dims_key(dimensions))
    points: list[dict[str, Any]] = cloudwatch._metric_bucket(key)
    minute = _points_of(points, measurement.minute)
    if measurement.is_default and minute:
        return
    for point in minute:
        if point.get(_DEFAULT) and not measurement.is_default:
            points.remove(point)
            minute.remove(point)
            break
    known = {
        point.get("Value"): point for point in minute if "_stat" not in point and point["Unit"] == measurement.unit
    }
    for value, count in measurement.values:
        if value in known:
            known[value]["Count"] = known[value].get("Count", 1.0) + count
            continue
        point = {
            "Timestamp": float(measurement.minute),
            "Unit": measurement.unit,
            "Dimensions": dimensions,
            "Value": value,
            "Count": float(count),
        }
        points.append(point | {_DEFAULT: True} if measurement.is_default else point)


def _points_of(points: list[dict[str, Any]], minute: int) -> list[dict[str, Any]]:
    """The newest points, as far as they are of this minute; it is a metric's last one as a rule."""
    found = []
    for point in reversed(points):
        if point["Timestamp"] < minute:
            break
        if point["Timestamp"] == minute:
            found.append(point)
    return found
