"""The shipped policies: right by AWS's own list of actions, and enough for the whole pipeline, and no more than that.

`POLICIES=1` also runs what repairs and removes, takes the statements away one by one, and writes the table of
docs/permissions.md.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.integration.airflow_process import Run
from tests.policies.pipeline import DAY, DAYS, Asked, GuardedPipeline, guarded_pipeline
from tests.policies.repairs import break_everything
from tests.policies.stack import DOCUMENTS, filled_in

PAGE = ROOT / "docs" / "permissions.md"
FOR_AIRFLOW = ("airflow_role.json", "airflow_setup.json")
PERMISSIONS = sorted(file.name for file in DOCUMENTS.glob("*.json") if not file.stem.endswith("_trust"))
NOT_IN_THE_SERVICE_REFERENCE = {"quicksight:DescribeAnalysisDefinition", "quicksight:DescribeDashboardDefinition"}
"""Operations of QuickSight's API that AWS's list of actions does not have."""

ON_AWS_ALONE = {
    "UseKey": "the local AWS does not encrypt; on AWS every object, and every message to the topics, is encrypted "
    "with the stack's key. Leave it out for buckets and topics without a KMS key",
}
"""Statements that no run against the local AWS can need."""
IN_REPAIRS_ALONE = {"RemoveDashboard": "flow_logs_setup with remove_quicksight"}
"""Statements that the plain runs do not need."""

pytestmark = pytest.mark.integration


@cache
def statements(name: str) -> dict[str, dict[str, Any]]:
    """The statements of a document by their Sid, as they are shipped."""
    return {one["Sid"]: one for one in json.loads((DOCUMENTS / name).read_text())["Statement"]}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allows(statement: dict[str, Any], asked: Asked) -> bool:
    """Whether a statement allows it; those with conditions do where the local AWS can ask for them at all."""
    return asked.action in listed(statement["Action"]) and any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), asked.resource)
        for pattern in listed(statement["Resource"])
    )


class TestByTheServiceReference:
    """cfn-lint ships AWS's list of actions with the resources that each can be narrowed to."""

    @pytest.fixture(scope="class")
    def reference(self) -> dict[str, Any]:
        return json.loads((files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text())

    @pytest.mark.parametrize("name", PERMISSIONS)
    def test_each_action_exists_and_its_statement_has_a_resource_of_its_kind(self, reference, name):
        for sid, statement in statements(name).items():
            for action in set(listed(statement["Action"])) - NOT_IN_THE_SERVICE_REFERENCE:
                service, _, operation = action.partition(":")
                assert operation.lower() in reference[service]["Actions"], action
                kinds = reference[service]["Actions"][operation.lower()].get("Resources")
                resources = {kind.lower(): one for kind, one in reference[service]["Resources"].items()}
                patterns = [word for word in listed(statement["Resource"]) if word != "*"]
                if kinds is None:
                    assert not patterns, f"{sid}: {action} cannot be narrowed, it needs the resource *"
                    continue
                shapes = [
                    shape.replace("${Partition}", "aws").replace("${Region}", "[^:]*").replace("${Account}", "[^:]*")
                    for kind in kinds
                    for shape in resources[kind.lower()]["ARNFormats"]
                ]
                assert not patterns or any(re.fullmatch(shape, text) for shape in shapes for text in patterns), (
                    sid,
                    action,
                )

    @pytest.mark.parametrize("name", PERMISSIONS)
    def test_only_what_cannot_be_narrowed_is_allowed_on_everything(self, reference, name):
        for sid, statement in statements(name).items():
            if "*" in listed(statement["Resource"]):
                narrowable = [
                    action
                    for action in listed(statement["Action"])
                    if reference[action.partition(":")[0]]["Actions"][action.partition(":")[2].lower()].get("Resources")
                ]
                assert set(narrowable) <= {"cloudwatch:GetMetricData", "logs:DescribeMetricFilters"}, sid

    def test_each_document_fits_into_a_policy(self):
        """6,144 characters of a managed policy, spaces apart (IAM quotas), with the longest of names."""
        words = {"LAKE_BUCKET": "b" * 63, "FLOW_LOGS_BUCKET": "b" * 63, "ENVIRONMENT": "e" * 20, "REGION": "ap-southeast-2",
                 "ACCOUNT": "111122223333", "QUICKSIGHT_REGION": "ap-southeast-2", "LOG_GROUP": "g" * 40}  # fmt: skip
        for name in PERMISSIONS:
            document = filled_in((DOCUMENTS / name).read_text(), words)
            assert len(json.dumps(document, separators=(",", ":"))) <= 6144, name


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> Iterator[GuardedPipeline]:
    with guarded_pipeline(tmp_path_factory.mktemp("policies")) as found:
        yield found


def succeeded(run: Run) -> Run:
    assert run.state == "success", run.log[-5000:]
    return run


@pytest.fixture(scope="module")
def asked(pipeline) -> list[Asked]:
    """What the tasks asked for in a day of every DAG."""
    succeeded(pipeline.run("flow_logs_setup"))
    succeeded(pipeline.run("flow_logs_daily", day=DAY))
    succeeded(pipeline.run("rejected_traffic_report", day=DAY))
    succeeded(pipeline.run("quicksight_refresh", refresh="full"))
    succeeded(pipeline.run("alarm_health"))
    succeeded(pipeline.run("alarm_drill", timeout=60))
    pipeline.deliver(2, late=True)
    succeeded(pipeline.run("late_arrivals", day=DAY))
    succeeded(pipeline.run("flow_logs_watchdog"))
    succeeded(pipeline.run("lake_retention", day=f"{DAYS[1].year + 1}-12-31"))
    return pipeline.asked()


def documents(pipeline: GuardedPipeline) -> dict[str, dict[str, Any]]:
    """All statements for Airflow's role by their Sid, filled in."""
    return {one["Sid"]: one for name in FOR_AIRFLOW for one in pipeline.stack.document(name)["Statement"]}


def test_the_whole_pipeline_runs_with_the_shipped_policies(asked):
    assert {one.task.partition(".")[0] for one in asked} >= {
        "flow_logs_setup", "flow_logs_daily", "rejected_traffic_report", "quicksight_refresh", "alarm_health",
        "alarm_drill", "late_arrivals", "lake_retention", "flow_logs_watchdog",
    }  # fmt: skip
    assert [one for one in asked if not one.allowed] == []


def test_the_health_check_could_look_at_everything(pipeline, asked):
    page = pipeline.aws.client("s3").get_object(
        Bucket=pipeline.stack.parameters["LakeBucketName"], Key="flowlogs/alarm_health/check.json"
    )["Body"].read()  # fmt: skip
    assert b"not authorized" not in page


def test_every_statement_is_needed(pipeline, asked):
    found = documents(pipeline)
    for sid in found:
        if sid not in {*ON_AWS_ALONE, *IN_REPAIRS_ALONE}:
            assert broken_without(sid, found, asked), f"{sid} breaks nothing: remove it, or say why it is there"


def test_athena_reads_and_writes_with_the_rights_of_who_asks(pipeline, asked):
    """A user who may run queries, and read the catalog, and no object."""
    iam = pipeline.aws.client("iam")
    iam.create_user(UserName="curious")
    allowed = [one for sid, one in documents(pipeline).items() if sid in ("RunQueries", "FindDatabases", "UseCatalog")]
    iam.put_user_policy(
        UserName="curious", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed})
    )
    key = iam.create_access_key(UserName="curious")["AccessKey"]
    athena = pipeline.aws.client(
        "athena", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    where = {"WorkGroup": "flowlogs", "QueryExecutionContext": {"Database": "flowlogs"}}

    def reason(sql: str) -> str:
        query = athena.start_query_execution(QueryString=sql, **where)["QueryExecutionId"]
        while (status := _status(athena, query))["State"] in ("QUEUED", "RUNNING"):
            time.sleep(0.02)
        assert status["State"] == "FAILED"
        return status["StateChangeReason"]

    bucket = pipeline.stack.parameters["LakeBucketName"]
    assert f"Permission denied on S3 path: s3://{bucket}/flowlogs/alarm_findings/" in reason(
        "SELECT * FROM alarm_findings"
    )
    assert f"Access denied when writing output to url: s3://{bucket}/flowlogs/athena/" in reason("SELECT 1")
    assert "is not authorized to perform: glue:CreateTable on resource" in reason(
        "CREATE EXTERNAL TABLE mine (n int) LOCATION 's3://mine/'"
    )


def _status(athena: Any, query: str) -> dict[str, Any]:
    return athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]


