"""What the operations on all kinds of resources share: permissions and tags given at creation, folders, removal."""

from __future__ import annotations

from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import invalid_value
from local_aws.quicksight.permissions import changed, checked
from local_aws.quicksight.resources import DATA_SET, FOLDER, Kind, Library
from local_aws.quicksight.settings import Behaviour

MOST_TAGS = 50
"""Tags of a resource (API reference, TagResource)."""

MEMBER_TYPES = {"dashboard": "DASHBOARD", "analysis": "ANALYSIS", "dataset": "DATASET", "datasource": "DATASOURCE"}
"""The MemberType of a kind of resource (by its word in ARNs) in a folder."""


class Filing:
    """Permissions, tags and folders of any resource."""

    library: Library
    behaviour: Behaviour

    def principal_exists(self, caller: Caller, arn: str) -> bool:
        """Whether there is such a user, group or namespace."""
        raise NotImplementedError

    def filed(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """Permissions and tags of a resource that is created.

        Raises:
            ServiceError: InvalidParameterValueException.
        """
        permissions = checked(params.get("Permissions", []), lambda arn: self.principal_exists(caller, arn))
        for arn in params.get("FolderArns", []):
            if self.library.by_arn(caller, arn)[0] is not FOLDER:
                raise invalid_value(f"FolderArns: {arn} is not the ARN of a folder")
        return {"Permissions": permissions, "Tags": with_tags({}, params.get("Tags", []))}

    def put_into_folders(self, caller: Caller, kind: Kind, resource_id: str, params: dict[str, Any]) -> None:
        """Put a new resource into the folders of FolderArns."""
        for arn in params.get("FolderArns", []):
            self.put_into_folder(caller, arn.rpartition("/")[2], MEMBER_TYPES[kind.in_arn], resource_id)

    def put_into_folder(self, caller: Caller, folder_id: str, member_type: str, member_id: str) -> None:
        """Make a resource a member of a folder; one that is a member stays one."""
        folder = self.library.get(caller, FOLDER, folder_id)
        member = {"MemberType": member_type, "MemberId": member_id}
        if member not in folder["Members"]:
            folder["Members"].append(member)
            self.library.keep(caller, FOLDER, folder_id, folder)

    def change_permissions(
        self, caller: Caller, kind: Kind, resource_id: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """Grant and revoke; the resource as it is then.

        Raises:
            ServiceError: ResourceNotFoundException, InvalidParameterValueException.
        """
        found = self.library.get(caller, kind, resource_id)
        found["Permissions"] = changed(
            found["Permissions"],
            params.get("GrantPermissions", []),
            params.get("RevokePermissions", []),
            lambda arn: self.principal_exists(caller, arn),
        )
        self.library.keep(caller, kind, resource_id, found)
        return found

    def remove(self, caller: Caller, kind: Kind, resource_id: str) -> dict[str, Any]:
        """Remove a resource, also from the folders that it is in; what it was.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        removed = self.library.delete(caller, kind, resource_id)
        if kind.in_arn in MEMBER_TYPES:
            member = {"MemberType": MEMBER_TYPES[kind.in_arn], "MemberId": resource_id}
            for folder in self.library.all(caller, FOLDER):
                if member in folder["Members"]:
                    folder["Members"].remove(member)
                    self.library.keep(caller, FOLDER, folder["FolderId"], folder)
        return removed

    def tag_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        kind, resource_id, found = self.library.by_arn(caller, params["ResourceArn"])
        found["Tags"] = with_tags(found["Tags"], params["Tags"])
        self.library.keep(caller, kind, resource_id, found)
        return {}

    def untag_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""
        kind, resource_id, found = self.library.by_arn(caller, params["ResourceArn"])
        found["Tags"] = {key: value for key, value in found["Tags"].items() if key not in params["TagKeys"]}
        self.library.keep(caller, kind, resource_id, found)
        return {}

    def list_tags_for_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        _, _, found = self.library.by_arn(caller, params["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in found["Tags"].items()]}

    def data_set_by_arn(self, caller: Caller, arn: str) -> dict[str, Any] | None:
        """The data set that an ARN names, if there is one."""
        resource_id = arn.rpartition("/")[2]
        return self.library.find(caller, DATA_SET, resource_id) if arn == DATA_SET.arn(caller, resource_id) else None


def with_tags(tags: dict[str, str], more: list[dict[str, str]]) -> dict[str, str]:
    """Both; a key has one value.

    Raises:
        ServiceError: InvalidParameterValueException for more than 50 tags.
    """
    both = {**tags, **{tag["Key"]: tag["Value"] for tag in more}}
    if len(both) > MOST_TAGS:
        raise invalid_value(f"{len(both)} tags; a resource has at most {MOST_TAGS}")
    return both
