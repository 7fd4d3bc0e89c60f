"""Regular expression functions.

Source: https://trino.io/docs/current/functions/regexp.html. A pattern that is a literal is translated to RE2's
syntax; one that is computed must be right in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.failures import located, not_supported
from local_aws.athena.dml.functions.arguments import as_overload, literal_number, literal_text
from local_aws.athena.dml.functions.java_patterns import Pattern, UnsupportedPattern, translated
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.types import BIGINT, BOOLEAN, INTEGER, VARCHAR, Type, array_of, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}

_TWO, _GROUP = (VARCHAR, VARCHAR), (VARCHAR, VARCHAR, BIGINT)


def _call(
    expressions: Expressions,
    arguments: list[exp.Expr],
    node: exp.Expr,
    name: str,
    *overloads: tuple[Type, ...],
) -> tuple[list[str], Pattern | None]:
    """The arguments with the pattern, the second, in RE2's syntax; and what is known of it if it is a literal."""
    if any(isinstance(argument, exp.Lambda) for argument in arguments):
        raise not_supported(node, f"{name} with a lambda is not supported: use a replacement text")
    values = as_overload(expressions, arguments, node, name, *overloads)
    text = literal_text(arguments[1])
    if text is None:
        return values, None
    try:
        pattern = translated(text, before_last_newline=name == "regexp_like")
    except UnsupportedPattern as error:
        raise not_supported(
            arguments[1], f"regular expression '{text}': {error} is not supported; write the pattern without it"
        ) from None
    return [values[0], literal(pattern.text), *values[2:]], pattern


