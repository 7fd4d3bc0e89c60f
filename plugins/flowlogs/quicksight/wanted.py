"""What there shall be in QuickSight, as requests to its API, and how what is there differs.

Every name begins with the environment, so that several deployments share an account; every resource carries the tag
`flowlogs` with the environment as its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowlogs.quicksight import access, checks, data_sets
from flowlogs.quicksight.dashboard_files import DashboardFile, read_dashboard
from flowlogs.quicksight.data_sets import DataSetFile, DefinitionError
from flowlogs.quicksight.definition import definition
from flowlogs.quicksight.differences import differences
from flowlogs.quicksight.permissions import Kind, Permissions
from flowlogs.quicksight.refreshes import RefreshProperties, RefreshSchedule, look_back_window
from flowlogs.settings import Settings

TAG: Final = "flowlogs"

ARN_WORDS: Final[Mapping[Kind, str]] = {
    "data source": "datasource", "data set": "dataset", "folder": "folder", "analysis": "analysis",
    "dashboard": "dashboard",
}  # fmt: skip
_IDS: Final[Mapping[Kind, str]] = {
    "data source": "DataSourceId", "data set": "DataSetId", "folder": "FolderId", "analysis": "AnalysisId",
    "dashboard": "DashboardId",
}  # fmt: skip
_ONLY_AT_CREATION: Final[Mapping[Kind, frozenset[str]]] = {
    "data source": frozenset({"Type"}), "data set": frozenset({"UseAs"}), "folder": frozenset({"FolderType"}),
    "analysis": frozenset(), "dashboard": frozenset(),
}  # fmt: skip
_COMPARED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "data source": ("Name", "Type", "DataSourceParameters"),
    "data set": (
        "Name", "PhysicalTableMap", "LogicalTableMap", "ImportMode", "FieldFolders", "RowLevelPermissionDataSet",
        "RowLevelPermissionTagConfiguration", "ColumnLevelPermissionRules", "ColumnGroups",
    ),
    "folder": ("Name",),
    "analysis": ("Name", "Definition"),
    "dashboard": ("Name", "Definition", "DashboardPublishOptions"),
}  # fmt: skip
"""What of a description is compared; what of it the wanted resource does not have, must not be there."""


@dataclass(frozen=True)
class Resource:
    """A data source, data set, folder, analysis or dashboard."""

    kind: Kind
    id: str
    arn: str
    account_id: str
    body: Mapping[str, Any]
    permissions: Permissions
    tags: Mapping[str, str]

    def request(self) -> dict[str, Any]:
        """The arguments of Create…."""
        made = {**self._named(), **self.body, "Tags": self.tag_list()}
        return {**made, "Permissions": self.permissions.request()} if self.permissions.grants else made

    def update(self) -> dict[str, Any]:
        """The arguments of Update…, which replaces all but permissions and tags."""
        kept = {name: value for name, value in self.body.items() if name not in _ONLY_AT_CREATION[self.kind]}
        return {**self._named(), **kept}

    def differences(self, actual: Mapping[str, Any]) -> list[str]:
        """How what is there differs, in words.

        Args:
            actual: of a data source, data set or folder its description; of an analysis or dashboard the answer of
                Describe…Definition.
        """
        return [
            text for name in _COMPARED[self.kind] for text in differences(self.body.get(name), actual.get(name), name)
        ]

    def tag_list(self) -> list[dict[str, str]]:
        """The tags as the API has them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def _named(self) -> dict[str, str]:
        return {"AwsAccountId": self.account_id, _IDS[self.kind]: self.id}


@dataclass(frozen=True)
class WantedDashboard:
    """All that there shall be, in the order in which it can be made."""

    environment: str
    account_id: str
    data_source: Resource
    folder: Resource | None
    access: Resource | None
    """The data set of row-level security."""
    data_sets: Mapping[str, Resource]
    """By their names in the definition: traffic, coverage."""
    analysis: Resource
    dashboard: Resource
    refresh_properties: tuple[RefreshProperties, ...]
    refresh_schedules: tuple[RefreshSchedule, ...]
    schedule_id: str
    problems: tuple[str, ...] = field(default=())
    """What our own checks find wrong with the definitions; nothing is applied then."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource, those first that others are made of."""
        optional = [one for one in (self.folder, self.access) if one is not None]
        return (self.data_source, *optional, *self.data_sets.values(), self.analysis, self.dashboard)

    @property
    def members(self) -> tuple[tuple[str, str], ...]:
        """MemberType and MemberId of what lies in the folder."""
        words: Mapping[Kind, str] = {
            "data source": "DATASOURCE", "data set": "DATASET", "analysis": "ANALYSIS", "dashboard": "DASHBOARD",
        }  # fmt: skip
        return tuple((words[one.kind], one.id) for one in self.resources if one.kind in words)


