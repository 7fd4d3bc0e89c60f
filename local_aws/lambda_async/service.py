"""The asynchronous invocations put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local_aws.lambda_async.invocations import AsyncInvocations
from local_aws.lambda_async.outcomes import Outcomes
from local_aws.lambda_async.queue import EventQueue
from local_aws.lambda_async.retry_policy import configured_pauses


def async_invocations(folder: Path, *, endpoint: str, changed: Callable[[], None]) -> AsyncInvocations:
    """Asynchronous invocations with their queue below `folder`; `endpoint` is the local AWS's own URL.

    Raises: ValueError when the environment asks for impossible pauses.
    """
    return AsyncInvocations(EventQueue(folder), Outcomes(endpoint), configured_pauses(), changed)
