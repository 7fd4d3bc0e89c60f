"""Requests as they come over the wire: routed, read, validated and answered by botocore's model."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from local_aws.aws_json import service_model
from local_aws.quicksight.constraints import violations
from local_aws.quicksight.rest_json import RestJsonService
from tests.unit.local_aws.quicksight.conftest import CALLER, QuickSight

ROOT = f"/accounts/{CALLER.account_id}"


def asked(
    quicksight: QuickSight, method: str, path: str, body: Any = None, query: dict[str, list[str]] | None = None
) -> tuple[int, dict[str, str], dict[str, Any]]:
    service = RestJsonService(
        "quicksight",
        quicksight.operations,
        invalid_input="InvalidParameterValueException",
        before_call=quicksight.operations.before_call,
    )
    sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    status, headers, answer = asyncio.run(service.handle(method, path, {}, sent, query or {}, CALLER))
    return status, headers, json.loads(answer)


def test_every_operation_of_the_model_has_a_route_of_its_own() -> None:
    service = RestJsonService("quicksight", object(), invalid_input="InvalidParameterValueException")
    model = service_model("quicksight")
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].partition("?")[0]
        for parameter in ("AwsAccountId", "DataSetId", "ResourceArn"):
            path = path.replace(f"{{{parameter}}}", "x")
        path = path.replace("{", "").replace("}", "")
        assert service._route(http["method"], path)[0].name == name, path


def test_parameters_come_from_path_query_and_body(quicksight: QuickSight) -> None:
    for name in ("a", "b", "c"):
        status, _, answer = asked(quicksight, "POST", f"{ROOT}/folders/{name}", {"Name": name.upper()})
        assert status == 201
        assert answer["FolderId"] == name
        assert answer["RequestId"]
        assert "Status" not in answer, "which is the HTTP status here"
    status, _, page = asked(quicksight, "GET", f"{ROOT}/folders", query={"max-results": ["2"]})
    assert [one["Name"] for one in page["FolderSummaryList"]] == ["A", "B"]
    _, _, rest = asked(
        quicksight, "GET", f"{ROOT}/folders", query={"max-results": ["2"], "next-token": [page["NextToken"]]}
    )
    assert [one["FolderId"] for one in rest["FolderSummaryList"]] == ["c"]
    assert "NextToken" not in rest


def test_a_status_that_is_a_member_of_the_body(quicksight: QuickSight) -> None:
    asked(quicksight, "POST", f"{ROOT}/folders/f", {"Name": "F"})
    status, _, answer = asked(quicksight, "PUT", f"{ROOT}/folders/f/members/DATASOURCE/athena", {})
    assert (status, answer["Status"]) == (201, 201)


def test_arns_in_paths(quicksight: QuickSight) -> None:
    arn = f"arn:aws:quicksight:us-east-1:{CALLER.account_id}:datasource/athena"
    asked(
        quicksight, "POST", f"/resources/{arn}/tags", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}
    )
    asked(quicksight, "DELETE", f"/resources/{arn.replace('/', '%2F')}/tags", query={"keys": ["a", "x"]})
    assert asked(quicksight, "GET", f"/resources/{arn}/tags")[2]["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "message"),
    [
        ("GET", f"{ROOT}/data-sets/none", None, 404, "ResourceNotFoundException", "data set none is not found"),
        ("POST", f"{ROOT}/data-sources", {"DataSourceId": "athena", "Name": "A", "Type": "ATHENA"}, 409, "ResourceExistsException", "already exists"),
        ("POST", f"{ROOT}/data-sources", {"DataSourceId": "x", "Name": "A", "Type": "EXCEL"}, 400, "InvalidParameterValueException", "enum value set: .ADOBE"),
        ("POST", f"{ROOT}/data-sources", {"DataSourceId": "x", "Type": "ATHENA"}, 400, "InvalidParameterValueException", 'Missing required parameter in input: "Name"'),
        ("POST", f"{ROOT}/data-sources", {"DataSourceId": "x", "Name": "n" * 129, "Type": "ATHENA"}, 400, "InvalidParameterValueException", "length less than or equal to 128"),
        ("POST", f"{ROOT}/data-sources", b"{", 400, "SerializationException", "is not JSON"),
        ("PUT", f"{ROOT}/data-sets/x/ingestions/a:b", {}, 400, "InvalidParameterValueException", "regular expression pattern"),
        ("GET", "/accounts/999999999999/data-sets", None, 401, "AccessDeniedException", "not authorized to perform: quicksight:ListDataSets"),
        ("GET", f"{ROOT}/topics", None, 400, "UnknownOperationException", "ListTopics is not served"),
        ("GET", "/nothing/here", None, 404, "UnknownOperationException", "is no operation"),
    ],
)  # fmt: skip
def test_refusals(
    quicksight: QuickSight, method: str, path: str, body: Any, status: int, code: str, message: str
) -> None:
    import re

    answered, headers, error = asked(quicksight, method, path, body)
    assert (answered, headers["x-amzn-ErrorType"]) == (status, code)
    assert re.search(message, error["Message"])
    assert error["RequestId"] == headers["x-amzn-requestid"]


def test_constraints_name_the_place() -> None:
    shape = service_model("quicksight").shape_for("CreateDataSetRequest")
    columns = [{"Name": "a", "Type": "STRING"}, {"Name": "b", "Type": "TEXT"}]
    value = {
        "PhysicalTableMap": {"p p": {"CustomSql": {"Columns": columns, "SqlQuery": "s"}}},
        "Tags": [{"Key": "k", "Value": "v"}] * 201,
    }
    found = violations(value, shape)
    assert len(found) == 3
    assert "Value 'p p' at 'PhysicalTableMap.key'" in found[0]
    assert (
        "Value 'TEXT' at 'PhysicalTableMap.p p.member.CustomSql.Columns.2.member.Type' failed to satisfy constraint"
        in found[1]
    )
    assert "at 'Tags' failed to satisfy constraint: Member must have length less than or equal to 200" in found[2]
