"""MiniStack's enforcement (its evaluator, its error answers) of all that a request needs; see permissions.py."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.iam.decisions import Decisions
from local_aws.iam.permissions import Permission, QueryOf, Request, permissions_of

_denied: contextvars.ContextVar[Permission | None] = contextvars.ContextVar("denied", default=None)
"""What the request being served was refused for."""


class Needs(str):
    """The resource that MiniStack asks its evaluator about, and all the permissions that stand for it."""

    permissions: tuple[Permission, ...]


def install_enforcement(decisions: Decisions, query_of: QueryOf) -> None:
    """Have MiniStack, which enforces policies (AUTH=true), ask for all that AWS asks for, and remember the answers."""
    from ministack.core import iam_actions, iam_evaluator

    iam_actions.SERVICE_TO_IAM_NAMESPACE["quicksight"] = "quicksight"
    iam_actions._BOTOCORE_SERVICE_MAP["quicksight"] = ["quicksight"]
    resource_of = iam_actions.extract_resource_arn
    action_of = iam_actions.extract_iam_action
    answer = iam_actions.access_denied_response

    def needs(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, params: Mapping[str, Any],
        region: str, account: str,
    ) -> str:  # fmt: skip
        resource = resource_of(service, method, path, headers, body, params, region, account)
        action = action_of(service, method, path, headers, body, params)
        if action is None or service == "s3":  # MiniStack has the copies, batches and access points of S3 itself
            return str(resource)
        request = Request(service, action, resource, method, path, body, params, region, account)
        found = Needs(resource)
        found.permissions = tuple(permissions_of(request, query_of))
        return found

    def denial(service: str, action: str, principal: str, request_id: str, **details: Any) -> Any:
        """As AWS words it, with the permission that lacks, which need not be the request's own."""
        lacking, _ = _denied.get(), _denied.set(None)
        if lacking is not None and not details.get("message") and not details.get("resource_policy_arn"):
            details["message"] = iam_actions.identity_denial_message(
                lacking.action, principal, lacking.resource, details.get("explicit_deny", False)
            )
        return answer(service, action, principal, request_id, **details)

    iam_actions.extract_resource_arn = needs
    iam_actions.access_denied_response = denial
    iam_evaluator.enforce = _asking_for_all(iam_evaluator.enforce, decisions)


def _asking_for_all(enforce: Callable[..., Any], decisions: Decisions) -> Callable[..., Any]:
    from ministack.core import iam_evaluator

    def enforce_all(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        needed = getattr(resource_arn, "permissions", (Permission(action, resource_arn),))
        for one in needed:
            context = {**(service_context or {}), **one.context}
            refused = enforce(access_key, one.action, service, region, one.resource, context)
            if isinstance(refused, iam_evaluator.AuthError):
                return refused
            decisions.note(iam_evaluator.caller_arn(), one.action, one.resource, allowed=refused is None)
            if refused is not None:
                _denied.set(one)
                return refused
        return None

    return enforce_all
