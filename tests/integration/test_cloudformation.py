"""The templates: clean by cfn-lint, deployed to the local AWS, with the policies of include/iam/ word for word."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import cfnlint.decode
import pytest

from flowlogs.fields import log_format
from flowlogs.settings import DEFAULT_FILE, load_settings
from tests.policies.stack import TEMPLATES, Stack, deploy
from tests.policies.template import with_documents
from tests.unit.flowlogs.smallest_settings import source

pytestmark = pytest.mark.integration

NOT_IN_THE_SERVICE_REFERENCE = ("describeanalysisdefinition", "describedashboarddefinition")
"""Operations of QuickSight's API that its list of actions does not have (yet)."""
ROLES = {
    "airflow": ("airflow", "airflow_role.json", "airflow_trust.json"),
    "delivery": ("flow-log-delivery", "flow_log_delivery_role.json", "flow_log_delivery_trust.json"),
    "slack": ("slack-notifier", "slack_notifier_role.json", "slack_notifier_trust.json"),
}


@pytest.fixture(scope="module")
def stack(local_aws) -> Stack:
    name = f"c{uuid.uuid4().hex[:8]}"
    return deploy(local_aws, name, SlackWebhookSecret=f"{name}/slack", NotificationEmail="team@example.com")


def test_cfn_lint_finds_nothing_in_the_templates():
    """Schemas of the resources, and of policies: actions that there are, resources that they have."""
    found = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--format", "json", *map(str, sorted(TEMPLATES.glob("*.yaml")))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not found.stderr, found.stderr
    problems = [
        problem["Message"]
        for problem in json.loads(found.stdout)
        if not (problem["Rule"]["Id"] == "W3037" and problem["Message"].split("'")[1] in NOT_IN_THE_SERVICE_REFERENCE)
    ]
    assert problems == []


def test_the_template_has_the_documents_as_they_are():
    text = (TEMPLATES / "flow-logs.yaml").read_text()
    assert text == with_documents(text), "python -m tests.policies.template writes them anew"


def test_the_buckets_are_there_and_closed_to_the_public(local_aws, stack):
    s3 = local_aws.client("s3")
    for parameter in ("FlowLogsBucketName", "LakeBucketName"):
        bucket = stack.parameters[parameter]
        assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
        assert _statements(s3.get_bucket_policy(Bucket=bucket)["Policy"])["TlsOnly"] == {
            "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }  # fmt: skip


def test_only_flow_logs_of_the_source_accounts_may_be_delivered(local_aws, stack):
    """As AWS asks for it ("Permissions for publishing flow logs to Amazon S3"), and no wider."""
    bucket = stack.parameters["FlowLogsBucketName"]
    from_them = {
        "StringEquals": {"aws:SourceAccount": ["111122223333", "222233334444"]},
        "ArnLike": {"aws:SourceArn": ["arn:*:logs:*:111122223333:*", "arn:*:logs:*:222233334444:*"]},
    }
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    policy = _statements(local_aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    delivery = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    assert policy["AWSLogDeliveryWrite"] == {
        "Sid": "AWSLogDeliveryWrite", **delivery, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {**from_them, "StringEquals": {**from_them["StringEquals"], **acl}},
    }  # fmt: skip
    assert policy["AWSLogDeliveryAclCheck"] == {
        "Sid": "AWSLogDeliveryAclCheck", **delivery, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": from_them,
    }  # fmt: skip
    kms = local_aws.client("kms")
    key = _statements(kms.get_key_policy(KeyId=stack.outputs["KeyArn"], PolicyName="default")["Policy"])
    assert key["FlowLogsOfSourceAccounts"]["Condition"] == from_them
    assert key["FlowLogsOfSourceAccounts"]["Principal"] == delivery["Principal"]
    assert kms.get_key_rotation_status(KeyId=stack.outputs["KeyArn"])["KeyRotationEnabled"]


def test_every_role_has_the_shipped_documents_and_nothing_else(local_aws, stack):
    iam = local_aws.client("iam")
    for role, (policy, document, trust) in ROLES.items():
        name = f"{stack.environment}-flowlogs-{role}"
        assert iam.list_role_policies(RoleName=name)["PolicyNames"] == [policy]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert [one["PolicyName"] for one in attached] == [f"{name.rpartition('-')[0]}-setup"] * (role == "airflow")
        expected = stack.document(document)
        if role == "slack":  # the webhook is in Secrets Manager
            expected["Statement"] = [one for one in expected["Statement"] if one["Sid"] != "ReadWebhookParameter"]
        assert iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] == expected
        assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == stack.document(trust)
    arn = f"arn:aws:iam::000000000000:policy/{stack.environment}-flowlogs-setup"
    (version,) = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version["VersionId"])["PolicyVersion"]["Document"]
    assert found == stack.document("airflow_setup.json")


