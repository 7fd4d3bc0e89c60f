"""IAM as the local AWS enforces it: installed in MiniStack, told of each request, asked for its caller's rights."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from local_aws.athena.api import AthenaOperations
from local_aws.aws_json import Caller, ServiceError
from local_aws.iam.decisions import Decisions, note_application
from local_aws.iam.enforcement import install_enforcement
from local_aws.iam.rights import Rights

_FORWARDED: Final = b"x-forwarded-proto"


class EnforcedIam:
    """Enforcement of IAM; `app` serves the decisions."""

    def __init__(self, athena: AthenaOperations) -> None:
        self._athena = athena
        decisions = Decisions()
        self.app = decisions.serve
        install_enforcement(decisions, self._query)

    def see(self, scope: MutableMapping[str, Any]) -> None:
        """Note who sends a request, which counts as sent by TLS unless its X-Forwarded-Proto says otherwise.

        The local AWS has no TLS, and what reaches it does not leave the machine; a bucket policy that refuses plain
        HTTP (`aws:SecureTransport`) would refuse everything.
        """
        note_application(scope["headers"])
        if all(name.lower() != _FORWARDED for name, _ in scope["headers"]):
            scope["headers"] = [*scope["headers"], (_FORWARDED, b"https")]

    def rights(self, headers: dict[str, str], query_params: dict[str, list[str]]) -> Rights:
        """The rights of the caller of the request that is being served."""
        from ministack.core.responses import get_account_id, get_region
        from ministack.core.router import extract_access_key_id

        return Rights(extract_access_key_id(headers, query_params) or "", get_region(), get_account_id())

    def _query(self, query_id: str) -> tuple[str, str] | None:
        from ministack.core.responses import get_account_id, get_region

        caller = Caller(get_account_id(), get_region())
        try:
            found = self._athena.get_query_execution(caller, {"QueryExecutionId": query_id})["QueryExecution"]
        except ServiceError:
            return None
        return found["WorkGroup"], found["ResultConfiguration"]["OutputLocation"]
