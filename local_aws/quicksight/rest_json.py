"""Services that speak AWS's REST-JSON protocol, routed, read, validated and answered by botocore's service models.

A service is an object whose methods are named like the operations in snake case; each takes the caller
and the validated input as AWS names it, and returns the output as AWS names it. `Status` in an output is the
HTTP status of the answer, which QuickSight repeats in its answers; `RequestId` is added here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from local_aws.aws_json import Caller, Response, ServiceError, service_model
from local_aws.quicksight.constraints import violations

log = logging.getLogger(__name__)

BeforeCall = Callable[[Caller, str, dict[str, Any]], None]
"""Told caller, operation and input of every call before it runs; may raise ServiceError."""

_WITH_SLASHES = {"ResourceArn"}
"""Parameters of paths that may contain slashes: the server decodes %2F before it routes."""


@dataclass(frozen=True)
class _Route:
    pattern: re.Pattern[str]
    literal: int
    operation: OperationModel


class RestJsonService:
    """Dispatches one service's requests to `operations`; the handler MiniStack's router calls.

    `invalid_input` is the exception the service answers to input that its model refuses.
    """

    def __init__(
        self,
        service: str,
        operations: object,
        *,
        invalid_input: str,
        before_call: BeforeCall = lambda caller, operation, params: None,
    ) -> None:
        self._name = service
        self._operations = operations
        self._invalid_input = invalid_input
        self._before_call = before_call
        self._validator = ParamValidator()

    async def handle(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, list[str]],
        caller: Caller,
    ) -> Response:
        """Answer one HTTP request. The operation runs in a thread, so that it may block."""
        request_id = str(uuid.uuid4())
        name = f"{method} {path}"
        try:
            operation, in_path = self._route(method, path)
            name = operation.name
            params = self._input(operation, in_path, query_params, body)
            run = getattr(self._operations, xform_name(operation.name), None)
            if run is None:
                message = f"{self._model.service_name}.{operation.name} is not served by the local AWS"
                raise ServiceError("UnknownOperationException", message)
            self._before_call(caller, operation.name, params)
            output = await asyncio.to_thread(run, caller, params)
            return self._answer(operation, dict(output or {}), request_id)
        except ServiceError as error:
            return self._refusal(error, request_id)
        except Exception as error:
            log.exception("%s: %s failed", self._model.service_name, name)
            message = f"{type(error).__name__}: {error}"
            return self._refusal(ServiceError("InternalFailureException", message, status=500), request_id)

    @cached_property
    def _model(self) -> ServiceModel:
        """Read with the first request, since a start need not wait for a large model."""
        return service_model(self._name)

    def _route(self, method: str, path: str) -> tuple[OperationModel, dict[str, str]]:
        for route in self._routes.get(method, ()):
            if found := route.pattern.fullmatch(path):
                return route.operation, {name: unquote(value) for name, value in found.groupdict().items()}
        raise ServiceError("UnknownOperationException", f"{method} {path} is no operation", status=404)

    @cached_property
    def _routes(self) -> dict[str, list[_Route]]:
        routes: dict[str, list[_Route]] = {}
        for name in self._model.operation_names:
            operation = self._model.operation_model(name)
            template = operation.http["requestUri"].partition("?")[0]
            literal = len(re.sub(r"\{[^}]+\}", "", template))
            route = _Route(re.compile(_path_pattern(template)), literal, operation)
            routes.setdefault(operation.http["method"], []).append(route)
        for some in routes.values():
            some.sort(key=lambda route: -route.literal)  # /themes/{id}/versions before /themes/{id}
        return routes

    def _input(
        self, operation: OperationModel, in_path: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> dict[str, Any]:
        shape = operation.input_shape
        if shape is None:
            return {}
        params = _json_object(body)
        params = {name: value for name, value in params.items() if name in shape.members and value is not None}
        for name, member in shape.members.items():
            location = member.serialization.get("location")
            wire_name = member.serialization.get("name", name)
            if location == "uri" and wire_name in in_path:
                params[name] = _scalar(in_path[wire_name], member, name, self._invalid_input)
            elif location == "querystring" and wire_name in query:
                params[name] = _from_query(query[wire_name], member, name, self._invalid_input)
        report = self._validator.validate(params, shape)
        if report.has_errors():
            raise ServiceError(self._invalid_input, report.generate_report())
        if found := violations(params, shape):
            plural = "s" if len(found) > 1 else ""
            raise ServiceError(
                self._invalid_input, f"{len(found)} validation error{plural} detected: {'; '.join(found)}"
            )
        return params

    def _answer(self, operation: OperationModel, output: dict[str, Any], request_id: str) -> Response:
        status = int(output.pop("Status", 200))
        shape = operation.output_shape
        members = shape.members if shape is not None else {}
        if "RequestId" in members:
            output["RequestId"] = request_id
        if "Status" in members and members["Status"].serialization.get("location") != "statusCode":
            output["Status"] = status
        payload = {} if shape is None else _on_the_wire(output, shape)
        return _response(status, payload, request_id)

    def _refusal(self, error: ServiceError, request_id: str) -> Response:
        status = error.status
        if error.code in self._model.shape_names:
            status = int(self._model.shape_for(error.code).metadata.get("error", {}).get("httpStatusCode", status))
        payload = {"Message": error.message, "RequestId": request_id, **error.fields}
        return _response(status, payload, request_id, error_code=error.code)


def _path_pattern(template: str) -> str:
    def group(found: re.Match[str]) -> str:
        name = found[1].rstrip("+")
        return f"(?P<{name}>.+)" if name in _WITH_SLASHES or found[1].endswith("+") else f"(?P<{name}>[^/]+)"

    literal_and_names = re.split(r"(\{[^}]+\})", template)
    parts = [
        re.sub(r"\{([^}]+)\}", group, part) if part.startswith("{") else re.escape(part) for part in literal_and_names
    ]
    return "".join(parts)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", f"the request body is not JSON: {error}") from error
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "the request body is not a JSON object")
    return params


def _from_query(values: list[str], shape: Shape, name: str, invalid_input: str) -> Any:
    if isinstance(shape, ListShape):
        return [_scalar(value, shape.member, name, invalid_input) for value in values]
    return _scalar(values[-1], shape, name, invalid_input)


def _scalar(text: str, shape: Shape, name: str, invalid_input: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError as error:
        raise ServiceError(invalid_input, f"{name} is {text!r}, which is no number") from error
    if shape.type_name == "boolean":
        return text.lower() == "true"
    return text


def _on_the_wire(value: Any, shape: Shape) -> Any:
    """The value with nothing in it but what the model names; members that are None are left out."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: _on_the_wire(one, shape.members[name])
            for name, one in value.items()
            if name in shape.members and one is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_on_the_wire(one, shape.member) for one in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _on_the_wire(one, shape.value) for name, one in value.items()}
    return value


def _response(status: int, payload: dict[str, Any], request_id: str, error_code: str | None = None) -> Response:
    headers = {"Content-Type": "application/json", "x-amzn-requestid": request_id}
    if error_code:
        headers["x-amzn-ErrorType"] = error_code
    return status, headers, json.dumps(payload).encode()