def test_everything_else_is_refused(pipeline, asked):
    """The role can do none of what would let it out of its buckets, its names and its role."""
    allowed = documents(pipeline).values()
    for action, resource in (
        ("s3:DeleteObject", f"arn:aws:s3:::{pipeline.stack.parameters['FlowLogsBucketName']}/AWSLogs/x"),
        ("s3:PutObject", f"arn:aws:s3:::{pipeline.stack.parameters['FlowLogsBucketName']}/AWSLogs/x"),
        ("s3:GetObject", f"arn:aws:s3:::{pipeline.stack.parameters['LakeBucketName']}/of-others"),
        ("iam:PutRolePolicy", f"arn:aws:iam::000000000000:role/{pipeline.role()}"),
        ("iam:PassRole", f"arn:aws:iam::000000000000:role/{pipeline.role()}"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:000000000000:function:of-others"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:000000000000:secret:guarded/slack-abcdef"),
    ):
        assert not any(allows(statement, Asked(action, resource, "", True)) for statement in allowed), action


def broken_without(sid: str, found: dict[str, dict[str, Any]], asked: list[Asked]) -> list[Asked]:
    """What would be refused without a statement."""
    others = [one for other, one in found.items() if other != sid]
    return [one for one in asked if allows(found[sid], one) and not any(allows(statement, one) for statement in others)]


