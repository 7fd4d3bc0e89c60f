"""Functions of texts. All of them count Unicode code points.

Source: https://trino.io/docs/current/functions/string.html, and Trino's StringFunctions for what it leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.failures import located
from local_aws.athena.dml.operators import Typed, concatenated
from local_aws.athena.dml.types import BIGINT, INTEGER, VARCHAR, array_of, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

# Java's Character.isWhitespace: the separators except the non-breaking ones, and some control characters.
_NON_BREAKING = ("\u00a0", "\u2007", "\u202f")
WHITESPACE = "".join(
    character
    for character in map(chr, range(0x3001))
    if character.isspace() and character not in (*_NON_BREAKING, "\u0085")
)
"""The characters that trim() removes."""

_SPACES = literal(WHITESPACE)


def _failed(message: str) -> str:
    return raised(f"'INVALID_FUNCTION_ARGUMENT: {message}'", VARCHAR)


TABLE: dict[str, str] = {
    "length(varchar) -> bigint": "length({0})",
    "lower(varchar) -> varchar": "lower({0})",
    "upper(varchar) -> varchar": "trino_upper({0})",
    "chr(bigint) -> varchar": "trino_chr({0})",
    "concat_ws(varchar, varchar...) -> varchar": "concat_ws({*})",
    "concat_ws(varchar, array(varchar)) -> varchar": "array_to_string({1}, {0})",
    "hamming_distance(varchar, varchar) -> bigint": "trino_hamming_distance({0}, {1})",
    "levenshtein_distance(varchar, varchar) -> bigint": "trino_levenshtein_distance({0}, {1})",
    "lpad(varchar, bigint, varchar) -> varchar": "trino_lpad({0}, {1}, {2})",
    "rpad(varchar, bigint, varchar) -> varchar": "trino_rpad({0}, {1}, {2})",
    "luhn_check(varchar) -> boolean": "trino_luhn_check({0})",
    "normalize(varchar) -> varchar": "nfc_normalize({0})",
    "replace(varchar, varchar) -> varchar": "replace({0}, {1}, '')",
    "replace(varchar, varchar, varchar) -> varchar": "trino_replace({0}, {1}, {2})",
    "reverse(varchar) -> varchar": "array_to_string(list_reverse(string_split({0}, '')), '')",
    "soundex(varchar) -> varchar": "trino_soundex({0})",
    "split(varchar, varchar) -> array(varchar)": "trino_split({0}, {1})",
    "split(varchar, varchar, bigint) -> array(varchar)": "trino_split_limited({0}, {1}, {2})",
    "split_part(varchar, varchar, bigint) -> varchar": "trino_split_part({0}, {1}, {2})",
    "starts_with(varchar, varchar) -> boolean": "starts_with({0}, {1})",
    "strpos(varchar, varchar) -> bigint": "strpos({0}, {1})",
    "strpos(varchar, varchar, bigint) -> bigint": "trino_strpos({0}, {1}, {2})",
    "substr(varchar, bigint) -> varchar": "trino_substr({0}, {1}, 2147483647)",
    "substr(varchar, bigint, bigint) -> varchar": "trino_substr({0}, {1}, {2})",
    "translate(varchar, varchar, varchar) -> varchar": "translate({0}, {1}, {2})",
    **{f"{name}(varchar) -> varchar": f"{name}({{0}}, {_SPACES})" for name in ("trim", "ltrim", "rtrim")},
    **{f"{name}(varchar, varchar) -> varchar": f"{name}({{0}}, {{1}})" for name in ("trim", "ltrim", "rtrim")},
}


def _concat(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """concat(…) is the operator || with two arguments or more."""
    if len(arguments) < 2:
        raise located(
            "INVALID_FUNCTION_ARGUMENT", node, "There must be two or more concatenation arguments to function concat"
        )
    first, *others = (expressions.typed(argument) for argument in arguments)
    for other in others:
        if {first.type.name, other.type.name} == {"unknown"}:
            continue
        first = concatenated(first, other)
    return first


def _codepoint(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """codepoint(varchar(1)): a longer type does not fit, whatever its values are."""
    values = [expressions.typed(argument) for argument in arguments]
    types = ", ".join(str(value.type) for value in values)
    if len(values) != 1 or (values[0].type.name, values[0].type.numbers) not in (
        ("varchar", (0,)),
        ("varchar", (1,)),
        ("char", (1,)),
        ("unknown", ()),
    ):
        raise located(
            "FUNCTION_NOT_FOUND",
            node,
            f"Unexpected parameters ({types}) for function codepoint. Expected: codepoint(varchar(1))",
        )
    return Typed(f"trino_codepoint(CAST({values[0].sql} AS VARCHAR))", INTEGER)


SPECIAL: dict[str, SpecialCall] = {"concat": _concat, "codepoint": _codepoint}

_SIZE = _failed("Target length must be in the range [0..2147483647]")
_PADDING = _failed("Padding string must not be empty")

MACROS: tuple[str, ...] = (
    # Trino maps a code point onto one other: ß stays, where DuckDB gives ẞ.
    """CREATE OR REPLACE TEMP MACRO trino_upper(s) AS
        CASE WHEN contains(s, 'ß')
        THEN array_to_string(list_transform(string_split(s, 'ß'), lambda trino_e: upper(trino_e)), 'ß')
        ELSE upper(s) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_chr(n) AS CASE
        WHEN n BETWEEN 0 AND 55295 OR n BETWEEN 57344 AND 1114111 THEN chr(CAST(n AS INTEGER))
        WHEN n IS NOT NULL THEN
            {raised("'INVALID_FUNCTION_ARGUMENT: Not a valid Unicode code point: ' || n", VARCHAR)} END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_codepoint(s) AS CASE
        WHEN length(s) = 1 THEN unicode(s)
        WHEN s IS NOT NULL THEN
            {raised("'INVALID_FUNCTION_ARGUMENT: Input string must be a single character string'", INTEGER)} END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_hamming_distance(a, b) AS CASE
        WHEN length(a) <> length(b) THEN {
        raised(
            "'INVALID_FUNCTION_ARGUMENT: The input strings to hamming_distance function must have the same length'",
            BIGINT,
        )
    }
        WHEN a = '' AND b = '' THEN 0
        WHEN a IS NOT NULL AND b IS NOT NULL THEN
            len(list_filter(list_zip(string_split(a, ''), string_split(b, '')), lambda trino_e: trino_e[1] <> trino_e[2])) END""",
    # DuckDB compares bytes: texts that are not ASCII are written in ASCII first, a character for a character.
    f"""CREATE OR REPLACE TEMP MACRO trino_levenshtein_distance(a, b) AS CASE
        WHEN length(a) * (length(b) - 1) > 1000000 THEN {
        raised(
            "'INVALID_FUNCTION_ARGUMENT: The combined inputs for Levenshtein distance are too large'",
            BIGINT,
        )
    }
        WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN levenshtein(a, b)
        WHEN len(list_distinct(string_split(a || b, ''))) > 127 THEN {
        raised(
            "'NOT_SUPPORTED: levenshtein_distance of texts with more than 127 different characters is not supported'",
            BIGINT,
        )
    }
        ELSE levenshtein(trino_in_ascii(a, list_distinct(string_split(a || b, ''))),
            trino_in_ascii(b, list_distinct(string_split(a || b, '')))) END""",
    """CREATE OR REPLACE TEMP MACRO trino_in_ascii(s, characters) AS
        translate(s, array_to_string(characters, ''),
            array_to_string(list_transform(range(1, len(characters) + 1), lambda trino_e: chr(CAST(trino_e AS INTEGER))), ''))""",
    *(
        f"""CREATE OR REPLACE TEMP MACRO trino_{name}(s, size, padding) AS CASE
        WHEN s IS NULL OR padding IS NULL OR size IS NULL THEN NULL
        WHEN size NOT BETWEEN 0 AND 2147483647 THEN {_SIZE}
        WHEN padding = '' THEN {_PADDING}
        ELSE {name}(s, CAST(size AS INTEGER), padding) END"""
        for name in ("lpad", "rpad")
    ),
    """CREATE OR REPLACE TEMP MACRO trino_replace(s, search, replacement) AS CASE
        WHEN search = '' THEN replacement || CASE WHEN s = '' THEN ''
            ELSE array_to_string(string_split(s, ''), replacement) || replacement END
        ELSE replace(s, search, replacement) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_split(s, delimiter) AS CASE
        WHEN delimiter <> '' THEN string_split(s, delimiter)
        WHEN s IS NOT NULL AND delimiter = '' THEN {
        raised("'INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string'", array_of(VARCHAR))
    } END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_split_limited(s, delimiter, most) AS CASE
        WHEN most <= 0 AND s IS NOT NULL AND delimiter IS NOT NULL THEN {
        raised("'INVALID_FUNCTION_ARGUMENT: Limit must be positive'", array_of(VARCHAR))
    }
        WHEN most IS NULL THEN NULL
        WHEN len(trino_split(s, delimiter)) <= most THEN trino_split(s, delimiter)
        ELSE list_append(
            list_slice(trino_split(s, delimiter), 1, most - 1),
            array_to_string(list_slice(trino_split(s, delimiter), most, -1), delimiter)) END""",
    # Beyond the last part list_extract is NULL, as split_part is in Trino. An empty delimiter parts the characters.
    f"""CREATE OR REPLACE TEMP MACRO trino_split_part(s, delimiter, place) AS CASE
        WHEN place > 0 THEN nullif(list_extract(string_split(s, delimiter), place),
            CASE WHEN s = '' AND delimiter = '' THEN '' END)
        WHEN s IS NOT NULL AND delimiter IS NOT NULL AND place IS NOT NULL THEN {
        _failed("Index must be greater than zero")
    } END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_strpos(s, part, nth) AS CASE
        WHEN s IS NULL OR part IS NULL OR nth IS NULL THEN NULL
        WHEN nth = 0 THEN {
        raised(
            "'INVALID_FUNCTION_ARGUMENT: ''instance'' must be a positive or negative number.'",
            BIGINT,
        )
    }
        WHEN part = '' THEN 1
        ELSE coalesce(list_extract(list_filter(
            range(1, length(s) - length(part) + 2), lambda trino_e: substr(s, trino_e, length(part)) = part), nth), 0) END""",
    """CREATE OR REPLACE TEMP MACRO trino_substr(s, start, size) AS CASE
        WHEN size > 0 AND (start BETWEEN 1 AND 2147483647 OR (start < 0 AND start >= -length(s)))
        THEN substr(s, start, least(size, 2147483647))
        WHEN s IS NOT NULL AND start IS NOT NULL AND size IS NOT NULL THEN '' END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_luhn_check(s) AS CASE
        WHEN s IS NULL THEN NULL
        WHEN s = '' THEN false
        WHEN NOT regexp_full_match(s, '[0-9]+') THEN CAST({
        raised("'INVALID_FUNCTION_ARGUMENT: Input contains non-digit characters'", BIGINT)
    } AS BOOLEAN)
        ELSE list_sum(list_transform(list_reverse(string_split(s, '')), lambda trino_e, trino_i:
            CASE WHEN trino_i % 2 = 1 THEN CAST(trino_e AS INTEGER)
            ELSE CAST(trino_e AS INTEGER) * 2 // 10 + CAST(trino_e AS INTEGER) * 2 % 10 END)) % 10 = 0 END""",
    # Letters alone count; H and W do not part equal codes, vowels (0) do.
    f"""CREATE OR REPLACE TEMP MACRO trino_soundex(s) AS CASE
        WHEN regexp_matches(s, '[^\\x00-\\x7F]') THEN {_failed("The character is not mapped: soundex takes ASCII text")}
        ELSE trino_soundex_letters(regexp_replace(upper(s), '[^A-Z]', '', 'g')) END""",
    """CREATE OR REPLACE TEMP MACRO trino_soundex_letters(s) AS CASE
        WHEN s = '' THEN ''
        ELSE left(left(s, 1) || replace(substr(regexp_replace(
            translate(left(s, 1) || replace(replace(substr(s, 2), 'H', ''), 'W', ''),
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202'),
            '(0)0*|(1)1*|(2)2*|(3)3*|(4)4*|(5)5*|(6)6*', '\\1\\2\\3\\4\\5\\6\\7', 'g'),
            2), '0', '') || '000', 4) END""",
)
