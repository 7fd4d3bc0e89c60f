"""The log group with its retention, and its metric filters, each tested before it is put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowlogs.alarms.wanted import WantedAlarms, WantedFilter
from flowlogs.setting_up.place import Clients
from flowlogs.setting_up.steps import AlarmSetupError, Step

_MESSAGES_AT_ONCE: Final = 50
"""Messages of one TestMetricFilter request (CloudWatch Logs API reference)."""


def log_group_steps(wanted: WantedAlarms, clients: Clients) -> Iterator[Step]:
    """The steps for the log group and its metric filters.

    Raises:
        AlarmSetupError: when a filter that is to be put would not select what its rule asks for.
    """
    logs = clients("logs")
    name = wanted.log_group
    found = _log_group(logs, name)
    if found is None:

        def create() -> None:
            logs.create_log_group(logGroupName=name, tags=dict(wanted.tags))
            _keep(logs, wanted)

        yield Step("missing", f"log group {name}, kept for {wanted.retention_days} days", create)
    elif (days := found.get("retentionInDays")) != wanted.retention_days:
        kept = "for ever" if days is None else f"for {days} days"
        text = f"log group {name}: records are kept {kept}, expected for {wanted.retention_days} days"
        yield Step("drift", text, lambda: _keep(logs, wanted))
    yield from _filter_steps(wanted, logs, {} if found is None else _filters(logs, wanted))


def _filter_steps(wanted: WantedAlarms, logs: Any, there: dict[str, dict[str, Any]]) -> Iterator[Step]:
    for one in wanted.filters:
        request = one.request()
        actual = there.pop(one.name, None)
        differences = [] if actual is None else one.differences(actual)
        if actual is not None and not differences:
            continue
        test_filter(logs, one)

        def put(request: dict[str, Any] = request) -> None:
            logs.put_metric_filter(**request)

        if actual is None:
            yield Step("missing", f"metric filter {one.name}", put)
        else:
            yield Step("drift", f"metric filter {one.name}: {'; '.join(differences)}", put)
    for name in there:
        yield Step("note", f"metric filter {name} is of no rule in the settings; delete it if nobody needs it")


def test_filter(logs: Any, one: WantedFilter) -> None:
    """See by CloudWatch itself that a pattern selects the rule's sample records, and no others.

    Raises:
        AlarmSetupError: naming the rule, the record and the pattern.
    """
    for start in range(0, len(one.samples), _MESSAGES_AT_ONCE):
        samples = one.samples[start : start + _MESSAGES_AT_ONCE]
        answer = logs.test_metric_filter(
            filterPattern=one.pattern, logEventMessages=[sample.line for sample in samples]
        )
        matches = {match["eventNumber"]: match.get("extractedValues", {}) for match in answer["matches"]}
        for number, sample in enumerate(samples, start=1):
            if (number in matches) != sample.matches:
                verb = "selects" if number in matches else "does not select"
                problem = f"{verb} a record, though {sample.why}"
            elif sample.value is not None and matches[number].get(one.value) != sample.value:
                problem = f"reads {matches[number].get(one.value)!r} as {one.value}, not {sample.value!r}"
            else:
                continue
            raise AlarmSetupError(
                f"rule {one.rule}: its pattern {problem}: {sample.line!r}; pattern {one.pattern}. Nothing was changed; "
                "see alarms.log_format and the rule's where"
            )


def _keep(logs: Any, wanted: WantedAlarms) -> None:
    logs.put_retention_policy(logGroupName=wanted.log_group, retentionInDays=wanted.retention_days)


def _log_group(logs: Any, name: str) -> dict[str, Any] | None:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    groups = (group for page in pages for group in page["logGroups"])
    return next((group for group in groups if group["logGroupName"] == name), None)


def _filters(logs: Any, wanted: WantedAlarms) -> dict[str, dict[str, Any]]:
    pages = logs.get_paginator("describe_metric_filters").paginate(
        logGroupName=wanted.log_group, filterNamePrefix=wanted.alarm_prefix
    )
    return {one["filterName"]: one for page in pages for one in page["metricFilters"]}
