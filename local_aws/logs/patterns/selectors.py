"""Property selectors of JSON patterns: `$.user.id`, `$.users[0].email`, `$.users[*].id`, `$.*`, `$.['a.b']`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local_aws.logs.patterns.errors import InvalidPattern

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_-]+)|\.(?P<any>\*)|\[(?P<index>\d{1,9})\]|\[(?P<every>\*)\]
      |\.?\['(?P<single>[^']+)'\]|\.?\["(?P<double>[^"]+)"\]""",
    re.VERBOSE | re.ASCII,
)
_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class AnyProperty:
    """`.*`: every property of an object."""

    def __str__(self) -> str:
        return ".*"


@dataclass(frozen=True)
class AnyElement:
    """`[*]`: every element of an array."""

    def __str__(self) -> str:
        return "[*]"


Step = str | int | AnyProperty | AnyElement
"""A property's name, an element's index (from 0), or a wildcard for either."""


@dataclass(frozen=True)
class Selector:
    """The way from the document's root to the values that a condition looks at."""

    steps: tuple[Step, ...]

    @property
    def has_wildcard(self) -> bool:
        """Whether it may lead to several values."""
        return any(isinstance(step, AnyProperty | AnyElement) for step in self.steps)

    def nodes(self, document: dict[str, Any]) -> Iterator[Any]:
        """The values it leads to: none when a step finds nothing, one without wildcards."""
        found: list[Any] = [document]
        for step in self.steps:
            found = [node for parent in found for node in _children(parent, step)]
        return iter(found)

    def text(self, document: dict[str, Any]) -> str | None:
        """The one value as text; None when there is none, or it is null, a boolean, an object or an array."""
        return next((text for node in self.nodes(document) if (text := node_text(node)) is not None), None)

    def __str__(self) -> str:
        return "$" + "".join(_printed(step) for step in self.steps)


def node_text(node: Any) -> str | None:
    """A string, or a number as it is written without an exponent; None for what is no value node."""
    if isinstance(node, str):
        return node
    if isinstance(node, bool) or not isinstance(node, int | float):
        return None
    if isinstance(node, float) and node.is_integer() and abs(node) < 1e15:
        return str(int(node))
    return str(node)


@lru_cache(maxsize=1024)
def parse_selector(text: str) -> Selector:
    """Raises: InvalidPattern."""
    steps: list[Step] = []
    position = 1
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None or (position == 1 and text[1] != "."):
            break
        steps.append(_step(found))
        position = found.end()
    if not steps or position < len(text) or not text.startswith("$"):
        raise InvalidPattern(
            f"Invalid filter pattern: '{text}' is no property selector; examples are "
            "$.user.id, $.users[0].email, $.users[*].id, $.['name.with.dots']"
        )
    selector = Selector(tuple(steps))
    if sum(isinstance(step, AnyProperty | AnyElement) for step in steps) > 1:
        raise InvalidPattern(f"Invalid filter pattern: '{text}' has more than one wildcard")
    return selector


def _step(found: re.Match[str]) -> Step:
    if found["any"]:
        return AnyProperty()
    if found["every"]:
        return AnyElement()
    if found["index"] is not None:
        return int(found["index"])
    return str(found["name"] or found["single"] or found["double"])


def _children(parent: Any, step: Step) -> Iterator[Any]:
    if isinstance(step, AnyProperty):
        if isinstance(parent, dict):
            yield from parent.values()
    elif isinstance(step, AnyElement):
        if isinstance(parent, list):
            yield from parent
    elif isinstance(step, int):
        if isinstance(parent, list) and step < len(parent):
            yield parent[step]
    elif isinstance(parent, dict) and step in parent:
        yield parent[step]


def _printed(step: Step) -> str:
    if isinstance(step, str):
        if _NAME.fullmatch(step):
            return f".{step}"
        mark = '"' if "'" in step else "'"
        return f".[{mark}{step}{mark}]"
    return f"[{step}]" if isinstance(step, int) else str(step)
