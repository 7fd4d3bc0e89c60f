"""Work groups: where results go, what a query may scan, who decides (Athena API, WorkGroup)."""

from __future__ import annotations

import time
from typing import Any

from local_aws.athena.errors import invalid_request
from local_aws.athena.resources import Resources
from local_aws.aws_json import Caller, ServiceError
from local_aws.objects import split_s3_uri

PRIMARY = "primary"
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
SMALLEST_CUTOFF = 10_000_000
"""BytesScannedCutoffPerQuery is at least 10 MB (API reference, WorkGroupConfiguration)."""

_DEFAULTS: dict[str, Any] = {
    "ResultConfiguration": {},
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "EngineVersion": ENGINE,
}

# Updates that remove: flag -> the key it takes away (API reference, WorkGroupConfigurationUpdates).
_REMOVALS = {"RemoveBytesScannedCutoffPerQuery": "BytesScannedCutoffPerQuery"}
_RESULT_REMOVALS = {
    "RemoveOutputLocation": "OutputLocation",
    "RemoveEncryptionConfiguration": "EncryptionConfiguration",
    "RemoveExpectedBucketOwner": "ExpectedBucketOwner",
    "RemoveAclConfiguration": "AclConfiguration",
}


class WorkGroups:
    """The work groups of every account; `primary` always exists."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def get(self, caller: Caller, name: str) -> dict[str, Any]:
        """The API's WorkGroup.

        Raises:
            ServiceError: InvalidRequestException when there is none, as Athena answers.
        """
        found = self._resources.get(caller, "work_group", name)
        if found is None and name == PRIMARY:
            configuration = {**_DEFAULTS, "EnforceWorkGroupConfiguration": False}
            return {"Name": PRIMARY, "State": "ENABLED", "Configuration": configuration, "CreationTime": 0}
        if found is None:
            raise invalid_request(f"WorkGroup {name} is not found.", "WORKGROUP_NOT_FOUND")
        return found

    def usable(self, caller: Caller, name: str) -> dict[str, Any]:
        """The work group, which must be enabled, for starting a query in it."""
        found = self.get(caller, name)
        if found["State"] != "ENABLED":
            raise invalid_request(f"WorkGroup {name} is disabled.", "WORKGROUP_DISABLED")
        return found

    def create(self, caller: Caller, params: dict[str, Any]) -> None:
        """CreateWorkGroup."""
        name = params["Name"]
        if name == PRIMARY or self._resources.get(caller, "work_group", name) is not None:
            raise invalid_request(f"WorkGroup {name} is already created", "WORKGROUP_ALREADY_EXISTS")
        configuration = {**_DEFAULTS, **params.get("Configuration", {})}
        configuration["EngineVersion"] = _engine(configuration)
        _check(configuration)
        group = {"Name": name, "State": "ENABLED", "Configuration": configuration, "CreationTime": time.time()}
        if "Description" in params:
            group["Description"] = params["Description"]
        self._resources.put(caller, "work_group", name, group)

    def update(self, caller: Caller, params: dict[str, Any]) -> None:
        """UpdateWorkGroup: what is named changes, the rest stays."""
        group = self.get(caller, params["WorkGroup"])
        updates: dict[str, Any] = dict(params.get("ConfigurationUpdates", {}))
        configuration = dict(group["Configuration"])
        results = dict(configuration.get("ResultConfiguration", {}))
        result_updates: dict[str, Any] = updates.pop("ResultConfigurationUpdates", {})
        for flag, key in _RESULT_REMOVALS.items():
            if result_updates.pop(flag, False):
                results.pop(key, None)
        results.update(result_updates)
        for flag, key in _REMOVALS.items():
            if updates.pop(flag, False):
                configuration.pop(key, None)
        configuration.update(updates)
        configuration["ResultConfiguration"] = results
        configuration["EngineVersion"] = _engine(configuration)
        _check(configuration)
        group["Configuration"] = configuration
        for key in ("Description", "State"):
            if key in params:
                group[key] = params[key]
        self._resources.put(caller, "work_group", group["Name"], group)

    def delete(self, caller: Caller, name: str) -> None:
        """DeleteWorkGroup, after its contents were dealt with."""
        if name == PRIMARY:
            raise invalid_request("The primary workgroup cannot be deleted")
        self.get(caller, name)
        self._resources.delete(caller, "work_group", name)

    def page(self, caller: Caller, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Work groups by name, `primary` first."""
        groups, more = self._resources.page(caller, "work_group", "", after, limit)
        if not after and all(group["Name"] != PRIMARY for group in groups):
            groups = [self.get(caller, PRIMARY), *groups]
        return groups, more


def output_folder(group: dict[str, Any], of_call: dict[str, Any]) -> str:
    """The S3 folder, ending in `/`, for the results of a query: the work group's where it decides.

    Raises:
        ServiceError: InvalidRequestException without any location, or for one that is none.
    """
    of_group = group["Configuration"].get("ResultConfiguration", {})
    enforced = group["Configuration"].get("EnforceWorkGroupConfiguration", False)
    first, second = (of_group, of_call) if enforced else (of_call, of_group)
    location = first.get("OutputLocation") or second.get("OutputLocation")
    if not location:
        raise invalid_request(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    _check_location(location)
    return location if location.endswith("/") else f"{location}/"


def _engine(configuration: dict[str, Any]) -> dict[str, str]:
    """The engine as the caller selected it, and the one that then runs: there is one."""
    return {
        **ENGINE,
        **configuration.get("EngineVersion", {}),
        "EffectiveEngineVersion": ENGINE["EffectiveEngineVersion"],
    }


def _check(configuration: dict[str, Any]) -> None:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and cutoff < SMALLEST_CUTOFF:
        raise invalid_request(f"BytesScannedCutoffPerQuery {cutoff} is below the minimum of {SMALLEST_CUTOFF}")
    location = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if location:
        _check_location(location)


def _check_location(location: str) -> None:
    try:
        split_s3_uri(location)
    except ValueError as error:
        raise ServiceError(
            "InvalidRequestException",
            f"outputLocation is not a valid S3 path: {location}",
            AthenaErrorCode="INVALID_INPUT",
        ) from error
