"""How the local QuickSight behaves: environment variables LOCAL_AWS_QUICKSIGHT_…"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Edition = Literal["ENTERPRISE", "STANDARD"]

REFRESHES_PER_DAY: dict[Edition, int] = {"ENTERPRISE": 32, "STANDARD": 8}
"""Manual refreshes of a data set in any 24 hours (API reference, CreateIngestion)."""


@dataclass(frozen=True)
class Behaviour:
    """The edition of the accounts, and how long things take."""

    edition: Edition = "ENTERPRISE"
    queue_seconds: float = 1.0
    """How long an ingestion is INITIALIZED and QUEUED before it runs."""
    settle_seconds: float = 0.3
    """How long data sources, analyses, dashboards, templates and themes are …_IN_PROGRESS."""

    @property
    def refreshes_per_day(self) -> int:
        """Manual refreshes of a data set in any 24 hours."""
        return REFRESHES_PER_DAY[self.edition]


def behaviour(environ: Mapping[str, str] = os.environ) -> Behaviour:
    """As the environment asks: …_EDITION (ENTERPRISE or STANDARD), …_QUEUE_SECONDS, …_SETTLE_SECONDS.

    Raises: ValueError naming the variable and its value.
    """
    edition = environ.get("LOCAL_AWS_QUICKSIGHT_EDITION", "ENTERPRISE").upper()
    if edition not in ("ENTERPRISE", "STANDARD"):
        raise ValueError(f"LOCAL_AWS_QUICKSIGHT_EDITION is {edition!r}; it is ENTERPRISE or STANDARD")
    return Behaviour(
        edition="STANDARD" if edition == "STANDARD" else "ENTERPRISE",
        queue_seconds=_seconds(environ, "LOCAL_AWS_QUICKSIGHT_QUEUE_SECONDS", Behaviour.queue_seconds),
        settle_seconds=_seconds(environ, "LOCAL_AWS_QUICKSIGHT_SETTLE_SECONDS", Behaviour.settle_seconds),
    )


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise ValueError(f"{name} is {text!r}; it is a number of seconds between 0 and 86400")
    return seconds
