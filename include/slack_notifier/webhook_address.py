"""The webhook's URL, which is a secret: read from Secrets Manager or SSM, kept for minutes, never logged."""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aws_clients import AWS_ERRORS, Service, why

KEPT_SECONDS = 300.0


class WebhookAddressError(RuntimeError):
    """The webhook's URL cannot be read, or is none; the text says what to do and never holds the URL."""


class WebhookAddress:
    """The URL kept at one place, asked for again when it is old or was forgotten."""

    def __init__(
        self, place: str, client: Callable[[Service], Any], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep what stands at a place.

        Args:
            place: `secretsmanager:<name or ARN>` or `ssm:/<path>`. A secret is the URL, or a JSON object with it as `url`.
            client: makes the client of an AWS service.
            clock: seconds that only grow.
        """
        self._place = place
        self._client = client
        self._clock = clock
        self._url = ""
        self._read_at = 0.0

    def url(self) -> str:
        """The URL.

        Raises:
            WebhookAddressError: when it cannot be read, or may not be used.
        """
        if not self._url or self._clock() - self._read_at >= KEPT_SECONDS:
            self._url = _checked(_url_in(self._read()), self._place_words)
            self._read_at = self._clock()
        return self._url

    def forget(self) -> None:
        """Ask for the URL again next time: Slack does not know this one any more."""
        self._url = ""

    @property
    def _place_words(self) -> str:
        kind, _, name = self._place.partition(":")
        return {"secretsmanager": f"the secret {name}", "ssm": f"the SSM parameter {name}"}.get(kind, "WEBHOOK")

    def _read(self) -> str:
        kind, _, name = self._place.partition(":")
        try:
            if kind == "secretsmanager" and name:
                return str(self._client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", ""))
            if kind == "ssm" and name:
                parameter = self._client("ssm").get_parameter(Name=name, WithDecryption=True)
                return str(parameter["Parameter"]["Value"])
        except AWS_ERRORS as error:
            raise WebhookAddressError(
                f"{self._place_words} cannot be read: {why(error)}; does it exist, and may the Lambda's role read it?"
            ) from None
        # What stands there may be the URL itself: it is not repeated.
        raise WebhookAddressError("WEBHOOK names no place; write secretsmanager:<name> or ssm:/<path>")


def _url_in(secret: str) -> str:
    if secret.lstrip().startswith("{"):
        try:
            return str(json.loads(secret).get("url", "")).strip()
        except ValueError:
            return ""
    return secret.strip()


def _checked(url: str, place: str) -> str:
    """The URL, when it is https, or http to a host that only a test has.

    Raises:
        WebhookAddressError: for any other.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or not url.isascii() or not url.isprintable() or " " in url or "@" in parts.netloc:
        raise WebhookAddressError(f"{place} holds no URL; write https://hooks.slack.com/services/…")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_private(host)):
        raise WebhookAddressError(f"{place} holds a URL that is not https; a webhook's URL is a secret")
    return url


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        # A name without a dot, or below these, is no public one (RFC 6761, RFC 9476).
        return "." not in host or host.endswith((".localhost", ".internal", ".test"))
