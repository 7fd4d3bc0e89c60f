"""The account: its subscription and settings, namespaces, users, groups and their members."""

from __future__ import annotations

import re
import uuid
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.documents import Documents
from local_aws.quicksight.errors import exists, invalid_value, not_found
from local_aws.quicksight.resources import page
from local_aws.quicksight.settings import Behaviour

_PRINCIPAL = re.compile(r"arn:aws:quicksight:[a-z0-9-]+:(\d{12}):(user|group|namespace)/([^/]+)(?:/(.+))?")


class AccountOperations:
    """Operations on the account, its namespaces, users and groups. The namespace `default` always exists."""

    documents: Documents
    behaviour: Behaviour

    def describe_account_subscription(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAccountSubscription."""
        return {
            "AccountInfo": {
                "AccountName": f"local-{caller.account_id}",
                "Edition": self.behaviour.edition,
                "NotificationEmail": "quicksight@localhost",
                "AuthenticationType": "IDENTITY_POOL",
                "AccountSubscriptionStatus": "ACCOUNT_CREATED",
            }
        }

    def describe_account_settings(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAccountSettings."""
        return {
            "AccountSettings": {
                "AccountName": f"local-{caller.account_id}",
                "Edition": self.behaviour.edition,
                "DefaultNamespace": "default",
                "NotificationEmail": "quicksight@localhost",
                "PublicSharingEnabled": False,
                "TerminationProtectionEnabled": True,
            }
        }

    def list_namespaces(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListNamespaces."""
        return {"Namespaces": [_namespace(caller)]}

    def describe_namespace(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeNamespace."""
        _check_namespace(params)
        return {"Namespace": _namespace(caller)}

    def register_user(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """RegisterUser."""
        _check_namespace(params)
        name = (
            params.get("UserName") or f"{params.get('IamArn', '').rpartition('/')[2]}/{params.get('SessionName', '')}"
        )
        if not name.strip("/"):
            raise invalid_value("UserName is missing, which IdentityType QUICKSIGHT needs")
        name = name.strip("/")
        if self.documents.get(caller, "user", name) is not None:
            raise exists("USER", f"user {name} already exists")
        user = {
            "Arn": _arn(caller, "user", name),
            "UserName": name,
            "Email": params["Email"],
            "Role": params["UserRole"],
            "IdentityType": params["IdentityType"],
            "Active": True,
            "PrincipalId": f"federated/iam/{uuid.uuid4().hex[:21]}",
        }
        self.documents.put(caller, "user", name, user)
        return {"Status": 201, "User": user}

    def describe_user(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeUser."""
        return {"User": self._principal(caller, "user", params)}

    def list_users(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListUsers."""
        _check_namespace(params)
        users, following = page(params, self.documents.page(caller, "user", "", "", 2**31)[0])
        return {"UserList": users, "NextToken": following}

    def update_user(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateUser."""
        user = {**self._principal(caller, "user", params), "Email": params["Email"], "Role": params["Role"]}
        self.documents.put(caller, "user", params["UserName"], user)
        return {"User": user}

    def delete_user(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteUser."""
        self._principal(caller, "user", params)
        self.documents.delete(caller, "user", params["UserName"])
        return {"Status": 204}

    def list_user_groups(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListUserGroups."""
        name = self._principal(caller, "user", params)["UserName"]
        groups = self.documents.page(caller, "group", "", "", 2**31)[0]
        found, following = page(params, [group for group in groups if name in group["Members"]])
        return {"GroupList": found, "NextToken": following}

    def create_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateGroup."""
        _check_namespace(params)
        name = params["GroupName"]
        if self.documents.get(caller, "group", name) is not None:
            raise exists("GROUP", f"group {name} already exists")
        group = {
            "Arn": _arn(caller, "group", name),
            "GroupName": name,
            "Description": params.get("Description"),
            "PrincipalId": f"group/d-{uuid.uuid4().hex[:10]}",
            "Members": [],
        }
        self.documents.put(caller, "group", name, group)
        return {"Status": 201, "Group": group}

    def describe_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeGroup."""
        return {"Group": self._principal(caller, "group", params)}

    def list_groups(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListGroups."""
        _check_namespace(params)
        groups, following = page(params, self.documents.page(caller, "group", "", "", 2**31)[0])
        return {"GroupList": groups, "NextToken": following}

    def delete_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteGroup."""
        self._principal(caller, "group", params)
        self.documents.delete(caller, "group", params["GroupName"])
        return {"Status": 204}

    def create_group_membership(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateGroupMembership of a user; one that is a member stays one."""
        group = self._principal(caller, "group", params)
        user = self._principal(caller, "user", {**params, "UserName": params["MemberName"]})
        group["Members"] = sorted({*group["Members"], user["UserName"]})
        self.documents.put(caller, "group", group["GroupName"], group)
        return {"GroupMember": {"Arn": user["Arn"], "MemberName": user["UserName"]}}

    def list_group_memberships(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListGroupMemberships."""
        members = self._principal(caller, "group", params)["Members"]
        listed = [{"Arn": _arn(caller, "user", name), "MemberName": name} for name in members]
        shown, following = page(params, listed)
        return {"GroupMemberList": shown, "NextToken": following}

    def delete_group_membership(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteGroupMembership."""
        group = self._principal(caller, "group", params)
        if params["MemberName"] not in group["Members"]:
            raise not_found("GROUP", f"{params['MemberName']} is no member of the group {group['GroupName']}")
        group["Members"].remove(params["MemberName"])
        self.documents.put(caller, "group", group["GroupName"], group)
        return {"Status": 204}

    def principal_exists(self, caller: Caller, arn: str) -> bool:
        """Whether permissions can be granted to it: a user, a group, or the namespace, of the account."""
        found = _PRINCIPAL.fullmatch(arn)
        if found is None or found[1] != caller.account_id or found[3] != "default":
            return False
        if found[2] == "namespace":
            return found[4] is None
        return found[4] is not None and self.documents.get(caller, found[2], found[4]) is not None

    def _principal(self, caller: Caller, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        _check_namespace(params)
        name = params["UserName" if kind == "user" else "GroupName"]
        found = self.documents.get(caller, kind, name)
        if found is None:
            raise not_found(kind.upper(), f"{kind} {name} is not found")
        return found


def _check_namespace(params: dict[str, Any]) -> None:
    if params["Namespace"] != "default":
        raise not_found(
            "NAMESPACE", f"namespace {params['Namespace']} is not found; the local QuickSight has `default`"
        )


def _namespace(caller: Caller) -> dict[str, Any]:
    return {
        "Name": "default",
        "Arn": f"arn:aws:quicksight:{caller.region}:{caller.account_id}:namespace/default",
        "CapacityRegion": caller.region,
        "CreationStatus": "CREATED",
        "IdentityStore": "QUICKSIGHT",
    }


def _arn(caller: Caller, kind: str, name: str) -> str:
    return f"arn:aws:quicksight:{caller.region}:{caller.account_id}:{kind}/default/{name}"
