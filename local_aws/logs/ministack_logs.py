"""The engine put into MiniStack's CloudWatch Logs: every log event that is written passes the metric filters."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import cloudwatch_logs

from local_aws.alarms.evaluation import AlarmEvaluation
from local_aws.aws_json import Caller, JsonService, Response, ServiceError
from local_aws.logs.api import OPERATIONS, LogsOperations
from local_aws.logs.ingestion import RefusedBatch, accepted
from local_aws.logs.metric_filters import Event, measurements, parsed_pattern
from local_aws.logs.patterns import InvalidPattern, LogMessage, parse
from local_aws.logs.publishing import publish

log = logging.getLogger(__name__)

Handler = Callable[..., Any]
"""MiniStack's: of a request's parts, answering status, headers and body."""


def install_logs(alarms: AlarmEvaluation) -> Handler:
    """Put filter patterns and metric filters into MiniStack; answers the handler for the `logs` service.

    Whatever writes log events in MiniStack passes them on to subscription filters; there metric filters
    see them too, the events of Lambda functions like those of PutLogEvents. CloudFormation creates metric
    filters by MiniStack's functions, which are replaced as well.
    """
    operations = LogsOperations()
    to_subscriptions = cloudwatch_logs._fanout_to_subscription_filters
    put_events = cloudwatch_logs._put_log_events
    put_subscription = cloudwatch_logs._put_subscription_filter

    def pass_on(group: str, stream: str, events: Sequence[dict[str, Any]]) -> None:
        try:
            _measure(group, events, alarms)
        except Exception:
            log.exception("metric filters of %s failed", group)  # the events are written all the same
        to_subscriptions(group, stream, events)

    cloudwatch_logs._fanout_to_subscription_filters = pass_on
    cloudwatch_logs._subscription_pattern_matches = _matches
    cloudwatch_logs._put_log_events = _checking_batch(put_events)
    cloudwatch_logs._put_subscription_filter = _checking_pattern(put_subscription)
    cloudwatch_logs._put_metric_filter = _of_template(_as_ministack(operations.put_metric_filter))
    cloudwatch_logs._delete_metric_filter = _as_ministack(operations.delete_metric_filter)
    service = JsonService("logs", operations, invalid_input="InvalidParameterException")

    async def handler(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> Response:
        if headers.get("x-amz-target", "").rpartition(".")[2] in OPERATIONS:
            caller = Caller(get_account_id(), get_region())
            return await service.handle(method, path, headers, body, query_params, caller)
        answer: Response = await cloudwatch_logs.handle_request(method, path, headers, body, query_params)
        return answer

    return handler


def _measure(group: str, events: Sequence[dict[str, Any]], alarms: AlarmEvaluation) -> None:
    """Publish what the group's metric filters make of new events, and evaluate the alarms on it."""
    filters = [one for (of, _), one in cloudwatch_logs._metric_filters.items() if of == group]
    if not filters or not events:
        return
    now = int(time.time() * 1000)
    read = [Event(one.get("timestamp", now), LogMessage(one.get("message", ""))) for one in events]
    measured = set()
    for metric_filter in filters:
        try:
            for measurement in measurements(metric_filter, read):
                publish(measurement)
                measured.add((measurement.namespace, measurement.metric))
        except InvalidPattern:  # stored before patterns were checked
            log.warning("metric filter %s of %s: its pattern cannot be read", metric_filter["filterName"], group)
    alarms.evaluate_watching(measured)


def _matches(pattern: str, message: str) -> bool:
    try:
        return parse(pattern or "").matches(LogMessage(message or ""))
    except InvalidPattern:
        return False


def _checking_batch(put: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def put_log_events(params: dict[str, Any]) -> Any:
        group = cloudwatch_logs._log_groups.get(params.get("logGroupName"))
        if group is None:
            return put(params)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, **event} for event in params.get("logEvents", [])]
        try:
            taken = accepted(events, now=now, retention_days=group.get("retentionInDays"))
        except RefusedBatch as refused:
            return error_response_json("InvalidParameterException", str(refused), 400)
        answer = put({**params, "logEvents": taken.events})
        if answer[0] >= 300 or not taken.rejected:
            return answer
        stream = group["streams"][params["logStreamName"]]
        token = stream["uploadSequenceToken"]
        return json_response({"nextSequenceToken": token, "rejectedLogEventsInfo": taken.rejected})

    return put_log_events


def _checking_pattern(put: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def put_subscription_filter(params: dict[str, Any]) -> Any:
        try:
            parsed_pattern(params.get("filterPattern", ""))
        except ServiceError as error:
            return error_response_json(error.code, error.message, error.status)
        return put(params)

    return put_subscription_filter


def _of_template(put: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """A template may write the metric's value as a number; CloudFormation makes text of it."""

    def put_metric_filter(params: dict[str, Any]) -> Any:
        metrics = [{**one, "metricValue": str(one["metricValue"])} for one in params["metricTransformations"]]
        return put({**params, "metricTransformations": metrics})

    return put_metric_filter


def _as_ministack(operation: Callable[[Caller, dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """One of our operations, called and answering as MiniStack's own functions do."""

    def call(params: dict[str, Any]) -> Any:
        try:
            return json_response(operation(Caller(get_account_id(), get_region()), params))
        except ServiceError as error:
            return error_response_json(error.code, error.message, error.status)

    return call
