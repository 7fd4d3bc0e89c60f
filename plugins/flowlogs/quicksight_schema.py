"""Requests checked against botocore's model of QuickSight before the first of them is sent.

botocore itself checks names, types and what is required; enums, patterns and greatest lengths only the service would,
in the middle of a set-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator


def schema_problems(model: ServiceModel, operation: str, request: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments of an operation, each with its place in them.

    Args:
        model: `client.meta.service_model`.
        operation: as the API names it: CreateDataSet.
        request: the arguments.
    """
    shape = model.operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(dict(request), shape)
    if report.has_errors():
        return [f"{operation}: {line}" for line in report.generate_report().splitlines()]
    return [f"{operation}: {text}" for text in _violations(request, shape, "")]


def _violations(value: Any, shape: Shape, where: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, one in value.items():
            yield from _violations(one, shape.members[name], f"{where}.{name}" if where else name)
        return
    if isinstance(shape, ListShape):
        for number, one in enumerate(value):
            yield from _violations(one, shape.member, f"{where}[{number}]")
    elif isinstance(shape, MapShape):
        for name, one in value.items():
            yield from _violations(name, shape.key, f"{where}.{name}")
            yield from _violations(one, shape.value, f"{where}.{name}")
    elif shape.type_name == "string":
        choices = shape.metadata.get("enum")
        if choices and value not in choices:
            yield f"{where} is {value!r}; it is one of {', '.join(choices)}"
        pattern = _compiled(shape.metadata.get("pattern", ""))
        if pattern is not None and not pattern.fullmatch(value):
            yield f"{where} is {value!r}, which does not match {pattern.pattern}"
    most = shape.metadata.get("max")
    if most is not None:
        size = len(value) if hasattr(value, "__len__") else value
        if size > most:
            yield f"{where} is {size} {'long' if hasattr(value, '__len__') else ''}; at most {most} are allowed"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.DOTALL) if pattern else None
    except re.error:  # Java's, of a kind that Python has no word for
        return None
