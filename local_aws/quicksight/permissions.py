"""Permissions: who (users, groups and namespaces that exist) may do which QuickSight actions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from local_aws.quicksight.errors import invalid_value

Permission = dict[str, Any]
"""The API's ResourcePermission: Principal, Actions."""

PrincipalExists = Callable[[str], bool]

_ACTION = re.compile(r"quicksight:[A-Za-z]+")


def checked(permissions: Sequence[Permission], exists: PrincipalExists) -> list[Permission]:
    """The permissions of a request, one for each principal.

    Raises:
        ServiceError: InvalidParameterValueException for a principal that does not exist, and for what is no action.
    """
    for permission in permissions:
        _check(permission, exists)
    return merged([], permissions)


def changed(
    granted: Sequence[Permission],
    grant: Sequence[Permission],
    revoke: Sequence[Permission],
    exists: PrincipalExists,
) -> list[Permission]:
    """What is granted after an Update…Permissions call.

    Raises:
        ServiceError: as `checked`.
    """
    for permission in grant:
        _check(permission, exists)
    gone = {permission["Principal"]: set(permission["Actions"]) for permission in revoke}
    left = [
        {
            **permission,
            "Actions": [one for one in permission["Actions"] if one not in gone.get(permission["Principal"], ())],
        }
        for permission in granted
    ]
    return merged([permission for permission in left if permission["Actions"]], grant)


def merged(granted: Sequence[Permission], more: Sequence[Permission]) -> list[Permission]:
    """Both, with one entry for each principal."""
    actions: dict[str, dict[str, None]] = {}
    for permission in [*granted, *more]:
        actions.setdefault(permission["Principal"], {}).update(dict.fromkeys(permission["Actions"]))
    return [{"Principal": principal, "Actions": list(some)} for principal, some in actions.items()]


def _check(permission: Permission, exists: PrincipalExists) -> None:
    principal = permission["Principal"]
    if not exists(principal):
        raise invalid_value(f"Principal ARN {principal} is not part of the same account, or does not exist")
    for action in permission["Actions"]:
        if not _ACTION.fullmatch(action):
            raise invalid_value(f"The action {action!r} is not valid; actions are such as quicksight:DescribeDataSet")
