"""Templates and themes, as far as deployments need them: create, describe, update, list, delete, permissions."""

from __future__ import annotations

import time
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.resources import TEMPLATE, THEME, Kind, in_progress, page, status_of
from local_aws.quicksight.versions import Versions, shown_version


class TemplateOperations(Versions):
    """Operations on templates and themes, without their aliases."""

    def create_template(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateTemplate."""
        body = self.version_body(caller, params, "CREATION")
        return {"Status": 202, **self._create(caller, TEMPLATE, params["TemplateId"], params, body)}

    def update_template(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateTemplate: makes a version."""
        return {
            "Status": 202,
            **self._update(
                caller, TEMPLATE, params["TemplateId"], params, self.version_body(caller, params, "CREATION")
            ),
        }

    def describe_template(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeTemplate."""
        template, version = self._chosen_version(caller, TEMPLATE, params["TemplateId"], params)
        return {"Template": {**template, "Version": shown_version(template, version)}}

    def describe_template_definition(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeTemplateDefinition."""
        template, version = self._chosen_version(caller, TEMPLATE, params["TemplateId"], params)
        shown = shown_version(template, version)
        return {
            "TemplateId": template["TemplateId"],
            "Name": template["Name"],
            "Errors": shown["Errors"],
            "ResourceStatus": shown["Status"],
            "ThemeArn": shown["ThemeArn"],
            "Definition": version["Definition"],
        }

    def list_templates(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListTemplates."""
        shown, following = page(params, self.library.all(caller, TEMPLATE), _summary)
        return {"TemplateSummaryList": shown, "NextToken": following}

    def list_template_versions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListTemplateVersions, oldest first."""
        template = self.library.get(caller, TEMPLATE, params["TemplateId"])
        shown, following = page(
            params, self.versions(caller, TEMPLATE, template), lambda one: shown_version(template, one)
        )
        return {"TemplateVersionSummaryList": shown, "NextToken": following}

    def delete_template(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteTemplate, or one version of it."""
        template = self._delete(caller, TEMPLATE, params["TemplateId"], params.get("VersionNumber"))
        return {"Arn": template["Arn"], "TemplateId": template["TemplateId"]}

    def describe_template_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeTemplatePermissions."""
        found = self.library.get(caller, TEMPLATE, params["TemplateId"])
        return {"TemplateId": found["Id"], "TemplateArn": found["Arn"], "Permissions": found["Permissions"]}

    def update_template_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateTemplatePermissions."""
        found = self.change_permissions(caller, TEMPLATE, params["TemplateId"], params)
        return {"TemplateId": found["Id"], "TemplateArn": found["Arn"], "Permissions": found["Permissions"]}

    def create_theme(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateTheme."""
        return {"Status": 202, **self._create(caller, THEME, params["ThemeId"], params, self._theme_body(params))}

    def update_theme(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateTheme: makes a version."""
        return {"Status": 202, **self._update(caller, THEME, params["ThemeId"], params, self._theme_body(params))}

    def describe_theme(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeTheme."""
        theme, version = self._chosen_version(caller, THEME, params["ThemeId"], params)
        return {"Theme": {**theme, "Type": "CUSTOM", "Version": _theme_version(theme, version)}}

    def list_themes(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListThemes: those of the account."""
        themes = [] if params.get("Type") == "QUICKSIGHT" else self.library.all(caller, THEME)
        shown, following = page(params, themes, _summary)
        return {"ThemeSummaryList": shown, "NextToken": following}

    def list_theme_versions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListThemeVersions, oldest first."""
        theme = self.library.get(caller, THEME, params["ThemeId"])
        shown, following = page(params, self.versions(caller, THEME, theme), lambda one: _theme_version(theme, one))
        return {"ThemeVersionSummaryList": shown, "NextToken": following}

    def delete_theme(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteTheme, or one version of it."""
        theme = self._delete(caller, THEME, params["ThemeId"], params.get("VersionNumber"))
        return {"Arn": theme["Arn"], "ThemeId": theme["ThemeId"]}

    def describe_theme_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeThemePermissions."""
        found = self.library.get(caller, THEME, params["ThemeId"])
        return {"ThemeId": found["Id"], "ThemeArn": found["Arn"], "Permissions": found["Permissions"]}

    def update_theme_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateThemePermissions."""
        found = self.change_permissions(caller, THEME, params["ThemeId"], params)
        return {"ThemeId": found["Id"], "ThemeArn": found["Arn"], "Permissions": found["Permissions"]}

    def _theme_body(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "CreatedTime": time.time(),
            "BaseThemeId": params["BaseThemeId"],
            "Configuration": params.get("Configuration", {}),
            "Description": params.get("VersionDescription"),
            "State": in_progress("CREATION", self.behaviour.settle_seconds),
        }

    def _create(
        self, caller: Caller, kind: Kind, resource_id: str, params: dict[str, Any], body: dict[str, Any]
    ) -> dict[str, Any]:
        document = {
            "Id": resource_id,
            _id_member(kind): resource_id,
            "Name": params.get("Name", resource_id),
            "LastVersion": 0,
            **self.filed(caller, params),
        }
        return self._next(caller, kind, self.library.create(caller, kind, resource_id, document), body)

    def _update(
        self, caller: Caller, kind: Kind, resource_id: str, params: dict[str, Any], body: dict[str, Any]
    ) -> dict[str, Any]:
        resource = self.library.get(caller, kind, resource_id)
        self.check_settled(caller, kind, resource)
        resource["Name"] = params.get("Name", resource["Name"])
        return self._next(caller, kind, resource, body)

    def _next(self, caller: Caller, kind: Kind, resource: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        number = self.add_version(caller, kind, resource, body)
        self.library.save(caller, kind, resource["Id"], resource)
        return {
            "Arn": resource["Arn"],
            "VersionArn": f"{resource['Arn']}/version/{number}",
            _id_member(kind): resource["Id"],
            "CreationStatus": "CREATION_IN_PROGRESS",
        }

    def _chosen_version(
        self, caller: Caller, kind: Kind, resource_id: str, params: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        resource = self.library.get(caller, kind, resource_id)
        return resource, self.version(caller, kind, resource, params.get("VersionNumber", resource["LastVersion"]))

    def _delete(self, caller: Caller, kind: Kind, resource_id: str, number: int | None) -> dict[str, Any]:
        resource = self.library.get(caller, kind, resource_id)
        if number is not None:
            self.delete_version(caller, kind, resource, number)
        else:
            self.delete_versions(caller, kind, resource)
            self.remove(caller, kind, resource_id)
        return resource


def _id_member(kind: Kind) -> str:
    return "TemplateId" if kind is TEMPLATE else "ThemeId"


def _summary(resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource, "LatestVersionNumber": resource["LastVersion"]}


def _theme_version(theme: dict[str, Any], version: dict[str, Any]) -> dict[str, Any]:
    return {
        **version,
        "Arn": f"{theme['Arn']}/version/{version['VersionNumber']}",
        "Status": status_of(version["State"]),
    }
