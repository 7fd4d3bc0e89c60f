"""Types: Trino's, and what Hive (Glue) and DuckDB call them.

One `Type` is used throughout the translation. Its text is Trino's (`decimal(10,2)`, `array(row(a integer))`).
Two of Trino's types need a representation of their own in DuckDB:

- `timestamp with time zone` keeps its zone in Trino, DuckDB's TIMESTAMPTZ does not. It is a struct of the instant
  (a UTC TIMESTAMP, so that ordering by the struct orders by the instant) and the zone's name.
- `ipaddress` is the 128-bit number of the IPv6 address (IPv4 as ::ffff:a.b.c.d, as in Trino), `ipprefix` a struct
  of the first address and the prefix length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Type:
    """A Trino type. `args` are element types; `names` a row's field names; `numbers` lengths or precisions."""

    name: str
    args: tuple[Type, ...] = ()
    names: tuple[str | None, ...] = ()
    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        if self.name == "row":
            fields = zip(self.names, self.args, strict=True)
            return f"row({', '.join(f'{name} {type_}' if name else str(type_) for name, type_ in fields)})"
        if self.name in ("timestamp", "time") or self.name.startswith("timestamp "):
            head, _, tail = self.name.partition(" ")
            return f"{head}({self.numbers[0]}){' ' + tail if tail else ''}"
        if self.args:
            return f"{self.name}({', '.join(map(str, self.args))})"
        if self.numbers:
            return f"{self.name}({','.join(map(str, self.numbers))})"
        return self.name

    @property
    def field_names(self) -> tuple[str, ...]:
        """A row's field names; those without one are field0, field1, … by place, as Athena shows them."""
        return tuple(name or f"field{place}" for place, name in enumerate(self.names))

    @property
    def base(self) -> Type:
        """The type without its length: varchar(3) is varchar."""
        return VARCHAR if self.name in ("varchar", "char") else self


UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
TINYINT, SMALLINT, INTEGER, BIGINT = Type("tinyint"), Type("smallint"), Type("integer"), Type("bigint")
REAL, DOUBLE = Type("real"), Type("double")
VARCHAR, VARBINARY, JSON = Type("varchar"), Type("varbinary"), Type("json")
DATE = Type("date")
TIME = Type("time", numbers=(3,))
TIMESTAMP = Type("timestamp", numbers=(3,))
TIMESTAMP_TZ = Type("timestamp with time zone", numbers=(3,))
INTERVAL_DAY, INTERVAL_YEAR = Type("interval day to second"), Type("interval year to month")
IPADDRESS, IPPREFIX = Type("ipaddress"), Type("ipprefix")

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMERICS = (*INTEGERS, "decimal", "real", "double")
INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
MAX_DECIMAL = 38

_HIVE = {
    "int": INTEGER,
    "integer": INTEGER,
    "float": REAL,
    "real": REAL,
    "string": VARCHAR,
    "binary": VARBINARY,
    "timestamp": TIMESTAMP,
    "decimal": Type("decimal", numbers=(10, 0)),
    "timestamp with local time zone": TIMESTAMP_TZ,
    **{
        name: Type(name)
        for name in ("boolean", "tinyint", "smallint", "bigint", "double", "date", "varchar", "char", "json")
    },
}


class UnknownType(ValueError):
    """A type text that is no Hive or Trino type."""


def array_of(element: Type) -> Type:
    """Returns array(element)."""
    return Type("array", (element,))


def map_of(key: Type, value: Type) -> Type:
    """Returns map(key, value)."""
    return Type("map", (key, value))


def row_of(types: tuple[Type, ...], names: tuple[str | None, ...] | None = None) -> Type:
    """Returns a row type; without names its fields are anonymous."""
    return Type("row", types, names or (None,) * len(types))


