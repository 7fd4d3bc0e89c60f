"""Data sets: what is read from a data source, what is made of it, and who may see it."""

from __future__ import annotations

import uuid
from typing import Any

from local_aws.aws_json import Caller, ServiceError
from local_aws.quicksight.errors import conflict, invalid_value, not_found, unsupported_edition
from local_aws.quicksight.filing import Filing
from local_aws.quicksight.ingesting import Ingesting
from local_aws.quicksight.ingestion_records import Ingestion, IngestionRecords
from local_aws.quicksight.loading import REFRESH_PROPERTIES
from local_aws.quicksight.preparation.tables import InvalidTables, output_columns, physical_table, unsupported
from local_aws.quicksight.refresh_operations import SCHEDULES
from local_aws.quicksight.resources import DATA_SET, DATA_SOURCE, page
from local_aws.quicksight.spice import Spice

_KEPT = (
    "Name", "PhysicalTableMap", "LogicalTableMap", "ImportMode", "ColumnGroups", "FieldFolders",
    "RowLevelPermissionDataSet", "RowLevelPermissionTagConfiguration", "ColumnLevelPermissionRules",
    "DataSetUsageConfiguration", "DatasetParameters", "PerformanceConfiguration",
)  # fmt: skip


class DataSetOperations(Filing):
    """Operations on data sets. Creating or updating one that is imported into SPICE starts an ingestion."""

    records: IngestionRecords
    ingesting: Ingesting
    spice: Spice

    def create_data_set(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateDataSet."""
        document = {
            "DataSetId": params["DataSetId"],
            "UseAs": params.get("UseAs"),
            **self._described(caller, params),
            **self.filed(caller, params),
        }
        data_set = self.library.create(caller, DATA_SET, params["DataSetId"], document)
        self.put_into_folders(caller, DATA_SET, params["DataSetId"], params)
        return {"Status": 201, **_ids(data_set), **self._ingest(caller, data_set, "INITIAL_INGESTION")}

    def describe_data_set(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDataSet."""
        data_set = self.library.get(caller, DATA_SET, params["DataSetId"])
        stored = self.spice.state(caller, params["DataSetId"])
        size = stored["bytes"] if stored and data_set["ImportMode"] == "SPICE" else 0
        return {
            "DataSet": {
                **data_set,
                "OutputColumns": output_columns(data_set).output(),
                "ConsumedSpiceCapacityInBytes": size,
            }
        }

    def list_data_sets(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDataSets."""
        shown, following = page(params, self.library.all(caller, DATA_SET), _summary)
        return {"DataSetSummaries": shown, "NextToken": following}

    def update_data_set(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataSet: what is not given is gone, except permissions and tags. Partial updates do not exist."""
        data_set_id = params["DataSetId"]
        old = self.library.get(caller, DATA_SET, data_set_id)
        kept = {name: value for name, value in old.items() if name not in _KEPT}
        data_set = {**kept, **self._described(caller, params)}
        self.library.save(caller, DATA_SET, data_set_id, data_set)
        self.ingesting.supersede(caller, data_set_id)
        if data_set["ImportMode"] != "SPICE":
            self.spice.forget(caller, data_set_id)
        return {"Status": 200, **_ids(data_set), **self._ingest(caller, data_set, "EDIT")}

    def delete_data_set(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteDataSet, with its rows, ingestions, refresh properties and schedules. Dashboards on it stay."""
        data_set_id = params["DataSetId"]
        data_set = self.library.get(caller, DATA_SET, data_set_id)
        for other in self.library.all(caller, DATA_SET):
            if (other.get("RowLevelPermissionDataSet") or {}).get("Arn") == data_set["Arn"]:
                raise conflict(f"data set {data_set_id} holds the row-level permissions of {other['DataSetId']}")
        self.remove(caller, DATA_SET, data_set_id)
        self.ingesting.drop(caller, data_set_id)
        self.records.forget(caller, data_set_id)
        self.spice.forget(caller, data_set_id)
        for kind in (REFRESH_PROPERTIES, SCHEDULES):
            self.library.documents.delete(caller, kind, data_set_id)
        return _ids(data_set)

    def describe_data_set_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDataSetPermissions."""
        found = self.library.get(caller, DATA_SET, params["DataSetId"])
        return {"DataSetArn": found["Arn"], "DataSetId": found["DataSetId"], "Permissions": found["Permissions"]}

    def update_data_set_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataSetPermissions."""
        found = self.change_permissions(caller, DATA_SET, params["DataSetId"], params)
        return {"DataSetArn": found["Arn"], "DataSetId": found["DataSetId"]}

    def _described(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """What a request says of a data set, checked."""
        if parts := unsupported(params):
            raise invalid_value(f"{', '.join(parts)}: the local QuickSight has LogicalTableMap only")
        try:
            physical = physical_table(params)
            columns = output_columns(params)
        except InvalidTables as error:
            raise ServiceError("InvalidParameterValueException", str(error)) from error
        data_source_id = physical.data_source_arn.rpartition("/")[2]
        if physical.data_source_arn != DATA_SOURCE.arn(caller, data_source_id):
            raise not_found("DATA_SOURCE", f"data source {physical.data_source_arn} is not found")
        self.library.get(caller, DATA_SOURCE, data_source_id)
        for folder, members in (params.get("FieldFolders") or {}).items():
            if missing := [name for name in members.get("columns", []) if name not in columns.types]:
                raise invalid_value(
                    f"FieldFolders: {folder} names {', '.join(missing)}, which the data set does not have"
                )
        if row_level := params.get("RowLevelPermissionDataSet"):
            self._check_row_level(caller, row_level)
        return {name: params[name] for name in _KEPT if params.get(name) is not None}

    def _check_row_level(self, caller: Caller, row_level: dict[str, Any]) -> None:
        if self.behaviour.edition != "ENTERPRISE":
            raise unsupported_edition("Row-level security is not available in the Standard edition")
        rules = self.data_set_by_arn(caller, row_level["Arn"])
        if rules is None:
            raise not_found("DATA_SET", f"data set {row_level['Arn']} with the row-level permissions is not found")
        columns = {name.lower() for name in output_columns(rules).types}
        if not columns & {"username", "groupname", "userarn", "grouparn"}:
            raise invalid_value(f"{row_level['Arn']} has no column UserName, GroupName, UserARN or GroupARN")

    def _ingest(self, caller: Caller, data_set: dict[str, Any], request_type: str) -> dict[str, Any]:
        if data_set["ImportMode"] != "SPICE":
            return {}
        ingestion = Ingestion(caller, data_set["DataSetId"], str(uuid.uuid4()), request_type)
        self.ingesting.submit(ingestion)
        return {"IngestionArn": ingestion.arn, "IngestionId": ingestion.id}


def _ids(data_set: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": data_set["Arn"], "DataSetId": data_set["DataSetId"]}


def _summary(data_set: dict[str, Any]) -> dict[str, Any]:
    return {
        **data_set,
        "RowLevelPermissionTagConfigurationApplied": bool(data_set.get("RowLevelPermissionTagConfiguration")),
        "ColumnLevelPermissionRulesApplied": bool(data_set.get("ColumnLevelPermissionRules")),
    }
