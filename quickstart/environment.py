"""The environment variables of the run: Airflow sized to this machine, its connection to the local AWS."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from quickstart.preflight import free_port

ROOT = Path(__file__).parents[1]
USERNAME = "admin"
PASSWORD = "admin"
REGION = "us-east-1"
ADDRESS = "on-call@example.com"
WEBHOOK_SECRET = "flowlogs/slack-webhook"
TOPIC_ARN = f"arn:aws:sns:{REGION}:000000000000:sample-flowlogs-alarms"
"""That of the alarms, which flow_logs_setup makes in the settings' environment `sample`."""


@dataclass(frozen=True)
class Addresses:
    """Where the run's servers listen."""

    local_aws_port: int
    airflow_port: int

    @property
    def local_aws(self) -> str:
        """The endpoint URL of the local AWS."""
        return f"http://127.0.0.1:{self.local_aws_port}"

    @property
    def airflow(self) -> str:
        """The URL of Airflow's pages and API."""
        return f"http://127.0.0.1:{self.airflow_port}"


def aws_environ(addresses: Addresses) -> dict[str, str]:
    """What boto3, the AWS CLI and PyAthena need to reach the local AWS."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": addresses.local_aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }


def airflow_environ(addresses: Addresses, home: Path) -> dict[str, str]:
    """What `airflow standalone` needs to run this repository's DAGs against the local AWS.

    The arrival sensor's patience is cut to seconds: the sample days are over and loaded before it looks.
    """
    home.mkdir(parents=True, exist_ok=True)
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USERNAME: PASSWORD}))
    connection = {
        "conn_type": "aws",
        "login": "test",
        "password": "test",
        "extra": {"region_name": REGION, "endpoint_url": addresses.local_aws},
    }
    return {
        **aws_environ(addresses),
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": f"{ROOT / 'config'}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(max(4, 2 * (os.cpu_count() or 2))),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{addresses.airflow}/execution/",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(addresses.airflow_port),
        "AIRFLOW__API__BASE_URL": addresses.airflow,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # A task's supervisor that misses its end looks again after this (5 s by default), and holds its slot so long.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "FLOWLOGS__REPORTS__BASE_URL": f"{addresses.local_aws}/flowlogs-sample-lake/",
        "FLOWLOGS__QUICKSIGHT__CONSOLE_URL": f"{addresses.local_aws}/_quicksight/",
        "FLOWLOGS__ARRIVAL__QUIET_MINUTES": "0.02",
        "FLOWLOGS__ARRIVAL__POLL_SECONDS": "5",
        "FLOWLOGS__SCHEDULE__RETRY_DELAY_MINUTES": "0.2",
        # The watchdog asks Airflow's own API about runs.
        "AIRFLOW_CONN_AIRFLOW_API": json.dumps(
            {
                "conn_type": "http",
                "host": "127.0.0.1",
                "port": addresses.airflow_port,
                "login": USERNAME,
                "password": PASSWORD,
            }
        ),
        "FLOWLOGS__WATCHDOG__AIRFLOW_CONN_ID": "airflow_api",
        # One topic for alarms, failures and reports, with an e-mail address and a Slack channel at the local inbox.
        "FLOWLOGS__ALARMS__SUBSCRIPTIONS__EMAILS__0": ADDRESS,
        "FLOWLOGS__ALARMS__SUBSCRIPTIONS__SLACK_WEBHOOK": f"secretsmanager:{WEBHOOK_SECRET}",
        "FLOWLOGS__NOTIFICATIONS__SNS_TOPIC_ARN": TOPIC_ARN,
        "FLOWLOGS__NOTIFICATIONS__REPORT_TOPIC_ARN": TOPIC_ARN,
    }
