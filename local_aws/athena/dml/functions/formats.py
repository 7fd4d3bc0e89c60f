"""Numbers for people to read, and back.

Source: https://trino.io/docs/current/functions/conversion.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.types import decimal_of

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "format_number(bigint) -> varchar": "trino_format_number({0})",
    "format_number(double) -> varchar": "trino_format_number(trunc({0}))",
    "parse_data_size(varchar) -> decimal(38, 0)": "trino_parse_data_size({0})",
}

SPECIAL: dict[str, SpecialCall] = {}

_UNITS = ("", "K", "M", "B", "T", "Q")
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_INVALID_SIZE = raised("('INVALID_FUNCTION_ARGUMENT: Invalid data size: ''' || s || '''')", decimal_of(38, 0))

_NUMBER_UNITS = " ".join(
    f"WHEN abs(n) < 1e{3 * place + 3} THEN trino_three_digits(n / 1e{3 * place}) || '{unit}'"
    for place, unit in enumerate(_UNITS)
)
_SIZE_FACTORS = " ".join(f"WHEN '{unit}' THEN {1024**place}" for place, unit in enumerate(_SIZES))

MACROS: tuple[str, ...] = (
    f"CREATE OR REPLACE TEMP MACRO trino_format_number(n) AS CASE {_NUMBER_UNITS} "
    "ELSE trino_three_digits(n / 1e15) || 'Q' END",
    # Up to two decimals below 10 and one below 100. Trino does not look at the sign: below 0 there are always two.
    """CREATE OR REPLACE TEMP MACRO trino_three_digits(x) AS CASE
        WHEN x < 10 THEN rtrim(rtrim(CAST(CAST(x AS DECIMAL(18, 2)) AS VARCHAR), '0'), '.')
        WHEN x < 100 THEN rtrim(rtrim(CAST(CAST(x AS DECIMAL(18, 1)) AS VARCHAR), '0'), '.')
        ELSE CAST(CAST(x AS DECIMAL(18, 0)) AS VARCHAR) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_parse_data_size(s) AS CASE
        WHEN regexp_full_match(s, '[0-9]{{1,12}}([.][0-9]{{1,6}})?(B|[kMGTPE]B)') THEN CAST(trunc(
            CAST(regexp_extract(s, '^[0-9.]+') AS DECIMAL(18, 6))
            * CAST(CASE regexp_extract(s, '[kMGTPE]?B$') {_SIZE_FACTORS} END AS DECIMAL(20, 0))) AS DECIMAL(38, 0))
        WHEN s IS NOT NULL THEN {_INVALID_SIZE} END""",
)
