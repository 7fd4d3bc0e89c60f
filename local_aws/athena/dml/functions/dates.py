"""Dates and times: their parts, arithmetic, truncation and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = ()
