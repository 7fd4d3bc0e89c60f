"""IP addresses and prefixes: the 128-bit number of the IPv6 address, IPv4 as ::ffff:a.b.c.d."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = ()
