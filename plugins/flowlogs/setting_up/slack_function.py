"""The Lambda function that posts to Slack, with its role."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flowlogs.alarms.wanted import WantedAlarms, WantedFunction
from flowlogs.include_folder import INCLUDE
from flowlogs.setting_up.place import Clients, Place
from flowlogs.setting_up.policies import has_statement, same_document, statements
from flowlogs.setting_up.steps import AlarmSetupError, Step, unless_missing

RUNTIME: Final = "python3.13"
TIMEOUT_SECONDS: Final = 60
MEMORY_MB: Final = 256
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip file can hold."""
_ROLE_WAITS: Final = (1, 2, 4, 8, 8, 8, 8, 8)
"""Seconds: IAM needs some until a new role can be used everywhere."""
_POLICY_NAME: Final = "slack-notifier"
_WEBHOOK_STATEMENTS: Final = {"secretsmanager": "ReadWebhookSecret", "ssm": "ReadWebhookParameter"}


def function_steps(wanted: WantedAlarms, topic_arn: str, place: Place, clients: Clients) -> Iterator[Step]:
    """The steps for the function and its role; none without a webhook."""
    function = wanted.function
    if function is None:
        return
    yield from _role_steps(wanted, function, place, clients("iam"))
    yield from _function_steps(wanted, function, place, clients("lambda"))
    yield from _permission_steps(function, topic_arn, clients("lambda"))


def package(folder: Path = INCLUDE / "slack_notifier") -> bytes:
    """The function's code as a zip file; the same files give the same bytes, wherever it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # compressed bytes vary between zlibs
        for file in sorted(folder.glob("*.py")):
            entry = zipfile.ZipInfo(file.name, _EARLIEST)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return packed.getvalue()


def role_policy(wanted: WantedAlarms, function: WantedFunction, place: Place) -> dict[str, Any]:
    """The role's policy of include/iam/, for this deployment: without the statement for the other kind of webhook."""
    kind, _, name = function.webhook.partition(":")
    words = {
        "REGION": place.region,
        "ACCOUNT": place.account,
        "ENVIRONMENT": wanted.environment,
        "LOG_GROUP": wanted.log_group,
        "WEBHOOK_SECRET": name,
        "WEBHOOK_PARAMETER": name.removeprefix("/"),
    }
    text = (INCLUDE / "iam" / "slack_notifier_role.json").read_text().replace("arn:aws:", f"arn:{place.partition}:")
    document: dict[str, Any] = json.loads(re.sub(rf"\b(?:{'|'.join(words)})\b", lambda found: words[found[0]], text))
    unused = {sid for other, sid in _WEBHOOK_STATEMENTS.items() if other != kind}
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] not in unused]
    return document


def _role_steps(wanted: WantedAlarms, function: WantedFunction, place: Place, iam: Any) -> Iterator[Step]:
    name = function.name
    trust = json.loads((INCLUDE / "iam" / "slack_notifier_trust.json").read_text())
    policy = role_policy(wanted, function, place)

    def put_policy() -> None:
        iam.put_role_policy(RoleName=name, PolicyName=_POLICY_NAME, PolicyDocument=json.dumps(policy))

    answer = unless_missing(lambda: iam.get_role(RoleName=name), "NoSuchEntity")
    if answer is None:

        def create() -> None:
            iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=json.dumps(trust),
                Description="Posts alarms of VPC flow logs to Slack",
                Tags=[{"Key": key, "Value": value} for key, value in wanted.tags.items()],
            )
            put_policy()

        yield Step("missing", f"role {name}", create)
        return
    if not same_document(_document(answer["Role"]["AssumeRolePolicyDocument"]), trust):
        yield Step(
            "drift",
            f"role {name}: its trust policy differs from include/iam/slack_notifier_trust.json",
            lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust)),
        )
    found = unless_missing(lambda: iam.get_role_policy(RoleName=name, PolicyName=_POLICY_NAME), "NoSuchEntity")
    if found is None or not same_document(_document(found["PolicyDocument"]), policy):
        yield Step("drift", f"role {name}: its policy differs from include/iam/slack_notifier_role.json", put_policy)


