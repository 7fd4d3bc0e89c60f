"""The parts that DDL statements are made of: names, types, columns, partition specifications, properties."""

from __future__ import annotations

from local_aws.athena.ddl.statements import Column, PartitionCondition, PartitionSpec, TableName
from local_aws.athena.ddl.tokens import Kind, Tokens
from local_aws.athena.model import QueryFailed

PRIMITIVE_TYPES = frozenset(
    {
        "boolean", "tinyint", "smallint", "int", "integer", "bigint", "float", "double", "decimal", "char",
        "varchar", "string", "binary", "date", "timestamp",
    }
)  # fmt: skip
"""The types of CREATE TABLE (Athena user guide, "Data types in Athena")."""

_COMPARISONS = ("=", "<>", "!=", "<=", ">=", "<", ">")


def table_name(tokens: Tokens) -> TableName:
    """`table`, `database.table`, or either quoted by backticks (also as a whole: `` `database.table` ``)."""
    first = tokens.name()
    if tokens.accept("."):
        return TableName(first, tokens.name())
    database, dot, name = first.rpartition(".")
    return TableName(database, name) if dot else TableName(None, first)


def columns(tokens: Tokens) -> tuple[Column, ...]:
    """A list of columns in parentheses."""
    tokens.expect("(")
    found = [column(tokens)]
    while tokens.accept(","):
        found.append(column(tokens))
    tokens.expect(")")
    return tuple(found)


def column(tokens: Tokens) -> Column:
    """`name type [COMMENT '…']`."""
    name = tokens.name()
    hive_type = type_text(tokens)
    return Column(name, hive_type, tokens.string() if tokens.accept("COMMENT") else None)


def type_text(tokens: Tokens) -> str:
    """A Hive type, as Glue keeps it: in lower case, without spaces.

    Raises:
        QueryFailed: for a type that Hive does not have.
    """
    start = tokens.current
    name = tokens.name()
    if name == "array":
        tokens.expect("<")
        inner = type_text(tokens)
        _close(tokens)
        return f"array<{inner}>"
    if name == "map":
        tokens.expect("<")
        key = type_text(tokens)
        tokens.expect(",")
        value = type_text(tokens)
        _close(tokens)
        return f"map<{key},{value}>"
    if name == "struct":
        tokens.expect("<")
        fields = [_struct_field(tokens)]
        while tokens.accept(","):
            fields.append(_struct_field(tokens))
        _close(tokens)
        return f"struct<{','.join(fields)}>"
    if name not in PRIMITIVE_TYPES:
        tokens.fail("expecting a data type", start)
    return name.replace("integer", "int") + _type_arguments(tokens)


def _struct_field(tokens: Tokens) -> str:
    name = tokens.name()
    tokens.expect(":")
    return f"{name}:{type_text(tokens)}"


def _type_arguments(tokens: Tokens) -> str:
    if not tokens.accept("("):
        return ""
    numbers = [tokens.take().value]
    while tokens.accept(","):
        numbers.append(tokens.take().value)
    tokens.expect(")")
    if not all(number.isdigit() for number in numbers):
        tokens.fail("expecting a number")
    return f"({','.join(numbers)})"


def _close(tokens: Tokens) -> None:
    tokens.expect(">")


def partition_spec(tokens: Tokens, *, comparisons: bool = False) -> PartitionSpec:
    """`(column = value, …)`; with `comparisons` (DROP PARTITION) any comparison operator."""
    tokens.expect("(")
    conditions = [_condition(tokens, comparisons)]
    while tokens.accept(","):
        conditions.append(_condition(tokens, comparisons))
    tokens.expect(")")
    return tuple(conditions)


def _condition(tokens: Tokens, comparisons: bool) -> PartitionCondition:
    column_name = tokens.name()
    operators = _COMPARISONS if comparisons else ("=",)
    operator = next((operator for operator in operators if tokens.accept(operator)), None)
    if operator is None:
        tokens.fail("expecting =")
    token = tokens.take()
    if token.kind not in (Kind.STRING, Kind.NUMBER, Kind.WORD):
        tokens.fail("expecting a constant", token)
    if token.kind is Kind.WORD and not token.value.isdigit():
        tokens.fail("expecting a constant; strings are quoted", token)
    return PartitionCondition(column_name, "<>" if operator == "!=" else operator, token.value)


def properties(tokens: Tokens) -> dict[str, str]:
    """`('key' = 'value', …)`."""
    found: dict[str, str] = {}
    tokens.expect("(")
    while True:
        key = tokens.string()
        tokens.expect("=")
        found[key] = tokens.string()
        if not tokens.accept(","):
            break
    tokens.expect(")")
    return found


def check_location(location: str) -> str:
    """A LOCATION, which Athena takes on S3 only and never as a single file or pattern.

    Raises:
        QueryFailed: naming the location.
    """
    scheme, separator, rest = location.partition("://")
    if not separator or scheme.lower() not in ("s3", "s3a", "s3n") or not rest.strip("/"):
        raise QueryFailed(
            f"FAILED: Execution Error: the location {location!r} is not an S3 path; give s3://bucket/folder/",
            error_type=1301,
        )
    if "*" in location:
        raise QueryFailed(f"FAILED: Execution Error: no wildcards in a location: {location!r}; name a folder")
    return location
