"""What a request needs: actions on resources, as the Service Authorization Reference has them.

MiniStack derives one action and one resource of a request. Here are the services and requests of which AWS asks more,
or that MiniStack does not know: Glue (the catalog, the database and the table), Athena (the work group of a query),
QuickSight, subscriptions of SNS, alarms that are listed, roles and data sets that are handed on (iam:PassRole,
quicksight:PassDataSet), tags that are put on what is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

QueryOf = Callable[[str], "tuple[str, str] | None"]
"""The work group of a query by its id, and the S3 URI of its result; None when there is no such query."""


@dataclass(frozen=True, slots=True)
class Permission:
    """An action (`service:Operation`) on a resource (an ARN, or `*` for actions without one).

    `context` are condition keys of the request.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as MiniStack's router has it.

    `action` and `resource` are MiniStack's; `params` those of the query protocol, `body` JSON of the others.
    """

    service: str
    action: str
    resource: str
    method: str
    path: str
    body: bytes
    params: Mapping[str, Any]
    region: str
    account: str

    def arn(self, service: str, name: str) -> str:
        """The ARN of a thing of the caller's account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{name}"

    def json(self) -> dict[str, Any]:
        """The body; empty when it is no JSON object."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def param(self, name: str) -> str:
        """A parameter of the query protocol; empty when it is not there."""
        found = self.params.get(name, "")
        return str(found[0] if isinstance(found, list) else found)


_SAME_AS_ONE: Final = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}
"""Operations on many that have no action of their own."""


def permissions_of(request: Request, query_of: QueryOf) -> list[Permission]:
    """All that a request needs, the primary permission first."""
    request = replace(request, action=_SAME_AS_ONE.get(request.action, request.action))
    match request.service:
        case "glue":
            return [Permission(request.action, arn) for arn in _glue_resources(request)]
        case "athena":
            return [*_athena(request, query_of)]
        case "quicksight":
            return [*_quicksight(request)]
        case "sns":
            return [*_sns(request)]
        case "monitoring":
            return [*_cloudwatch(request)]
        case "lambda":
            return [*_lambda(request)]
        case "iam" | "sqs" | "logs":
            return [Permission(request.action, request.resource), *_tagging(request, request.resource)]
    return [Permission(request.action, request.resource)]


def _glue_resources(request: Request) -> list[str]:
    body = request.json()
    operation = request.action.partition(":")[2]
    database = body.get("DatabaseName") or body.get("DatabaseInput", {}).get("Name")
    table = body.get("TableName") or body.get("TableInput", {}).get("Name")
    if operation in ("GetDatabase", "UpdateDatabase", "DeleteDatabase"):
        database = body.get("Name")
    elif operation in ("GetTable", "DeleteTable"):
        table = body.get("Name")
    elif operation == "GetTables":
        table = "*"
    return glue_resources(request.region, request.account, database, table)


def glue_resources(region: str, account: str, database: str | None, table: str | None) -> list[str]:
    """A table's ARN and those of what it is in; Glue asks for the permission on each."""
    names = ["catalog"]
    if database:
        names.append(f"database/{database}")
        if table:
            names.append(f"table/{database}/{table}")
    return [f"arn:aws:glue:{region}:{account}:{name}" for name in names]


def _athena(request: Request, query_of: QueryOf) -> Iterator[Permission]:
    body = request.json()
    ids = body.get("QueryExecutionIds") or [body[key] for key in ("QueryExecutionId",) if key in body]
    queries = [query for one in ids if (query := query_of(str(one))) is not None]
    names: list[Any] = sorted({group for group, _ in queries})
    if not ids:
        name = body.get("Name") if request.action == "athena:CreateWorkGroup" else body.get("WorkGroup")
        if request.action in ("athena:StartQueryExecution", "athena:ListQueryExecutions"):
            name = name or "primary"
        names = [name] if name else []
    for name in names:
        yield Permission(request.action, request.arn("athena", f"workgroup/{name}"))
    if not names:
        yield Permission(request.action, "*")
    if (
        request.action == "athena:GetQueryResults"
    ):  # with the caller's rights on the file (GetQueryResults, API reference)
        for _, location in queries:
            yield Permission("s3:GetObject", f"arn:aws:s3:::{location.removeprefix('s3://')}")


_KINDS: Final = {
    "data-sources": "datasource",
    "data-sets": "dataset",
    "analyses": "analysis",
    "dashboards": "dashboard",
    "folders": "folder",
    "templates": "template",
    "themes": "theme",
    "restore": "analysis",
}
_CREATES: Final = {"quicksight:CreateDataSource": "DataSourceId", "quicksight:CreateDataSet": "DataSetId"}
_WITHOUT_RESOURCE: Final = frozenset(
    f"quicksight:{name}"
    for name in ("CreateDataSource", "ListIngestions", "ListRefreshSchedules", "ListDataSets", "ListDataSources")
)
"""The reference has no resource type for them, so a statement has to have the resource `*`."""
_DATA_SOURCE: Final = re.compile(rb'"DataSourceArn"\s*:\s*"([^"]+)"')
_DATA_SET: Final = re.compile(rb'"DataSetArn"\s*:\s*"([^"]+)"')


