"""Tags of work groups and data catalogs."""

from __future__ import annotations

from typing import Any

from local_aws.athena.paging import Paging
from local_aws.athena.resources import Resources
from local_aws.aws_json import Caller


class TagOperations:
    """The API operations on tags, by the ARN of what carries them."""

    resources: Resources

    def tag_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        self.put_tags(caller, params["ResourceARN"], params["Tags"])
        return {}

    def untag_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""
        kept = self._tags(caller, params["ResourceARN"])
        for key in params["TagKeys"]:
            kept.pop(key, None)
        self.resources.put(caller, "tags", params["ResourceARN"], kept)
        return {}

    def list_tags_for_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        tags = [
            {"Key": key, "Value": value} for key, value in sorted(self._tags(caller, params["ResourceARN"]).items())
        ]
        return Paging.of(params, largest=100).cut("Tags", tags)

    def put_tags(self, caller: Caller, arn: str, tags: list[dict[str, str]]) -> None:
        """Add tags to those a resource has."""
        if tags:
            added = {tag["Key"]: tag.get("Value", "") for tag in tags}
            self.resources.put(caller, "tags", arn, {**self._tags(caller, arn), **added})

    def _tags(self, caller: Caller, arn: str) -> dict[str, str]:
        return self.resources.get(caller, "tags", arn) or {}