def decimal_of(precision: int, scale: int) -> Type:
    """Returns decimal(precision,scale), the precision capped at Trino's 38."""
    return Type("decimal", numbers=(min(precision, MAX_DECIMAL), min(scale, MAX_DECIMAL)))


@cache
def hive_to_trino(hive: str) -> Type:
    """Returns the Trino type of a Hive type text such as `array<struct<a:int,b:string>>`.

    Raises: UnknownType.
    """
    return _HiveTypeParser(hive).parse()


class _HiveTypeParser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = re.findall(r"[<>(),:]|[^<>(),:]+", text.strip())
        self._place = 0

    def parse(self) -> Type:
        type_ = self._type()
        if self._place != len(self._tokens):
            raise UnknownType(f"{self._text!r} is not a Hive type")
        return type_

    def _next(self, expected: str | None = None) -> str:
        token = self._tokens[self._place].strip() if self._place < len(self._tokens) else ""
        if expected is not None and token != expected:
            raise UnknownType(f"{self._text!r} is not a Hive type: {expected!r} expected")
        self._place += 1
        return token

    def _peek(self) -> str:
        return self._tokens[self._place].strip() if self._place < len(self._tokens) else ""

    def _type(self) -> Type:
        name = self._next().lower()
        if name in ("array", "map", "struct", "uniontype"):
            return self._nested(name)
        if name not in _HIVE:
            raise UnknownType(f"{self._text!r} is not a Hive type: {name!r} is unknown")
        numbers: list[int] = []
        if self._peek() == "(":
            while self._next() != ")":
                number = self._next()
                if not number.isdigit():
                    raise UnknownType(f"{self._text!r} is not a Hive type: {number!r} is not a number")
                numbers.append(int(number))
                if self._peek() not in (",", ")"):
                    raise UnknownType(f"{self._text!r} is not a Hive type")
        if not numbers:
            return _HIVE[name]
        if name == "decimal":
            return decimal_of(numbers[0], numbers[1] if len(numbers) > 1 else 0)
        return Type(_HIVE[name].name, numbers=tuple(numbers))

    def _nested(self, name: str) -> Type:
        self._next("<")
        args: list[Type] = []
        names: list[str | None] = []
        while True:
            if name == "struct":
                names.append(self._next().lower())
                self._next(":")
            args.append(self._type())
            if self._peek() != ",":
                break
            self._next(",")
        self._next(">")
        if name == "uniontype" or len(args) != {"array": 1, "map": 2}.get(name, len(args)):
            raise UnknownType(f"{self._text!r} is not a Hive type Athena reads")
        return Type("row" if name == "struct" else name, tuple(args), tuple(names))


_DUCKDB = {
    "unknown": "INTEGER",
    "real": "FLOAT",
    "varbinary": "BLOB",
    "char": "VARCHAR",
    "varchar": "VARCHAR",
    "timestamp with time zone": "STRUCT(instant TIMESTAMP, zone VARCHAR)",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "ipaddress": "UHUGEINT",
    "ipprefix": "STRUCT(address UHUGEINT, bits INTEGER)",
    "hyperloglog": "BLOB",
}


@cache
def trino_to_duckdb(type_: Type) -> str:
    """Returns the DuckDB type that holds values of a Trino type."""
    if type_.name == "array":
        return f"{trino_to_duckdb(type_.args[0])}[]"
    if type_.name == "map":
        return f"MAP({trino_to_duckdb(type_.args[0])}, {trino_to_duckdb(type_.args[1])})"
    if type_.name == "row":
        fields = zip(type_.field_names, type_.args, strict=True)
        return f"STRUCT({', '.join(f'{quoted(name)} {trino_to_duckdb(arg)}' for name, arg in fields)})"
    if type_.name == "decimal":
        return f"DECIMAL({type_.numbers[0]}, {type_.numbers[1]})"
    return _DUCKDB.get(type_.name, type_.name.upper())