def _quicksight(request: Request) -> Iterator[Permission]:
    resource = _quicksight_resource(request)
    if request.action == "quicksight:CreateDataSet":  # of a data source; the data set is not there yet
        yield from _each(request.action, _DATA_SOURCE, request.body)
    else:
        yield Permission(request.action, "*" if request.action in _WITHOUT_RESOURCE else resource)
    if request.action in ("quicksight:CreateDataSet", "quicksight:UpdateDataSet"):
        yield from _each("quicksight:PassDataSource", _DATA_SOURCE, request.body)
    elif re.fullmatch(r"quicksight:(Create|Update)(Analysis|Dashboard)", request.action):
        yield from _each("quicksight:PassDataSet", _DATA_SET, request.body)
    elif role := re.search(rb'"RoleArn"\s*:\s*"([^"]+)"', request.body):
        yield _pass_role(role[1].decode(), "quicksight.amazonaws.com")
    yield from _tagging(request, resource)


def _quicksight_resource(request: Request) -> str:
    """`/accounts/{account}/data-sets/{id}/ingestions/{id}` and the like; a POST names what it makes in the body."""
    if request.path.startswith("/resources/"):  # tags
        return request.path.removeprefix("/resources/").removesuffix("/tags")
    parts = request.path.strip("/").split("/")[2:]
    if request.action in _CREATES:
        parts.append(str(request.json().get(_CREATES[request.action], "*")))
    if len(parts) < 2 or parts[0] not in _KINDS:
        return "*"
    below = f"/ingestion/{parts[3]}" if parts[2:3] == ["ingestions"] and len(parts) > 3 else ""
    if parts[2:3] == ["refresh-schedules"]:
        below = f"/refresh-schedule/{parts[3] if len(parts) > 3 else '*'}"
    return request.arn("quicksight", f"{_KINDS[parts[0]]}/{parts[1]}{below}")


def _each(action: str, pattern: re.Pattern[bytes], body: bytes) -> Iterator[Permission]:
    for arn in sorted({found.decode() for found in pattern.findall(body)}):
        yield Permission(action, arn)


def _sns(request: Request) -> Iterator[Permission]:
    subscription = request.param("SubscriptionArn")
    resource = subscription.rpartition(":")[0] if subscription else request.resource
    yield Permission(request.action, resource)
    yield from _tagging(request, resource)


_LISTS_ALARMS: Final = ("cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory")


def _cloudwatch(request: Request) -> Iterator[Permission]:
    resource = request.resource
    if request.action in _LISTS_ALARMS and resource == "*":
        resource = request.arn("cloudwatch", "alarm:*")
    yield Permission(request.action, resource)
    yield from _tagging(request, resource)


def _lambda(request: Request) -> Iterator[Permission]:
    body = request.json()
    resource = request.resource
    if request.action == "lambda:CreateFunction":
        resource = request.arn("lambda", f"function:{body.get('FunctionName', '*')}")
    yield Permission(request.action, resource)
    if request.action in ("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration") and "Role" in body:
        yield _pass_role(str(body["Role"]), "lambda.amazonaws.com")
    yield from _tagging(request, resource)


def _pass_role(role: str, service: str) -> Permission:
    return Permission("iam:PassRole", role, {"iam:PassedToService": service})


_TAGGED: Final = {
    "iam:CreateRole": "iam:TagRole",
    "sqs:CreateQueue": "sqs:TagQueue",
    "logs:CreateLogGroup": "logs:TagResource",
    "sns:CreateTopic": "sns:TagResource",
    "lambda:CreateFunction": "lambda:TagResource",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
}
"""What makes something with tags, and the action that it needs as well."""
_WITH_TAGS: Final = re.compile(rb'"[Tt]ags"\s*:\s*[\[{]\s*["{]|Tags?\.member\.1|Tags\.1|\x64Tags[\x81-\x9f]')
"""In JSON, in the query protocol, in CBOR (a text of four characters, then a list that is not empty)."""


def _tagging(request: Request, resource: str) -> Iterator[Permission]:
    creates = re.match(r"quicksight:Create", request.action)
    action = "quicksight:TagResource" if creates else _TAGGED.get(request.action)
    tagged = any(name.startswith("Tags.") for name in request.params) or _WITH_TAGS.search(request.body)
    if action is not None and tagged:
        yield Permission(action, resource)