def _function_steps(wanted: WantedAlarms, function: WantedFunction, place: Place, client: Any) -> Iterator[Step]:
    name, code = function.name, package()
    configuration = {
        "Runtime": RUNTIME,
        "Handler": "handler.handler",
        "Role": place.role_arn(name),
        "Timeout": TIMEOUT_SECONDS,
        "MemorySize": MEMORY_MB,
        "Environment": {"Variables": dict(function.variables)},
        "DeadLetterConfig": {"TargetArn": place.arn("sqs", function.dead_letter_queue)},
    }
    answer = unless_missing(lambda: client.get_function(FunctionName=name), "ResourceNotFoundException")
    if answer is None:
        request = {
            "FunctionName": name,
            "Description": "Posts alarms of VPC flow logs to Slack",
            "Code": {"ZipFile": code},
            "Tags": dict(wanted.tags),
            **configuration,
        }

        def create() -> None:
            when_role_is_known(lambda: client.create_function(**request))
            client.get_waiter("function_active_v2").wait(FunctionName=name)

        yield Step("missing", f"Lambda function {name}", create)
        return
    actual = answer["Configuration"]
    if actual["CodeSha256"] != base64.b64encode(hashlib.sha256(code).digest()).decode():

        def update_code() -> None:
            client.update_function_code(FunctionName=name, ZipFile=code)
            client.get_waiter("function_updated_v2").wait(FunctionName=name)

        yield Step("drift", f"Lambda function {name}: its code differs from include/slack_notifier", update_code)
    differences = list(_differences(actual, configuration))
    if differences:

        def update_configuration() -> None:
            when_role_is_known(lambda: client.update_function_configuration(FunctionName=name, **configuration))
            client.get_waiter("function_updated_v2").wait(FunctionName=name)

        yield Step("drift", f"Lambda function {name}: {'; '.join(differences)}", update_configuration)


def _differences(actual: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[str]:
    for key in ("Runtime", "Handler", "Role", "Timeout", "MemorySize"):
        if actual.get(key) != configuration[key]:
            yield f"{key} is {actual.get(key)}, expected {configuration[key]}"
    target = (actual.get("DeadLetterConfig") or {}).get("TargetArn") or "none"
    if target != configuration["DeadLetterConfig"]["TargetArn"]:
        yield f"dead letters go to {target}, expected {configuration['DeadLetterConfig']['TargetArn']}"
    variables = (actual.get("Environment") or {}).get("Variables") or {}
    expected = configuration["Environment"]["Variables"]
    changed = sorted(key for key in {*variables, *expected} if variables.get(key) != expected.get(key))
    if changed:
        yield f"environment variables differ: {', '.join(changed)}"


def when_role_is_known(call: Callable[[], object], sleep: Callable[[float], None] = time.sleep) -> None:
    """Make a call of Lambda's, again while it says that the new role cannot be assumed yet.

    Raises:
        AlarmSetupError: when it still cannot after a good half minute.
    """
    from botocore.exceptions import ClientError

    for wait in (*_ROLE_WAITS, None):
        try:
            call()
            return
        except ClientError as error:
            details = error.response["Error"]
            if details["Code"] != "InvalidParameterValueException" or "cannot be assumed" not in details["Message"]:
                raise
            if wait is None:
                raise AlarmSetupError(
                    f"Lambda cannot assume the function's role: {details['Message']} See its trust policy, or run the "
                    "setup again in a minute"
                ) from error
        sleep(wait)


def _permission_steps(function: WantedFunction, topic_arn: str, client: Any) -> Iterator[Step]:
    name, sid = function.name, "TopicMayInvoke"
    answer = unless_missing(lambda: client.get_policy(FunctionName=name), "ResourceNotFoundException")
    policy = None if answer is None else answer["Policy"]

    def add() -> None:
        client.add_permission(
            FunctionName=name,
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic_arn,
        )

    def replace() -> None:
        client.remove_permission(FunctionName=name, StatementId=sid)
        add()

    found = next((one for one in statements(policy) if one.get("Sid") == sid), None)
    if found is None:
        yield Step("missing", f"permission of the topic to invoke {name}", add)
        return
    expected = {
        **found,
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Condition": {"ArnLike": {"AWS:SourceArn": topic_arn}},
    }
    if not has_statement(policy, expected):
        yield Step("drift", f"Lambda function {name}: its policy does not let the topic invoke it", replace)


def _document(policy: Any) -> Any:
    return json.loads(policy) if isinstance(policy, str) else policy
