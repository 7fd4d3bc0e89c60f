"""What a service model demands of input beyond botocore's own check: enums, patterns, greatest lengths and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

MOST_NAMED = 10
"""Violations that one answer names."""


def violations(value: Any, shape: Shape) -> list[str]:
    """What is wrong with a value whose types botocore has checked, in AWS's words."""
    found = []
    for violation in _violations(value, shape, ""):
        found.append(violation)
        if len(found) == MOST_NAMED:
            break
    return found


def _violations(value: Any, shape: Shape, at: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, one in value.items():
            if name in shape.members:
                yield from _violations(one, shape.members[name], f"{at}.{name}" if at else name)
    elif isinstance(shape, ListShape):
        yield from _too_long(value, shape, at)
        for number, one in enumerate(value, 1):
            yield from _violations(one, shape.member, f"{at}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _too_long(value, shape, at)
        for name, one in value.items():
            yield from _violations(name, shape.key, f"{at}.key")
            yield from _violations(one, shape.value, f"{at}.{name}.member")
    elif shape.type_name == "string":
        yield from _of_string(value, shape, at)
    elif shape.type_name in ("integer", "long", "double", "float"):
        greatest = shape.metadata.get("max")
        if greatest is not None and value > greatest:
            yield _failed(value, at, f"Member must have value less than or equal to {greatest}")


def _of_string(value: str, shape: Shape, at: str) -> Iterator[str]:
    yield from _too_long(value, shape, at)
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _failed(value, at, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield _failed(value, at, f"Member must satisfy regular expression pattern: {pattern}")


def _too_long(value: Any, shape: Shape, at: str) -> Iterator[str]:
    greatest = shape.metadata.get("max")
    if greatest is not None and len(value) > greatest:
        yield _failed(value, at, f"Member must have length less than or equal to {greatest}")


def _failed(value: Any, at: str, constraint: str) -> str:
    text = str(value)
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return f"Value '{shown}' at '{at}' failed to satisfy constraint: {constraint}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return None  # a Java pattern that Python has no words for, such as \\p{Cc}
