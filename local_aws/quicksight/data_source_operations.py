"""Data sources: Athena work groups that data sets are read through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import conflict, invalid_value
from local_aws.quicksight.filing import Filing
from local_aws.quicksight.resources import DATA_SOURCE, Library, failed, in_progress, is_in_progress, page, status_of
from local_aws.quicksight.settings import Behaviour

ReachWorkGroup = Callable[[Caller, str], str | None]
"""What is wrong with an Athena work group; None when queries can run in it."""

DEFAULT_WORK_GROUP = "primary"


class DataSourceOperations(Filing):
    """Operations on data sources."""

    library: Library
    behaviour: Behaviour
    reach_work_group: ReachWorkGroup

    def create_data_source(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateDataSource: accepted at once, its connection tried afterwards, as in AWS."""
        if params["Type"] != "ATHENA":
            raise invalid_value(f"Type is {params['Type']}; the local QuickSight reads from ATHENA only")
        document = {
            "DataSourceId": params["DataSourceId"],
            "Name": params["Name"],
            "Type": params["Type"],
            **_connection(params),
            "State": self._tried(caller, "CREATION", params),
            **self.filed(caller, params),
        }
        data_source = self.library.create(caller, DATA_SOURCE, params["DataSourceId"], document)
        self.put_into_folders(caller, DATA_SOURCE, params["DataSourceId"], params)
        return {"Status": 202, "CreationStatus": "CREATION_IN_PROGRESS", **_ids(data_source)}

    def describe_data_source(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDataSource."""
        return {"DataSource": _shown(self.library.get(caller, DATA_SOURCE, params["DataSourceId"]))}

    def list_data_sources(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDataSources."""
        shown, following = page(params, self.library.all(caller, DATA_SOURCE), _shown)
        return {"DataSources": shown, "NextToken": following}

    def update_data_source(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataSource."""
        data_source = self.library.get(caller, DATA_SOURCE, params["DataSourceId"])
        if is_in_progress(data_source["State"]):
            raise conflict(f"data source {params['DataSourceId']} is being created or updated")
        data_source |= {
            "Name": params["Name"],
            **_connection({"DataSourceParameters": data_source.get("DataSourceParameters"), **params}),
        }
        data_source["State"] = self._tried(caller, "UPDATE", data_source)
        self.library.save(caller, DATA_SOURCE, params["DataSourceId"], data_source)
        return {"Status": 202, "UpdateStatus": "UPDATE_IN_PROGRESS", **_ids(data_source)}

    def delete_data_source(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteDataSource: data sets that read from it stay, and cannot be refreshed any more."""
        return _ids(self.remove(caller, DATA_SOURCE, params["DataSourceId"]))

    def describe_data_source_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDataSourcePermissions."""
        found = self.library.get(caller, DATA_SOURCE, params["DataSourceId"])
        return {
            "DataSourceArn": found["Arn"],
            "DataSourceId": found["DataSourceId"],
            "Permissions": found["Permissions"],
        }

    def update_data_source_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataSourcePermissions."""
        found = self.change_permissions(caller, DATA_SOURCE, params["DataSourceId"], params)
        return {"DataSourceArn": found["Arn"], "DataSourceId": found["DataSourceId"]}

    def _tried(self, caller: Caller, verb: str, params: dict[str, Any]) -> dict[str, Any]:
        problem = self.reach_work_group(caller, work_group_of(params))
        if problem is not None:
            return failed(verb, [{"Type": "GENERIC_SQL_FAILURE", "Message": problem}])
        return in_progress(verb, self.behaviour.settle_seconds)


def work_group_of(data_source: dict[str, Any]) -> str:
    """The work group that a data source's queries run in."""
    parameters = (data_source.get("DataSourceParameters") or {}).get("AthenaParameters", {})
    return str(parameters.get("WorkGroup", DEFAULT_WORK_GROUP))


def _connection(params: dict[str, Any]) -> dict[str, Any]:
    parameters = params.get("DataSourceParameters")
    if parameters is not None and set(parameters) - {"AthenaParameters"}:
        raise invalid_value(
            f"DataSourceParameters has {', '.join(parameters)}; a data source of type ATHENA has AthenaParameters"
        )
    return {
        name: params[name]
        for name in ("DataSourceParameters", "SslProperties", "VpcConnectionProperties")
        if params.get(name)
    }


def _ids(document: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": document["Arn"], "DataSourceId": document["DataSourceId"]}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    errors = document["State"].get("errors")
    return {**document, "Status": status_of(document["State"]), **({"ErrorInfo": errors[0]} if errors else {})}
