"""When a failed asynchronous invocation is tried again, and when it is given up.

Sources: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation": two more
attempts after one and two minutes; a throttled invocation returns to the queue and does not count as an attempt,
tried again with growing pauses from 1 second to 5 minutes, for 6 hours at most.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RETRY_SECONDS = "LOCAL_AWS_LAMBDA_RETRY_SECONDS"
"""Environment variable: seconds before each further attempt, `60,120` by default; the last one repeats."""

_AWS_SECONDS = (60.0, 120.0)
_LONGEST_THROTTLE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A function's: `retries` after the first attempt (MaximumRetryAttempts, 0 to 2), `oldest` the seconds that an
    event may wait in all (MaximumEventAgeInSeconds, 60 to 21,600), `pauses` before each retry.
    """

    retries: int
    oldest: float
    pauses: tuple[float, ...] = _AWS_SECONDS

    def next_pause(self, *, attempts: int, throttles: int, age: float) -> float | str:
        """Seconds until the next attempt; or why there is none: RetriesExhausted or EventAgeExceeded.

        `attempts` ran and failed, `throttles` were refused since the last that ran; the event is `age` seconds old.
        """
        if throttles:
            pause = min(2.0 ** (throttles - 1), _LONGEST_THROTTLE_SECONDS)
        elif attempts > self.retries:
            return "RetriesExhausted"
        else:
            pause = self.pauses[min(attempts, len(self.pauses)) - 1]
        return "EventAgeExceeded" if age + pause > self.oldest else pause


def retry_policy(event_invoke_config: Mapping[str, Any] | None, pauses: tuple[float, ...]) -> RetryPolicy:
    """The policy that PutFunctionEventInvokeConfig set, or Lambda's own."""
    config = event_invoke_config or {}
    return RetryPolicy(
        retries=int(config.get("MaximumRetryAttempts", 2)),
        oldest=float(config.get("MaximumEventAgeInSeconds", 21_600)),
        pauses=pauses,
    )


def configured_pauses() -> tuple[float, ...]:
    """The pauses that the environment asks for, or AWS's.

    Raises: ValueError, naming the variable, when it is not numbers with commas between.
    """
    text = os.environ.get(RETRY_SECONDS)
    if text is None:
        return _AWS_SECONDS
    try:
        pauses = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{RETRY_SECONDS}={text!r}: seconds with commas between, such as 60,120") from None
    if any(pause < 0 for pause in pauses):
        raise ValueError(f"{RETRY_SECONDS}={text!r}: no pause is shorter than 0 seconds")
    return pauses
