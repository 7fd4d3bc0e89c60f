"""Everything that setup made, edited by hand, so that it has to be mended."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from typing import Any

from botocore.exceptions import ClientError

from tests.conftest import LocalAws
from tests.policies.stack import ACCOUNT, Stack


def break_everything(aws: LocalAws, stack: Stack) -> None:
    """Edit or remove what `flow_logs_setup` made, as somebody with all rights."""
    name = f"{stack.environment}-flowlogs"
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}-alarms"
    cut = {"BytesScannedCutoffPerQuery": 10_000_000}
    aws.client("athena").update_work_group(WorkGroup="flowlogs", ConfigurationUpdates=cut)
    _forget_column(aws, stack.parameters["Database"], "flow_runs", "revision")
    logs = aws.client("logs")
    logs.put_retention_policy(logGroupName=stack.parameters["LogGroupName"], retentionInDays=1)
    logs.delete_metric_filter(logGroupName=stack.parameters["LogGroupName"], filterName=f"{name}-ssh")
    aws.client("cloudwatch").delete_alarms(AlarmNames=[f"{name}-ssh"])
    aws.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": []})
    )
    sns = aws.client("sns")
    for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        if one["Protocol"] == "sqs":
            sns.set_subscription_attributes(
                SubscriptionArn=one["SubscriptionArn"], AttributeName="RawMessageDelivery", AttributeValue="true"
            )
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{name}-drill")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    functions = aws.client("lambda")
    functions.update_function_configuration(FunctionName=f"{name}-slack", Timeout=7)
    functions.update_function_code(FunctionName=f"{name}-slack", ZipFile=_zip())
    functions.remove_permission(FunctionName=f"{name}-slack", StatementId="TopicMayInvoke")
    functions.add_permission(
        FunctionName=f"{name}-slack", StatementId="TopicMayInvoke", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=f"{topic}-of-another",
    )  # fmt: skip
    quicksight = aws.client("quicksight")
    dashboard: dict[str, Any] = {"AwsAccountId": ACCOUNT, "DashboardId": name}
    for kind, which in (("dashboard", dashboard), ("analysis", {"AwsAccountId": ACCOUNT, "AnalysisId": name})):
        owner = {"Principal": f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/owner"}
        with contextlib.suppress(ClientError):
            granted = getattr(quicksight, f"describe_{kind}_permissions")(**which)["Permissions"]
            getattr(quicksight, f"update_{kind}_permissions")(
                **which, RevokePermissions=[{**owner, "Actions": granted[0]["Actions"]}]
            )


def _forget_column(aws: LocalAws, database: str, table: str, column: str) -> None:
    glue = aws.client("glue")
    found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    storage = found["StorageDescriptor"]
    columns = [entry for entry in storage["Columns"] if entry["Name"] != column]
    kept = {key: found[key] for key in ("Name", "PartitionKeys", "TableType", "Parameters")}
    glue.update_table(DatabaseName=database, TableInput={**kept, "StorageDescriptor": {**storage, "Columns": columns}})


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): pass\n")
    return packed.getvalue()
