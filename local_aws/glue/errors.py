"""The errors of the catalog, named as the Glue API names them."""

from __future__ import annotations


class CatalogError(Exception):
    """The catalog refuses a call. `code` is the name of Glue's exception, `message` its text."""

    code = "InternalServiceException"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EntityNotFound(CatalogError):
    """The database, table, version, partition or index does not exist."""

    code = "EntityNotFoundException"


class AlreadyExists(CatalogError):
    """The thing to be created exists."""

    code = "AlreadyExistsException"


class InvalidInput(CatalogError):
    """The input is wrong in itself: an empty name, a wrong number of partition values, a bad expression."""

    code = "InvalidInputException"


class InvalidState(CatalogError):
    """The stored data does not allow the call: a partition value that its key's type cannot hold."""

    code = "InvalidStateException"


class ConcurrentModification(CatalogError):
    """Somebody else changed the table since the version that the caller names."""

    code = "ConcurrentModificationException"


class ResourceNumberLimitExceeded(CatalogError):
    """One more would be more than Glue allows."""

    code = "ResourceNumberLimitExceededException"
