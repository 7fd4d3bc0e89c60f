"""Private and public addresses, as SQL conditions."""

from __future__ import annotations

from typing import Final

PRIVATE_PATTERN: Final = (
    r"^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|169\.254\.|127\."
    r"|[fF][cCdD][0-9a-fA-F]{2}:|[fF][eE][89abAB][0-9a-fA-F]:|::1$)"
)
"""Addresses that are not routed on the internet: RFC 1918, 6598 (carrier-grade NAT), 3927 and 4291 (link-local,
loopback), 4193 (unique local). On texts, because reading millions of addresses as IPADDRESS takes longer."""


_NOBODYS_PATTERN: Final = (
    PRIVATE_PATTERN[:-1] + r"|2(2[4-9]|3[0-9])\.|255\.255\.255\.255$|[fF][fF][0-9a-fA-F]{2}:|0\.|::$)"
)
"""Those, and what is no host's address: multicast (RFC 5771, 4291), broadcast, this network."""


def is_private(column: str) -> str:
    """The SQL condition that an address is private."""
    return f"regexp_like({column}, '{PRIVATE_PATTERN}')"


def is_public(column: str) -> str:
    """The SQL condition that an address is public."""
    return f"NOT regexp_like({column}, '{_NOBODYS_PATTERN}')"
