"""Who is told in the sample deployment: an address and a Slack channel, both read at the local AWS's inbox."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

import boto3
import httpx

from flowlogs.settings import Settings
from quickstart.environment import ADDRESS, REGION, ROOT, TOPIC_ARN, WEBHOOK_SECRET, Addresses, aws_environ
from quickstart.processes import Watched, wait_until

CHANNEL = "on-call"
_WHERE = (("email", ADDRESS), ("slack", CHANNEL))
_ALARM = "Repeated HTTP attempts"


def keep_webhook(addresses: Addresses) -> None:
    """Put the address of the inbox's Slack channel where the Lambda looks for it."""
    secrets = _client("secretsmanager", addresses)
    url = f"{addresses.local_aws}/_inbox/slack/{CHANNEL}"
    try:
        secrets.create_secret(Name=WEBHOOK_SECRET, SecretString=url)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=WEBHOOK_SECRET, SecretString=url)


def confirm_subscription(addresses: Addresses, processes: Watched) -> None:
    """Follow the link that SNS sent to the address, as its owner would."""
    sns = _client("sns", addresses)

    def confirmed() -> bool:
        subscribed = sns.list_subscriptions_by_topic(TopicArn=TOPIC_ARN)["Subscriptions"]
        if any(one["Endpoint"] == ADDRESS and one["SubscriptionArn"].startswith("arn:") for one in subscribed):
            return True
        for message in _messages(addresses, "email", ADDRESS):
            if found := re.search(r"http\S+/_inbox/confirm-subscription\?\S+", message["text"]):
                httpx.get(found[0], timeout=10)
        return False

    wait_until(confirmed, processes, "SNS's e-mail that asks to confirm", timeout_seconds=60)


def try_the_alarm(settings: Settings, addresses: Addresses, processes: Watched) -> tuple[float, float]:
    """Write three HTTP attempts into the log group, and wait for the alarm's e-mail and Slack message.

    Returns: seconds from the records to each.

    Raises:
        RuntimeError: when the records cannot be written, or a message does not come.
    """
    seen = {kind: len(_messages(addresses, kind, to)) for kind, to in _WHERE}
    started = time.monotonic()
    python = str(ROOT / ".venv-local-aws/bin/python")
    command = [python, "-m", "local_aws.traffic", "probe", "--log-group", str(settings.alarms.log_group)]
    probe = subprocess.run(command, cwd=ROOT, env=aws_environ(addresses), capture_output=True, text=True)
    if probe.returncode:
        raise RuntimeError(f"the prober failed: {probe.stderr[-500:]}")
    arrived: dict[str, float] = {}

    def all_arrived() -> bool:
        for kind, to in _WHERE:
            messages = _messages(addresses, kind, to)
            new = messages[: len(messages) - seen[kind]]
            if kind not in arrived and any(_ALARM in json.dumps(message) for message in new):
                arrived[kind] = time.monotonic() - started
        return len(arrived) == len(_WHERE)

    wait_until(all_arrived, processes, "the alarm's messages", timeout_seconds=90)
    return arrived["email"], arrived["slack"]


def _client(service: str, addresses: Addresses) -> Any:
    return boto3.client(
        service,
        endpoint_url=addresses.local_aws,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _messages(addresses: Addresses, kind: str, to: str) -> list[dict[str, Any]]:
    """The newest first."""
    found = httpx.get(f"{addresses.local_aws}/_inbox/messages.json", params={"kind": kind}, timeout=10).json()
    return [message for message in found if to in message["to"]]
