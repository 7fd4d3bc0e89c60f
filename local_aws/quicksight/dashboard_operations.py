"""Dashboards and their versions."""

from __future__ import annotations

import time
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import conflict, invalid_value
from local_aws.quicksight.resources import DASHBOARD, is_in_progress, page, status_of
from local_aws.quicksight.versions import Versions, shown_version


class DashboardOperations(Versions):
    """Operations on dashboards. The first version is published when it is made, later ones when asked for."""

    def create_dashboard(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateDashboard."""
        dashboard_id = params["DashboardId"]
        body = self.version_body(caller, params, "CREATION")
        document = {
            "Id": dashboard_id,
            "DashboardId": dashboard_id,
            "Name": params["Name"],
            "LastVersion": 0,
            "LinkEntities": params.get("LinkEntities"),
            **self.filed(caller, params),
        }
        dashboard = self.library.create(caller, DASHBOARD, dashboard_id, document)
        number = self.add_version(caller, DASHBOARD, dashboard, body)
        if not body["State"].get("errors"):
            dashboard |= {"PublishedVersionNumber": number, "LastPublishedTime": time.time()}
        self.library.keep(caller, DASHBOARD, dashboard_id, dashboard)
        self.put_into_folders(caller, DASHBOARD, dashboard_id, params)
        return {"Status": 202, "CreationStatus": "CREATION_IN_PROGRESS", **_ids(dashboard, number)}

    def update_dashboard(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDashboard: makes a version, which is published by UpdateDashboardPublishedVersion."""
        dashboard = self.library.get(caller, DASHBOARD, params["DashboardId"])
        self.check_settled(caller, DASHBOARD, dashboard)
        # AWS gives versions made by an update a status of CREATION_…, as the answer's CreationStatus says.
        number = self.add_version(caller, DASHBOARD, dashboard, self.version_body(caller, params, "CREATION"))
        dashboard["Name"] = params["Name"]
        self.library.save(caller, DASHBOARD, params["DashboardId"], dashboard)
        return {"Status": 202, "CreationStatus": "CREATION_IN_PROGRESS", **_ids(dashboard, number)}

    def update_dashboard_published_version(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDashboardPublishedVersion to one whose creation succeeded."""
        dashboard = self.library.get(caller, DASHBOARD, params["DashboardId"])
        version = self.version(caller, DASHBOARD, dashboard, params["VersionNumber"])
        if is_in_progress(version["State"]):
            raise conflict(
                f"version {params['VersionNumber']} of dashboard {params['DashboardId']} is still being created"
            )
        if version["State"].get("errors"):
            raise invalid_value(
                f"version {params['VersionNumber']} of dashboard {params['DashboardId']} is {status_of(version['State'])}"
            )
        dashboard |= {"PublishedVersionNumber": params["VersionNumber"], "LastPublishedTime": time.time()}
        self.library.save(caller, DASHBOARD, params["DashboardId"], dashboard)
        return {"DashboardId": dashboard["DashboardId"], "DashboardArn": dashboard["Arn"]}

    def describe_dashboard(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDashboard: the published version, or the one that is asked for."""
        dashboard, version = self._chosen(caller, params)
        return {"Dashboard": {**dashboard, "Version": shown_version(dashboard, version)}}

    def describe_dashboard_definition(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDashboardDefinition."""
        dashboard, version = self._chosen(caller, params)
        shown = shown_version(dashboard, version)
        return {
            "DashboardId": dashboard["DashboardId"],
            "Name": dashboard["Name"],
            "Errors": shown["Errors"],
            "ResourceStatus": shown["Status"],
            "ThemeArn": shown["ThemeArn"],
            "Definition": version["Definition"],
            "DashboardPublishOptions": version["PublishOptions"],
        }

    def list_dashboards(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDashboards."""
        shown, following = page(params, self.library.all(caller, DASHBOARD))
        return {"DashboardSummaryList": shown, "NextToken": following}

    def list_dashboard_versions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDashboardVersions, oldest first."""
        dashboard = self.library.get(caller, DASHBOARD, params["DashboardId"])
        versions = self.versions(caller, DASHBOARD, dashboard)
        shown, following = page(params, versions, lambda version: shown_version(dashboard, version))
        return {"DashboardVersionSummaryList": shown, "NextToken": following}

    def delete_dashboard(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteDashboard, or one version of it that is not published."""
        dashboard = self.library.get(caller, DASHBOARD, params["DashboardId"])
        if number := params.get("VersionNumber"):
            if number == dashboard.get("PublishedVersionNumber"):
                raise conflict(f"version {number} of dashboard {params['DashboardId']} is published")
            self.delete_version(caller, DASHBOARD, dashboard, number)
        else:
            self.delete_versions(caller, DASHBOARD, dashboard)
            self.remove(caller, DASHBOARD, params["DashboardId"])
        return {"Arn": dashboard["Arn"], "DashboardId": dashboard["DashboardId"]}

    def describe_dashboard_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDashboardPermissions."""
        return _permissions(self.library.get(caller, DASHBOARD, params["DashboardId"]))

    def update_dashboard_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDashboardPermissions."""
        return _permissions(self.change_permissions(caller, DASHBOARD, params["DashboardId"], params))

    def published(self, caller: Caller, dashboard_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """A dashboard and the version that its readers see.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        return self._chosen(caller, {"DashboardId": dashboard_id})

    def _chosen(self, caller: Caller, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        dashboard = self.library.get(caller, DASHBOARD, params["DashboardId"])
        number = params.get("VersionNumber")
        alias = params.get("AliasName", "$PUBLISHED")
        if alias not in ("$PUBLISHED", "$LATEST"):
            raise invalid_value(f"AliasName is {alias!r}; dashboards have $LATEST and $PUBLISHED")
        if number is None:
            latest = int(dashboard["LastVersion"])
            number = latest if alias == "$LATEST" else dashboard.get("PublishedVersionNumber", latest)
        return dashboard, self.version(caller, DASHBOARD, dashboard, number)


def _ids(dashboard: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "Arn": dashboard["Arn"],
        "DashboardId": dashboard["DashboardId"],
        "VersionArn": f"{dashboard['Arn']}/version/{number}",
    }


def _permissions(dashboard: dict[str, Any]) -> dict[str, Any]:
    return {
        "DashboardId": dashboard["DashboardId"],
        "DashboardArn": dashboard["Arn"],
        "Permissions": dashboard["Permissions"],
    }
