"""The whole path that the setup makes from the shipped rules: records in the log group, then an e-mail and a Slack message."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import yaml

from flowlogs.alarm_setup import set_up_alarms
from flowlogs.alarms.wanted import wanted
from flowlogs.settings import Settings
from local_aws.traffic.__main__ import main
from tests.conftest import ROOT
from tests.integration.inbox import Inbox, link_to, wait_for
from tests.unit.flowlogs.smallest_settings import section

pytestmark = pytest.mark.integration

SHIPPED = ROOT / "include" / "config" / "flowlogs.yaml"


@pytest.fixture
def environment(local_aws, monkeypatch) -> str:
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)
    return f"t{uuid.uuid4().hex[:8]}"


def test_two_attempts_tell_nobody_and_three_tell_by_email_and_slack(local_aws, environment):
    inbox, address = Inbox(local_aws.endpoint_url), f"{environment}@example.com"
    group = f"/flowlogs/{environment}"
    secret = local_aws.client("secretsmanager").create_secret(
        Name=f"{environment}/slack", SecretString=f"{inbox.site}/_inbox/slack/{environment}"
    )
    alarms = wanted(
        Settings.model_validate(
            section(
                environment=environment,
                alarms={
                    "log_group": group,
                    "namespace": environment,
                    "anomaly_detection": False,
                    "subscriptions": {"emails": [address], "slack_webhook": f"secretsmanager:{secret['Name']}"},
                    "rules": yaml.safe_load(SHIPPED.read_text())["alarms"]["rules"],
                },
            )
        )
    )
    assert set_up_alarms(alarms, local_aws.client, repair=True).created
    assert httpx.get(link_to("confirm-subscription", inbox.wait_for("email", address)[0])).status_code == 200
    name, cloudwatch = f"{environment}-flowlogs-http_attempts", local_aws.client("cloudwatch")

    def state() -> str:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(alarm["StateValue"])

    def told(kind: str, to: str) -> list[dict]:
        found = inbox.messages(kind, to)
        return [one for one in found if "Repeated HTTP attempts" in json.dumps(one) and "ALARM:" in json.dumps(one)]

    wait_for(state, lambda seen: seen == "OK")
    main(["probe", "--log-group", group, "--attempts", "2", "--port", "443", "--source", "198.51.100.7"])
    main(["probe", "--log-group", group, "--attempts", "5", "--port", "22", "--source", "198.51.100.8"])
    wait_for(lambda: _sum(cloudwatch, name), lambda seen: seen == 2)
    assert state() == "OK"
    main(["probe", "--log-group", group, "--attempts", "1", "--port", "80", "--source", "198.51.100.7"])
    wait_for(state, lambda seen: seen == "ALARM")
    mails = wait_for(lambda: told("email", address))
    posts = wait_for(lambda: told("slack", environment))
    assert (len(mails), len(posts)) == (1, 1)
    assert mails[0]["subject"] == f'ALARM: "{name}" in US East (N. Virginia)'
    assert "Repeated HTTP attempts" in mails[0]["text"]
    drawn, _, _ = inbox.get(f"/_inbox/{posts[0]['id']}")[1].partition("As received")
    assert "3 in 300 s" in drawn
    assert "3 log lines" in drawn
    assert drawn.count("198.51.100.7:") == 3
    assert "198.51.100.8" not in drawn


def _sum(cloudwatch, name: str) -> float:
    """The attempts that the alarm has counted."""
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    now = datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"], MetricName=alarm["MetricName"], StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=5), Period=300, Statistics=["Sum"],
    )["Datapoints"]  # fmt: skip
    return sum(one["Sum"] for one in found)
