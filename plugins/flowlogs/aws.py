"""How every call of the pipeline to AWS behaves."""

from __future__ import annotations

from typing import Any, Final

BOTOCORE_CONFIG: Final[dict[str, Any]] = {
    "retries": {"mode": "standard", "max_attempts": 6},
    "connect_timeout": 10,
    "read_timeout": 60,
}
"""Throttling, internal and connection errors are tried again with growing, jittered waits; what is wrong with the
request (bad SQL, denied access) is not (botocore user guide, "Standard retry mode")."""
