"""JSON functions.

Source: https://trino.io/docs/current/functions/json.html. A path is Trino's own small language ($.a["b"][0]), whose
steps are a JSON pointer's: a number is an index of an array and a key of an object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.failures import located, not_supported
from local_aws.athena.dml.functions.arguments import as_overload, literal_text
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.types import BIGINT, BOOLEAN, JSON, VARCHAR, Type, literal

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "is_json_scalar(json) -> boolean": "(json_type({0}) NOT IN ('ARRAY', 'OBJECT'))",
    "is_json_scalar(varchar) -> boolean": "trino_is_json_scalar({0})",
    **{
        f"{name}({source}{value}) -> {result}": f"{macro}(CAST({{0}} AS VARCHAR){', {1}' if value else ''})"
        for source in ("json", "varchar")
        for name, value, result, macro in (
            ("json_array_length", "", "bigint", "trino_json_array_length"),
            ("json_array_contains", ", boolean", "boolean", "trino_json_contains_boolean"),
            ("json_array_contains", ", bigint", "boolean", "trino_json_contains_bigint"),
            ("json_array_contains", ", double", "boolean", "trino_json_contains_double"),
            ("json_array_contains", ", varchar", "boolean", "trino_json_contains_varchar"),
            ("json_array_get", ", bigint", "json", "trino_json_array_get"),
        )
    },
    "json_format(json) -> varchar": "CAST({0} AS VARCHAR)",
    "json_parse(varchar) -> json": "trino_json_parse({0})",
}

_STEP = re.compile(r'\.(?P<name>[\w:]+)|\[(?P<index>\w+)\]|\["(?P<quoted>(?:[^"\\]|\\["\\])*)"\]')


def _pointer(path: str, node: exp.Expr) -> str:
    """Returns a path as a JSON pointer. Raises: QueryFailed INVALID_FUNCTION_ARGUMENT."""
    place = 1 if path.startswith("$") else len(path) + 1
    steps: list[str] = []
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            break
        quoted = match["quoted"]
        step = match["name"] or match["index"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        steps.append(step.replace("~", "~0").replace("/", "~1"))
        place = match.end()
    if place != len(path):
        raise located("INVALID_FUNCTION_ARGUMENT", node, f"Invalid JSON path: '{path}'")
    return "".join(f"/{step}" for step in steps)


def _with_path(name: str, macro: str, result: Type) -> SpecialCall:
    """A function of JSON, or of its text, and a path."""

    def call(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
        values = as_overload(expressions, arguments, node, name, (JSON, VARCHAR), (VARCHAR, VARCHAR))
        path = literal_text(arguments[1])
        if path is None:
            raise not_supported(arguments[1], f"{name} needs a literal as its path, such as '$.a[0]'")
        pointer = literal(_pointer(path, arguments[1]))
        return Typed(f"{macro}(CAST({values[0]} AS VARCHAR), {pointer})", result)

    return call


SPECIAL: dict[str, SpecialCall] = {
    "json_extract": _with_path("json_extract", "trino_json_extract", JSON),
    "json_extract_scalar": _with_path("json_extract_scalar", "trino_json_extract_scalar", VARCHAR),
    "json_size": _with_path("json_size", "trino_json_size", BIGINT),
}

_STRING_ELEMENT = raised(
    "'NOT_SUPPORTED: json_array_get of a text is not supported: use json_extract(json, ''$[0]'')'", VARCHAR
)
_ELEMENTS = "CAST(json_extract(trino_json_array(s), '$[*]') AS JSON[])"


def _contains(type_name: str, kinds: str, value: str) -> str:
    return f"""CREATE OR REPLACE TEMP MACRO trino_json_contains_{type_name}(s, x) AS
        CASE WHEN trino_json_array(s) IS NOT NULL AND x IS NOT NULL THEN
            len(list_filter({_ELEMENTS}, lambda trino_e: json_type(trino_e) IN ({kinds}) AND {value})) > 0 END"""


MACROS: tuple[str, ...] = (
    # Trino's functions are NULL for a text that is no JSON.
    """CREATE OR REPLACE TEMP MACRO trino_json_extract(s, pointer) AS
        CASE WHEN json_valid(s) THEN json_extract(s, pointer) END""",
    """CREATE OR REPLACE TEMP MACRO trino_json_extract_scalar(s, pointer) AS
        CASE WHEN json_valid(s) AND json_type(s, pointer) NOT IN ('ARRAY', 'OBJECT')
        THEN json_extract_string(s, pointer) END""",
    """CREATE OR REPLACE TEMP MACRO trino_json_size(s, pointer) AS CASE
        WHEN NOT json_valid(s) THEN NULL
        WHEN json_type(s, pointer) = 'ARRAY' THEN CAST(json_array_length(s, pointer) AS BIGINT)
        WHEN json_type(s, pointer) = 'OBJECT' THEN CAST(len(json_keys(s, pointer)) AS BIGINT)
        WHEN json_type(s, pointer) IS NOT NULL THEN CAST(0 AS BIGINT) END""",
    """CREATE OR REPLACE TEMP MACRO trino_json_array(s) AS
        CASE WHEN json_valid(s) AND json_type(s) = 'ARRAY' THEN s END""",
    "CREATE OR REPLACE TEMP MACRO trino_json_array_length(s) AS CAST(json_array_length(trino_json_array(s)) AS BIGINT)",
    _contains("boolean", "'BOOLEAN'", "CAST(CAST(trino_e AS VARCHAR) AS BOOLEAN) = x"),
    _contains("bigint", "'BIGINT', 'UBIGINT'", "TRY_CAST(CAST(trino_e AS VARCHAR) AS BIGINT) = x"),
    _contains("double", "'DOUBLE'", "CAST(CAST(trino_e AS VARCHAR) AS DOUBLE) = x"),
    _contains("varchar", "'VARCHAR'", "json_extract_string(trino_e, '$') = x"),
    f"""CREATE OR REPLACE TEMP MACRO trino_json_array_get(s, place) AS CAST(CASE
        WHEN json_type(trino_json_item({_ELEMENTS}, place)) = 'VARCHAR' THEN {_STRING_ELEMENT}
        ELSE CAST(trino_json_item({_ELEMENTS}, place) AS VARCHAR) END AS JSON)""",
    """CREATE OR REPLACE TEMP MACRO trino_json_item(items, place) AS
        list_extract(items, CASE WHEN place >= 0 THEN place + 1 ELSE place END)""",
    # Trino sorts the keys.
    f"""CREATE OR REPLACE TEMP MACRO trino_json_parse(s) AS CASE
        WHEN json_valid(s) THEN json_normalize(s)
        WHEN s IS NOT NULL THEN CAST({
        raised("('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ''' || s || '''')", VARCHAR)
    } AS JSON) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_is_json_scalar(s) AS CASE
        WHEN json_valid(s) THEN json_type(s) NOT IN ('ARRAY', 'OBJECT')
        WHEN s IS NOT NULL THEN {raised("('INVALID_FUNCTION_ARGUMENT: Invalid JSON value: ' || s)", BOOLEAN)} END""",
)
