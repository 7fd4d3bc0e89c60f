r"""The text of a field as a value of a Hive type: what LazySimpleSerDe makes of it, NULL when it is no such value."""

from __future__ import annotations

from dataclasses import dataclass

from local_aws.athena.dml.schema import Column
from local_aws.athena.dml.types import INTEGERS, Type, UnknownType, hive_to_trino, literal, quoted, trino_to_duckdb
from local_aws.athena.model import QueryFailed

NESTED = ("array", "map", "row")


@dataclass(frozen=True)
class TextRules:
    r"""How a SerDe writes values as text: separators by depth (\x02, \x03 …) and the text of NULL."""

    separators: tuple[str, ...] = ("\x02", "\x03", "\x04", "\x05", "\x06", "\x07", "\x08")
    null_text: str = "\\N"


def column_type(column: Column) -> Type:
    """The type of a table's column. Raises: QueryFailed for a text that is no type."""
    try:
        return hive_to_trino(column.type)
    except UnknownType as error:
        raise QueryFailed(f"HIVE_INVALID_METADATA: column {column.name}: {error}") from error


def is_text(type_: Type) -> bool:
    """Whether values of the type are text."""
    return type_.name in ("varchar", "char")


def missing_column_sql(column: Column) -> str:
    """NULL of the column's type, for a column that the files do not have."""
    return f"CAST(NULL AS {trino_to_duckdb(column_type(column))}) AS {quoted(column.name)}"


def value_sql(field: str, type_: Type, rules: TextRules, depth: int = 0) -> str:
    """An expression for the value of the text expression `field`; NULL when the text is NULL or no such value."""
    if is_text(type_):
        text = f"nullif({field}, {literal(rules.null_text)})"
        return f"left({text}, {type_.numbers[0]})" if type_.numbers else text
    if type_.name in NESTED:
        return _nested_sql(field, type_, rules, depth)
    value = _scalar_sql(field, type_)
    if rules.null_text in ("", "\\N", "-", "NULL", "null"):
        return value
    return f"CASE WHEN {field} <> {literal(rules.null_text)} THEN {value} END"


def _scalar_sql(field: str, type_: Type) -> str:
    kind, target = type_.name, trino_to_duckdb(type_)
    if kind in INTEGERS:
        # DuckDB also takes '1e3', '1_000', '0x1F' and ' 1', and rounds '1.5'; Hive takes digits and drops a fraction.
        # The pattern with GLOB is three times as fast as the regular expression, which only odd values need.
        odd = (
            f"CASE WHEN regexp_full_match({field}, '[+-]?[0-9]+([.][0-9]*)?') "
            f"THEN TRY_CAST(regexp_extract({field}, '^[+-]?[0-9]+') AS {target}) END"
        )
        return f"CASE WHEN {field} GLOB '*[!0-9]*' THEN {odd} ELSE TRY_CAST({field} AS {target}) END"
    if kind in ("real", "double"):
        return (
            f"CASE WHEN regexp_full_match({field}, '\\s*([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
            f"|NaN|[+-]?Infinity)\\s*') THEN TRY_CAST(trim({field}) AS {target}) END"
        )
    if kind == "decimal":
        return (
            f"CASE WHEN regexp_full_match({field}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?') "
            f"THEN TRY_CAST({field} AS {target}) END"
        )
    if kind == "boolean":
        return f"CASE lower({field}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if kind == "date":
        return f"CASE WHEN regexp_full_match({field}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') THEN TRY_CAST({field} AS DATE) END"
    if kind == "timestamp":
        pattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?)?"
        return f"CASE WHEN regexp_full_match({field}, '{pattern}') THEN TRY_CAST({field} AS {target}) END"
    if kind == "varbinary":
        return f"TRY(from_base64({field}))"
    raise QueryFailed(f"NOT_SUPPORTED: columns of type {type_} are not supported in text files")


def _nested_sql(field: str, type_: Type, rules: TextRules, depth: int) -> str:
    if depth + 1 >= len(rules.separators):
        raise QueryFailed(f"NOT_SUPPORTED: type {type_} is nested too deeply for text files")
    separator, inner_separator = (literal(text) for text in rules.separators[depth : depth + 2])
    items = f"CASE WHEN {field} = '' THEN [] ELSE string_split({field}, {separator}) END"
    item = f"item_{depth}"
    if type_.name == "array":
        value = f"list_transform({items}, lambda {item}: {value_sql(item, type_.args[0], rules, depth + 1)})"
    elif type_.name == "map":
        key = f"string_split({item}, {inner_separator})[1]"
        rest = f"string_split({item}, {inner_separator})[2]"
        entry = (
            f"struct_pack(k := {value_sql(key, type_.args[0], rules, depth + 2)}, "
            f"v := {value_sql(rest, type_.args[1], rules, depth + 2)})"
        )
        value = f"map_from_entries(list_transform({items}, lambda {item}: {entry}))"
    else:
        members = (
            f"{quoted(name)} := {value_sql(f'string_split({field}, {separator})[{number}]', inner, rules, depth + 1)}"
            for number, (name, inner) in enumerate(zip(type_.field_names, type_.args, strict=True), start=1)
        )
        value = f"struct_pack({', '.join(members)})"
    return f"CASE WHEN {field} <> {literal(rules.null_text)} THEN {value} END"
