"""Bitwise functions on integers in two's complement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

_WIDTHS = {"integer": 32, "bigint": 64}

TABLE: dict[str, str] = {
    "bitwise_and(bigint, bigint) -> bigint": "({0} & {1})",
    "bitwise_or(bigint, bigint) -> bigint": "({0} | {1})",
    "bitwise_xor(bigint, bigint) -> bigint": "xor({0}, {1})",
    "bitwise_not(bigint) -> bigint": "(~ {0})",
    "bit_count(bigint, bigint) -> bigint": "trino_bit_count({0}, {1})",
    **{
        f"bitwise_left_shift({name}, bigint) -> {name}": (
            f"CAST(trino_signed(trino_shifted_left(trino_unsigned({{0}}, {bits}), {{1}}, {bits}), {bits}) AS {duck})"
        )
        for (name, bits), duck in zip(_WIDTHS.items(), ("INTEGER", "BIGINT"), strict=True)
    },
    **{
        f"bitwise_right_shift({name}, bigint) -> {name}": (
            f"CAST(trino_signed(CASE WHEN {{1}} >= {bits} THEN 0 ELSE trino_unsigned({{0}}, {bits}) "
            f">> CAST({{1}} AS INTEGER) END, {bits}) AS {duck})"
        )
        for (name, bits), duck in zip(_WIDTHS.items(), ("INTEGER", "BIGINT"), strict=True)
    },
    **{
        f"bitwise_right_shift_arithmetic({name}, bigint) -> {name}": (
            f"({{0}} >> CAST(least({{1}}, {bits - 1}) AS {duck}))"
        )
        for (name, bits), duck in zip(_WIDTHS.items(), ("INTEGER", "BIGINT"), strict=True)
    },
}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = (
    # A number of so many bits without its sign, and back; in 128 bits nothing overflows.
    "CREATE OR REPLACE TEMP MACRO trino_unsigned(n, bits) AS "
    "CASE WHEN n < 0 THEN CAST(n AS HUGEINT) + (CAST(1 AS HUGEINT) << bits) ELSE CAST(n AS HUGEINT) END",
    "CREATE OR REPLACE TEMP MACRO trino_signed(n, bits) AS "
    "CASE WHEN n >= (CAST(1 AS HUGEINT) << (bits - 1)) THEN n - (CAST(1 AS HUGEINT) << bits) ELSE n END",
    # The bits that would be shifted out are cut off first.
    "CREATE OR REPLACE TEMP MACRO trino_shifted_left(n, shift, bits) AS CASE WHEN shift >= bits THEN 0 "
    "ELSE (n % (CAST(1 AS HUGEINT) << CAST(bits - least(shift, bits) AS INTEGER))) << CAST(least(shift, bits) AS INTEGER) "
    "END",
    "CREATE OR REPLACE TEMP MACRO trino_bit_count(n, bits) AS CASE WHEN bits = 64 THEN CAST(bit_count(n) AS BIGINT) "
    "WHEN bits < 2 OR bits > 64 THEN CAST('INVALID_FUNCTION_ARGUMENT: Bits specified in bit_count must be between 2 and "
    "64, got ' || bits AS BIGINT) "
    "WHEN n < -(CAST(1 AS HUGEINT) << CAST(bits - 1 AS INTEGER)) OR n >= (CAST(1 AS HUGEINT) << CAST(bits - 1 AS INTEGER)) "
    "THEN CAST('INVALID_FUNCTION_ARGUMENT: Number must be representable with the bits specified. ' || n || ' cannot be "
    "represented with ' || bits || ' bits' AS BIGINT) "
    "ELSE CAST(bit_count(CAST(trino_unsigned(n, CAST(bits AS INTEGER)) AS BIGINT)) AS BIGINT) END",
)
