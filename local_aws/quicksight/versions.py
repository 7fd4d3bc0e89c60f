"""What analyses, dashboards and templates share: a definition, checked, from the request or a template; versions."""

from __future__ import annotations

import copy
import time
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.definitions import check, declarations, errors
from local_aws.quicksight.errors import conflict, invalid_value, not_found
from local_aws.quicksight.filing import Filing
from local_aws.quicksight.preparation.tables import output_columns
from local_aws.quicksight.resources import Kind, failed, in_progress, is_in_progress, status_of


class Versions(Filing):
    """Definitions and their versions. A version is a document of its own; its resource names the published one."""

    def version_body(self, caller: Caller, params: dict[str, Any], verb: str) -> dict[str, Any]:
        """What a version holds, of a request's Definition or SourceEntity.

        Raises:
            ServiceError: InvalidParameterValueException, ResourceNotFoundException for the source.
        """
        definition, source_arn = self._definition(caller, params)
        check(definition)
        lenient = params.get("ValidationStrategy", {}).get("Mode") == "LENIENT"
        missing = [] if lenient else errors(definition, lambda arn: self._columns_of(caller, arn))
        return {
            "Definition": definition,
            "CreatedTime": time.time(),
            "SourceEntityArn": source_arn,
            "Description": params.get("VersionDescription"),
            "ThemeArn": params.get("ThemeArn"),
            "DataSetArns": sorted({one["DataSetArn"] for one in declarations(definition) if "DataSetArn" in one}),
            "PublishOptions": params.get("DashboardPublishOptions"),
            "State": failed(verb, missing) if missing else in_progress(verb, self.behaviour.settle_seconds),
        }

    def add_version(self, caller: Caller, kind: Kind, resource: dict[str, Any], body: dict[str, Any]) -> int:
        """Keep a resource's next version; its number. The caller saves the resource."""
        number = int(resource["LastVersion"]) + 1
        resource["LastVersion"] = number
        body["VersionNumber"] = number
        self.library.documents.put(caller, _of_versions(kind), f"{resource['Id']}/{number:06d}", body)
        return number

    def version(self, caller: Caller, kind: Kind, resource: dict[str, Any], number: int) -> dict[str, Any]:
        """A version of a resource.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        found = self.library.documents.get(caller, _of_versions(kind), f"{resource['Id']}/{number:06d}")
        if found is None:
            raise not_found(f"{kind.resource_type}_VERSION", f"{kind.word} {resource['Id']} has no version {number}")
        return found

    def versions(self, caller: Caller, kind: Kind, resource: dict[str, Any]) -> list[dict[str, Any]]:
        """All versions of a resource, oldest first."""
        return self.library.documents.page(caller, _of_versions(kind), f"{resource['Id']}/", "", 2**31)[0]

    def delete_version(self, caller: Caller, kind: Kind, resource: dict[str, Any], number: int) -> None:
        """Remove one version."""
        self.version(caller, kind, resource, number)
        self.library.documents.delete(caller, _of_versions(kind), f"{resource['Id']}/{number:06d}")

    def delete_versions(self, caller: Caller, kind: Kind, resource: dict[str, Any]) -> None:
        """Remove all versions of a resource that is deleted."""
        for one in self.versions(caller, kind, resource):
            self.delete_version(caller, kind, resource, one["VersionNumber"])

    def check_settled(self, caller: Caller, kind: Kind, resource: dict[str, Any]) -> None:
        """Refuse a change while the newest version is being made.

        Raises:
            ServiceError: ConflictException.
        """
        newest = self.library.documents.get(
            caller, _of_versions(kind), f"{resource['Id']}/{resource['LastVersion']:06d}"
        )
        if newest is not None and is_in_progress(newest["State"]):
            raise conflict(
                f"{kind.word} {resource['Id']} is being created or updated; wait for version {newest['VersionNumber']}"
            )

    def _definition(self, caller: Caller, params: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        definition, source = params.get("Definition"), params.get("SourceEntity")
        if (definition is None) == (source is None):
            raise invalid_value("Definition or SourceEntity is needed, and not both")
        if definition is not None:
            return definition, None
        ((_, entity),) = (source or {}).items()
        arn = entity["Arn"]
        kind, _, found = self.library.by_arn(caller, arn.partition("/version/")[0].partition("/alias/")[0])
        body = found.get("Body") or self.version(caller, kind, found, found["LastVersion"])
        made = copy.deepcopy(body["Definition"])
        references = entity.get("DataSetReferences", [])
        if "DataSetConfigurations" in made:
            made.pop("DataSetConfigurations")
            made["DataSetIdentifierDeclarations"] = [
                {"Identifier": one["DataSetPlaceholder"], "DataSetArn": one["DataSetArn"]} for one in references
            ]
        return made, arn

    def _columns_of(self, caller: Caller, arn: str) -> set[str] | None:
        data_set = self.data_set_by_arn(caller, arn)
        return None if data_set is None else set(output_columns(data_set).types)


def shown_version(resource: dict[str, Any], version: dict[str, Any]) -> dict[str, Any]:
    """A version as the API describes it."""
    return {
        **version,
        "Arn": f"{resource['Arn']}/version/{version['VersionNumber']}",
        "Status": status_of(version["State"]),
        "Errors": version["State"].get("errors"),
        "Sheets": sheets_of(version["Definition"]),
    }


def sheets_of(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """The API's Sheets."""
    return [{"SheetId": sheet["SheetId"], "Name": sheet.get("Name")} for sheet in definition.get("Sheets", [])]


def _of_versions(kind: Kind) -> str:
    return f"{kind.in_arn}_version"
