"""Folders and their members."""

from __future__ import annotations

from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import conflict, exists, not_found, unsupported_edition
from local_aws.quicksight.filing import MEMBER_TYPES, Filing
from local_aws.quicksight.resources import FOLDER, KINDS, page

_KINDS_OF_MEMBERS = {member_type: KINDS[word] for word, member_type in MEMBER_TYPES.items()}


class FolderOperations(Filing):
    """Operations on folders; they belong to the Enterprise edition."""

    def create_folder(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateFolder."""
        if self.behaviour.edition != "ENTERPRISE":
            raise unsupported_edition("Folders are not available in the Standard edition")
        parents: list[str] = []
        if parent_arn := params.get("ParentFolderArn"):
            _, _, parent = self.library.by_arn(caller, parent_arn)
            parents = [*parent["FolderPath"], parent_arn]
        document = {
            "FolderId": params["FolderId"],
            "Name": params.get("Name", params["FolderId"]),
            "FolderType": params.get("FolderType", "SHARED"),
            "SharingModel": params.get("SharingModel", "ACCOUNT"),
            "FolderPath": parents,
            "Members": [],
            **self.filed(caller, params),
        }
        return {"Status": 201, **_ids(self.library.create(caller, FOLDER, params["FolderId"], document))}

    def describe_folder(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeFolder."""
        return {"Folder": _shown(self.library.get(caller, FOLDER, params["FolderId"]))}

    def list_folders(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListFolders."""
        shown, following = page(params, self.library.all(caller, FOLDER), _shown)
        return {"FolderSummaryList": shown, "NextToken": following}

    def update_folder(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateFolder: its name."""
        folder = self.library.get(caller, FOLDER, params["FolderId"])
        folder["Name"] = params["Name"]
        self.library.save(caller, FOLDER, params["FolderId"], folder)
        return _ids(folder)

    def delete_folder(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteFolder: an empty one."""
        folder = self.library.get(caller, FOLDER, params["FolderId"])
        children = [one for one in self.library.all(caller, FOLDER) if folder["Arn"] in one["FolderPath"]]
        if folder["Members"] or children:
            raise conflict(f"folder {params['FolderId']} is not empty; remove its members and folders first")
        return _ids(self.remove(caller, FOLDER, params["FolderId"]))

    def create_folder_membership(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateFolderMembership of a resource."""
        member_type, member_id = params["MemberType"], params["MemberId"]
        folder = self.library.get(caller, FOLDER, params["FolderId"])
        kind = _KINDS_OF_MEMBERS.get(member_type)
        if kind is None:
            raise not_found(member_type, f"{member_type} {member_id} is not found")
        self.library.get(caller, kind, member_id)
        member = {"MemberType": member_type, "MemberId": member_id}
        if member in folder["Members"]:
            raise exists(
                "FOLDER_MEMBER", f"{member_type} {member_id} is a member of the folder {params['FolderId']} already"
            )
        self.put_into_folder(caller, params["FolderId"], member_type, member_id)
        return {"Status": 201, "FolderMember": member}

    def delete_folder_membership(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteFolderMembership."""
        folder = self.library.get(caller, FOLDER, params["FolderId"])
        member = {"MemberType": params["MemberType"], "MemberId": params["MemberId"]}
        if member not in folder["Members"]:
            raise not_found("FOLDER_MEMBER", f"{params['MemberType']} {params['MemberId']} is no member of the folder")
        folder["Members"].remove(member)
        self.library.keep(caller, FOLDER, params["FolderId"], folder)
        return {}

    def list_folder_members(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListFolderMembers."""
        members = self.library.get(caller, FOLDER, params["FolderId"])["Members"]
        listed = [
            {
                "MemberId": one["MemberId"],
                "MemberArn": _KINDS_OF_MEMBERS[one["MemberType"]].arn(caller, one["MemberId"]),
            }
            for one in members
        ]
        shown, following = page(params, listed)
        return {"FolderMemberList": shown, "NextToken": following}

    def list_folders_for_resource(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListFoldersForResource: the ARNs of the folders that a resource is in."""
        kind, resource_id, _ = self.library.by_arn(caller, params["ResourceArn"])
        member = {"MemberType": MEMBER_TYPES.get(kind.in_arn), "MemberId": resource_id}
        return {"Folders": [one["Arn"] for one in self.library.all(caller, FOLDER) if member in one["Members"]]}

    def describe_folder_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeFolderPermissions."""
        folder = self.library.get(caller, FOLDER, params["FolderId"])
        return {**_ids(folder), "Permissions": folder["Permissions"]}

    def update_folder_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateFolderPermissions."""
        folder = self.change_permissions(caller, FOLDER, params["FolderId"], params)
        return {**_ids(folder), "Permissions": folder["Permissions"]}


def _ids(folder: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": folder["Arn"], "FolderId": folder["FolderId"]}


def _shown(folder: dict[str, Any]) -> dict[str, Any]:
    return {**folder, "FolderPath": folder["FolderPath"] or None}
