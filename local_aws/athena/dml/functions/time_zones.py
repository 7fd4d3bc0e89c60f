"""Time zones: instants and local times, and the functions on `timestamp with time zone`.

A zone is `UTC`, an offset such as `+05:30`, or a name of the time zone database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.dml.casts import once, once_each

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "now() -> timestamp_tz": "trino_zoned(trino_now(), 'UTC')",
    "current_timezone() -> varchar": "'UTC'",
    "at_timezone(timestamp_tz, varchar) -> timestamp_tz": "trino_at_zone(({0}).instant, trino_zone({1}))",
    "with_timezone(timestamp, varchar) -> timestamp_tz": "trino_zoned({0}, trino_zone({1}))",
    "timezone_hour(timestamp_tz) -> bigint": "CAST(trunc(trino_offset_minutes({0}) / 60) AS BIGINT)",
    "timezone_minute(timestamp_tz) -> bigint": "CAST(fmod(trino_offset_minutes({0}), 60) AS BIGINT)",
}

SPECIAL: dict[str, SpecialCall] = {}

_OFFSET = "'^[+-]\\d\\d:\\d\\d$'"

MACROS: tuple[str, ...] = (
    # The statement's start; all of Athena's times are of UTC.
    "CREATE OR REPLACE TEMP MACRO trino_now() AS date_trunc('millisecond', timezone('UTC', now()))",
    # A zone as Trino names it: every name of UTC is UTC, an offset has hours and minutes.
    "CREATE OR REPLACE TEMP MACRO trino_zone(zone) AS CASE "
    "WHEN upper(zone) IN ('UTC', 'Z', 'GMT', 'UT', '+00:00', '-00:00', '+0000', '+00', '+0') THEN 'UTC' "
    r"WHEN regexp_full_match(zone, '[+-]\d{1,2}') THEN zone[1] || lpad(zone[2:], 2, '0') || ':00' "
    r"WHEN regexp_full_match(zone, '[+-]\d{4}') THEN zone[:3] || ':' || zone[4:] ELSE zone END",
    # Minutes of an offset such as -05:30.
    "CREATE OR REPLACE TEMP MACRO trino_minutes_of(zone) AS "
    "CASE zone[1] WHEN '-' THEN -1 ELSE 1 END * (CAST(zone[2:3] AS BIGINT) * 60 + CAST(zone[5:6] AS BIGINT))",
    "CREATE OR REPLACE TEMP MACRO trino_local_of(instant, zone) AS CASE WHEN zone = 'UTC' THEN instant "
    f"WHEN regexp_matches(zone, {_OFFSET}) THEN instant + to_minutes(trino_minutes_of(zone)) "
    "ELSE timezone(zone, timezone('UTC', instant)) END",
    "CREATE OR REPLACE TEMP MACRO trino_instant_of(local, zone) AS CASE WHEN zone = 'UTC' THEN local "
    f"WHEN regexp_matches(zone, {_OFFSET}) THEN local - to_minutes(trino_minutes_of(zone)) "
    "ELSE timezone('UTC', timezone(zone, local)) END",
    "CREATE OR REPLACE TEMP MACRO trino_at_zone(instant, zone) AS "
    "CASE WHEN instant IS NOT NULL AND zone IS NOT NULL THEN struct_pack(instant := instant, zone := zone) END",
    # A local time in a zone.
    "CREATE OR REPLACE TEMP MACRO trino_zoned(local, zone) AS trino_at_zone(trino_instant_of(local, zone), zone)",
    # The same of a zone as it is written, of which there may be none.
    "CREATE OR REPLACE TEMP MACRO trino_zoned_once(local, zone) AS "
    + once_each(
        {"trino_zl": "local", "trino_zw": "coalesce(nullif(zone, ''), 'UTC')"},
        once("trino_zz", "trino_zone(trino_zw)", "trino_zoned(trino_zl, trino_zz)"),
    ),
    # The local time of a timestamp with time zone.
    "CREATE OR REPLACE TEMP MACRO trino_local(zoned) AS "
    + once("trino_lz", "zoned", "trino_local_of((trino_lz).instant, (trino_lz).zone)"),
    "CREATE OR REPLACE TEMP MACRO trino_offset_minutes(zoned) AS "
    + once(
        "trino_oz",
        "zoned",
        "(epoch_us(trino_local_of((trino_oz).instant, (trino_oz).zone)) - epoch_us((trino_oz).instant)) // 60000000",
    ),
    # +05:30, or Z where there is no difference to UTC.
    "CREATE OR REPLACE TEMP MACRO trino_offset_text(zoned) AS "
    + once(
        "trino_om",
        "trino_offset_minutes(zoned)",
        "CASE WHEN trino_om < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(trino_om) // 60 AS VARCHAR), 2, '0') || ':' "
        "|| lpad(CAST(abs(trino_om) % 60 AS VARCHAR), 2, '0')",
    ),
    # A time rounded, half up, to so many microseconds.
    "CREATE OR REPLACE TEMP MACRO trino_rounded(t, unit) AS "
    "make_timestamp(CAST(floor((epoch_us(t) + unit // 2) / unit) AS BIGINT) * unit)",
    # `2026-11-10 01:02:03.004 Europe/Dublin`, or NULL; without a zone it is UTC.
    "CREATE OR REPLACE TEMP MACRO trino_zoned_parts(t) AS regexp_extract(t, "
    r"'^\s*(\d{4,}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,12})?)?)?)"
    r"\s*([A-Za-z][\w/+-]*|[+-]\d{1,2}(?::?\d{2})?)?\s*$', ['local', 'zone'])",
    "CREATE OR REPLACE TEMP MACRO trino_parse_zoned(t) AS "
    + once(
        "trino_zp",
        "trino_zoned_parts(t)",
        "CASE WHEN (trino_zp).local <> '' THEN trino_zoned_once(CAST((trino_zp).local AS TIMESTAMP), (trino_zp).zone) END",
    ),
)
