"""format(), and numbers for people to read.

Source: https://trino.io/docs/current/functions/conversion.html. format() takes the format of Java's Formatter; it has
to be a literal here, so that the type of each argument decides what is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import cast_sql, raised
from local_aws.athena.dml.failures import located, not_supported
from local_aws.athena.dml.functions.arguments import literal_text
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.types import INTEGERS, VARCHAR, decimal_of, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "format_number(bigint) -> varchar": "trino_format_number({0})",
    "format_number(double) -> varchar": "trino_format_number(trunc({0}))",
    "parse_data_size(varchar) -> decimal(38, 0)": "trino_parse_data_size({0})",
}

_PART = re.compile(
    r"%(?:(?P<number>\d+)\$)?(?P<flags>[-0,]*)(?P<width>[1-9]\d*)?(?:\.(?P<digits>\d+))?(?P<kind>[sdxf])"
    r"|%(?P<sign>[%n])|(?P<plain>[^%]+)"
)


def _format(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """format(format, arguments…) with %s, %d, %x, %f, the flags `-`, `0` and `,`, a width and a precision."""
    text = literal_text(arguments[0]) if arguments else None
    if text is None or len(arguments) < 2:
        raise not_supported(node, "format needs a literal as its format, and arguments")
    values = [expressions.typed(argument) for argument in arguments[1:]]
    parts: list[str] = []
    place = following = 0
    while place < len(text):
        match = _PART.match(text, place)
        if match is None:
            raise not_supported(arguments[0], f"format: '{text[place : place + 8]}' is not supported")
        place = match.end()
        if match["kind"] is None:
            parts.append(literal(match["plain"] or {"%": "%", "n": "\n"}[match["sign"]]))
            continue
        number = int(match["number"]) if match["number"] else (following := following + 1)
        if not 0 < number <= len(values):
            raise located("INVALID_FUNCTION_ARGUMENT", node, f"Invalid format string: {text}")
        # Java writes NULL as `null`, and cuts that to the precision.
        null = literal("null"[: int(match["digits"] or 4)])
        parts.append(_padded(match, f"coalesce({_formatted(match, values[number - 1], node)}, {null})", node))
    return Typed(f"({' || '.join(parts)})", VARCHAR)


def _formatted(match: re.Match[str], value: Typed, node: exp.Expr) -> str:
    kind, name, flags = match["kind"], value.type.name, match["flags"]
    if kind == "s" and not match["digits"] and not set(flags) - {"-"} and not name.startswith("time"):
        text = cast_sql(value.sql, value.type, VARCHAR)
        if text is not None:
            return text
    elif kind == "d" and name in INTEGERS and not match["digits"]:
        text = f"CAST({value.sql} AS VARCHAR)"
        return f"trino_grouped({text})" if "," in flags else text
    elif kind == "x" and name in ("integer", "bigint") and "," not in flags and not match["digits"]:
        # Java shows the bits of a negative number, in as many bytes as its type has.
        size = 2**32 if name == "integer" else 2**64
        return f"lower(to_hex(CAST((CAST({value.sql} AS HUGEINT) + {size}) % {size} AS UBIGINT)))"
    elif kind == "f" and name in ("real", "double", "decimal") and int(match["digits"] or 6) <= 18:
        # Java rounds the decimal digits half up, and so does the cast of a text.
        exact = f"CAST({value.sql} AS DOUBLE)" if name == "real" else value.sql
        text = f"CAST(CAST(CAST({exact} AS VARCHAR) AS DECIMAL(38, {int(match['digits'] or 6)})) AS VARCHAR)"
        return f"trino_grouped({text})" if "," in flags else text
    raise not_supported(node, f"format: '{match[0]}' of {value.type} is not supported")


def _padded(match: re.Match[str], text: str, node: exp.Expr) -> str:
    width, flags = match["width"], match["flags"]
    if not width:
        if set(flags) & {"-", "0"}:
            raise located("INVALID_FUNCTION_ARGUMENT", node, f"Invalid format string: {match[0]}")
        return text
    blanks = f"repeat(' ', {width} - length({text}))"
    if "0" in flags:
        return f"(CASE WHEN starts_with({text}, 'n') THEN {blanks} || {text} ELSE trino_zeros({text}, {width}) END)"
    return f"({text} || {blanks})" if "-" in flags else f"({blanks} || {text})"


SPECIAL: dict[str, SpecialCall] = {"format": _format}

_UNITS = ("", "K", "M", "B", "T", "Q")
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_INVALID_SIZE = raised("('INVALID_FUNCTION_ARGUMENT: Invalid data size: ''' || s || '''')", decimal_of(38, 0))

_NUMBER_UNITS = " ".join(
    f"WHEN abs(n) < 1e{3 * place + 3} THEN trino_three_digits(n / 1e{3 * place}) || '{unit}'"
    for place, unit in enumerate(_UNITS)
)
_SIZE_FACTORS = " ".join(f"WHEN '{unit}' THEN {1024**place}" for place, unit in enumerate(_SIZES))

MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO trino_grouped(s) AS
        regexp_extract(s, '^-?') || ltrim(reverse(regexp_replace(
            reverse(regexp_extract(s, '^-?([0-9]+)', 1)), '([0-9]{3})', '\\1,', 'g')), ',')
        || regexp_extract(s, '[.].*$')""",
    """CREATE OR REPLACE TEMP MACRO trino_zeros(s, width) AS
        regexp_extract(s, '^-?') || repeat('0', width - length(s)) || ltrim(s, '-')""",
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
