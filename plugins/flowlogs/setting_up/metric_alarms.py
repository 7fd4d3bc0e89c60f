"""The alarms on the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowlogs.alarms.wanted import WantedAlarms
from flowlogs.setting_up.place import Clients
from flowlogs.setting_up.steps import Step


def alarm_steps(wanted: WantedAlarms, topic_arn: str, clients: Clients) -> Iterator[Step]:
    """The steps for the alarms."""
    cloudwatch = clients("cloudwatch")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=wanted.alarm_prefix, AlarmTypes=["MetricAlarm"]
    )
    there = {alarm["AlarmName"]: alarm for page in pages for alarm in page.get("MetricAlarms", ())}
    tags = [{"Key": key, "Value": value} for key, value in wanted.tags.items()]
    for one in wanted.alarms:
        request = one.request(topic_arn)
        actual = there.pop(one.name, None)

        def put(request: dict[str, Any] = request) -> None:
            cloudwatch.put_metric_alarm(**request)

        if actual is None:
            yield Step("missing", f"alarm {one.name}", lambda put=put, request=request: put({**request, "Tags": tags}))  # type: ignore[misc]
        elif differences := one.differences(actual, topic_arn):
            yield Step("drift", f"alarm {one.name}: {'; '.join(differences)}", put)
    for name in there:
        yield Step("note", f"alarm {name} is of no rule in the settings; delete it if nobody needs it")
