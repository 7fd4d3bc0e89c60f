"""Who may do what: owners may change everything, viewers see the dashboard.

The sets of actions are those that QuickSight's own pages give to owners and viewers (developer guide, the permissions
of each resource); a grant has 20 actions at most (API reference, ResourcePermission).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from flowlogs.quicksight_settings import QuickSight

Kind = Literal["data source", "data set", "folder", "analysis", "dashboard"]

OWNER_ACTIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "data source": (
        "DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource", "UpdateDataSource",
        "DeleteDataSource", "UpdateDataSourcePermissions",
    ),
    "data set": (
        "DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions",
        "UpdateDataSet", "DeleteDataSet", "CreateIngestion", "CancelIngestion", "UpdateDataSetPermissions",
    ),
    "folder": (
        "CreateFolder", "DescribeFolder", "UpdateFolder", "DeleteFolder", "CreateFolderMembership",
        "DeleteFolderMembership", "DescribeFolderPermissions", "UpdateFolderPermissions",
    ),
    "analysis": (
        "DescribeAnalysis", "QueryAnalysis", "UpdateAnalysis", "DeleteAnalysis", "RestoreAnalysis",
        "DescribeAnalysisPermissions", "UpdateAnalysisPermissions",
    ),
    "dashboard": (
        "DescribeDashboard", "ListDashboardVersions", "QueryDashboard", "UpdateDashboard", "DeleteDashboard",
        "UpdateDashboardPublishedVersion", "DescribeDashboardPermissions", "UpdateDashboardPermissions",
    ),
}  # fmt: skip

VIEWER_ACTIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "folder": ("DescribeFolder",),
    "dashboard": ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard"),
}
"""Whoever sees a dashboard needs no permission on what it is made of."""

Grant = dict[str, Any]
"""The API's ResourcePermission: Principal, Actions."""


@dataclass(frozen=True)
class Permissions:
    """The grants on one resource."""

    kind: Kind
    grants: Mapping[str, tuple[str, ...]]
    """Actions by principal."""

    @classmethod
    def of(cls, kind: Kind, quicksight: QuickSight) -> Permissions:
        """What the settings say of a kind of resource; an owner who is also a viewer is an owner."""
        viewers = VIEWER_ACTIONS.get(kind, ())
        grants = {
            principal: _prefixed(viewers)
            for principal in quicksight.viewers
            # A folder is shared with users and groups (API reference, UpdateFolderPermissions).
            if viewers and not (kind == "folder" and ":namespace/" in principal)
        }
        return cls(kind, {**grants, **dict.fromkeys(quicksight.owners, _prefixed(OWNER_ACTIONS[kind]))})

    def request(self) -> list[Grant]:
        """The Permissions of a Create… request."""
        return [{"Principal": principal, "Actions": list(actions)} for principal, actions in self.grants.items()]

    def differences(self, actual: Sequence[Mapping[str, Any]]) -> list[str]:
        """Who has too little or too much, in words."""
        grant, revoke = self.changes(actual)
        found = [f"{_who(one)} lacks {', '.join(_short(one))}" for one in grant]
        return found + [f"{_who(one)} has {', '.join(_short(one))} besides" for one in revoke]

    def changes(self, actual: Sequence[Mapping[str, Any]]) -> tuple[list[Grant], list[Grant]]:
        """What to grant and what to revoke: GrantPermissions and RevokePermissions of an Update…Permissions request.

        Of principals that the settings do not name, only what setup grants is taken away again, an owner's or a
        viewer's set; a set of any other shape is somebody else's decision and stays.
        """
        found = {one["Principal"]: frozenset(one["Actions"]) for one in actual}
        ours = {frozenset(_prefixed(of.get(self.kind, ()))) for of in (OWNER_ACTIONS, VIEWER_ACTIONS)}
        grant, revoke = [], []
        for principal, actions in self.grants.items():
            has = found.get(principal, frozenset())
            if missing := [action for action in actions if action not in has]:
                grant.append({"Principal": principal, "Actions": missing})
            if more := sorted(has - set(actions)):
                revoke.append({"Principal": principal, "Actions": more})
        for principal, has in found.items():
            if principal not in self.grants and has in ours:
                revoke.append({"Principal": principal, "Actions": sorted(has)})
        return grant, revoke


def _prefixed(actions: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"quicksight:{action}" for action in actions)


def _who(grant: Grant) -> str:
    return str(grant["Principal"].partition(":")[2].split(":", 4)[-1])


def _short(grant: Grant) -> list[str]:
    return [action.removeprefix("quicksight:") for action in grant["Actions"]]
