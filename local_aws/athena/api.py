"""The Athena API (https://docs.aws.amazon.com/athena/latest/APIReference/), for `JsonService("athena", …)`."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from local_aws.athena.catalog_operations import CatalogOperations
from local_aws.athena.errors import invalid_request
from local_aws.athena.executions import Executions, ObjectsFor, RunStatement, new_query_id
from local_aws.athena.history import Execution, QueryHistory
from local_aws.athena.model import ResultColumn
from local_aws.athena.paging import Paging
from local_aws.athena.resources import Resources
from local_aws.athena.results import WRITES, ResultFiles, read_page
from local_aws.athena.saved_queries import SavedQueryOperations
from local_aws.athena.tag_operations import TagOperations
from local_aws.athena.work_groups import ENGINE, PRIMARY, WorkGroups, output_folder
from local_aws.aws_json import Caller
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import NoSuchBucket, NoSuchKey, split_s3_uri

LONGEST_QUERY_BYTES = 262_144
"""Service quota "query string length"."""

MOST_AT_ONCE = 50
"""Ids that a batch operation takes (API reference)."""

LONGEST_REUSE_MINUTES = 10_080
"""The greatest MaxAgeInMinutes, seven days (API reference, ResultReuseByAgeConfiguration)."""


class AthenaOperations(SavedQueryOperations, CatalogOperations, TagOperations):
    """The operations of Athena's API; the state is below the folder `data`."""

    def __init__(
        self,
        catalogs: CatalogStore,
        objects_for: ObjectsFor,
        data: Path,
        run_statement: RunStatement | None = None,
        *,
        workers: int = 4,
    ) -> None:
        if run_statement is None:
            # It loads DuckDB, which tests with an engine of their own do not need.
            from local_aws.athena.engine import run_statement as engine

            run_statement = engine
        self.catalogs = catalogs
        self.resources = Resources(data / "athena.sqlite")
        self.work_groups = WorkGroups(self.resources)
        self._objects_for = objects_for
        self._history = QueryHistory(data / "athena_history.sqlite")
        self._executions = Executions(
            self._history, catalogs, objects_for, run_statement, self.prepared_statements_of, workers=workers
        )

    def close(self) -> None:
        """End running statements and close the files."""
        self._executions.close()
        self._history.close()
        self.resources.close()

    def start_query_execution(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """StartQueryExecution."""
        sql = params["QueryString"]
        if len(sql.encode()) > LONGEST_QUERY_BYTES:
            raise invalid_request(
                f"The query is {len(sql.encode())} bytes long; at most {LONGEST_QUERY_BYTES} are allowed",
            )
        group = self.work_groups.usable(caller, params.get("WorkGroup", PRIMARY))
        folder = output_folder(group, params.get("ResultConfiguration", {}))
        bucket, _ = split_s3_uri(folder)
        if not self._objects_for(caller).bucket_exists(bucket):
            raise invalid_request(f"Unable to verify/create output bucket {bucket}")
        execution = _new_execution(caller, params, group["Name"], folder)
        if (token := execution.token) and (earlier := self._history.with_token(caller, token)):
            return {"QueryExecutionId": _same_request(earlier, execution).id}
        if reused := self._reusable(caller, params, execution):
            return {"QueryExecutionId": self._reuse(execution, reused)}
        cutoff = group["Configuration"].get("BytesScannedCutoffPerQuery")
        started = self._executions.submit(execution, folder, cutoff)
        return {"QueryExecutionId": _same_request(started, execution).id}

    def get_query_execution(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetQueryExecution."""
        return {"QueryExecution": self._execution(caller, params["QueryExecutionId"]).shape}

    def batch_get_query_execution(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """BatchGetQueryExecution."""
        ids = params["QueryExecutionIds"]
        if len(ids) > MOST_AT_ONCE:
            raise invalid_request(f"QueryExecutionIds has {len(ids)} ids; at most {MOST_AT_ONCE} are allowed")
        found = {query_id: self._find(caller, query_id) for query_id in ids}
        return {
            "QueryExecutions": [execution.shape for execution in found.values() if execution],
            "UnprocessedQueryExecutionIds": [
                {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": _missing(query_id)}
                for query_id, execution in found.items()
                if not execution
            ],
        }

    def list_query_executions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListQueryExecutions of a work group, newest first."""
        group, paging = params.get("WorkGroup", PRIMARY), Paging.of(params, largest=50)
        self.work_groups.get(caller, group)
        ids, following = self._history.page(caller, group, paging.start or None, paging.limit)
        return paging.output("QueryExecutionIds", ids, following)

    def stop_query_execution(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """StopQueryExecution; one that has ended stays as it is."""
        self._executions.stop(self._execution(caller, params["QueryExecutionId"]))
        return {}

    def get_query_results(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetQueryResults: the first row of a SELECT's first page is the header, as Athena has it."""
        execution = self._execution(caller, params["QueryExecutionId"])
        limit = params.get("MaxResults", 1000)
        if not 1 <= limit <= 1000:
            raise invalid_request(f"MaxResults is {limit}; it must be between 1 and 1000")
        if execution.state in ("QUEUED", "RUNNING"):
            raise invalid_request(f"Query has not yet finished. Current state: {execution.state}")
        if execution.state != "SUCCEEDED":
            raise invalid_request(f"Query did not finish successfully. Final query state: {execution.state}")
        output: dict[str, Any] = {
            "UpdateCount": execution.update_count or 0,
            "ResultSet": {
                "Rows": [],
                "ResultSetMetadata": {"ColumnInfo": [_column_info(column) for column in execution.columns]},
            },
        }
        if execution.shape["SubstatementType"] in WRITES:
            return output
        location = execution.shape["ResultConfiguration"]["OutputLocation"]
        try:
            file = self._objects_for(caller).path(*split_s3_uri(location))
        except (NoSuchBucket, NoSuchKey) as error:
            raise invalid_request(f"Could not find results at {location}") from error
        is_table = execution.shape["StatementType"] == "DML"
        page = read_page(file, execution.columns, is_table=is_table, token=params.get("NextToken"), limit=limit)
        output["ResultSet"]["Rows"] = [{"Data": [_datum(value) for value in row]} for row in page.rows]
        if page.next_token:
            output["NextToken"] = page.next_token
        return output

    def get_query_runtime_statistics(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetQueryRuntimeStatistics: the time line and the rows; the local engine has no stages to tell of."""
        execution = self._execution(caller, params["QueryExecutionId"])
        statistics = execution.shape["Statistics"]
        timeline = {
            key: statistics[key]
            for key in (
                "QueryQueueTimeInMillis", "QueryPlanningTimeInMillis", "EngineExecutionTimeInMillis",
                "ServiceProcessingTimeInMillis", "TotalExecutionTimeInMillis",
            )
            if key in statistics
        }  # fmt: skip
        return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": execution.output}}

    def create_work_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateWorkGroup."""
        self.work_groups.create(caller, params)
        self.put_tags(caller, _work_group_arn(caller, params["Name"]), params.get("Tags", []))
        return {}

    def get_work_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetWorkGroup."""
        return {"WorkGroup": self.work_groups.get(caller, params["WorkGroup"])}

    def list_work_groups(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListWorkGroups."""
        paging = Paging.of(params, largest=50)
        groups, _ = self.work_groups.page(caller, "", 2**31)
        summaries = [
            {
                **{key: group[key] for key in ("Name", "State", "Description", "CreationTime") if key in group},
                "EngineVersion": group["Configuration"].get("EngineVersion", ENGINE),
            }
            for group in groups
        ]
        return paging.cut("WorkGroups", summaries)

    def update_work_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateWorkGroup."""
        self.work_groups.update(caller, params)
        return {}

    def delete_work_group(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteWorkGroup; one with contents only when asked to delete these too."""
        name = params["WorkGroup"]
        self.work_groups.get(caller, name)
        ran, _ = self._history.page(caller, name, None, 1)
        if (ran or self.has_saved_queries(caller, name)) and not params.get("RecursiveDeleteOption"):
            raise invalid_request(f"WorkGroup {name} is not empty")
        self.work_groups.delete(caller, name)
        self._history.delete_work_group(caller, name)
        self.delete_saved_queries(caller, name)
        self.resources.delete(caller, "tags", _work_group_arn(caller, name))
        return {}

    def list_engine_versions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListEngineVersions."""
        return {"EngineVersions": [ENGINE, {**ENGINE, "SelectedEngineVersion": ENGINE["EffectiveEngineVersion"]}]}

    def _find(self, caller: Caller, query_id: str) -> Execution | None:
        kept = self._history.get(caller, query_id)
        return None if kept is None else self._executions.live(query_id) or self._history.get(caller, query_id)

    def _execution(self, caller: Caller, query_id: str) -> Execution:
        found = self._find(caller, query_id)
        if found is None:
            raise invalid_request(_missing(query_id))
        return found

    def _reusable(self, caller: Caller, params: dict[str, Any], execution: Execution) -> Execution | None:
        wanted = params.get("ResultReuseConfiguration", {}).get("ResultReuseByAgeConfiguration", {})
        if not wanted.get("Enabled"):
            return None
        minutes = wanted.get("MaxAgeInMinutes", 60)
        if not 0 <= minutes <= LONGEST_REUSE_MINUTES:
            raise invalid_request(f"MaxAgeInMinutes is {minutes}; it must be between 0 and {LONGEST_REUSE_MINUTES}")
        since = time.time() - 60 * minutes
        earlier = self._history.latest_answer(caller, execution.fingerprint, since)
        if earlier is None or earlier.shape["SubstatementType"] != "SELECT":
            return None
        files = ResultFiles(earlier.shape["ResultConfiguration"]["OutputLocation"])
        return earlier if files.exist(self._objects_for(caller)) else None

    def _reuse(self, execution: Execution, earlier: Execution) -> str:
        shape = execution.shape
        now = time.time()
        for key in ("StatementType", "SubstatementType"):
            shape[key] = earlier.shape[key]
        shape["ResultConfiguration"]["OutputLocation"] = earlier.shape["ResultConfiguration"]["OutputLocation"]
        shape["Status"].update(State="SUCCEEDED", CompletionDateTime=now)
        shape["Statistics"] = {
            "DataScannedInBytes": 0,
            "EngineExecutionTimeInMillis": 0,
            "TotalExecutionTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": True},
        }
        execution.columns = earlier.columns
        return self._history.add(execution).id


def _new_execution(caller: Caller, params: dict[str, Any], work_group: str, folder: str) -> Execution:
    context = {"Catalog": "awsdatacatalog", **params.get("QueryExecutionContext", {})}
    if context["Catalog"].lower() != "awsdatacatalog":
        raise invalid_request(f"Data catalog {context['Catalog']} is not found; the local Athena has AwsDataCatalog")
    shape: dict[str, Any] = {
        "QueryExecutionId": new_query_id(),
        "Query": params["QueryString"],
        "QueryExecutionContext": context,
        "ResultConfiguration": {**params.get("ResultConfiguration", {}), "OutputLocation": folder},
        "ResultReuseConfiguration": params.get(
            "ResultReuseConfiguration", {"ResultReuseByAgeConfiguration": {"Enabled": False}}
        ),
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": {"DataScannedInBytes": 0, "ResultReuseInformation": {"ReusedPreviousResult": False}},
        "WorkGroup": work_group,
        "EngineVersion": ENGINE,
    }
    if "ExecutionParameters" in params:
        shape["ExecutionParameters"] = params["ExecutionParameters"]
    decides_answer = [
        params["QueryString"], context.get("Database"), work_group, params.get("ExecutionParameters"),
    ]  # fmt: skip
    return Execution(
        caller=caller,
        shape=shape,
        request=_digest({key: value for key, value in params.items() if key != "ClientRequestToken"}),
        fingerprint=_digest(decides_answer),
        token=params.get("ClientRequestToken"),
    )


def _same_request(earlier: Execution, execution: Execution) -> Execution:
    if earlier.request != execution.request:
        raise invalid_request("Idempotent parameters do not match")
    return earlier


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _missing(query_id: str) -> str:
    return f"QueryExecution {query_id} was not found"


def _work_group_arn(caller: Caller, name: str) -> str:
    return f"arn:aws:athena:{caller.region}:{caller.account_id}:workgroup/{name}"


def _column_info(column: ResultColumn) -> dict[str, Any]:
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.type,
        "Precision": column.precision,
        "Scale": column.scale,
        "Nullable": column.nullable,
        "CaseSensitive": column.case_sensitive,
    }


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
