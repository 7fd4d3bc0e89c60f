"""The exceptions of the Athena API (https://docs.aws.amazon.com/athena/latest/APIReference/)."""

from __future__ import annotations

from local_aws.aws_json import ServiceError


def invalid_request(message: str, code: str = "INVALID_INPUT") -> ServiceError:
    """The request is wrong; `code` is its AthenaErrorCode."""
    return ServiceError("InvalidRequestException", message, AthenaErrorCode=code)


def not_found(message: str, name: str) -> ServiceError:
    """A resource that the request names does not exist."""
    return ServiceError("ResourceNotFoundException", message, ResourceName=name)


def metadata_error(message: str) -> ServiceError:
    """The catalog refused a call that Athena made of it."""
    return ServiceError("MetadataException", message)
