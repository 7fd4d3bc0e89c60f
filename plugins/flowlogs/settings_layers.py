"""The layers that settings are made of: the YAML file, the environment over it, the caller's mapping over both.

A later layer replaces single values: sections are merged key by key, and a list item is reached by its position
(`sources.0.bucket`). Anything else that is given, a whole list too, replaces what was there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from flowlogs.settings_problems import Problem, SettingPath, SettingsError, written_path

ENVIRONMENT_PREFIX: Final = "FLOWLOGS__"
"""Environment variables that override settings begin with it; `__` separates the keys."""

_CALLER: Final = "the Airflow Variable flowlogs"


@dataclass
class Layers:
    """Values merged so far, where each override came from, and what could not be merged."""

    values: dict[str, Any]
    origins: dict[SettingPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def override(self, path: SettingPath, value: Any, origin: str) -> None:
        """Put `value` at `path`, merging sections; what cannot be reached becomes a problem."""
        if isinstance(value, Mapping) and (value or not path):
            for key, below in value.items():
                self.override((*path, str(key)), below, origin)
            return
        steps: list[str | int] = []
        container: Any = self.values
        for position, step in enumerate(path):
            last = position == len(path) - 1
            key = self._key(container, str(step), (*steps, step), origin)
            if key is None:
                return
            steps.append(key)
            if last:
                self._put(container, key, value)
                self.origins[tuple(steps)] = origin
            else:
                container = self._descend(container, key, following=str(path[position + 1]))

    def _key(self, container: Any, step: str, path: SettingPath, origin: str) -> str | int | None:
        """The key or index that a step means in a container; None, and a problem, when it means nothing there."""
        if isinstance(container, dict):
            return step
        if not step.isdecimal():
            message = f"{written_path(path[:-1])} is a list; write the position of an item after it, from 0"
        elif int(step) > len(container):
            message = f"there is no item {step} in {written_path(path[:-1])}; the next new one is {len(container)}"
        else:
            return int(step)
        self.problems.append(Problem(path=_path(path), message=message, origin=origin))
        return None

    @staticmethod
    def _descend(container: Any, key: str | int, following: str) -> Any:
        """What is below a key: made, when nothing is there that can hold the following step."""
        there = (key in container) if isinstance(container, dict) else (key != len(container))
        below = container[key] if there else None
        if not isinstance(below, dict | list):
            below = [] if following.isdecimal() else {}
            Layers._put(container, key, below)
        return below

    @staticmethod
    def _put(container: Any, key: str | int, value: Any) -> None:
        if isinstance(container, list) and key == len(container):
            container.append(value)
        else:
            container[key] = value


def read_layers(file: Path, environ: Mapping[str, str], overrides: Mapping[str, Any] | None) -> Layers:
    """The file's values with the environment's and the caller's over them.

    Raises:
        SettingsError: when the file cannot be read as YAML keys and values.
    """
    layers = Layers(values=read_yaml(file))
    variables = sorted((name for name in environ if name.startswith(ENVIRONMENT_PREFIX)), key=_by_position)
    for name in variables:
        path = _path(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
        origin = f"the environment variable {name}"
        try:
            value = _environment_value(environ[name])
        except json.JSONDecodeError as error:
            message = f"is not JSON ({error.msg} at character {error.pos + 1}); quote it, or correct the JSON"
            layers.problems.append(Problem(path=path, value=repr(environ[name]), message=message, origin=origin))
            continue
        layers.override(path, value, origin)
    if isinstance(overrides, Mapping):
        layers.override((), overrides, _CALLER)
    elif overrides is not None:
        message = 'must be a JSON object of sections, such as {"arrival": {"on_timeout": "continue"}}'
        layers.problems.append(Problem(path=(), value=repr(overrides), message=message, origin=_CALLER))
    return layers


def read_yaml(file: Path) -> dict[str, Any]:
    """The keys and values of a YAML file; a key that stands twice in one section is an error, not the last one wins.

    Raises:
        SettingsError: when there is no such file, or it is not YAML, or holds no keys.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        message = (
            f"cannot be read ({error.strerror}); make it from the include/config/flowlogs.yaml of this repository, "
            "or name another file in the environment variable FLOWLOGS_CONFIG"
        )
        raise SettingsError(file, [Problem(path=(), message=message)]) from error
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start}); save it in UTF-8"
        raise SettingsError(file, [Problem(path=(), message=message)]) from error
    try:
        values = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (it is a subclass of the safe loader)
    except yaml.YAMLError as error:
        raise SettingsError(file, [Problem(path=(), message=_yaml_message(error))]) from error
    if not isinstance(values, dict):
        message = "holds no keys; the shipped include/config/flowlogs.yaml shows them all"
        raise SettingsError(file, [Problem(path=(), message=message)])
    return values


def _path(steps: Iterable[str | int]) -> SettingPath:
    """The path of steps as they were written, where digits are positions in lists."""
    return tuple(int(step) if isinstance(step, str) and step.isdecimal() else step for step in steps)


def _by_position(name: str) -> list[tuple[int, int, str]]:
    """Sorts variables so that a section comes before what it holds, and list items by number."""
    return [(0, int(step), "") if step.isdecimal() else (1, 0, step) for step in name.split("__")]


def _environment_value(text: str) -> Any:
    """JSON where the text begins as a JSON list, object or string, or is null; otherwise the text itself."""
    stripped = text.strip()
    if stripped == "null" or stripped[:1] in ("[", "{", '"'):
        return json.loads(stripped)
    return text


def _yaml_message(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"is not YAML at line {mark.line + 1}, column {mark.column + 1}: {error.problem}; correct that line"
    return f"is not YAML: {error}"


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, libyaml's where it is there (ten times as fast), that refuses repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                continue
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice in this section", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping
