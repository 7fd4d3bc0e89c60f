"""What every Glue operation has in common, as one decorator: limits, the catalog it is about, its errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any, Protocol, TypeVar

from botocore import xform_name
from botocore.model import ListShape, MapShape, StructureShape
from botocore.model import Shape as ModelShape

from local_aws.aws_json import Caller, ServiceError, service_model
from local_aws.glue.catalog import Catalog, CatalogError, CatalogStore, InvalidInput
from local_aws.glue.databases import Shape


class GlueService(Protocol):
    """What the decorated methods' object has."""

    store: CatalogStore


Service = TypeVar("Service", bound=GlueService)
Entry = TypeVar("Entry")


def operation(
    run: Callable[[Service, Catalog, Shape], Shape | None],
) -> Callable[[Service, Caller, Shape], Shape]:
    """Make a method of (catalog, params) a Glue operation of (caller, params).

    The limits of the service model are enforced (maxima and enumerations; botocore checks only minima),
    CatalogId must be the caller's account, and CatalogErrors become the service's errors.
    """

    @wraps(run)
    def call(service: Service, caller: Caller, params: Shape) -> Shape:
        _check_limits(run.__name__, params)
        try:
            catalog_id = params.get("CatalogId", caller.account_id)
            if catalog_id != caller.account_id:
                raise InvalidInput(
                    f"CatalogId {catalog_id} is not the caller's account {caller.account_id}; "
                    "the local AWS shares no catalogs between accounts"
                )
            catalog = service.store.catalog(caller.account_id, caller.region)
            return run(service, catalog, params) or {}
        except CatalogError as error:
            raise ServiceError(error.code, error.message) from error

    return call


def page_of(
    entries: Sequence[Entry], position: Callable[[Entry], list[Any]], params: Shape, default_size: int
) -> tuple[list[Entry], Shape]:
    """One page of entries that are sorted by `position`, and {"NextToken": …} when there are more.

    A page begins after the position that the token names, so that entries that come or go between two
    calls neither repeat nor hide others.

    Raises: InvalidInput for a token that is none of ours.
    """
    size = params.get("MaxResults", default_size)
    token = params.get("NextToken")
    remaining = list(entries)
    if token:
        try:
            after = json.loads(base64.urlsafe_b64decode(token.encode()))
            remaining = [entry for entry in entries if position(entry) > after]
        except (ValueError, TypeError) as error:
            raise InvalidInput(f"Invalid NextToken: {token!r}") from error
    page = remaining[:size]
    if len(remaining) == len(page):
        return page, {}
    return page, {"NextToken": base64.urlsafe_b64encode(json.dumps(position(page[-1])).encode()).decode()}


def _check_limits(method: str, params: Shape) -> None:
    """Raises: ServiceError ValidationException, worded as AWS words it, for the first limit exceeded."""
    model = service_model("glue").operation_model(_operation_names()[method])
    if model.input_shape is not None:
        violation = _violation(params, model.input_shape, "")
        if violation:
            raise ServiceError("ValidationException", f"1 validation error detected: {violation}")


@cache
def _operation_names() -> dict[str, str]:
    return {xform_name(name): name for name in service_model("glue").operation_names}


def _violation(value: Any, shape: ModelShape, path: str) -> str | None:
    """The first limit that `value` exceeds, as AWS words it; None when it keeps to all of them."""
    broken = _broken_constraint(value, shape)
    if broken:
        return f"Value '{_shortened(value)}' at '{path}' failed to satisfy constraint: Member must {broken}"
    if isinstance(shape, StructureShape):
        members = ((name, member, shape.members[name]) for name, member in value.items() if name in shape.members)
        found = (_violation(member, of, _member(path, name)) for name, member, of in members)
    elif isinstance(shape, ListShape):
        found = (_violation(v, shape.member, f"{path}.{i}.member") for i, v in enumerate(value, start=1))
    elif isinstance(shape, MapShape):
        found = (_violation(member, shape.value, f"{path}.{key}.member") for key, member in value.items())
    else:
        return None
    return next((violation for violation in found if violation), None)


def _broken_constraint(value: Any, shape: ModelShape) -> str | None:
    most, allowed = shape.metadata.get("max"), shape.metadata.get("enum")
    if most is not None and shape.type_name in ("integer", "long") and value > most:
        return f"have value less than or equal to {most}"
    if most is not None and shape.type_name in ("string", "list", "map") and len(value) > most:
        return f"have length less than or equal to {most}"
    if shape.type_name == "string" and not _is_unicode(value):
        return "be Unicode text, without lone surrogates"
    if allowed and shape.type_name == "string" and value not in allowed:
        return f"satisfy enum value set: [{', '.join(allowed)}]"
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _member(path: str, name: str) -> str:
    camel = name[:1].lower() + name[1:]
    return f"{path}.{camel}" if path else camel


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
