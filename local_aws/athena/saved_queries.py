"""Named queries and prepared statements: SQL that a work group keeps by name."""

from __future__ import annotations

import time
import uuid
from typing import Any

from local_aws.athena.errors import invalid_request, not_found
from local_aws.athena.executions import PreparedStatementAccess
from local_aws.athena.model import QueryFailed
from local_aws.athena.paging import Paging
from local_aws.athena.resources import Resources
from local_aws.athena.work_groups import PRIMARY, WorkGroups
from local_aws.aws_json import Caller


class SavedQueryOperations:
    """The API operations on named queries and prepared statements."""

    resources: Resources
    work_groups: WorkGroups

    def create_named_query(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateNamedQuery; the same ClientRequestToken gives the same query."""
        group = params.get("WorkGroup", PRIMARY)
        self.work_groups.get(caller, group)
        token = params.get("ClientRequestToken")
        query_id = str(uuid.uuid5(uuid.NAMESPACE_OID, token)) if token else str(uuid.uuid4())
        kept: dict[str, Any] = {
            key: params[key] for key in ("Name", "Description", "Database", "QueryString") if key in params
        }
        query = {**kept, "NamedQueryId": query_id, "WorkGroup": group}
        earlier = self.resources.get(caller, "named_query", query_id)
        if earlier is not None and earlier != query:
            raise invalid_request("Idempotent parameters do not match")
        self.resources.put(caller, "named_query", query_id, query)
        return {"NamedQueryId": query_id}

    def get_named_query(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetNamedQuery."""
        return {"NamedQuery": self._named_query(caller, params["NamedQueryId"])}

    def batch_get_named_query(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """BatchGetNamedQuery."""
        found = {name: self.resources.get(caller, "named_query", name) for name in params["NamedQueryIds"]}
        return {
            "NamedQueries": [query for query in found.values() if query],
            "UnprocessedNamedQueryIds": [
                {"NamedQueryId": name, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"NamedQuery {name} was not found"}
                for name, query in found.items()
                if not query
            ],
        }

    def list_named_queries(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListNamedQueries of a work group."""
        group, paging = params.get("WorkGroup", PRIMARY), Paging.of(params, largest=50)
        self.work_groups.get(caller, group)
        return paging.cut("NamedQueryIds", self._named_query_ids(caller, group))

    def update_named_query(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateNamedQuery."""
        query = self._named_query(caller, params["NamedQueryId"])
        changed: dict[str, Any] = {key: params[key] for key in ("Name", "Description", "QueryString") if key in params}
        self.resources.put(caller, "named_query", query["NamedQueryId"], {**query, **changed})
        return {}

    def delete_named_query(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteNamedQuery."""
        self._named_query(caller, params["NamedQueryId"])
        self.resources.delete(caller, "named_query", params["NamedQueryId"])
        return {}

    def _named_query(self, caller: Caller, query_id: str) -> dict[str, Any]:
        query = self.resources.get(caller, "named_query", query_id)
        if query is None:
            raise invalid_request(f"NamedQuery {query_id} was not found")
        return query

    def create_prepared_statement(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreatePreparedStatement."""
        group, name = params["WorkGroup"], params["StatementName"]
        self.work_groups.get(caller, group)
        if self.resources.get(caller, "prepared_statement", _key(group, name)) is not None:
            raise invalid_request(f"PreparedStatement {name} already exists in WorkGroup {group}")
        self._put_prepared(caller, group, name, params["QueryStatement"], params.get("Description"))
        return {}

    def get_prepared_statement(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetPreparedStatement."""
        return {"PreparedStatement": self._prepared(caller, params["WorkGroup"], params["StatementName"])}

    def batch_get_prepared_statement(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """BatchGetPreparedStatement."""
        group = params["WorkGroup"]
        names = params["PreparedStatementNames"]
        found = {name: self.resources.get(caller, "prepared_statement", _key(group, name)) for name in names}
        return {
            "PreparedStatements": [statement for statement in found.values() if statement],
            "UnprocessedPreparedStatementNames": [
                {
                    "StatementName": name,
                    "ErrorCode": "STATEMENT_NOT_FOUND",
                    "ErrorMessage": f"PreparedStatement {name} was not found in workgroup {group}",
                }
                for name, statement in found.items()
                if not statement
            ],
        }

    def list_prepared_statements(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListPreparedStatements of a work group."""
        group, paging = params["WorkGroup"], Paging.of(params, largest=50)
        self.work_groups.get(caller, group)
        summaries = [
            {"StatementName": statement["StatementName"], "LastModifiedTime": statement["LastModifiedTime"]}
            for statement in self._prepared_statements(caller, group)
        ]
        return paging.cut("PreparedStatements", summaries)

    def update_prepared_statement(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdatePreparedStatement."""
        group, name = params["WorkGroup"], params["StatementName"]
        self._prepared(caller, group, name)
        self._put_prepared(caller, group, name, params["QueryStatement"], params.get("Description"))
        return {}

    def delete_prepared_statement(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeletePreparedStatement."""
        group, name = params["WorkGroup"], params["StatementName"]
        self._prepared(caller, group, name)
        self.resources.delete(caller, "prepared_statement", _key(group, name))
        return {}

    def has_saved_queries(self, caller: Caller, group: str) -> bool:
        """Whether the work group keeps named queries or prepared statements."""
        return bool(self._named_query_ids(caller, group) or self._prepared_statements(caller, group))

    def delete_saved_queries(self, caller: Caller, group: str) -> None:
        """Remove all named queries and prepared statements of a work group."""
        for query_id in self._named_query_ids(caller, group):
            self.resources.delete(caller, "named_query", query_id)
        for statement in self._prepared_statements(caller, group):
            self.resources.delete(caller, "prepared_statement", _key(group, statement["StatementName"]))

    def _named_query_ids(self, caller: Caller, group: str) -> list[str]:
        everything, _ = self.resources.page(caller, "named_query", "", "", 2**31)
        return [query["NamedQueryId"] for query in everything if query["WorkGroup"] == group]

    def _prepared_statements(self, caller: Caller, group: str) -> list[dict[str, Any]]:
        return self.resources.page(caller, "prepared_statement", _key(group, ""), "", 2**31)[0]

    def prepared_statements_of(self, caller: Caller, work_group: str) -> PreparedStatementAccess:
        """What PREPARE, EXECUTE and DEALLOCATE in SQL see: the work group's prepared statements."""
        return _WorkGroupStatements(self, caller, work_group)

    def _prepared(self, caller: Caller, group: str, name: str) -> dict[str, Any]:
        statement = self.resources.get(caller, "prepared_statement", _key(group, name))
        if statement is None:
            raise not_found(f"PreparedStatement {name} was not found in workGroup {group}", name)
        return statement

    def _put_prepared(self, caller: Caller, group: str, name: str, sql: str, description: str | None) -> None:
        statement = {
            "StatementName": name, "QueryStatement": sql, "WorkGroupName": group, "LastModifiedTime": time.time(),
        }  # fmt: skip
        if description is not None:
            statement["Description"] = description
        self.resources.put(caller, "prepared_statement", _key(group, name), statement)


class _WorkGroupStatements(PreparedStatementAccess):
    def __init__(self, operations: SavedQueryOperations, caller: Caller, work_group: str) -> None:
        self._operations, self._caller, self._work_group = operations, caller, work_group

    def read(self, name: str) -> str:
        statement = self._operations.resources.get(self._caller, "prepared_statement", _key(self._work_group, name))
        if statement is None:
            message = f"PreparedStatement {name} was not found in workGroup {self._work_group}"
            raise QueryFailed(message, error_type=1000)
        return str(statement["QueryStatement"])

    def save(self, name: str, sql: str | None) -> None:
        if sql is not None:
            self._operations._put_prepared(self._caller, self._work_group, name, sql, None)
        elif not self._operations.resources.delete(self._caller, "prepared_statement", _key(self._work_group, name)):
            self.read(name)


def _key(work_group: str, name: str) -> str:
    return f"{work_group}/{name}"  # neither holds a slash (API reference)