REALLY_REMOVED: dict[str, tuple[str, dict[str, Any]]] = {
    "ListFlowLogs": ("flow_logs_daily", {"day": DAY}),
    "ReadFlowLogs": ("flow_logs_daily", {"day": DAY}),
    "ListLake": ("rejected_traffic_report", {"day": DAY}),
    "ReadAndWriteLake": ("alarm_health", {}),
    "RemoveReplacedRuns": ("lake_cleanup", {}),
    "RunQueries": ("rejected_traffic_report", {"day": DAY}),
    "FindDatabases": ("rejected_traffic_report", {"day": DAY}),
    "UseCatalog": ("late_arrivals", {"day": DAY}),
    "RefreshDashboard": ("quicksight_refresh", {"refresh": "full"}),
    "FindIngestions": ("quicksight_refresh", {"refresh": "full"}),
    "TellPeople": ("rejected_traffic_report", {"day": DAY, "messages": "always"}),
    "SoundAlarm": ("alarm_drill", {"timeout": 10}),
    "ReadDrill": ("alarm_drill", {"timeout": 10}),
    **{sid: ("flow_logs_setup", {}) for sid in (
        "SetUpWorkGroup", "SetUpTables", "TryFilters", "SetUpSlackFunction", "SeeSlackRole", "SetUpDashboard",
        "StartDashboard",
    )},
}  # fmt: skip
"""Statements, and a DAG that fails without."""
LOOKED_WITHOUT = ("LookAtAlarms", "LookAtSources", "LookAtRecords", "LookAtTopic", "LookAtFunction", "LookAtQueues")
"""Statements without which the health check says what it could not see, and goes on."""


