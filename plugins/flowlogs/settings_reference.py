"""Writes `docs/settings.md`: every setting with its key, values, default and meaning.

PYTHONPATH=plugins python -m flowlogs.settings_reference > docs/settings.md
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ByteSize
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flowlogs.settings import Settings
from flowlogs.settings_layers import ENVIRONMENT_PREFIX
from flowlogs.settings_problems import section_in, setting_keys
from flowlogs.targets import TargetsFile

_INTRODUCTION: Final = f"""\
# Settings

Generated from the code by `PYTHONPATH=plugins python -m flowlogs.settings_reference > docs/settings.md`; a test keeps
it current. The file to edit is `include/config/flowlogs.yaml`, which explains each key where it stands;
`FLOWLOGS_CONFIG` names another. `PYTHONPATH=plugins python -m flowlogs.settings_check` says whether a file is valid.

Each value can also come from the environment, as `{ENVIRONMENT_PREFIX}` and the keys in capitals joined by `__`, list
items by position from 0 (`{ENVIRONMENT_PREFIX}SOURCES__0__BUCKET`), lists and sections as JSON; and from the Airflow
Variable `flowlogs`, JSON of the same shape as the file. The Variable goes over the environment, the environment over
the file: single values replace single values, and a list given whole replaces the list.
"""

_PLAIN: Final[dict[Any, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "date, YYYY-MM-DD",
    ByteSize: "bytes, or a size such as 500GB",
    TargetsFile: "path",
}
_BOUNDS: Final = (
    (annotated_types.Gt, "gt", "above"),
    (annotated_types.Ge, "ge", "at least"),
    (annotated_types.Lt, "lt", "below"),
    (annotated_types.Le, "le", "at most"),
)


def reference() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_tables(Settings, path="", title="Top level")])


def _tables(section: type[BaseModel], path: str, title: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{(section.__doc__ or '').strip()}\n"
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    below = []
    for key, field in setting_keys(section).items():
        section_below = section_in(field.annotation)
        if section_below is not None:
            is_list = section_below is not field.annotation
            below.append((section_below, f"{path}{key}{'[]' if is_list else ''}."))
            kind = f"list of [sections](#{key})" if is_list else f"[section](#{key})"
        else:
            kind = _kind(field.annotation, field.metadata)
        yield f"| `{path}{key}` | {_cell(kind)} | {_cell(_default(field))} | {_cell(field.description or '')} |"
    yield ""
    for section_below, path_below in below:
        yield from _tables(section_below, path_below, title=path_below.rstrip(".[]"))


def _kind(annotation: Any, metadata: list[Any]) -> str:
    """The values of a setting, in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0], [*metadata, *arguments[1:]])
    if origin in (Union, types.UnionType):
        words = [_kind(argument, []) for argument in arguments if argument is not types.NoneType]
        empty = ["empty"] if types.NoneType in arguments else []
        return " or ".join([*dict.fromkeys(words), *empty]) + _bounds(metadata)
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0], [])}"
    if origin is Mapping:
        return "keys with values"
    return _PLAIN[annotation] + _bounds(metadata)


def _bounds(metadata: list[Any]) -> str:
    constraints = [inner for outer in metadata for inner in getattr(outer, "metadata", [outer])]
    bounds = [
        f"{words} {getattr(constraint, attribute)}"
        for constraint in constraints
        for kind, attribute, words in _BOUNDS
        if isinstance(constraint, kind)
    ]
    return f", {', '.join(bounds)}" if bounds else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None or isinstance(default, BaseModel) or default in ((), {}, ""):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
