"""IP addresses and prefixes.

An address is the 128-bit number of its IPv6 form, an IPv4 address that of ::ffff:a.b.c.d, so addresses compare as in
Trino. A prefix is its first address and the bits as they are written: of 32 for IPv4, of 128 for IPv6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.dml.casts import once, once_each, raised
from local_aws.athena.dml.types import IPPREFIX

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

_PREFIX_ERROR = raised("'INVALID_CAST_ARGUMENT: Cannot cast value to IPPREFIX: ' || t", IPPREFIX)

TABLE: dict[str, str] = {
    "contains(varchar, ipaddress) -> boolean": "trino_prefix_contains(trino_prefix_of({0}), {1})",
    "contains(ipprefix, ipaddress) -> boolean": "trino_prefix_contains({0}, {1})",
    "is_subnet_of(ipprefix, ipaddress) -> boolean": "trino_prefix_contains({0}, {1})",
    "is_subnet_of(ipprefix, ipprefix) -> boolean": "trino_prefix_contains_prefix({0}, {1})",
    "ip_prefix(ipaddress, bigint) -> ipprefix": "trino_prefix({0}, {1})",
    "ip_prefix(varchar, bigint) -> ipprefix": "trino_prefix(trino_parse_ip({0}), {1})",
    "ip_subnet_min(ipprefix) -> ipaddress": "(({0}).address)",
    "ip_subnet_max(ipprefix) -> ipaddress": "trino_last_address({0})",
    "ip_subnet_range(ipprefix) -> array(ipaddress)": (
        "(CASE WHEN ({0}) IS NOT NULL THEN list_value(({0}).address, trino_last_address({0})) END)"
    ),
}

SPECIAL: dict[str, SpecialCall] = {}

_TWO_64 = "CAST(18446744073709551616 AS UHUGEINT)"
_MAPPED = "CAST(281470681743360 AS UHUGEINT)"
"""::ffff:0.0.0.0"""
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(\.{_OCTET}){{3}}"

_COMPRESSED = "CASE " + " ".join(
    f"WHEN regexp_matches(trino_zt, '(^|:)0(:0){{{length - 1}}}(:|$)') "
    f"THEN regexp_replace(trino_zt, '(^|:)0(:0){{{length - 1}}}(:|$)', '::')"
    for length in range(8, 1, -1)
)

MACROS: tuple[str, ...] = (
    # Numbers of addresses.
    "CREATE OR REPLACE TEMP MACRO trino_octet(t, n) AS CAST(split_part(t, '.', n) AS BIGINT)",
    "CREATE OR REPLACE TEMP MACRO trino_v4_number(t) AS "
    "trino_octet(t, 1) * 16777216 + trino_octet(t, 2) * 65536 + trino_octet(t, 3) * 256 + trino_octet(t, 4)",
    # ::ffff:1.2.3.4 with the last four bytes as two groups.
    "CREATE OR REPLACE TEMP MACRO trino_v6_groups_only(t) AS "
    rf"CASE WHEN regexp_matches(t, ':{_IPV4}$') THEN regexp_replace(t, '[0-9.]+$', '') "
    "|| printf('%x', trino_v4_number(regexp_extract(t, '[0-9.]+$')) >> 16) || ':' "
    "|| printf('%x', trino_v4_number(regexp_extract(t, '[0-9.]+$')) & 65535) ELSE t END",
    "CREATE OR REPLACE TEMP MACRO trino_v6_list(t) AS CASE WHEN t = '' THEN [] ELSE string_split(t, ':') END",
    "CREATE OR REPLACE TEMP MACRO trino_v6_zeros(t) AS list_transform(range(8 - len(trino_v6_list(split_part(t, '::', 1))) "
    "- len(trino_v6_list(split_part(t, '::', 2)))), lambda trino_i: '0')",
    "CREATE OR REPLACE TEMP MACRO trino_v6_expanded(t) AS CASE WHEN contains(t, '::') THEN list_concat(list_concat("
    "trino_v6_list(split_part(t, '::', 1)), trino_v6_zeros(t)), trino_v6_list(split_part(t, '::', 2))) "
    "ELSE string_split(t, ':') END",
    "CREATE OR REPLACE TEMP MACRO trino_v6_hex(groups) AS "
    "array_to_string(list_transform(groups, lambda trino_e: lpad(trino_e, 4, '0')), '')",
    "CREATE OR REPLACE TEMP MACRO trino_v6_number(t) AS "
    + once(
        "trino_h",
        "trino_v6_hex(trino_v6_expanded(t))",
        f"CAST(CAST('0x' || trino_h[1:16] AS UBIGINT) AS UHUGEINT) * {_TWO_64} "
        "+ CAST(CAST('0x' || trino_h[17:32] AS UBIGINT) AS UHUGEINT)",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_is_v6(t) AS regexp_full_match(t, '([0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}') "
    "AND CASE WHEN contains(t, '::') THEN len(string_split(t, '::')) = 2 AND NOT contains(t, ':::') "
    "AND len(trino_v6_list(split_part(t, '::', 1))) + len(trino_v6_list(split_part(t, '::', 2))) < 8 "
    "AND NOT starts_with(replace(t, '::', 'x'), ':') AND NOT ends_with(replace(t, '::', 'x'), ':') "
    "ELSE regexp_full_match(t, '([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}') END",
    "CREATE OR REPLACE TEMP MACRO trino_parse_v6(t) AS "
    + once("trino_6t", "t", "CASE WHEN trino_is_v6(trino_6t) THEN trino_v6_number(trino_6t) END"),
    "CREATE OR REPLACE TEMP MACRO trino_parse_ip(t) AS "
    + once(
        "trino_it",
        "t",
        rf"CASE WHEN regexp_full_match(trino_it, '{_IPV4}') "
        rf"THEN {_MAPPED} + CAST(trino_v4_number(trino_it) AS UHUGEINT) "
        "WHEN contains(trino_it, ':') THEN trino_parse_v6(trino_v6_groups_only(trino_it)) END",
    ),
    # Texts of addresses.
    f"CREATE OR REPLACE TEMP MACRO trino_is_v4(a) AS a >= {_MAPPED} AND a < {_MAPPED} + CAST(4294967296 AS UHUGEINT)",
    "CREATE OR REPLACE TEMP MACRO trino_v4_text(n) AS "
    + once(
        "trino_vn",
        "n",
        "(trino_vn >> 24) || '.' || ((trino_vn >> 16) & 255) || '.' || ((trino_vn >> 8) & 255) || '.' || (trino_vn & 255)",
    ),
    f"CREATE OR REPLACE TEMP MACRO trino_v6_full(a) AS lpad(lower(hex(CAST(a // {_TWO_64} AS UBIGINT))), 16, '0') "
    f"|| lpad(lower(hex(CAST(a % {_TWO_64} AS UBIGINT))), 16, '0')",
    "CREATE OR REPLACE TEMP MACRO trino_v6_groups(a) AS array_to_string(list_transform(regexp_extract_all("
    "trino_v6_full(a), '....'), lambda trino_e: regexp_replace(trino_e, '^0{1,3}', '')), ':')",
    "CREATE OR REPLACE TEMP MACRO trino_v6_compressed(t) AS "
    + once("trino_zt", "t", f"{_COMPRESSED} ELSE trino_zt END"),
    "CREATE OR REPLACE TEMP MACRO trino_ipaddress_text(a) AS "
    + once(
        "trino_ta",
        "a",
        f"CASE WHEN trino_is_v4(trino_ta) THEN trino_v4_text(CAST(trino_ta - {_MAPPED} AS BIGINT)) "
        "WHEN trino_ta IS NOT NULL THEN trino_v6_compressed(trino_v6_groups(trino_ta)) END",
    ),
    # Prefixes.
    "CREATE OR REPLACE TEMP MACRO trino_address_bits(a) AS CASE WHEN trino_is_v4(a) THEN 32 ELSE 128 END",
    "CREATE OR REPLACE TEMP MACRO trino_host_bits(p) AS trino_address_bits((p).address) - (p).bits",
    "CREATE OR REPLACE TEMP MACRO trino_hosts(bits) AS CAST(1 AS UHUGEINT) << CAST(bits AS UHUGEINT)",
    "CREATE OR REPLACE TEMP MACRO trino_first_address(a, host_bits) AS "
    "CASE WHEN host_bits >= 128 THEN CAST(0 AS UHUGEINT) ELSE a - a % trino_hosts(host_bits) END",
    "CREATE OR REPLACE TEMP MACRO trino_prefix(a, bits) AS "
    + once_each(
        {"trino_pa": "a", "trino_pb": "bits"},
        "CASE WHEN trino_pb < 0 OR trino_pb > trino_address_bits(trino_pa) THEN "
        + raised("'INVALID_FUNCTION_ARGUMENT: IP prefix must be in range of its address: ' || trino_pb", IPPREFIX)
        + " WHEN trino_pa IS NOT NULL AND trino_pb IS NOT NULL THEN struct_pack(address := trino_first_address("
        "trino_pa, trino_address_bits(trino_pa) - trino_pb), bits := CAST(trino_pb AS INTEGER)) END",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_prefix_or_null(a, bits) AS "
    + once_each(
        {"trino_na": "a", "trino_nb": "bits"},
        "CASE WHEN trino_nb <= trino_address_bits(trino_na) THEN trino_prefix(trino_na, trino_nb) END",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_parse_prefix(t) AS CASE "
    "WHEN regexp_full_match(t, '[0-9a-fA-F:.]+/[0-9]{1,3}') "
    "THEN trino_prefix_or_null(trino_parse_ip(split_part(t, '/', 1)), CAST(split_part(t, '/', 2) AS INTEGER)) END",
    "CREATE OR REPLACE TEMP MACRO trino_prefix_of(t) AS "
    f"coalesce(trino_parse_prefix(t), CASE WHEN t IS NOT NULL THEN {_PREFIX_ERROR} END)",
    "CREATE OR REPLACE TEMP MACRO trino_prefix_contains(p, a) AS "
    + once_each(
        {"trino_cp": "p", "trino_ca": "a"},
        "CASE WHEN trino_is_v4((trino_cp).address) = trino_is_v4(trino_ca) "
        "THEN trino_first_address(trino_ca, trino_host_bits(trino_cp)) = (trino_cp).address "
        "WHEN trino_ca IS NOT NULL AND trino_cp IS NOT NULL THEN false END",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_prefix_contains_prefix(p, q) AS "
    + once_each(
        {"trino_sp": "p", "trino_sq": "q"},
        "trino_prefix_contains(trino_sp, (trino_sq).address) "
        "AND trino_host_bits(trino_sq) <= trino_host_bits(trino_sp)",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_last_address(p) AS "
    + once(
        "trino_lp",
        "p",
        "CASE WHEN trino_host_bits(trino_lp) >= 128 "
        "THEN CAST(340282366920938463463374607431768211455 AS UHUGEINT) "
        "ELSE (trino_lp).address + (trino_hosts(trino_host_bits(trino_lp)) - 1) END",
    ),
    "CREATE OR REPLACE TEMP MACRO trino_ipprefix_text(p) AS trino_ipaddress_text((p).address) || '/' || (p).bits",
    "CREATE OR REPLACE TEMP MACRO trino_ip_ipaddress(p) AS (p).address",
    "CREATE OR REPLACE TEMP MACRO trino_ip_ipprefix(a) AS "
    + once("trino_ia", "a", "trino_prefix(trino_ia, trino_address_bits(trino_ia))"),
)
