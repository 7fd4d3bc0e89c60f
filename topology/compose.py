"""docker-compose.yaml read as Compose reads it, with host names replaced by this machine's ports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[1]
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?::([-?])([^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """What Compose would start."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


class ComposeError(Exception):
    """The file, or what it asks for, is not as it has to be."""


def services(variables: Mapping[str, str], ports: Mapping[str, int], file: Path = ROOT / "docker-compose.yaml") -> dict[str, Service]:  # fmt: skip
    """The services by name.

    Args:
        variables: the values of `${…}`, as in the .env file.
        ports: where services listen on this machine; `name:port` and `name` in addresses become these.
        file: the Compose file.

    Raises:
        ComposeError: naming a variable that the file wants and that has no value.
    """
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    return {
        name: Service(
            name=name,
            command=tuple(_filled(str(word), variables) for word in service.get("command", ())),
            environment={
                key: _here(_filled(str(value), variables), ports)
                for key, value in service.get("environment", {}).items()
            },
        )
        for name, service in content["services"].items()
    }


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        dollar, name, operator, rest = match.groups()
        if dollar:
            return "$"
        found = variables.get(name, "")
        if found or operator is None:
            return found
        if operator == "?":
            raise ComposeError(f"{name}: {rest}")
        return str(rest)

    return _VARIABLE.sub(value, text)


def _here(text: str, ports: Mapping[str, int]) -> str:
    for name, port in ports.items():
        text = re.sub(rf"(?<=[@/]){re.escape(name)}(:\d+)?(?=[/?]|$)", f"127.0.0.1:{port}", text)
    return text
