"""Bits of whole numbers, in 64-bit two's complement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = ()