def test_the_log_group_is_kept_as_long_as_asked_and_the_topics_have_their_subscriptions(local_aws, stack):
    (group,) = local_aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/flowlogs/{stack.environment}")[
        "logGroups"
    ]
    assert (group["retentionInDays"], group["kmsKeyId"]) == (30, stack.outputs["KeyArn"])
    sns = local_aws.client("sns")
    for name in ("failures", "reports"):
        arn = f"arn:aws:sns:us-east-1:000000000000:{stack.environment}-flowlogs-{name}"
        (one,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        assert (one["Protocol"], one["Endpoint"]) == ("email", "team@example.com")
        (sid,) = _statements(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        assert sid == "TlsOnly", "nobody may publish by the topic's own policy"


def test_the_output_for_the_settings_file_is_valid_there(stack, tmp_path):
    (tmp_path / "flowlogs.yaml").write_text(
        f"{stack.outputs['Settings']}\nsources: {json.dumps([source(bucket=stack.parameters['FlowLogsBucketName'])])}\n"
    )
    settings = load_settings(tmp_path / "flowlogs.yaml", environ={})
    assert settings.lake.bucket == stack.parameters["LakeBucketName"]
    assert settings.alarms.log_group == stack.parameters["LogGroupName"]
    assert settings.notifications.report_topic_arn is not None
    # What the lifecycle rule of the bucket removes is where Athena writes.
    assert settings.athena.output_location == f"s3://{settings.lake.bucket}/{settings.lake.prefix}athena/"


def test_the_flow_logs_of_a_vpc_are_those_that_the_settings_expect(local_aws, stack):
    """The local CloudFormation has no AWS::EC2::FlowLog, so its properties are given to EC2 itself."""
    template, _ = cfnlint.decode.decode(str(TEMPLATES / "vpc-flow-logs.yaml"))
    shipped = load_settings(DEFAULT_FILE, environ={})
    values = {
        **{name: one.get("Default") for name, one in template["Parameters"].items()},
        "Environment": stack.environment,
        **{name: stack.outputs[name] for name in ("FlowLogsBucketArn", "LogGroupArn", "FlowLogDeliveryRoleArn")},
        "VpcId": local_aws.client("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"],
    }
    variable, vpcs, resources = template["Resources"]["Fn::ForEach::Vpcs"]
    assert (variable, vpcs) == ("VpcId", {"Ref": "VpcIds"})
    ec2 = local_aws.client("ec2")
    for resource in resources.values():
        properties = _resolved(resource["Properties"], values)
        ec2.create_flow_logs(
            ResourceIds=[properties.pop("ResourceId")],
            TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": properties.pop("Tags")}],
            DestinationOptions=_options(properties.pop("DestinationOptions", {})),
            **properties,
        )
    found = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [values["VpcId"]]}])["FlowLogs"]
    assert {one["LogDestinationType"]: one["LogDestination"] for one in found} == {
        "s3": stack.outputs["FlowLogsBucketArn"],
        "cloud-watch-logs": stack.outputs["LogGroupArn"],
    }
    text = shipped.sources[0]
    assert (text.layout, text.file_format) == ("default", "text")
    assert {one["LogFormat"] for one in found} == {log_format(text.fields)}


def _statements(policy: str) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


def _resolved(value: Any, values: dict[str, Any]) -> Any:
    """Properties with the references to parameters replaced."""
    if isinstance(value, dict):
        if list(value) == ["Ref"]:
            return values[value["Ref"]]
        return {str(key): _resolved(one, values) for key, one in value.items()}
    return [_resolved(one, values) for one in value] if isinstance(value, list) else value


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation takes texts where EC2 takes booleans."""
    return {key: {"true": True, "false": False}.get(value, value) for key, value in options.items()}
