"""The DuckDB macros that a translated query uses."""

from __future__ import annotations

import re
from functools import cache

from local_aws.athena.dml.functions import MACROS

_NAME = re.compile(r"\btrino_\w+")


def macros_used(*texts: str) -> list[str]:
    """Returns the CREATE MACRO statements that texts of SQL need, those that others need first.

    Only these are created: all of them would take longer than most queries.
    """
    wanted: list[str] = []

    def add(name: str, inside: frozenset[str] = frozenset()) -> None:
        statement = _statements().get(name)
        if statement is None or statement in wanted or name in inside:
            return
        for needed in _NAME.findall(statement):
            add(needed, inside | {name})
        wanted.append(statement)

    for text in texts:
        for name in _NAME.findall(text):
            add(name)
    return wanted


@cache
def _statements() -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in MACROS:
        name = _NAME.search(statement)
        if name is None:
            raise ValueError(f"not a macro named trino_…: {statement}")
        found[name[0]] = statement
    return found