@pytest.mark.skipif("POLICIES" not in os.environ, reason="takes minutes: POLICIES=1 runs it and writes the page")
@pytest.mark.timeout(1500)
class TestWithoutOneStatement:
    """One story: each test goes on where the one before it ended."""

    @pytest.fixture(scope="class")
    def everything_asked(self, pipeline, asked) -> list[Asked]:
        for _ in range(2):  # retention removed the day; the second run replaces the first
            succeeded(pipeline.run("flow_logs_daily", day=DAY))
        succeeded(pipeline.run("lake_cleanup"))
        succeeded(pipeline.run("flow_logs_daily", day=DAY))  # so that there is something to remove again
        break_everything(pipeline.aws, pipeline.stack)
        changed = {"FLOWLOGS__QUICKSIGHT__HISTORY_DAYS": "60", "FLOWLOGS__QUICKSIGHT__FULL_REFRESH__TIME": "13:00"}
        mended = succeeded(pipeline.run("flow_logs_setup", changed))
        assert mended.returned("set_up_alarms")[0]["drift"]
        assert mended.returned("set_up_quicksight")[0]
        return pipeline.asked()

    @pytest.mark.parametrize("sid", REALLY_REMOVED)
    def test_the_run_fails_and_names_the_permission(self, pipeline, everything_asked, sid):
        found = documents(pipeline)
        dag_id, conf = REALLY_REMOVED[sid]
        if sid == "SetUpTables":
            break_everything(pipeline.aws, pipeline.stack)
        pipeline.allow(*({"Version": "2012-10-17", "Statement": [one]} for other, one in found.items() if other != sid))
        run = pipeline.run(dag_id, **conf)
        assert run.state == "failed", run.log[-3000:]
        refused = set(re.findall(r"(?:not authorized to perform: |Forbidden|AccessDenied)(\w+:\w+)?", run.log))
        assert refused & {*listed(found[sid]["Action"]), ""}, run.log[-3000:]

    @pytest.mark.parametrize("sid", LOOKED_WITHOUT)
    def test_the_health_check_says_what_it_could_not_see(self, pipeline, everything_asked, sid):
        found = documents(pipeline)
        pipeline.allow(*({"Version": "2012-10-17", "Statement": [one]} for other, one in found.items() if other != sid))
        run = succeeded(pipeline.run("alarm_health"))
        assert "Could not look" in run.log
        assert any(action in run.log for action in listed(found[sid]["Action"]))

    def test_removing_the_dashboard(self, pipeline, everything_asked):
        pipeline.allow(*(pipeline.stack.document(name) for name in FOR_AIRFLOW))
        off = {"FLOWLOGS__QUICKSIGHT__ENABLED": "false"}
        succeeded(pipeline.run("flow_logs_setup", off, remove_quicksight=True))

    def test_the_page_has_what_breaks(self, pipeline, everything_asked):
        found = documents(pipeline)
        asked = [one for one in pipeline.asked() if one.allowed]
        tables = {
            name: "\n".join(table(name, found, asked, set(REALLY_REMOVED) | set(LOOKED_WITHOUT)))
            for name in FOR_AIRFLOW
        }
        text = PAGE.read_text()
        for name, rows in tables.items():
            text = re.sub(
                rf"(<!-- {name} -->\n).*?(<!-- end -->)",
                lambda m, rows=rows: f"{m[1]}{rows}\n{m[2]}",
                text,
                flags=re.DOTALL,
            )
        PAGE.write_text(text)


def table(name: str, found: dict[str, dict[str, Any]], asked: list[Asked], removed: set[str]) -> Iterator[str]:
    """The rows of the page: a statement, what is refused without it, and to which tasks."""
    yield "| statement | without it, these are refused | in |"
    yield "|---|---|---|"
    for sid in statements(name):
        broken = broken_without(sid, found, asked)
        actions = sorted({one.action for one in broken})
        tasks = sorted({f"`{one.task}`" for one in broken})
        shown = ", ".join(tasks[:4]) + (f" and {len(tasks) - 4} more" if len(tasks) > 4 else "")
        what = ", ".join(f"`{action}`" for action in actions) or ON_AWS_ALONE.get(sid, "")
        tried = r"\*" if sid in removed else ""
        yield f"| {sid}{tried} | {what} | {shown or '-'} |"
    untried = {
        sid: sorted(set(listed(one["Action"])) - {a.action for a in asked if allows(found[sid], a)})
        for sid, one in statements(name).items()
        if sid not in ON_AWS_ALONE
    }
    yield ""
    yield (
        "Not asked for in these runs: "
        + "; ".join(
            f"{sid}: {', '.join(f'`{action}`' for action in actions)}" for sid, actions in untried.items() if actions
        )
        + "."
    )
