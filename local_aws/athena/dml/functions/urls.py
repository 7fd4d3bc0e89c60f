"""URL functions.

Source: https://trino.io/docs/current/functions/url.html. Trino parses with java.net.URI: what is no URI gives NULL,
a part that is missing the empty text (the port NULL).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.types import VARCHAR, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

_CHARACTER = r"[A-Za-z0-9_.!~*'();:@&=+$,\-]|%[0-9A-Fa-f]{2}|[^\x00-\x{a0}]"
# scheme, then //authority/path or /path or an opaque part, query, fragment
_URI = (
    r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?"
    rf"(?://((?:{_CHARACTER}|[\[\]])*))?"
    rf"((?:{_CHARACTER}|/)*)"
    rf"(?:\?((?:{_CHARACTER}|[/?\[\]])*))?"
    rf"(?:#((?:{_CHARACTER}|[/?\[\]])*))?"
)
_AUTHORITY = r"(?:[^@]*@)?([A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]*))?"


def _part(number: int) -> str:
    """A part of a URI, NULL where there is no URI."""
    return f"trino_uri_part({{0}}, {number})"


TABLE: dict[str, str] = {
    "url_decode(varchar) -> varchar": "trino_url_decode({0})",
    "url_encode(varchar) -> varchar": "replace(replace(replace(url_encode({0}), '%20', '+'), '~', '%7E'), '%2A', '*')",
    "url_extract_fragment(varchar) -> varchar": f"url_decode({_part(5)})",
    "url_extract_host(varchar) -> varchar": f"trino_url_authority({_part(2)}, 1)",
    "url_extract_parameter(varchar, varchar) -> varchar": f"trino_url_parameter({_part(4)}, {{1}})",
    "url_extract_path(varchar) -> varchar": f"url_decode(trino_url_path({_part(1)}, {_part(2)}, {_part(3)}))",
    "url_extract_port(varchar) -> bigint": f"CAST(nullif(trino_url_authority({_part(2)}, 2), '') AS BIGINT)",
    "url_extract_protocol(varchar) -> varchar": _part(1),
    "url_extract_query(varchar) -> varchar": f"url_decode({_part(4)})",
}

SPECIAL: dict[str, SpecialCall] = {}

_NO_ESCAPE = raised("('INVALID_FUNCTION_ARGUMENT: Illegal hex characters in escape (%) pattern: ' || s)", VARCHAR)

MACROS: tuple[str, ...] = (
    f"""CREATE OR REPLACE TEMP MACRO trino_uri_part(s, part) AS
        CASE WHEN regexp_full_match(s, {literal(_URI)}) THEN regexp_extract(s, {literal(f"^{_URI}$")}, part) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_url_authority(s, part) AS
        CASE WHEN s IS NOT NULL THEN regexp_extract(s, {literal(f"^{_AUTHORITY}$")}, part) END""",
    # What follows `mailto:` is no path.
    """CREATE OR REPLACE TEMP MACRO trino_url_path(scheme, authority, path) AS
        CASE WHEN scheme <> '' AND authority = '' AND NOT starts_with(path, '/') THEN '' ELSE path END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_url_decode(s) AS CASE
        WHEN regexp_matches(s, '%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)') THEN {_NO_ESCAPE}
        ELSE url_decode(replace(s, '+', ' ')) END""",
    """CREATE OR REPLACE TEMP MACRO trino_url_parameter(query, name) AS
        list_extract(list_transform(
            list_filter(string_split(query, '&'), lambda trino_e: split_part(trino_e, '=', 1) = name),
            lambda trino_e: CASE WHEN contains(trino_e, '=')
                THEN trino_url_decode(substr(trino_e, strpos(trino_e, '=') + 1)) ELSE '' END), 1)""",
)
