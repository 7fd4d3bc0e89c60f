"""Map functions.

Source: https://trino.io/docs/current/functions/map.html and …/string.html (split_to_map).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import raised
from local_aws.athena.dml.functions.arguments import unexpected
from local_aws.athena.dml.functions.lambdas import body_of
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.types import BIGINT, BOOLEAN, UNKNOWN, Type, array_of, map_of, quoted

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "cardinality(map(K, V)) -> bigint": "CAST(cardinality({0}) AS BIGINT)",
    "element_at(map(K, V), K) -> V": "map_extract_value({0}, {1})",
    "map() -> map(unknown, unknown)": "map()",
    "map(array(K), array(V)) -> map(K, V)": "trino_map({0}, {1})",
    "map_keys(map(K, V)) -> array(K)": "map_keys({0})",
    "map_values(map(K, V)) -> array(V)": "map_values({0})",
    "split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)": "trino_split_to_map({0}, {1}, {2})",
    "split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))": "trino_split_to_multimap("
    "{0}, {1}, {2})",
}


def _is_map(values: list[Typed]) -> bool:
    return bool(values) and all(value.type.name == "map" for value in values)


def _map_concat(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """map_concat(maps…): the last one with a key has it. NULL if any is."""
    values, type_ = expressions.common([*arguments], "All map_concat operands must be the same type")
    if len(values) < 2 or type_.name != "map":
        raise unexpected(
            "map_concat",
            node,
            [expressions.typed(argument) for argument in arguments],
            "map_concat(map(K,V), map(K,V), …)",
        )
    given = " AND ".join(f"{value} IS NOT NULL" for value in values)
    return Typed(f"(CASE WHEN {given} THEN map_concat({', '.join(values)}) END)", type_)


def _map_entries(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    values = [expressions.typed(argument) for argument in arguments]
    if len(values) != 1 or not _is_map(values):
        raise unexpected("map_entries", node, values, "map_entries(map(K,V))")
    row = Type("row", values[0].type.args, (None, None))
    entry = "struct_pack(field0 := trino_e.key, field1 := trino_e.value)"
    return Typed(f"list_transform(map_entries({values[0].sql}), lambda trino_e: {entry})", array_of(row))


def _from_entries(name: str, macro: str) -> SpecialCall:
    """map_from_entries and multimap_from_entries of rows of two fields."""

    def call(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
        values = [expressions.typed(argument) for argument in arguments]
        entry = values[0].type.args[0] if len(values) == 1 and values[0].type.name == "array" else UNKNOWN
        if entry.name != "row" or len(entry.args) != 2:
            raise unexpected(name, node, values, f"{name}(array(row(K,V)))")
        key, value = entry.args
        first, second = (quoted(field) for field in entry.field_names)
        pair = f"struct_pack(key := trino_e.{first}, value := trino_e.{second})"
        pairs = f"list_transform({values[0].sql}, lambda trino_e: {pair})"
        result = map_of(key, array_of(value) if name.startswith("multi") else value)
        return Typed(f"{macro}({pairs})", result)

    return call


def _with_lambda(name: str) -> SpecialCall:
    """map_filter, transform_keys and transform_values: a map and (key, value) -> …."""

    def call(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
        values = [expressions.typed(argument) for argument in arguments if not isinstance(argument, exp.Lambda)]
        body, entry = None, ""
        if len(arguments) == 2 and isinstance(arguments[1], exp.Lambda) and _is_map(values):
            entry = quoted(" ".join(argument.name for argument in arguments[1].expressions))
            fields = zip(("key", "value"), values[0].type.args, strict=True)
            body = body_of(
                expressions, arguments[1], *((f"struct_extract({entry}, '{field}')", type_) for field, type_ in fields)
            )
        if body is None or (name == "map_filter" and body.type not in (BOOLEAN, UNKNOWN)):
            raise unexpected(name, node, values, f"{name}(map(K,V), function(K,V,T))")
        key, value = values[0].type.args
        entries = f"map_entries({values[0].sql})"
        if name == "map_filter":
            return Typed(f"map_from_entries(list_filter({entries}, lambda {entry}: {body.sql}))", values[0].type)
        if name == "transform_keys":
            pair = f"struct_pack(key := {body.sql}, value := struct_extract({entry}, 'value'))"
            pairs = f"list_transform({entries}, lambda {entry}: {pair})"
            return Typed(f"trino_map_from_pairs({pairs})", map_of(body.type, value))
        pair = f"struct_pack(key := struct_extract({entry}, 'key'), value := {body.sql})"
        pairs = f"list_transform({entries}, lambda {entry}: {pair})"
        return Typed(f"map_from_entries({pairs})", map_of(key, body.type))

    return call


SPECIAL: dict[str, SpecialCall] = {
    "map_concat": _map_concat,
    "map_entries": _map_entries,
    "map_filter": _with_lambda("map_filter"),
    "map_from_entries": _from_entries("map_from_entries", "trino_map_from_pairs"),
    "multimap_from_entries": _from_entries("multimap_from_entries", "trino_multimap_from_pairs"),
    "transform_keys": _with_lambda("transform_keys"),
    "transform_values": _with_lambda("transform_values"),
}


def _failed(message: str) -> str:
    return raised(f"('INVALID_FUNCTION_ARGUMENT: {message}')", BIGINT)


MACROS: tuple[str, ...] = (
    # A failure stands for the length the keys are cut to, so that it is of no map's type.
    """CREATE OR REPLACE TEMP MACRO trino_map(keys, items) AS
        CASE WHEN keys IS NOT NULL AND items IS NOT NULL THEN map(trino_map_keys(keys, len(items)), items) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_map_keys(keys, size) AS
        list_slice(keys, 1, CASE
            WHEN len(keys) <> size THEN {_failed("Key and value arrays must be the same length")}
            WHEN list_count(keys) <> len(keys) THEN {_failed("map key cannot be null")}
            WHEN len(list_distinct(keys)) <> len(keys) THEN {
        _failed("Duplicate map keys (' || CAST(trino_repeated(keys) AS VARCHAR) || ') are not allowed")
    }
            ELSE len(keys) END)""",
    """CREATE OR REPLACE TEMP MACRO trino_repeated(keys) AS
        list_extract(list_filter(keys, lambda trino_e, trino_i: list_position(keys, trino_e) <> trino_i), 1)""",
    """CREATE OR REPLACE TEMP MACRO trino_map_from_pairs(pairs) AS trino_map(
        list_transform(pairs, lambda trino_e: trino_e.key), list_transform(pairs, lambda trino_e: trino_e.value))""",
    f"""CREATE OR REPLACE TEMP MACRO trino_multimap_from_pairs(pairs) AS map_from_entries(
        list_transform(
            list_filter(pairs, lambda trino_e, trino_i: CASE
                WHEN trino_e.key IS NULL THEN CAST({_failed("map key cannot be null")} AS BOOLEAN)
                ELSE list_position(list_transform(pairs, lambda trino_p: trino_p.key), trino_e.key) = trino_i END),
            lambda trino_e: struct_pack(key := trino_e.key, value := list_transform(
                list_filter(pairs, lambda trino_p: trino_p.key = trino_e.key), lambda trino_p: trino_p.value))))""",
    # Entries without text are skipped, as Trino's splitter does at the end.
    f"""CREATE OR REPLACE TEMP MACRO trino_entries_of_text(s, entries, parts) AS
        list_transform(
            list_filter(string_split(s, CASE
                WHEN entries = '' THEN {raised("'INVALID_FUNCTION_ARGUMENT: entryDelimiter is empty'", BIGINT)}::VARCHAR
                WHEN parts = '' THEN {
        raised("'INVALID_FUNCTION_ARGUMENT: keyValueDelimiter is empty'", BIGINT)
    }::VARCHAR
                WHEN entries = parts THEN {
        raised("'INVALID_FUNCTION_ARGUMENT: entryDelimiter and keyValueDelimiter must not be the same'", BIGINT)
    }::VARCHAR
                ELSE entries END), lambda trino_e, trino_i: trino_e <> '' OR trino_i < len(string_split(s, entries))),
            lambda trino_e: struct_pack(
                key := left(trino_e, CASE
                    WHEN strpos(trino_e, parts) = 0 THEN {
        _failed("Key-value delimiter must appear exactly once in each entry. Bad input: ''' || trino_e || '''")
    }
                    WHEN contains(substr(trino_e, strpos(trino_e, parts) + length(parts)), parts) THEN {
        _failed("Key-value delimiter must appear exactly once in each entry. Bad input: ''' || trino_e || '''")
    }
                    ELSE strpos(trino_e, parts) - 1 END),
                value := substr(trino_e, strpos(trino_e, parts) + length(parts))))""",
    """CREATE OR REPLACE TEMP MACRO trino_split_to_map(s, entries, parts) AS
        trino_map_from_pairs(trino_entries_of_text(s, entries, parts))""",
    """CREATE OR REPLACE TEMP MACRO trino_split_to_multimap(s, entries, parts) AS
        trino_multimap_from_pairs(trino_entries_of_text(s, entries, parts))""",
)
