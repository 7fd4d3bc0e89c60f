"""Resource policies and policy documents: one statement compared with what stands in AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_VERSION: Final = "2012-10-17"


def with_statement(policy: str | None, statement: Mapping[str, Any]) -> str:
    """A policy with a statement in the place of the one of its Sid; other statements, which others made, are kept."""
    document = json.loads(policy) if policy else {"Version": _VERSION, "Statement": []}
    others = [one for one in statements(policy) if one.get("Sid") != statement["Sid"]]
    return json.dumps({**document, "Statement": [*others, dict(statement)]})


def has_statement(policy: str | None, statement: Mapping[str, Any]) -> bool:
    """Whether a policy has the statement."""
    return any(_plain(one) == _plain(statement) for one in statements(policy))


def statements(policy: str | None) -> list[dict[str, Any]]:
    """The statements of a policy."""
    found = json.loads(policy).get("Statement", []) if policy else []
    return found if isinstance(found, list) else [found]


def same_document(one: Any, other: Any) -> bool:
    """Whether two documents say the same: AWS writes a list of one as its item, and may reorder lists."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _actions(one) if name == "Action" else _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        items = [_plain(one) for one in value]
        return items[0] if len(items) == 1 else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _actions(value: Any) -> Any:
    """SNS and SQS write their actions' names in capitals of their own."""
    if isinstance(value, list):
        return _plain([str(one).lower() for one in value])
    return str(value).lower()
