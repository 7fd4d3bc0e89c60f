"""What a request needs, by the Service Authorization Reference."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.iam.permissions import Request, permissions_of

GLUE = "arn:aws:glue:eu-west-1:111122223333"
QUICKSIGHT = "arn:aws:quicksight:eu-west-1:111122223333"
QUERIES = {"q-1": ("security", "s3://lake/athena/q-1.csv")}


def needed(
    service: str,
    action: str,
    body: dict[str, Any] | None = None,
    *,
    path: str = "/",
    resource: str = "*",
    **params: str,
) -> list[tuple[str, str]]:
    request = Request(
        service, action, resource, "POST", path, json.dumps(body or {}).encode(), params, "eu-west-1", "111122223333"
    )
    return [(one.action, one.resource) for one in permissions_of(request, QUERIES.get)]


@pytest.mark.parametrize(
    ("action", "body", "names"),
    [
        ("glue:GetDatabases", {}, ["catalog"]),
        ("glue:GetDatabase", {"Name": "d"}, ["catalog", "database/d"]),
        ("glue:CreateDatabase", {"DatabaseInput": {"Name": "d"}}, ["catalog", "database/d"]),
        ("glue:GetTable", {"DatabaseName": "d", "Name": "t"}, ["catalog", "database/d", "table/d/t"]),
        ("glue:GetTables", {"DatabaseName": "d"}, ["catalog", "database/d", "table/d/*"]),
        (
            "glue:CreateTable",
            {"DatabaseName": "d", "TableInput": {"Name": "t"}},
            ["catalog", "database/d", "table/d/t"],
        ),
        ("glue:BatchCreatePartition", {"DatabaseName": "d", "TableName": "t"}, ["catalog", "database/d", "table/d/t"]),
    ],
)
def test_glue_asks_on_everything_from_the_catalog_down(action, body, names):
    assert needed("glue", action, body) == [(action, f"{GLUE}:{name}") for name in names]


def test_athena_asks_on_the_work_group_of_the_query():
    group = "arn:aws:athena:eu-west-1:111122223333:workgroup/{}"
    start = "athena:StartQueryExecution"
    assert needed("athena", start, {"WorkGroup": "w"}) == [(start, group.format("w"))]
    assert needed("athena", start, {}) == [(start, group.format("primary"))]
    assert needed("athena", "athena:CreateWorkGroup", {"Name": "w"}) == [("athena:CreateWorkGroup", group.format("w"))]
    get = "athena:GetQueryExecution"
    assert needed("athena", get, {"QueryExecutionId": "q-1"}) == [(get, group.format("security"))]
    assert needed("athena", get, {"QueryExecutionId": "gone"}) == [(get, "*")]
    results = needed("athena", "athena:GetQueryResults", {"QueryExecutionId": "q-1"})
    assert results[1:] == [("s3:GetObject", "arn:aws:s3:::lake/athena/q-1.csv")]


def test_quicksight_asks_for_what_is_handed_on():
    source = f"{QUICKSIGHT}:datasource/s"
    table = {
        "DataSetId": "d",
        "PhysicalTableMap": {"t": {"CustomSql": {"DataSourceArn": source}}},
        "Tags": [{"Key": "k"}],
    }
    assert needed("quicksight", "quicksight:CreateDataSet", table, path="/accounts/111122223333/data-sets") == [
        ("quicksight:CreateDataSet", source),
        ("quicksight:PassDataSource", source),
        ("quicksight:TagResource", f"{QUICKSIGHT}:dataset/d"),
    ]
    definition = {"Definition": {"DataSetIdentifierDeclarations": [{"DataSetArn": f"{QUICKSIGHT}:dataset/d"}]}}
    assert needed("quicksight", "quicksight:UpdateDashboard", definition, path="/accounts/1/dashboards/x") == [
        ("quicksight:UpdateDashboard", f"{QUICKSIGHT}:dashboard/x"),
        ("quicksight:PassDataSet", f"{QUICKSIGHT}:dataset/d"),
    ]
    assert needed("quicksight", "quicksight:CreateIngestion", path="/accounts/1/data-sets/d/ingestions/i") == [
        ("quicksight:CreateIngestion", f"{QUICKSIGHT}:dataset/d/ingestion/i")
    ]
    assert needed("quicksight", "quicksight:ListIngestions", path="/accounts/1/data-sets/d/ingestions") == [
        ("quicksight:ListIngestions", "*")
    ]


def test_a_role_that_is_handed_to_a_service_has_to_be_passed():
    role = "arn:aws:iam::111122223333:role/r"
    function = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    asked = needed("lambda", "lambda:CreateFunction", {"FunctionName": "f", "Role": role, "Tags": {"k": "v"}})
    assert asked == [("lambda:CreateFunction", function), ("iam:PassRole", role), ("lambda:TagResource", function)]
    plain = needed("lambda", "lambda:UpdateFunctionConfiguration", {"Timeout": 3}, resource=function)
    assert plain == [("lambda:UpdateFunctionConfiguration", function)]


def test_subscriptions_are_of_their_topic_and_alarms_are_listed_as_alarms():
    topic = "arn:aws:sns:eu-west-1:111122223333:t"
    asked = needed("sns", "sns:GetSubscriptionAttributes", SubscriptionArn=f"{topic}:0a1b")
    assert asked == [("sns:GetSubscriptionAttributes", topic)]
    assert needed("monitoring", "cloudwatch:DescribeAlarms") == [
        ("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*")
    ]


def test_what_is_made_with_tags_needs_the_action_for_tags_and_a_batch_needs_that_of_one():
    queue = "arn:aws:sqs:eu-west-1:111122223333:q"
    assert needed("sqs", "sqs:CreateQueue", {"tags": {}}, resource=queue) == [("sqs:CreateQueue", queue)]
    assert needed("sqs", "sqs:CreateQueue", {"tags": {"k": "v"}}, resource=queue)[1:] == [("sqs:TagQueue", queue)]
    assert needed("sqs", "sqs:DeleteMessageBatch", resource=queue) == [("sqs:DeleteMessage", queue)]
