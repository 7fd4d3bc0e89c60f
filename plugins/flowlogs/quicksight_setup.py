"""Makes QuickSight hold what `flowlogs.quicksight.wanted` asks for: creates, updates what differs, leaves the rest alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowlogs.quicksight.permissions import Kind
from flowlogs.quicksight.refreshes import RefreshSchedule
from flowlogs.quicksight.wanted import TAG, Resource, WantedDashboard
from flowlogs.quicksight_schema import schema_problems

log = logging.getLogger(__name__)

MOST_WAIT_SECONDS: Final = 300.0
"""How long an analysis, dashboard or data source may take to be made; some seconds are usual."""


class SetupError(Exception):
    """What QuickSight refused, or our checks did, and what to do."""


@dataclass(frozen=True)
class _Api:
    """The operations of a kind of resource, as the client has them."""

    word: str
    """In the operations' names: data_source."""
    id_name: str
    answer: str | None
    """The key of a description in its answer; None for the answer itself."""
    describe: str
    status: str | None
    """The key of the status; None for what is there at once."""


_APIS: Final[Mapping[Kind, _Api]] = {
    "data source": _Api("data_source", "DataSourceId", "DataSource", "describe_data_source", "Status"),
    "data set": _Api("data_set", "DataSetId", "DataSet", "describe_data_set", None),
    "folder": _Api("folder", "FolderId", "Folder", "describe_folder", None),
    "analysis": _Api("analysis", "AnalysisId", None, "describe_analysis_definition", "ResourceStatus"),
    "dashboard": _Api("dashboard", "DashboardId", None, "describe_dashboard_definition", "ResourceStatus"),
}


@dataclass(frozen=True)
class Outcome:
    """What a run of the set-up found and did, in words."""

    created: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    """What differed; repaired, unless the set-up was only to report."""


