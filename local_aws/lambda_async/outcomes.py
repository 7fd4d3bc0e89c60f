"""Where an event goes when its function has succeeded or failed for good: dead-letter queue and destinations.

They are sent with the function's own credentials through the local AWS's protocols, so that a missing queue or (with
AUTH=true) a missing permission fails as it does on AWS.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from ministack.core.arn import parse_arn
from ministack.core.lambda_runtime import execution_credentials
from ministack.services import cloudwatch

from local_aws.lambda_async.queue import QueuedEvent

log = logging.getLogger(__name__)

_CLIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
_LONGEST_ERROR = 1024
"""Bytes of the error message that a dead letter carries."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an event ended: `condition` is Success, RetriesExhausted or EventAgeExceeded; `result` is MiniStack's of
    the last attempt, None when there was none.
    """

    condition: str
    result: dict[str, Any] | None


class Outcomes:
    """Delivers outcomes to what the function's configuration names; `endpoint` is the local AWS's URL."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._creating = threading.Lock()  # boto3's default session is not made for threads

    def deliver(self, queued: QueuedEvent, config: dict[str, Any], invoke_config: dict[str, Any], end: Outcome) -> None:
        """Send the event to the dead-letter queue, if it failed, and to the destination of its outcome."""
        destinations = invoke_config.get("DestinationConfig") or {}
        if end.condition != "Success":
            dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
            if dead_letters:
                self._try(config, "DeadLetterErrors", dead_letters, self._send_dead_letter, queued, end)
        which = "OnSuccess" if end.condition == "Success" else "OnFailure"
        destination = (destinations.get(which) or {}).get("Destination")
        if destination:
            self._try(config, "DestinationDeliveryFailures", destination, self._send_record, queued, end)

    def _try(self, config: dict[str, Any], metric: str, target: str, send: Any, *about: Any) -> None:
        name = config["FunctionName"]
        try:
            send(config, target, *about)
        except Exception as error:
            log.warning("Lambda function %s: nothing was sent to %s: %s", name, target, error)
            cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", {"FunctionName": name})

    def _send_dead_letter(self, config: dict[str, Any], target: str, queued: QueuedEvent, end: Outcome) -> None:
        """The event as it came, with what went wrong in the attributes."""
        error = _payload(end).get("errorMessage") or end.condition
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": queued.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200" if end.result else "429"},
            "ErrorMessage": {"DataType": "String", "StringValue": _cut(str(error))},
        }
        self._send(config, target, json.dumps(queued.event), attributes)

    def _send_record(self, config: dict[str, Any], target: str, queued: QueuedEvent, end: Outcome) -> None:
        """The invocation record of destinations."""
        failed = end.condition != "Success"
        version = config.get("Version", "$LATEST")
        unqualified = ":".join(config["FunctionArn"].split(":")[:7])
        record = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": queued.request_id,
                "functionArn": f"{unqualified}:{version}",
                "condition": end.condition,
                "approximateInvokeCount": queued.attempts + (not failed),
            },
            "requestPayload": queued.event,
            "responseContext": {
                "statusCode": 200,
                "executedVersion": version,
                **({"functionError": "Unhandled"} if failed else {}),
            },
            "responsePayload": (end.result or {}).get("body"),
        }
        self._send(config, target, json.dumps(record, default=str), {})

    def _send(self, config: dict[str, Any], target: str, text: str, attributes: dict[str, Any]) -> None:
        arn = parse_arn(target)
        client = self._client(arn.service, config, arn.region)
        if arn.service == "sqs":
            # Lambda knows the URL: the role needs sqs:SendMessage alone.
            url = f"{self._endpoint}/{arn.account_id}/{arn.resource}"
            client.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes)
        elif arn.service == "sns":
            client.publish(TopicArn=target, Message=text, MessageAttributes=attributes)
        elif arn.service == "lambda":
            client.invoke(FunctionName=target, InvocationType="Event", Payload=text.encode())
        else:
            raise ValueError(f"the local AWS sends no outcomes to {arn.service}")

    def _client(self, service: str, config: dict[str, Any], region: str) -> Any:
        credentials = execution_credentials(config)
        create: Any = boto3.client  # its stubs want the service's name as a literal
        with self._creating:
            return create(
                service,
                endpoint_url=self._endpoint,
                region_name=region,
                aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=credentials["AWS_SESSION_TOKEN"] or None,
                config=_CLIENT,
            )


def _payload(end: Outcome) -> dict[str, Any]:
    body = (end.result or {}).get("body")
    return body if isinstance(body, dict) else {}


def _cut(text: str) -> str:
    return text.encode()[:_LONGEST_ERROR].decode(errors="ignore") or "unknown"
