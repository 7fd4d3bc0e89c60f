"""Trino's functions: the allow-list. What is not in these tables does not run.

Each module is one subject of Trino's documentation and has up to three tables:

- TABLE: signature -> DuckDB's text (the notation is that of `signatures`);
- SPECIAL: name -> a function that translates the call, where types decide more than a signature can say;
- MACROS: DuckDB macros the other two use, each named trino_….
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.functions import (
    aggregates,
    arrays,
    binary,
    bitwise,
    conditionals,
    dates,
    formats,
    ip_addresses,
    json_values,
    maps,
    mathematics,
    numbers_text,
    regular_expressions,
    strings,
    time_zones,
    urls,
    windows,
)
from local_aws.athena.dml.operators import Typed
from local_aws.athena.dml.signatures import Signature, signatures

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions

SpecialCall = Callable[["Expressions", list[exp.Expr], exp.Expr], Typed]

_MODULES = (
    aggregates,
    arrays,
    binary,
    bitwise,
    conditionals,
    dates,
    formats,
    ip_addresses,
    json_values,
    maps,
    mathematics,
    numbers_text,
    regular_expressions,
    strings,
    time_zones,
    urls,
    windows,
)

FUNCTIONS: dict[str, tuple[Signature, ...]] = signatures(
    {signature: template for module in _MODULES for signature, template in module.TABLE.items()}
)
"""The overloads of each function, by lower-case name."""

SPECIAL: dict[str, SpecialCall] = {name: rule for module in _MODULES for name, rule in module.SPECIAL.items()}
"""Functions with a rule of their own, by lower-case name."""

MACROS: tuple[str, ...] = tuple(macro for module in _MODULES for macro in module.MACROS)
"""CREATE MACRO statements, to be run in every DuckDB before translated SQL is."""

WINDOW_ONLY = frozenset(windows.WINDOW_ONLY)
"""Functions that need an OVER clause."""
