"""The notation of the tables of functions: Trino's signature -> how DuckDB computes it.

    "strpos(varchar, varchar) -> bigint": "strpos({0}, {1})"
    "array_distinct(array(T)) -> array(T)": "list_distinct({0})"
    "sum(bigint) -> bigint": "CAST(sum[{0}] AS BIGINT)"

In a signature single capitals are type variables: N any numeric type, D any decimal, the others any type; `D+` is D
with Trino's largest precision; `T...` at the end takes any number of arguments; `function(T, U)` is a lambda. In DuckDB's text `{0}` is an argument, already
coerced to the signature's type, `{*}` all of them, `{T}` the DuckDB type bound to a variable, `{D.scale}` a decimal's scale, and `name[…]` the call
of an aggregate or window function, which takes DISTINCT, ORDER BY, FILTER and OVER from the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_aws.athena.dml.types import (
    MAX_DECIMAL,
    NUMERICS,
    UNKNOWN,
    Type,
    coerces,
    common_type,
    decimal_of,
    trino_to_duckdb,
)

_NAMED = {
    "timestamp": Type("timestamp", numbers=(3,)),
    "time": Type("time", numbers=(3,)),
    "timestamp_tz": Type("timestamp with time zone", numbers=(3,)),
    "interval_day": Type("interval day to second"),
    "interval_year": Type("interval year to month"),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload of a function. `template` is DuckDB's text."""

    name: str
    parameters: tuple[Type, ...]
    variadic: bool
    result: Type
    template: str

    def __str__(self) -> str:
        """The signature as Trino's error for wrong arguments lists it."""
        shown = [str(parameter) for parameter in self.parameters]
        if self.variadic:
            shown[-1] += "..."
        return f"{self.name}({', '.join(shown)})"

    def parameters_for(self, count: int) -> tuple[Type, ...] | None:
        """Returns the parameter types of a call with so many arguments, or None if it cannot have so many."""
        if self.variadic:
            fixed = self.parameters[:-1]
            return None if count < len(fixed) else fixed + self.parameters[-1:] * (count - len(fixed))
        return self.parameters if count == len(self.parameters) else None


def signatures(table: Mapping[str, str]) -> dict[str, tuple[Signature, ...]]:
    """Returns the overloads of each function of a table, by lower-case name, in the table's order."""
    found: dict[str, tuple[Signature, ...]] = {}
    for text, template in table.items():
        signature = _parse(text, template)
        found[signature.name] = (*found.get(signature.name, ()), signature)
    return found


def _parse(text: str, template: str) -> Signature:
    match = re.fullmatch(r"(\w+)\((.*)\) -> (.+)", text)
    if match is None:
        raise ValueError(f"{text!r} is not a signature")
    parameters = match[2]
    variadic = parameters.endswith("...")
    types = tuple(_pattern(part) for part in _split(parameters.removesuffix("...")))
    return Signature(match[1], types, variadic, _pattern(match[3]), template)


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def _pattern(text: str) -> Type:
    name, opening, inner = text.strip().partition("(")
    if not opening:
        return _NAMED.get(name, Type(name))
    args = _split(inner.removesuffix(")"))
    if args[0].isdigit():
        return decimal_of(*map(int, args)) if name == "decimal" else Type(name, numbers=tuple(map(int, args)))
    types = tuple(map(_pattern, args))
    return Type(name, types, (None,) * len(types) if name == "row" else ())


def is_variable(pattern: Type) -> bool:
    """Tells whether a signature's type is a variable."""
    return len(pattern.name) == 1


Bindings = dict[str, Type]


def bind(pattern: Type, actual: Type, bindings: Bindings, *, exact: bool) -> bool:
    """Tells whether a value's type fits a signature's, noting what the type variables stand for.

    With `exact` only the type itself fits (varchar(3) is varchar), else also what coerces to it.
    """
    if is_variable(pattern):
        if actual == UNKNOWN:
            bindings.setdefault(pattern.name, UNKNOWN)
            return True
        if pattern.name == "N" and actual.name not in NUMERICS:
            return False
        if pattern.name == "D" and actual.name != "decimal":
            return False
        bound = bindings.get(pattern.name)
        common = actual.base if bound is None else common_type(bound, actual.base)
        if common is None:
            return False
        bindings[pattern.name] = common
        return True
    if actual == UNKNOWN:
        return not exact
    if pattern.args:
        return (
            actual.name == pattern.name
            and len(actual.args) == len(pattern.args)
            and all(bind(*pair, bindings, exact=exact) for pair in zip(pattern.args, actual.args, strict=True))
        )
    if exact:
        return actual.base.name == pattern.name
    return coerces(actual.base, pattern)


def resolved(pattern: Type, bindings: Bindings, actual: Type | None = None) -> Type:
    """Returns a signature's type with its variables replaced. A value's own precision is kept where the names agree."""
    if is_variable(pattern):
        return bindings.get(pattern.name, UNKNOWN)
    if pattern.name.endswith("+"):
        return decimal_of(MAX_DECIMAL, bindings[pattern.name[0]].numbers[1])
    if actual is not None and actual.name == pattern.name and not pattern.args:
        return actual
    if pattern.args:
        args = tuple(resolved(arg, bindings) for arg in pattern.args)
        names = actual.names if actual is not None and actual.name == "row" else pattern.names
        return Type(pattern.name, args, names)
    return pattern


def expanded(template: str, arguments: Sequence[str], bindings: Bindings, call: tuple[str, str, str]) -> str:
    """Returns DuckDB's text of a call.

    `call` is what an aggregate's or window function's call takes: text before the arguments (DISTINCT), after them
    (ORDER BY), and after the closing parenthesis (FILTER, OVER).
    """
    before, after, behind = call

    def value(match: re.Match[str]) -> str:
        key = match[1]
        if key.endswith(".scale"):
            return str(bindings[key[0]].numbers[1])
        if key == "*":
            return ", ".join(arguments)
        if key.endswith("*"):
            return ", ".join(arguments[int(key[:-1]) :])
        return arguments[int(key)] if key.isdigit() else trino_to_duckdb(bindings.get(key, UNKNOWN))

    # The brackets of the template are replaced before the arguments come in, which have brackets of their own.
    parts = re.split(r"(\w+\[[^\[\]]*\])", template)
    for place in range(1, len(parts), 2):
        name, _, inner = parts[place].partition("[")
        parts[place] = f"{name}({before}{inner[:-1]}{after}){behind}"
    return "".join(re.sub(r"\{(\d+\*?|\*|[A-Z](?:\.scale)?)\}", value, part) for part in parts)
