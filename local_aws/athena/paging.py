"""MaxResults and NextToken of Athena's listings."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.athena.errors import invalid_request


@dataclass(frozen=True)
class Paging:
    """Which part of a listing a call asks for."""

    start: int
    limit: int

    @classmethod
    def of(cls, params: dict[str, Any], *, largest: int) -> Paging:
        """Read a call's parameters; `largest` is the operation's greatest MaxResults.

        Raises:
            ServiceError: InvalidRequestException for a value out of range or a token that is none.
        """
        limit = params.get("MaxResults", largest)
        if not 1 <= limit <= largest:
            raise invalid_request(f"MaxResults is {limit}; it must be between 1 and {largest}")
        token = params.get("NextToken")
        try:
            start = int(base64.urlsafe_b64decode(token).decode()) if token else 0
        except ValueError as error:
            raise invalid_request(f"Invalid NextToken: {token!r}") from error
        return cls(start, limit)

    def cut(self, name: str, entries: Sequence[Any]) -> dict[str, Any]:
        """The page of `entries` as the operation's output, under `name`."""
        end = self.start + self.limit
        return self.output(name, entries[self.start : end], end if end < len(entries) else None)

    def output(self, name: str, page: Sequence[Any], following: int | None) -> dict[str, Any]:
        """A page and the token of the next, which starts at `following`."""
        output: dict[str, Any] = {name: list(page)}
        if following is not None:
            output["NextToken"] = base64.urlsafe_b64encode(str(following).encode()).decode()
        return output