class QuickSightSetup:
    """Applies what is wanted.

    Args:
        client: boto3's QuickSight client of the dashboard's region.
        wanted: what there shall be.
        repair: mend what differs, or only report it; what is missing is created either way.
        wait: told how many seconds to wait.
    """

    def __init__(
        self, client: Any, wanted: WantedDashboard, *, repair: bool, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._repair = repair
        self._wait = wait
        self._created: list[str] = []
        self._differences: list[str] = []

    def apply(self) -> Outcome:
        """Create what is missing and mend what differs.

        Raises:
            SetupError: for definitions that do not pass the checks, before anything is changed; and for what
                QuickSight cannot make of them, with its reasons.
        """
        self._check()
        for resource in self._wanted.resources:
            self._apply(resource)
        for properties in self._wanted.refresh_properties:
            self._apply_refresh_properties(properties.id)
        for name in self._wanted.data_sets:
            self._apply_schedules(self._wanted.data_sets[name].id)
        if self._wanted.folder is not None:
            self._apply_members(self._wanted.folder.id)
        return Outcome(tuple(self._created), tuple(self._differences))

    def remove(self) -> tuple[str, ...]:
        """Delete the dashboard and all that it was made of, as far as it carries this environment's tag.

        Returns: what was deleted. The analysis can be restored for 30 days.
        """
        folder = self._wanted.folder
        if folder is not None and self._is_ours("folder", folder.arn):
            for member_type, member_id in self._members(folder.id):
                arguments = {**self._account, "FolderId": folder.id, "MemberId": member_id, "MemberType": member_type}
                self._client.delete_folder_membership(**arguments)
        targets: list[tuple[Kind, str, str]] = [(one.kind, one.id, one.arn) for one in self._wanted.resources]
        if self._wanted.access is None:  # of when there were rules
            source = self._wanted.data_source
            access_id = f"{self._wanted.environment}-flowlogs-access"
            arn = f"{source.arn.rpartition('datasource/')[0]}dataset/{access_id}"
            targets.insert(1, ("data set", access_id, arn))
        removed = []
        for kind, resource_id, arn in reversed(targets):
            if self._is_ours(kind, arn) and not (kind == "analysis" and self._is_deleted(resource_id)):
                api = _APIS[kind]
                getattr(self._client, f"delete_{api.word}")(**self._account, **{api.id_name: resource_id})
                removed.append(f"{kind} {resource_id}")
                log.info("deleted %s %s", kind, resource_id)
        return tuple(removed)

    @property
    def _account(self) -> dict[str, str]:
        return {"AwsAccountId": self._wanted.account_id}

    def _check(self) -> None:
        model = self._client.meta.service_model
        problems = list(self._wanted.problems)
        for resource in self._wanted.resources:
            name = "".join(word.capitalize() for word in _APIS[resource.kind].word.split("_"))
            found = schema_problems(model, f"Create{name}", resource.request())
            problems += [f"{resource.kind} {resource.id}: {text}" for text in found]
        for properties in self._wanted.refresh_properties:
            problems += schema_problems(model, "PutDataSetRefreshProperties", properties.request())
        for schedule in self._wanted.refresh_schedules:
            problems += schema_problems(model, "CreateRefreshSchedule", schedule.request())
        if problems:
            listed = "\n".join(f"- {text}" for text in problems)
            raise SetupError(f"the definitions in include/quicksight/ are wrong, nothing was changed:\n{listed}")

    def _apply(self, resource: Resource) -> None:
        api = _APIS[resource.kind]
        actual = self._described(resource)
        if actual is None:
            getattr(self._client, f"create_{api.word}")(**resource.request())
            self._settled(resource)
            self._created.append(f"{resource.kind} {resource.id}")
            log.info("created %s %s", resource.kind, resource.id)
            return
        actual = self._revived(resource, actual)
        found = resource.differences(actual)
        status = str(actual.get(api.status, "")) if api.status else ""
        if status.endswith("FAILED"):
            found.append(f"Status is {status}")
        if self._found(resource, found):
            self._update(resource)
        self._apply_permissions(resource)
        self._apply_tags(resource)

    def _found(self, resource: Resource, found: list[str]) -> bool:
        """Note differences; whether to mend them."""
        self._differences += [f"{resource.kind} {resource.id}: {text}" for text in found]
        return bool(found) and self._repair

    def _update(self, resource: Resource) -> None:
        api = _APIS[resource.kind]
        answer = getattr(self._client, f"update_{api.word}")(**resource.update())
        if resource.kind != "dashboard":
            self._settled(resource)
            return
        version = int(answer["VersionArn"].rpartition("/")[2])
        self._settled(resource, VersionNumber=version)
        self._client.update_dashboard_published_version(
            **self._account, DashboardId=resource.id, VersionNumber=version
        )  # fmt: skip

    def _described(self, resource: Resource, **more: Any) -> Mapping[str, Any] | None:
        """What QuickSight says of a resource; None when it is not there."""
        api = _APIS[resource.kind]
        try:
            answer = getattr(self._client, api.describe)(**self._account, **{api.id_name: resource.id}, **more)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        found: Mapping[str, Any] = answer[api.answer] if api.answer else answer
        return found

    def _revived(self, resource: Resource, actual: Mapping[str, Any]) -> Mapping[str, Any]:
        """A resource as it is once it can be changed: restored when it was deleted, and done with an earlier change."""
        status = _APIS[resource.kind].status
        if resource.kind == "analysis" and actual.get("ResourceStatus") == "DELETED":
            self._client.restore_analysis(**self._account, AnalysisId=resource.id)
            self._created.append(f"analysis {resource.id}, restored")
            return self._described(resource) or actual
        if status and str(actual.get(status, "")).endswith("IN_PROGRESS"):
            self._settled(resource, fail=False)
            return self._described(resource) or actual
        return actual

    def _settled(self, resource: Resource, *, fail: bool = True, **more: Any) -> None:
        """Wait until a resource is made.

        Raises:
            SetupError: when it could not be made, with QuickSight's reasons; or takes longer than MOST_WAIT_SECONDS.
        """
        key = _APIS[resource.kind].status
        if key is None:
            return
        waited, pause = 0.0, 0.25
        while True:
            actual = self._described(resource, **more) or {}
            status = str(actual.get(key, ""))
            if not status.endswith("IN_PROGRESS"):
                break
            if waited >= MOST_WAIT_SECONDS:
                raise SetupError(
                    f"{resource.kind} {resource.id} is {status} after {waited:.0f} s; look at it in QuickSight, then "
                    "run the set-up again"
                )
            self._wait(pause)
            waited, pause = waited + pause, min(pause * 2, 5.0)
        if fail and status.endswith("FAILED"):
            reasons = actual.get("Errors") or [actual.get("ErrorInfo") or {"Message": "no reason given"}]
            told = "; ".join(f"{one.get('Type', '')} {one.get('Message', '')}".strip() for one in reasons)
            raise SetupError(f"{resource.kind} {resource.id} is {status}: {told}")

    def _apply_permissions(self, resource: Resource) -> None:
        api = _APIS[resource.kind]
        named = {**self._account, api.id_name: resource.id}
        actual = list(self._permissions(resource))
        if self._found(resource, resource.permissions.differences(actual)):
            grant, revoke = resource.permissions.changes(actual)
            lists = {"GrantPermissions": grant, "RevokePermissions": revoke}
            given = {name: grants for name, grants in lists.items() if grants}
            getattr(self._client, f"update_{api.word}_permissions")(**named, **given)

    def _permissions(self, resource: Resource) -> Iterator[Mapping[str, Any]]:
        api = _APIS[resource.kind]
        token: dict[str, str] = {}
        while True:
            describe = getattr(self._client, f"describe_{api.word}_permissions")
            answer = describe(**self._account, **{api.id_name: resource.id}, **token)
            yield from answer.get("Permissions", [])
            if resource.kind != "folder" or not answer.get("NextToken"):  # only folders' come in pages
                return
            token = {"NextToken": answer["NextToken"]}

    def _apply_tags(self, resource: Resource) -> None:
        tags = self._tags(resource.arn)
        wrong = [f"tag {key} is {tags.get(key)}, expected {value}" for key, value in resource.tags.items()
                 if tags.get(key) != value]  # fmt: skip
        if self._found(resource, wrong):
            self._client.tag_resource(ResourceArn=resource.arn, Tags=resource.tag_list())

    def _tags(self, arn: str) -> dict[str, str]:
        answer = self._client.list_tags_for_resource(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}

    def _is_ours(self, kind: Kind, arn: str) -> bool:
        """Whether a resource is there and carries this environment's tag."""
        try:
            ours = self._tags(arn).get(TAG) == self._wanted.environment
        except self._client.exceptions.ResourceNotFoundException:
            return False
        if not ours:
            log.warning("%s %s does not carry the tag %s=%s, left as it is", kind, arn, TAG, self._wanted.environment)
        return ours

    def _is_deleted(self, analysis_id: str) -> bool:
        """Whether an analysis waits for its end, or for somebody to restore it."""
        answer = self._client.describe_analysis(**self._account, AnalysisId=analysis_id)
        return bool(answer["Analysis"].get("Status") == "DELETED")

    def _apply_refresh_properties(self, data_set_id: str) -> None:
        (wanted,) = (one for one in self._wanted.refresh_properties if one.id == data_set_id)
        try:
            answer = self._client.describe_data_set_refresh_properties(**self._account, DataSetId=data_set_id)
            actual = answer["DataSetRefreshProperties"]
        except self._client.exceptions.ResourceNotFoundException:
            actual = None
        found = wanted.differences(actual)
        if actual is not None:
            self._differences += [f"data set {data_set_id}: {text}" for text in found]
        if found and (actual is None or self._repair):
            self._client.put_data_set_refresh_properties(**wanted.request())

    def _apply_schedules(self, data_set_id: str) -> None:
        """The weekly refresh; one of ours that is no longer wanted would go on reading, so it goes."""
        listed = self._client.list_refresh_schedules(**self._account, DataSetId=data_set_id)
        there = {one["ScheduleId"]: one for one in listed.get("RefreshSchedules", [])}
        wanted: dict[str, RefreshSchedule] = {
            one.id: one for one in self._wanted.refresh_schedules if one.data_set_id == data_set_id
        }
        for schedule_id, schedule in wanted.items():
            if schedule_id not in there:
                self._client.create_refresh_schedule(**schedule.request())
                continue
            found = schedule.differences(there[schedule_id])
            self._differences += [f"data set {data_set_id}: schedule {schedule_id}: {text}" for text in found]
            if found and self._repair:
                self._client.update_refresh_schedule(**schedule.request())
        ours = self._wanted.schedule_id
        if ours in there and ours not in wanted:
            self._differences.append(f"data set {data_set_id}: schedule {ours} is there, expected none")
            if self._repair:
                named = {**self._account, "DataSetId": data_set_id, "ScheduleId": ours}
                self._client.delete_refresh_schedule(**named)

    def _apply_members(self, folder_id: str) -> None:
        """Put what is missing into the folder; what people put there stays."""
        there = set(self._members(folder_id))
        for member_type, member_id in self._wanted.members:
            if (member_type, member_id) not in there:
                arguments = {**self._account, "FolderId": folder_id, "MemberId": member_id, "MemberType": member_type}
                self._client.create_folder_membership(**arguments)

    def _members(self, folder_id: str) -> Iterator[tuple[str, str]]:
        """MemberType and MemberId of everything in a folder."""
        token: dict[str, str] = {}
        found: list[tuple[str, str]] = []
        while True:
            answer = self._client.list_folder_members(**self._account, FolderId=folder_id, **token)
            for member in answer.get("FolderMemberList", []):
                # Only the ARN says what a member is.
                word = member["MemberArn"].rpartition(":")[2].partition("/")[0]
                found.append((word.upper(), member["MemberId"]))
            if not answer.get("NextToken"):
                return iter(found)
            token = {"NextToken": answer["NextToken"]}
