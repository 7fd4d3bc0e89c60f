"""The exceptions of the QuickSight API (https://docs.aws.amazon.com/quicksight/latest/APIReference/)."""

from __future__ import annotations

from local_aws.aws_json import ServiceError


def not_found(resource_type: str, message: str) -> ServiceError:
    """A resource that the request names does not exist; `resource_type` as DATA_SET."""
    return ServiceError("ResourceNotFoundException", message, status=404, ResourceType=resource_type)


def exists(resource_type: str, message: str) -> ServiceError:
    """There is a resource of that id already."""
    return ServiceError("ResourceExistsException", message, status=409, ResourceType=resource_type)


def invalid_value(message: str) -> ServiceError:
    """A parameter has a value that it may not have."""
    return ServiceError("InvalidParameterValueException", message)


def conflict(message: str) -> ServiceError:
    """The resource is being changed, or is in use."""
    return ServiceError("ConflictException", message, status=409)


def limit_exceeded(resource_type: str, message: str) -> ServiceError:
    """A quota is used up."""
    return ServiceError("LimitExceededException", message, status=409, ResourceType=resource_type)


def throttled() -> ServiceError:
    """Too many requests."""
    return ServiceError("ThrottlingException", "Rate exceeded", status=429)


def unsupported_edition(message: str) -> ServiceError:
    """The account's edition does not have it."""
    return ServiceError("UnsupportedUserEditionException", message, status=403)
