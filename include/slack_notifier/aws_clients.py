"""Clients of AWS, made once for each environment of the Lambda, and why a call failed."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

Service = Literal["secretsmanager", "ssm", "logs", "cloudwatch"]

_TRIES: dict[Service, int] = {"secretsmanager": 3, "ssm": 3, "logs": 2, "cloudwatch": 2}
"""Without the webhook's URL there is no message; without log lines and history there is one that says less, in time."""

AWS_ERRORS = (ClientError, BotoCoreError)
"""What a call to AWS raises: the service's errors, and those of the way to it."""


@cache
def client(service: Service) -> Any:
    """The client of a service, in the Lambda's region.

    It waits seconds, not minutes: the function's time is short, and Lambda's own retries come after.
    """
    config = Config(
        retries={"mode": "standard", "max_attempts": _TRIES[service]},
        connect_timeout=3,
        read_timeout=6,
        user_agent_extra="flowlogs",
    )
    return boto3.client(service, config=config)


def why(error: Exception) -> str:
    """The reason of one of `AWS_ERRORS`: the service's code and message, or the kind of error."""
    if isinstance(error, ClientError):
        found = error.response.get("Error", {})
        return ": ".join(part for part in (found.get("Code", ""), found.get("Message", "")) if part) or "error"
    return type(error).__name__
