"""What every kind of QuickSight resource has in common: ids and ARNs, times, states, permissions, tags, paging."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.aws_json import Caller, ServiceError
from local_aws.quicksight.documents import Documents
from local_aws.quicksight.errors import exists, invalid_value, not_found
from local_aws.quicksight.permissions import Permission

MOST_RESULTS = 100
"""MaxResults of the list operations (API reference)."""


@dataclass(frozen=True)
class Kind:
    """A kind of resource: its ResourceType in errors, its word in ARNs, and what it is called in messages."""

    resource_type: str
    in_arn: str
    word: str

    def arn(self, caller: Caller, resource_id: str) -> str:
        """The ARN of one."""
        return f"arn:aws:quicksight:{caller.region}:{caller.account_id}:{self.in_arn}/{resource_id}"


DATA_SOURCE = Kind("DATA_SOURCE", "datasource", "data source")
DATA_SET = Kind("DATA_SET", "dataset", "data set")
ANALYSIS = Kind("ANALYSIS", "analysis", "analysis")
DASHBOARD = Kind("DASHBOARD", "dashboard", "dashboard")
TEMPLATE = Kind("TEMPLATE", "template", "template")
THEME = Kind("THEME", "theme", "theme")
FOLDER = Kind("FOLDER", "folder", "folder")
KINDS = {kind.in_arn: kind for kind in (DATA_SOURCE, DATA_SET, ANALYSIS, DASHBOARD, TEMPLATE, THEME, FOLDER)}


class Library:
    """The resources of every account and region: one document each, with permissions and tags in it."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def find(self, caller: Caller, kind: Kind, resource_id: str) -> dict[str, Any] | None:
        """The document of a resource."""
        return self.documents.get(caller, kind.in_arn, resource_id)

    def get(self, caller: Caller, kind: Kind, resource_id: str) -> dict[str, Any]:
        """The document of a resource.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        found = self.find(caller, kind, resource_id)
        if found is None:
            raise not_found(kind.resource_type, f"{kind.word} {resource_id} is not found")
        return found

    def create(self, caller: Caller, kind: Kind, resource_id: str, document: dict[str, Any]) -> dict[str, Any]:
        """Keep a new resource, with its Arn and times.

        Raises:
            ServiceError: ResourceExistsException.
        """
        if self.find(caller, kind, resource_id) is not None:
            raise exists(kind.resource_type, f"{kind.word} {resource_id} already exists")
        now = time.time()
        document |= {"Arn": kind.arn(caller, resource_id), "CreatedTime": now, "LastUpdatedTime": now}
        self.documents.put(caller, kind.in_arn, resource_id, document)
        return document

    def save(self, caller: Caller, kind: Kind, resource_id: str, document: dict[str, Any]) -> None:
        """Keep a resource that was changed now."""
        document["LastUpdatedTime"] = time.time()
        self.documents.put(caller, kind.in_arn, resource_id, document)

    def keep(self, caller: Caller, kind: Kind, resource_id: str, document: dict[str, Any]) -> None:
        """Keep what does not count as a change of the resource, such as its tags."""
        self.documents.put(caller, kind.in_arn, resource_id, document)

    def delete(self, caller: Caller, kind: Kind, resource_id: str) -> dict[str, Any]:
        """Remove a resource and return what it was.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        document = self.get(caller, kind, resource_id)
        self.documents.delete(caller, kind.in_arn, resource_id)
        return document

    def all(self, caller: Caller, kind: Kind) -> list[dict[str, Any]]:
        """Every resource of a kind, by id."""
        return self.documents.page(caller, kind.in_arn, "", "", 2**31)[0]

    def by_arn(self, caller: Caller, arn: str) -> tuple[Kind, str, dict[str, Any]]:
        """The resource that an ARN names.

        Raises:
            ServiceError: ResourceNotFoundException, InvalidParameterValueException for an ARN that is none.
        """
        word, _, resource_id = arn.rpartition(":")[2].partition("/")
        kind = KINDS.get(word)
        if not arn.startswith("arn:aws:quicksight:") or kind is None or not resource_id:
            raise invalid_value(f"{arn} is not the ARN of a QuickSight resource that the local AWS has")
        if arn != kind.arn(caller, resource_id):
            raise not_found(kind.resource_type, f"{arn} is not found")
        return kind, resource_id, self.get(caller, kind, resource_id)

    def permissions(self, caller: Caller, kind: Kind, resource_id: str) -> list[Permission]:
        """Who may do what with a resource."""
        granted: list[Permission] = self.get(caller, kind, resource_id).get("Permissions", [])
        return granted


def in_progress(verb: str, seconds: float) -> dict[str, Any]:
    """A status that becomes …_SUCCESSFUL after a while; `verb` is CREATION or UPDATE."""
    return {"verb": verb, "until": time.time() + seconds}


def failed(verb: str, errors: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A status of something that could not be made."""
    return {"verb": verb, "errors": list(errors)}


def status_of(status: dict[str, Any]) -> str:
    """ResourceStatus at this moment."""
    if status.get("errors"):
        return f"{status['verb']}_FAILED"
    return f"{status['verb']}_{'IN_PROGRESS' if time.time() < status['until'] else 'SUCCESSFUL'}"


def is_in_progress(status: dict[str, Any]) -> bool:
    """Whether it is still being made."""
    return status_of(status).endswith("IN_PROGRESS")


def page(
    params: dict[str, Any], items: Sequence[dict[str, Any]], shown: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> tuple[list[dict[str, Any]], str | None]:
    """The page of `items` that MaxResults and NextToken ask for, and the token of the next.

    Raises:
        ServiceError: InvalidNextTokenException for a token that is none.
    """
    start, size = position_of(params.get("NextToken")), params.get("MaxResults", MOST_RESULTS)
    following = token_of(start + size) if start + size < len(items) else None
    return [shown(item) for item in items[start : start + size]], following


def token_of(position: int) -> str:
    """The NextToken of a position."""
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def position_of(token: str | None) -> int:
    """The position that a NextToken names; 0 without one.

    Raises:
        ServiceError: InvalidNextTokenException.
    """
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "at" and int(number) > 0:
            return int(number)
    except ValueError:
        pass
    raise ServiceError("InvalidNextTokenException", f"NextToken {token!r} is not valid")
