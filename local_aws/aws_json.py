"""Services that speak AWS's JSON 1.1 protocol, validated by botocore's own service models.

A service is an object whose methods are named like the operations in snake case; each takes the caller
and the validated input as AWS names it, and returns the output as AWS names it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.loaders
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from local_aws.iam.rights import Rights

log = logging.getLogger(__name__)

Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: the account and region of the request's credentials.

    `rights` are what the caller may do, where IAM is enforced.
    """

    account_id: str
    region: str
    rights: Rights | None = field(default=None, compare=False, repr=False)


class ServiceError(Exception):
    """An error the service answers with: `code` is the exception's name in the service model.

    `fields` are the error shape's further members, such as AthenaErrorCode.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


class JsonService:
    """Dispatches one service's requests to `operations`; the handler MiniStack's router calls.

    `service` is botocore's name (athena, glue); `invalid_input` the exception the service answers to input
    that its model refuses (Athena: InvalidRequestException, Glue: InvalidInputException).
    """

    def __init__(self, service: str, operations: object, *, invalid_input: str) -> None:
        self._model = service_model(service)
        self._operations = operations
        self._invalid_input = invalid_input
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
        target = headers.get("x-amz-target", "")
        operation_name = target.rpartition(".")[2]
        try:
            operation = self._operation(operation_name)
            params = self._input(operation, body)
            run = getattr(self._operations, xform_name(operation_name))
            output = await asyncio.to_thread(run, caller, params)
            return _response(200, output or {})
        except ServiceError as error:
            payload = {
                "__type": error.code,
                "message": error.message,
                "Message": error.message,
                **error.fields,
            }
            return _response(error.status, payload, error_code=error.code)
        except Exception as error:
            log.exception("%s.%s failed", self._model.service_name, operation_name)
            payload = {"__type": "InternalServerException", "message": f"{type(error).__name__}: {error}"}
            return _response(500, payload, error_code="InternalServerException")

    def _operation(self, name: str) -> OperationModel:
        if name not in self._model.operation_names:
            raise ServiceError("UnknownOperationException", f"unknown operation {name!r}")
        if not hasattr(self._operations, xform_name(name)):
            message = f"{self._model.service_name}.{name} is not served by the local AWS"
            raise ServiceError("UnknownOperationException", message)
        return self._model.operation_model(name)

    def _input(self, operation: OperationModel, body: bytes) -> dict[str, Any]:
        try:
            params = json.loads(body or b"{}")
        except ValueError as error:
            raise ServiceError("SerializationException", f"the request body is not JSON: {error}") from error
        if not isinstance(params, dict):
            raise ServiceError("SerializationException", "the request body is not a JSON object")
        if operation.input_shape is not None:
            known = {name: value for name, value in params.items() if name in operation.input_shape.members}
            report = self._validator.validate(known, operation.input_shape)  # AWS ignores members it does not know
            if report.has_errors():
                raise ServiceError(self._invalid_input, report.generate_report())
        return params


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service: operations, shapes, constraints."""
    loader = botocore.loaders.create_loader()
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def _response(status: int, payload: dict[str, Any], error_code: str | None = None) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())}
    if error_code:
        headers["x-amzn-ErrorType"] = error_code
    return status, headers, json.dumps(payload, default=_to_json).encode()


def _to_json(value: object) -> object:
    """JSON 1.1 carries timestamps as epoch seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a response: {value!r}")
