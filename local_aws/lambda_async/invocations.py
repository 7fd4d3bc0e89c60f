"""Asynchronous invocations put into MiniStack: InvocationType Event, SNS and S3 notifications.

MiniStack tries an event from SNS once, and lets the others' dead letters look like destination records.
"""

from __future__ import annotations

import heapq
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, lambda_svc, sns

from local_aws.lambda_async.outcomes import Outcome, Outcomes
from local_aws.lambda_async.queue import EventQueue, QueuedEvent
from local_aws.lambda_async.retry_policy import retry_policy

log = logging.getLogger(__name__)

_AT_ONCE = 16
"""Events that are worked on at the same time."""

_LAST_SECONDS = 1.0
"""What functions that run get at a stop. The local AWS does not answer them any more."""

_EXCEPTION = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?::|$)")


class AsyncInvocations:
    """Runs queued events until they succeed or are given up. `pauses` are the seconds before each retry; `changed` is
    called when a function ran, because its logs and metrics are MiniStack's state.
    """

    def __init__(
        self, queue: EventQueue, outcomes: Outcomes, pauses: tuple[float, ...], changed: Callable[[], None]
    ) -> None:
        self._queue = queue
        self._outcomes = outcomes
        self._pauses = pauses
        self._changed = changed
        self._due: list[tuple[float, str, QueuedEvent]] = []
        self._wake = threading.Condition()
        self._closing = False
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="lambda-async")
        self._scheduler = threading.Thread(target=self._schedule, name="lambda-async-due", daemon=True)

    def install(self) -> None:
        """Stand in for MiniStack's ways to invoke asynchronously, and go on with what waited at the last stop."""
        lambda_svc.invoke_async_with_retry = self.invoke
        lambda_svc._emit_lambda_metrics = _not_when_accepted(lambda_svc._emit_lambda_metrics)
        lambda_svc._execute_function_warm = _saying_what_failed(lambda_svc._execute_function_warm)
        sns._deliver_to_lambda = self._deliver_from_sns
        for queued in self._queue.waiting():
            self._put(queued)
        self._scheduler.start()

    def close(self) -> None:
        """Begin no further attempt, and end those that run on. What is left is tried after the next start."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        ending = threading.Timer(_LAST_SECONDS, lambda_runtime.reset)  # ends the functions' processes
        ending.start()
        self._workers.shutdown(wait=True, cancel_futures=True)
        ending.cancel()

    def invoke(self, function: dict[str, Any], event: Any) -> None:
        """Queue an event for a function, MiniStack's record of it."""
        config = function.get("config") or function
        name = config["FunctionName"]
        cloudwatch.record_metric("AWS/Lambda", "AsyncEventsReceived", 1, "Count", {"FunctionName": name})
        self._put(self._queue.add(config["FunctionArn"], event, time.time(), lambda_svc._invoke_depth.get()))

    def _deliver_from_sns(
        self,
        endpoint: str,
        envelope: str,
        topic_arn: str,
        subscription_arn: str,
        message_id: str,
        message: str,
        attributes: Any,
    ) -> None:
        function, config, name = lambda_svc._get_func_record_for_ref(endpoint)
        if not function or not config:
            log.warning("SNS topic %s: there is no Lambda function %s", topic_arn, name)
            return
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "EventSource": "aws:sns",
            "Sns": _as_lambda_has_it(json.loads(envelope)),
        }
        invoked = {**config, "FunctionArn": endpoint}  # with the subscription's alias or version, if it has one
        self.invoke(lambda_svc._execution_record_for_config(function, invoked), {"Records": [record]})

    def _put(self, queued: QueuedEvent) -> None:
        with self._wake:
            heapq.heappush(self._due, (queued.due, queued.request_id, queued))
            self._wake.notify()

    def _schedule(self) -> None:
        while True:
            with self._wake:
                while not self._closing and (not self._due or self._due[0][0] > time.time()):
                    self._wake.wait(max(0.0, self._due[0][0] - time.time()) if self._due else None)
                if self._closing:
                    return
                queued = heapq.heappop(self._due)[2]
            try:
                self._workers.submit(self._work_on, queued)
            except RuntimeError:  # closing meanwhile; it is tried after the next start
                return

    def _work_on(self, queued: QueuedEvent) -> None:
        account, region = lambda_svc._lambda_function_account_region_from_arn(queued.function)
        try:
            with request_scope(account, region):
                self._attempt(queued)
        except Exception:
            log.exception("Lambda function %s: event %s is dropped", queued.function, queued.request_id)
            self._queue.remove(queued)
        finally:
            self._changed()

    def _attempt(self, queued: QueuedEvent) -> None:
        function, config, name = lambda_svc._get_func_record_for_ref(queued.function)
        if not function or not config:
            log.warning("Lambda function %s was deleted: event %s is dropped", name, queued.request_id)
            self._queue.remove(queued)
            return
        record = lambda_svc._execution_record_for_config(function, {**config, "FunctionArn": queued.function})
        result = _run(record, queued)
        if self._closing and result.get("error"):  # perhaps because of the stop: it is tried after the next start
            return
        if result.get("throttle"):
            queued.throttles += 1
        elif result.get("error"):
            queued.attempts, queued.throttles = queued.attempts + 1, 0
        qualifier = lambda_svc._lambda_function_name_and_qualifier_from_arn(queued.function)[1]
        base = lambda_svc._get_base_func_record_for_ref(queued.function)[0] or function
        invoke_config = lambda_svc._event_invoke_config(base, qualifier) or {}
        condition: float | str = "Success"
        if result.get("error"):
            condition = retry_policy(invoke_config, self._pauses).next_pause(
                attempts=queued.attempts, throttles=queued.throttles, age=time.time() - queued.received
            )
        if isinstance(condition, float):
            queued.due = time.time() + condition
            self._queue.save(queued)
            self._put(queued)
            return
        if condition != "Success":
            cloudwatch.record_metric("AWS/Lambda", "AsyncEventsDropped", 1, "Count", {"FunctionName": name})
        last = None if result.get("throttle") else result
        self._outcomes.deliver(queued, config, invoke_config, Outcome(condition, last))
        self._queue.remove(queued)


