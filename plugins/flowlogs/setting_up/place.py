"""Where in AWS the setup works: partition, region, account, and the ARNs of what it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Clients = Callable[[str], Any]
"""Makes the boto3 client of a service."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an account."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, clients: Clients) -> Place:
        """The account of the caller and the region of its clients."""
        sts = clients("sts")
        _, partition, _, _, account, _ = sts.get_caller_identity()["Arn"].split(":", 5)
        return cls(partition, clients("logs").meta.region_name, account)

    def arn(self, service: str, name: str) -> str:
        """The ARN of a thing in the region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{name}"

    def role_arn(self, name: str) -> str:
        """The ARN of a role; IAM has no regions."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"
