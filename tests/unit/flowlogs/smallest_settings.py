"""The smallest valid settings, for tests to change in one place."""

from typing import Any


def section(**changes: Any) -> dict[str, Any]:
    """The smallest valid settings, with top-level keys changed; None takes a key away."""
    values = {
        "environment": "test",
        "athena": {"output_location": "s3://lake/athena/"},
        "lake": {"bucket": "lake"},
        "sources": [source()],
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def source(**changes: Any) -> dict[str, Any]:
    """The smallest valid source, with keys changed; None takes a key away."""
    values = {
        "name": "network",
        "bucket": "logs",
        "accounts": ["111122223333"],
        "regions": ["us-east-1"],
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}