def _as_lambda_has_it(notification: dict[str, Any]) -> dict[str, Any]:
    """A notification as Lambda's events have it: every member is there, and two are spelled otherwise."""
    named = {
        {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}.get(name, name): value
        for name, value in notification.items()
    }
    return {"Subject": None, "MessageAttributes": {}, **named}


def _run(record: dict[str, Any], queued: QueuedEvent) -> dict[str, Any]:
    """One attempt, as MiniStack's `_execute_function` makes it, but with the event's own request id."""
    config = record["config"]
    began = time.time()
    lambda_svc._invoke_depth.set(queued.depth)
    slot, limit = lambda_svc._acquire_execution_slot(record, config)
    if slot is None:
        lambda_svc._emit_lambda_metrics(config["FunctionName"], duration_ms=0.0, error=False, throttle=True)
        return {"error": True, "throttle": True, "body": {"errorMessage": f"the {limit}'s concurrency is used up"}}
    try:
        result: dict[str, Any] = lambda_svc._execute_function_dispatch(
            record, config, queued.event, queued.request_id, began
        )
    finally:
        lambda_svc._release_execution_slot(slot)
    lambda_svc._emit_lambda_metrics(
        config["FunctionName"],
        duration_ms=max((time.time() - began) * 1000, 0.01),
        error=bool(result.get("error")),
        throttle=False,
    )
    return result


def _not_when_accepted(emit: Callable[..., None]) -> Callable[..., None]:
    """MiniStack counts an invocation when it takes an event, without a duration; here the attempts count."""

    def emit_lambda_metrics(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        if duration_ms > 0 or error or throttle:
            emit(function_name, duration_ms, error, throttle)

    return emit_lambda_metrics


def _saying_what_failed(execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Failures as Lambda reports them: the exception's name as errorType, and a line in the log in any case."""

    def execute_function_warm(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result = execute(function, event, request_id)
        body = result.get("body")
        if not result.get("error") or not isinstance(body, dict):
            return result
        lines = (result.get("log") or "").rstrip().splitlines()
        last = _EXCEPTION.match(lines[-1]) if lines else None
        if body.get("errorType") == "Runtime.HandlerError" and last and "Traceback (most recent call last):" in lines:
            body["errorType"] = last["type"].rpartition(".")[2]
        message = str(body.get("errorMessage", ""))
        if not lines or (message and message not in result["log"]):
            result["log"] = "\n".join([*lines, f"[ERROR] {body.get('errorType')}: {message}"])
        return result

    return execute_function_warm