def wanted(settings: Settings, account_id: str, region: str, dashboard: DashboardFile | None = None) -> WantedDashboard:
    """What the settings and `include/quicksight/` ask for.

    Args:
        settings: environment, data sets' limits, people, edition.
        account_id: AWS account of QuickSight.
        region: region of the data sets and the dashboard.
        dashboard: another one than that of `include/quicksight/`.

    Raises:
        DefinitionError: for a file that is not as it has to be.
    """
    return _Builder(settings, account_id, region).build(dashboard or read_dashboard(), data_sets.data_set_files())


class _Builder:
    def __init__(self, settings: Settings, account_id: str, region: str) -> None:
        self._settings = settings
        self._account_id = account_id
        partition = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        name = next((name for prefix, name in partition.items() if region.startswith(prefix)), "aws")
        self._arn = f"arn:{name}:quicksight:{region}:{account_id}:"
        self._prefix = f"{settings.environment}-flowlogs"

    def build(self, dashboard: DashboardFile, files: Mapping[str, DataSetFile]) -> WantedDashboard:
        quicksight = self._settings.quicksight
        missing = [name for name in dashboard.data_sets if name not in files]
        if missing:
            raise DefinitionError(f"dashboard.yaml: no data set {', '.join(missing)}; there are {', '.join(files)}")
        is_enterprise = quicksight.edition == "enterprise"
        source = self._data_source()
        rules = self._access(source) if quicksight.row_level_security else None
        sets = {name: self._data_set(name, files[name], source, rules) for name in dashboard.data_sets}
        body = definition(dashboard, files, {name: resource.arn for name, resource in sets.items()})
        name = f"{dashboard.name} ({self._settings.environment})"
        schedule_id = f"{self._prefix}-full"
        return WantedDashboard(
            environment=self._settings.environment,
            account_id=self._account_id,
            data_source=source,
            folder=self._resource("folder", "", {"Name": name, "FolderType": "SHARED"}) if is_enterprise else None,
            access=rules,
            data_sets=sets,
            analysis=self._resource("analysis", "", {"Name": name, "Definition": body}),
            dashboard=self._resource(
                "dashboard", "", {"Name": name, "Definition": body, "DashboardPublishOptions": _PUBLISH_OPTIONS}
            ),
            refresh_properties=tuple(
                RefreshProperties(
                    one.id, self._account_id, files[name].look_back, look_back_window(self._settings)
                )
                for name, one in sets.items()
                if is_enterprise
            ),
            refresh_schedules=tuple(
                RefreshSchedule(
                    schedule_id, one.id, self._account_id, quicksight.full_refresh.day, quicksight.full_refresh.time
                )
                for one in sets.values()
                if quicksight.full_refresh is not None
            ),
            schedule_id=schedule_id,
            problems=(
                *(text for name in sets for text in checks.data_set_problems(name, files[name])),
                *checks.definition_problems(body, {name: files[name].types for name in sets}),
            ),
        )  # fmt: skip

    def _data_source(self) -> Resource:
        parameters = {"WorkGroup": self._settings.athena.work_group}
        if self._settings.quicksight.athena_role_arn is not None:
            parameters["RoleArn"] = self._settings.quicksight.athena_role_arn
        return self._resource(
            "data source",
            "-athena",
            {
                "Name": f"VPC flow logs: Athena ({self._settings.environment})",
                "Type": "ATHENA",
                "DataSourceParameters": {"AthenaParameters": parameters},
            },
        )

    def _access(self, source: Resource) -> Resource:
        tables = access.access_tables(self._settings.quicksight.row_level_security, source.arn)
        name = f"VPC flow logs: who sees which accounts ({self._settings.environment})"
        return self._resource(
            "data set", "-access", {"Name": name, **tables, "ImportMode": "SPICE", "UseAs": "RLS_RULES"}
        )

    def _data_set(self, name: str, file: DataSetFile, source: Resource, rules: Resource | None) -> Resource:
        sql = data_sets.query(file.sql, self._settings)
        body: dict[str, Any] = {
            "Name": f"{file.name} ({self._settings.environment})",
            **data_sets.physical_and_logical(file, source.arn, sql),
            "ImportMode": "SPICE",
        }
        if rules is not None:
            body["RowLevelPermissionDataSet"] = {
                "Namespace": "default",
                "Arn": rules.arn,
                "PermissionPolicy": "GRANT_ACCESS",
                "FormatVersion": "VERSION_1",
                "Status": "ENABLED",
            }
        return self._resource("data set", f"-{name}", body)

    def _resource(self, kind: Kind, suffix: str, body: dict[str, Any]) -> Resource:
        resource_id = f"{self._prefix}{suffix}"
        return Resource(
            kind=kind,
            id=resource_id,
            arn=f"{self._arn}{ARN_WORDS[kind]}/{resource_id}",
            account_id=self._account_id,
            body=body,
            permissions=Permissions.of(kind, self._settings.quicksight),
            tags={TAG: self._settings.environment},
        )


_PUBLISH_OPTIONS: Final = {
    "AdHocFilteringOption": {"AvailabilityStatus": "ENABLED"},
    "ExportToCSVOption": {"AvailabilityStatus": "ENABLED"},
    "SheetControlsOption": {"VisibilityState": "EXPANDED"},
}
