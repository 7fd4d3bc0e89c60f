"""The stack of include/cloudformation/flow-logs.yaml on a local AWS, and the documents of include/iam/ for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.conftest import ROOT, LocalAws

TEMPLATES = ROOT / "include" / "cloudformation"
DOCUMENTS = ROOT / "include" / "iam"
REGION = "us-east-1"
ACCOUNT = "000000000000"
"""That of the local AWS."""
AIRFLOW_USER = "airflow"
"""What Airflow runs as; it may do nothing but take its role."""


@dataclass(frozen=True)
class Stack:
    """A stack that was deployed."""

    environment: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def words(self) -> dict[str, str]:
        """What stands for the words in capitals of the documents."""
        given = self.parameters
        return {
            "FLOW_LOGS_BUCKET": given["FlowLogsBucketName"],
            "LAKE_BUCKET": given["LakeBucketName"],
            "LAKE_PREFIX": given["LakePrefix"],
            "REGION": REGION,
            "QUICKSIGHT_REGION": REGION,
            "ACCOUNT": ACCOUNT,
            "WORK_GROUP": given["WorkGroup"],
            "DATABASE": given["Database"],
            "TOPIC": f"{self.environment}-flowlogs-failures",
            "REPORT_TOPIC": f"{self.environment}-flowlogs-reports",
            "ENVIRONMENT": self.environment,
            "LOG_GROUP": given["LogGroupName"],
            "KMS_KEY": self.outputs["KeyArn"].partition(":key/")[2],
            "AIRFLOW_PRINCIPAL": given["AirflowPrincipalArn"],
            "WEBHOOK_SECRET": given.get("SlackWebhookSecret", ""),
            "WEBHOOK_PARAMETER": given.get("SlackWebhookParameter", "").removeprefix("/"),
        }

    def document(self, name: str) -> dict[str, Any]:
        """A document of include/iam/ for this stack."""
        return filled_in((DOCUMENTS / name).read_text(), self.words)


def filled_in(text: str, words: Mapping[str, str]) -> dict[str, Any]:
    """A policy document with its words in capitals replaced, as docs/permissions.md has people do it."""
    pattern = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    document: dict[str, Any] = json.loads(
        re.sub(rf"(?<![A-Za-z_])(?:{pattern})(?![A-Z_])", lambda found: words[found[0]], text)
    )
    return document


def deploy(aws: LocalAws, environment: str, **parameters: str) -> Stack:
    """Deploy the template, with names that begin with the environment.

    Raises:
        AssertionError: with the events of the stack, when it does not come up.
    """
    given = {
        "Environment": environment,
        "FlowLogsBucketName": f"{environment}-flow-logs",
        "LakeBucketName": f"{environment}-lake",
        "LakePrefix": "flowlogs/",
        "SourceAccounts": "111122223333,222233334444",
        "AirflowPrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/{AIRFLOW_USER}",
        "LogGroupName": f"/flowlogs/{environment}",
        "Database": "flowlogs",
        "WorkGroup": "flowlogs",
        **parameters,
    }
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=f"{environment}-flowlogs",
        TemplateBody=(TEMPLATES / "flow-logs.yaml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.config.delay = 1
    try:
        waiter.wait(StackName=f"{environment}-flowlogs")
    except Exception as error:
        events = cloudformation.describe_stack_events(StackName=f"{environment}-flowlogs")["StackEvents"]
        reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events]
        raise AssertionError("\n".join(reasons)) from error
    (stack,) = cloudformation.describe_stacks(StackName=f"{environment}-flowlogs")["Stacks"]
    return Stack(environment, given, {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]})