def _like(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values, _ = _call(expressions, arguments, node, "regexp_like", _TWO)
    return Typed(f"regexp_matches({values[0]}, {values[1]})", BOOLEAN)


def _count(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values, _ = _call(expressions, arguments, node, "regexp_count", _TWO)
    return Typed(f"len(regexp_extract_all({values[0]}, {values[1]}))", BIGINT)


def _position(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values, _ = _call(expressions, arguments, node, "regexp_position", _TWO)
    return Typed(f"trino_regexp_position({values[0]}, {values[1]})", INTEGER)


def _extract(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    # DuckDB's regexp_extract has the empty text for a group without a match, where regexp_extract_all has NULL.
    all_of_them = _extract_all(expressions, arguments, node, "regexp_extract")
    return Typed(f"list_extract({all_of_them.sql}, 1)", VARCHAR)


def _extract_all(
    expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr, name: str = "regexp_extract_all"
) -> Typed:
    values, pattern = _call(expressions, arguments, node, name, _TWO, _GROUP)
    if len(values) == 2:
        return Typed(f"regexp_extract_all({values[0]}, {values[1]})", array_of(VARCHAR))
    group = literal_number(arguments[2])
    if group is None:
        place = f"trino_regexp_group({values[2]}, {pattern.groups if pattern else 9})"
        return Typed(f"regexp_extract_all({values[0]}, {values[1]}, {place})", array_of(VARCHAR))
    if pattern is not None and group > pattern.groups:
        message = f"Pattern has {pattern.groups} groups. Cannot access group {group}"
        raise located("INVALID_FUNCTION_ARGUMENT", node, message)
    if group > 9:
        raise not_supported(node, f"{name} of group {group} is not supported: the highest is 9")
    return Typed(f"regexp_extract_all({values[0]}, {values[1]}, {group})", array_of(VARCHAR))


def _split(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values, pattern = _call(expressions, arguments, node, "regexp_split", _TWO)
    split = f"regexp_split_to_array({values[0]}, {values[1]})"
    return Typed(_checked(split, values, pattern, "regexp_split", array_of(VARCHAR)), array_of(VARCHAR))


def _replace(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values, pattern = _call(expressions, arguments, node, "regexp_replace", _TWO, (VARCHAR, VARCHAR, VARCHAR))
    if len(values) == 2:
        replacement = "''"
    else:
        text = literal_text(arguments[2])
        if text is not None:
            replacement = literal(_replacement(text, pattern, arguments[2]))
        else:
            replacement = f"trino_regexp_replacement({values[2]}, {min(pattern.groups, 9) if pattern else 0})"
    sql = f"regexp_replace({values[0]}, {values[1]}, {replacement}, 'g')"
    return Typed(_checked(sql, values, pattern, "regexp_replace", VARCHAR), VARCHAR)


def _checked(sql: str, values: list[str], pattern: Pattern | None, name: str, type_: Type) -> str:
    """Refuses matches of the empty text, next to which RE2 finds others than Trino."""
    if pattern is not None and pattern.never_empty:
        return sql
    failure = raised(f"'NOT_SUPPORTED: {name} with a pattern that matches the empty text is not supported'", type_)
    return f"(CASE WHEN list_contains(regexp_extract_all({values[0]}, {values[1]}), '') THEN {failure} ELSE {sql} END)"


def _replacement(text: str, pattern: Pattern | None, node: exp.Expr) -> str:
    """Trino's replacement, with $1 and ${name}, as RE2's."""
    parts: list[str] = []
    for match in re.finditer(
        r"\\(?P<escaped>.)|\$\{(?P<name>[^}]*)\}|\$(?P<digits>\d+)|(?P<plain>[^\\$])", text, re.DOTALL
    ):
        if match["name"] is not None:
            if pattern is None or match["name"] not in pattern.names:
                raise _illegal(f"unknown group {{ {match['name']} }}", node)
            parts.append(_group(pattern.names[match["name"]], node))
        elif match["digits"] is not None:
            parts.append(_numbered(match["digits"], pattern, node))
        else:
            parts.append((match["escaped"] or match["plain"]).replace("\\", "\\\\"))
    if len(re.sub(r"\\.|\$\{[^}]*\}|\$\d+|[^\\$]", "", text, flags=re.DOTALL)):
        raise _illegal(text, node)
    return "".join(parts)


def _numbered(digits: str, pattern: Pattern | None, node: exp.Expr) -> str:
    """`$12` is group 12 if there is one, else group 1 and a 2."""
    if pattern is None:
        raise not_supported(node, "regexp_replace with groups needs a literal as its pattern")
    length = 1
    while length < len(digits) and int(digits[: length + 1]) <= pattern.groups:
        length += 1
    if int(digits[:length]) > pattern.groups:
        raise _illegal(f"unknown group {digits[:length]}", node)
    return _group(int(digits[:length]), node) + digits[length:]


def _group(number: int, node: exp.Expr) -> str:
    if number > 9:
        raise not_supported(node, f"regexp_replace with group {number} is not supported: the highest is 9")
    return f"\\{number}"


def _illegal(what: str, node: exp.Expr) -> Exception:
    return located("INVALID_FUNCTION_ARGUMENT", node, f"Illegal replacement sequence: {what}")


SPECIAL: dict[str, SpecialCall] = {
    "regexp_count": _count,
    "regexp_extract": _extract,
    "regexp_extract_all": _extract_all,
    "regexp_like": _like,
    "regexp_position": _position,
    "regexp_replace": _replace,
    "regexp_split": _split,
}

MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO trino_regexp_position(s, pattern) AS CASE
        WHEN s = '' OR NOT regexp_matches(s, pattern) THEN -1
        WHEN s IS NOT NULL AND pattern IS NOT NULL THEN
            length(regexp_extract(s, '^((?s:.*?))(?:' || pattern || ')', 1)) + 1 END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_regexp_group(place, groups) AS CASE
        WHEN place < 0 THEN {raised("'INVALID_FUNCTION_ARGUMENT: Group cannot be negative'", INTEGER)}
        WHEN place > groups THEN {
        raised(
            "'INVALID_FUNCTION_ARGUMENT: Pattern has ' || groups || ' groups. Cannot access group ' || place",
            INTEGER,
        )
    }
        ELSE CAST(place AS INTEGER) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_regexp_replacement(s, groups) AS CASE
        WHEN regexp_matches(s, '^(?:[^\\\\$]|\\\\(?s:.)|\\$[0-' || groups || '])*$') THEN
            array_to_string(list_transform(
                regexp_extract_all(s, '(?s)\\\\.|\\$.|.'), lambda trino_e: CASE
                    WHEN trino_e IN ('\\', '\\\\') THEN '\\\\'
                    WHEN starts_with(trino_e, '\\') THEN substr(trino_e, 2)
                    WHEN starts_with(trino_e, '$') THEN '\\' || substr(trino_e, 2)
                    ELSE trino_e END), '')
        WHEN s IS NOT NULL THEN {
        raised("'INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: ' || s", VARCHAR)
    } END""",
)
