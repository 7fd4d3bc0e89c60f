"""Functions of binary values: encodings and digests.

Source: https://trino.io/docs/current/functions/binary.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.types import VARCHAR

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "from_base64(varchar) -> varbinary": "trino_from_base64({0})",
    "from_base64url(varchar) -> varbinary": "trino_from_base64(translate({0}, '-_', '+/'))",
    "from_hex(varchar) -> varbinary": "trino_from_hex({0})",
    "from_utf8(varbinary) -> varchar": "trino_from_utf8({0})",
    "length(varbinary) -> bigint": "octet_length({0})",
    "md5(varbinary) -> varbinary": "unhex(md5({0}))",
    "sha1(varbinary) -> varbinary": "unhex(sha1({0}))",
    "sha256(varbinary) -> varbinary": "unhex(sha256({0}))",
    "substr(varbinary, bigint) -> varbinary": "trino_binary_substr({0}, {1}, 1073741823)",
    "substr(varbinary, bigint, bigint) -> varbinary": "trino_binary_substr({0}, {1}, {2})",
    "to_base64(varbinary) -> varchar": "to_base64({0})",
    "to_base64url(varbinary) -> varchar": "translate(to_base64({0}), '+/', '-_')",
    "to_hex(varbinary) -> varchar": "hex({0})",
    "to_utf8(varchar) -> varbinary": "encode({0})",
}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = (
    f"""CREATE OR REPLACE TEMP MACRO trino_from_hex(s) AS unhex(CASE
        WHEN regexp_full_match(s, '([0-9A-Fa-f][0-9A-Fa-f])*') THEN s
        WHEN s IS NOT NULL THEN {raised("'INVALID_FUNCTION_ARGUMENT: Invalid hex text: ' || s", VARCHAR)} END)""",
    # Java's decoder takes a text without the padding at its end as well.
    f"""CREATE OR REPLACE TEMP MACRO trino_from_base64(s) AS from_base64(CASE
        WHEN regexp_full_match(s, '([A-Za-z0-9+/]{{4}})*') THEN s
        WHEN regexp_full_match(s, '([A-Za-z0-9+/]{{4}})*[A-Za-z0-9+/]{{2}}(==)?') THEN rtrim(s, '=') || '=='
        WHEN regexp_full_match(s, '([A-Za-z0-9+/]{{4}})*[A-Za-z0-9+/]{{3}}=?') THEN rtrim(s, '=') || '='
        WHEN s IS NOT NULL THEN {raised("'INVALID_FUNCTION_ARGUMENT: Illegal base64 text: ' || s", VARCHAR)} END)""",
    f"""CREATE OR REPLACE TEMP MACRO trino_from_utf8(b) AS CASE
        WHEN TRY(decode(b)) IS NOT NULL THEN TRY(decode(b))
        WHEN b IS NOT NULL THEN {
        raised("'NOT_SUPPORTED: from_utf8 of bytes that are not UTF-8 is not supported'", VARCHAR)
    } END""",
    """CREATE OR REPLACE TEMP MACRO trino_binary_substr(b, start, size) AS unhex(CASE
        WHEN size > 0 AND start BETWEEN 1 AND 1073741823
        THEN substr(hex(b), start * 2 - 1, least(size, 1073741823) * 2)
        WHEN size > 0 AND start < 0 AND start >= -octet_length(b)
        THEN substr(hex(b), start * 2, least(size, 1073741823) * 2)
        WHEN b IS NOT NULL AND start IS NOT NULL AND size IS NOT NULL THEN '' END)""",
)
