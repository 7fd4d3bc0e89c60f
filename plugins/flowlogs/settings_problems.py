"""What is wrong with settings, said so that whoever edits them knows where and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

SettingPath = tuple[str | int, ...]
"""Keys and list positions from the top of the settings to a value: `("sources", 1, "layout")`."""

_VALUE_WIDTH = 80


def written_path(path: SettingPath) -> str:
    """A path as people write it: `sources[1].layout`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, with which value, what is wrong with it and the way out."""

    path: SettingPath
    message: str
    value: str | None = None
    origin: str | None = None
    """Where the value came from, when that is not the settings file."""

    def __str__(self) -> str:
        place = written_path(self.path) or "the settings"
        value = "" if self.value is None else f" = {self.value}"
        origin = "" if self.origin is None else f" (from {self.origin})"
        return f"{place}{value}{origin}: {self.message}"


class SettingsError(ValueError):
    """Settings that cannot be used: every problem found, in one message."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{file}: {count}", *(f"  {problem}" for problem in problems)]))


def problems_of(error: ValidationError, model: type[BaseModel], origins: Mapping[SettingPath, str]) -> list[Problem]:
    """The problems that pydantic found in values for `model`."""
    return [_problem(details, model, origins) for details in error.errors(include_url=False)]


def origin_of(path: SettingPath, origins: Mapping[SettingPath, str]) -> str | None:
    """Where the value at `path`, or the nearest value around it, came from; None for the settings file."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return None


def _problem(details: ErrorDetails, model: type[BaseModel], origins: Mapping[SettingPath, str]) -> Problem:
    path = tuple(details["loc"])
    kind = details["type"]
    section = _model_at(model, path[:-1])
    description = _description(section, path)
    value: str | None = _shown(details["input"])
    if kind == "missing":
        message, value = f"is missing; add it. {description}", None
    elif kind == "extra_forbidden":
        message = _unknown_key(str(path[-1]), section)
    elif kind == "literal_error":
        message = _not_a_choice(details)
    elif kind == "value_error":
        message = str(details.get("ctx", {}).get("error", details["msg"]))
        if not isinstance(details["input"], str | int | float):
            value = None
    elif kind in ("model_type", "model_attributes_type"):
        message = f"must be a section: keys with values below it. {description}"
    else:
        message = f"{_plain(details['msg'])}. {description}"
    return Problem(path=path, message=message.strip(), value=value, origin=origin_of(path, origins))


def _unknown_key(key: str, section: type[BaseModel] | None) -> str:
    known = list(setting_keys(section)) if section is not None else []
    nearest = difflib.get_close_matches(key, known, n=1)
    if nearest:
        return f"is not a setting; did you mean {nearest[0]!r}?"
    return f"is not a setting; remove it, or use one of {', '.join(known)}"


def _not_a_choice(details: ErrorDetails) -> str:
    expected = str(details.get("ctx", {}).get("expected", ""))
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    nearest = difflib.get_close_matches(str(details["input"]), choices, n=1)
    guess = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"must be one of {', '.join(choices)}{guess}"


def _plain(message: str) -> str:
    """Pydantic's words without its vocabulary."""
    for theirs, ours in (
        ("Input should be", "must be"),
        ("Field required", "is missing"),
        ("String should", "must"),
        ("Tuple should have", "must have"),
        (" after validation", ""),
        ("a valid string", "text (put it in quotes)"),
        ("a valid tuple", "a list"),
        ("a valid dictionary", "keys with values"),
        ("a valid integer", "a whole number"),
        (", unable to parse string as an integer", ""),
        (", unable to parse string as a number", ""),
        ("a valid number", "a number"),
        ("a valid boolean, unable to interpret input", "true or false"),
    ):
        message = message.replace(theirs, ours)
    return message


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _VALUE_WIDTH else f"{text[: _VALUE_WIDTH - 1]}…"


def _description(section: type[BaseModel] | None, path: SettingPath) -> str:
    names = [step for step in path if isinstance(step, str)]
    field = setting_keys(section).get(names[-1]) if section is not None and names else None
    return (field.description or "") if field is not None else ""


def setting_keys(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a section as they are written, with what they hold."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def _model_at(model: type[BaseModel], path: SettingPath) -> type[BaseModel] | None:
    """The model of the section at `path`; None where the path leads to no section."""
    current: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int):
            continue
        field = setting_keys(current).get(step) if current is not None else None
        current = None if field is None else section_in(field.annotation)
    return current


def section_in(annotation: Any) -> type[BaseModel] | None:
    """The section that a setting of this type is, or has a list of; None for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(section_in, get_args(annotation))), None)
