"""What the Lambda's environment variables say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONSOLE_URL = "https://{region}.console.aws.amazon.com"
"""The AWS console of a region, in the partition `aws`."""


class ConfigurationError(ValueError):
    """An environment variable is missing or wrong; the text says which and what to write."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """How messages are made and where they go.

    Attributes:
        webhook: where the webhook's URL is kept: `secretsmanager:<name>` or `ssm:/<path>`.
        environment: the deployment's name, shown in each message.
        log_group: the log group of the flow logs; empty: messages show no log lines.
        console_url: the console's address, `{region}` for the region; empty: messages link to no console.
        filter_patterns: filter patterns by alarm name. An alarm that is not in it has its pattern looked up by its
            metric; all environment variables together hold 4 KB (Lambda quotas), which is a few dozen patterns.
        log_fields: names of the log format's fields, in its order, in the spelling of AWS (`account-id`).
    """

    webhook: str
    environment: str = ""
    log_group: str = ""
    console_url: str = CONSOLE_URL
    filter_patterns: Mapping[str, str] = field(default_factory=dict)
    log_fields: tuple[str, ...] = ()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Configuration:
        """The configuration of `WEBHOOK`, `ENVIRONMENT`, `LOG_GROUP`, `CONSOLE_URL`, `FILTER_PATTERNS`, `LOG_FIELDS`.

        Raises:
            ConfigurationError: for a variable that is missing or is not what it should be.
        """
        if not environ.get("WEBHOOK"):
            raise ConfigurationError("WEBHOOK is not set; write secretsmanager:<name> or ssm:/<path>")
        patterns = _json(environ, "FILTER_PATTERNS", {})
        if not isinstance(patterns, dict) or not all(isinstance(pattern, str) for pattern in patterns.values()):
            raise ConfigurationError("FILTER_PATTERNS is no JSON object of texts; write {alarm name: filter pattern}")
        fields = _json(environ, "LOG_FIELDS", [])
        if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
            raise ConfigurationError("LOG_FIELDS is no JSON list of texts; write the log format's field names")
        return cls(
            webhook=environ["WEBHOOK"],
            environment=environ.get("ENVIRONMENT", ""),
            log_group=environ.get("LOG_GROUP", ""),
            console_url=environ.get("CONSOLE_URL", CONSOLE_URL).rstrip("/"),
            filter_patterns=patterns,
            log_fields=tuple(name.replace("_", "-") for name in fields),
        )


def _json(environ: Mapping[str, str], name: str, default: Any) -> Any:
    try:
        return json.loads(environ[name]) if environ.get(name) else default
    except ValueError as error:
        raise ConfigurationError(f"{name} is no JSON: {error}") from error
