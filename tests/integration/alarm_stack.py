"""A whole chain of alarms on the local AWS, from the flow log to a Lambda, for tests to break and to repair."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import yaml
from botocore.loaders import JSONFileLoader

from flowlogs.alarms.wanted import wanted
from flowlogs.settings import Settings, load_settings
from tests.unit.flowlogs.smallest_settings import section, source

REPEATER = '''
import json, os

def handler(event, context):
    """Says what the Slack Lambda says; fails when told to."""
    if os.environ.get("FAIL"):
        raise RuntimeError("Slack refuses the message")
    for record in event["Records"]:
        reason = json.loads(record["Sns"]["Message"]).get("NewStateReason", "")
        if reason.startswith("[drill "):
            print(f"drill {reason[7:].partition(']')[0]} posted to Slack")
'''
"""A function in place of the Slack Lambda, which has tests of its own."""


class AlarmStack:
    """The settings' alarms as `flow_logs_setup` makes them, of an environment of the test's own."""

    def __init__(self, local_aws: Any, folder: Path) -> None:
        self.environment = f"t{uuid.uuid4().hex[:8]}"
        self.log_group = f"/flowlogs/{self.environment}"
        self.extra_prefix = f"{self.environment}-extra-"
        self.lake, self.logs_bucket = local_aws.bucket("lake"), local_aws.bucket("flowlogs")
        for service in ("cloudwatch", "logs", "sns", "sqs", "lambda", "ec2", "s3", "glue"):
            setattr(self, service if service != "lambda" else "functions", local_aws.client(service))
        self.file = folder / "flowlogs.yaml"
        self.endpoint = Confirmations()
        self.told = self._queue("told")
        self.changes_topic = self.sns.create_topic(Name=f"{self.environment}-changes")["TopicArn"]
        self.sns.subscribe(TopicArn=self.changes_topic, Protocol="sqs", Endpoint=self.told)
        self.settings = self.configure()
        self.wanted = wanted(self.settings)
        self.topic = f"arn:aws:sns:us-east-1:000000000000:{self.wanted.topic_name}"
        self.drill_queue = f"arn:aws:sqs:us-east-1:000000000000:{self.environment}-flowlogs-drill"
        self.dead_letters = f"arn:aws:sqs:us-east-1:000000000000:{self.environment}-dead-letters"
        self.function = f"arn:aws:lambda:us-east-1:000000000000:function:{self.environment}-repeater"

    def configure(self, sns_topic_arn: str | None = "", **alarms: Any) -> Settings:
        """Put settings in force; changes are told to a topic of their own, or as given."""
        values = section(
            environment=self.environment,
            lake={"bucket": self.lake},
            athena={"output_location": f"s3://{self.lake}/athena/", "database": self.environment},
            sources=[source(bucket=self.logs_bucket)],
            notifications={"sns_topic_arn": self.changes_topic if sns_topic_arn == "" else sns_topic_arn},
            alarms={
                "log_group": self.log_group,
                "namespace": self.environment,
                "anomaly_detection": False,
                "extra_alarm_prefixes": [self.extra_prefix],
                "rules": [
                    {"name": "http", "title": "HTTP", "description": "HTTP.", "severity": "high",
                     "where": {"dstport": [80, 443]}, "threshold": 1000},
                    {"name": "ssh", "title": "SSH", "description": "SSH.", "severity": "high",
                     "where": {"dstport": 22, "action": "REJECT"}, "threshold": 1000},
                ],
                **alarms,
            },
        )  # fmt: skip
        self.file.write_text(yaml.safe_dump(values))
        self.settings = load_settings(self.file, {})
        return self.settings

    def _queue(self, name: str) -> str:
        url = self.sqs.create_queue(QueueName=f"{self.environment}-{name}")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return str(attributes["QueueArn"])

    def queue_url(self, arn: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])

    def build(self) -> None:
        """Make the whole chain, and let a line come through it."""
        self.make_log_group()
        self.sqs.create_queue(QueueName=self.drill_queue.rpartition(":")[2])
        self._queue("dead-letters")
        self.make_topic()
        self.functions.create_function(
            FunctionName=self.function.rpartition(":")[2], Runtime="python3.12", Handler="repeater.handler",
            Role="arn:aws:iam::000000000000:role/any", Code={"ZipFile": zipped("repeater.py", REPEATER)},
            DeadLetterConfig={"TargetArn": self.dead_letters},
        )  # fmt: skip
        self.subscribe("lambda", self.function)
        self.subscribe("sqs", self.drill_queue)
        for one in self.wanted.alarms:
            self.cloudwatch.put_metric_alarm(**one.request(self.topic))
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.ec2.create_flow_logs(
            ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName=self.log_group,
            DeliverLogsPermissionArn="arn:aws:iam::000000000000:role/flow-logs",
        )  # fmt: skip
        self.ec2.create_flow_logs(
            ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{self.logs_bucket}",
        )  # fmt: skip
        self.put_line()
        self.make_ledger()

    def make_ledger(self) -> None:
        """The table of findings, as far as partitions need it."""
        location = self.settings.lake.location_of("alarm_findings")
        self.glue.create_database(DatabaseInput={"Name": self.environment})
        self.glue.create_table(
            DatabaseName=self.environment,
            TableInput={
                "Name": "alarm_findings",
                "PartitionKeys": [{"Name": "dt", "Type": "string"}],
                "StorageDescriptor": {"Location": location, "Columns": [{"Name": "rule", "Type": "string"}]},
            },
        )

    def make_log_group(self) -> None:
        self.logs.create_log_group(logGroupName=self.log_group)
        self.logs.create_log_stream(logGroupName=self.log_group, logStreamName="eni-1")
        for one in self.wanted.filters:
            self.make_filter(one)

    def make_filter(self, one: Any) -> None:
        self.logs.put_metric_filter(**one.request())

    def make_topic(self) -> None:
        self.sns.create_topic(Name=self.wanted.topic_name)

    def subscribe(self, protocol: str, endpoint: str) -> str:
        answer = self.sns.subscribe(
            TopicArn=self.topic, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True
        )
        return str(answer["SubscriptionArn"])

    def unsubscribe(self, endpoint: str) -> None:
        for one in self.sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]:
            if one["Endpoint"] == endpoint:
                self.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])

    def put_line(self, port: int = 443, action: str = "ACCEPT", ago: timedelta = timedelta()) -> None:
        """Deliver a record to the log group."""
        at = time.time() - ago.total_seconds()
        line = f"2 111122223333 eni-1 203.0.113.7 10.0.0.5 50000 {port} 6 3 180 {at:.0f} {at:.0f} {action} OK"
        self.logs.put_log_events(
            logGroupName=self.log_group, logStreamName="eni-1",
            logEvents=[{"timestamp": int(at * 1000), "message": line}],
        )  # fmt: skip

    def let_cloudwatch_publish(self, allowed: bool) -> None:
        """Close the topic to CloudWatch by its policy, or open it."""
        statement = {
            "Sid": "alarms", "Effect": "Allow", "Action": "sns:Publish", "Resource": self.topic,
            "Principal": {"Service": "cloudwatch.amazonaws.com" if allowed else "s3.amazonaws.com"},
        }  # fmt: skip
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=json.dumps(policy))

    def go_off(self, name: str) -> None:
        """Let an alarm go off once more."""
        for state in ("OK", "ALARM", "OK"):
            self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    def fail_function(self, failing: bool) -> None:
        """Make the function fail, or succeed again."""
        self.functions.update_function_configuration(
            FunctionName=self.function.rpartition(":")[2],
            Environment={"Variables": {"FAIL": "1"} if failing else {}},
        )

    def invoke_function(self) -> None:
        message = {"Sns": {"Message": json.dumps({"NewStateReason": "test"})}}
        self.functions.invoke(FunctionName=self.function, Payload=json.dumps({"Records": [message]}).encode())

    def take(self, arn: str) -> list[dict[str, Any]]:
        """The messages that wait in a queue, which is empty then."""
        url, found = self.queue_url(arn), []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


class ReadOnce(JSONFileLoader):
    """Reads each of botocore's files once for all sessions: every check makes clients anew, as a task does."""

    def load_file(self, file_path: str) -> Any:
        return _read(file_path)


@functools.cache
def _read(path: str) -> Any:
    return JSONFileLoader().load_file(path)


class Confirmations:
    """An HTTP endpoint that keeps what SNS posts, tokens above all."""

    def __init__(self) -> None:
        posted = self.posted = []

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Endpoint)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alarms"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def token(self) -> str:
        """The token of the confirmation that was asked for."""
        wait_for(lambda: any("Token" in message for message in self.posted))
        return next(message["Token"] for message in self.posted if "Token" in message)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def denying() -> Iterator[str]:
    """The address of an AWS that denies everything."""

    class Denial(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Denial) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def service_elsewhere(local_aws: Any, service: str, url: str) -> str:
    """Airflow's connection to the local AWS, one service of it elsewhere."""
    connection = json.loads(local_aws.connection["AIRFLOW_CONN_AWS_DEFAULT"])
    connection["extra"]["service_config"] = {service: {"endpoint_url": url}}
    return json.dumps(connection)


def zipped(name: str, text: str) -> bytes:
    """A zip file of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def now() -> datetime:
    """The time, a little later: what was just put is before it."""
    return datetime.now(UTC) + timedelta(seconds=2)