def duckdb_type(hive: str) -> str:
    """Returns the DuckDB type of a Hive type text, for the readers of the table's files.

    Raises: UnknownType.
    """
    return trino_to_duckdb(hive_to_trino(hive))


def trino_type(hive: str) -> str:
    """Returns the Trino type's text of a Hive type text: `string` is `varchar`. Raises: UnknownType."""
    return str(hive_to_trino(hive))


def hive_type(type_: Type) -> str:
    """Returns the Hive type text with which CTAS stores a column of a Trino type.

    Raises: UnknownType if Hive has no such type (time, intervals, json, ipaddress, timestamp with time zone).
    """
    if type_.name == "row":
        fields = zip(type_.field_names, type_.args, strict=True)
        return f"struct<{','.join(f'{name}:{hive_type(arg)}' for name, arg in fields)}>"
    if type_.args:
        return f"{type_.name}<{','.join(hive_type(arg) for arg in type_.args)}>"
    names = {"integer": "int", "real": "float", "varbinary": "binary", "timestamp": "timestamp"}
    if type_.name in ("varchar", "char"):
        return f"{type_.name}({type_.numbers[0]})" if type_.numbers else "string"
    if type_.name in ("boolean", "tinyint", "smallint", "bigint", "double", "date", "decimal", *names):
        return names.get(type_.name, str(type_))
    raise UnknownType(f"Unsupported Hive type: {type_}")


def quoted(identifier: str) -> str:
    """Returns an identifier in SQL's double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Returns a text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def common_type(left: Type, right: Type) -> Type | None:
    """Returns the type both coerce to in Trino, or None when there is none (varchar and integer, …)."""
    if left == right or right == UNKNOWN:
        return left
    if left == UNKNOWN:
        return right
    if left.name in NUMERICS and right.name in NUMERICS:
        return _common_numeric(left, right)
    names = {left.name, right.name}
    if names <= {"varchar", "char"}:
        if names == {"varchar"} and left.numbers and right.numbers:
            return max(left, right, key=lambda type_: type_.numbers)
        return VARCHAR
    if names <= {"date", "timestamp", "timestamp with time zone"}:
        name = max(names, key=("date", "timestamp", "timestamp with time zone").index)
        return Type(name, numbers=max(left.numbers, right.numbers)) if name != "date" else DATE
    if names == {"time"}:
        return max(left, right, key=lambda type_: type_.numbers)
    if names == {"ipaddress", "ipprefix"}:
        return None
    if left.name == right.name and left.name in ("array", "map", "row") and len(left.args) == len(right.args):
        args = [common_type(one, other) for one, other in zip(left.args, right.args, strict=True)]
        if any(arg is None for arg in args):
            return None
        same = tuple(one if one == other else None for one, other in zip(left.names, right.names, strict=True))
        return Type(left.name, tuple(arg for arg in args if arg is not None), same)
    return None


def _common_numeric(left: Type, right: Type) -> Type:
    if "double" in (left.name, right.name):
        return DOUBLE
    if "real" in (left.name, right.name):
        return REAL
    if "decimal" in (left.name, right.name):
        (p1, s1), (p2, s2) = as_decimal(left).numbers, as_decimal(right).numbers
        scale = max(s1, s2)
        return decimal_of(max(p1 - s1, p2 - s2) + scale, scale)
    return max(left, right, key=lambda type_: INTEGERS.index(type_.name))


def as_decimal(type_: Type) -> Type:
    """Returns the decimal that holds every value of an integer type; decimals are returned as they are."""
    return type_ if type_.name == "decimal" else decimal_of(INTEGER_DIGITS[type_.name], 0)


def coerces(source: Type, target: Type) -> bool:
    """Tells whether Trino passes a value of one type where the other is wanted."""
    return (
        common_type(source, target) == target
        or (source.name in ("varchar", "char") and target == VARCHAR)
        or (source.name == target.name and source.name in ("timestamp", "timestamp with time zone", "time"))
    )
