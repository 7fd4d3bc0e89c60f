"""Looking for a drill's message: in the drill queue, and in the logs of the Lambda functions."""

from __future__ import annotations

from typing import Any, Final

from flowlogs.drill import Drill, is_message_of, subscriber
from flowlogs.observing.aws_calls import error_code
from flowlogs.observing.delivery import function_name

_BATCHES: Final = 20
"""Receives of one look: the queue can hold messages of alarms that went off since the last drill."""
_LOG_PAGES: Final = 3
_NO_QUEUE: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


class DrillWatch:
    """Sees where a drill's message has arrived.

    :param drill: the drill
    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: the alarm's region
    """

    def __init__(self, drill: Drill, aws_conn_id: str, region_name: str) -> None:
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        from flowlogs.aws import BOTOCORE_CONFIG

        self.drill = drill
        self.arrived: dict[str, float] = {}
        """Seconds until the message was with each subscriber."""
        self._sqs, self._logs = (
            AwsBaseHook(
                aws_conn_id=aws_conn_id, client_type=service, region_name=region_name, config=BOTOCORE_CONFIG
            ).conn
            for service in ("sqs", "logs")
        )

    def look(self) -> bool:
        """Look where the message has not been seen yet; whether it has arrived everywhere."""
        queue = subscriber("sqs", self.drill.queue)
        if queue not in self.arrived and (sent := self._sent_to_queue()) is not None:
            self._note(queue, sent)
        for arn in self.drill.functions:
            name = subscriber("lambda", arn)
            if name not in self.arrived and (logged := self._logged_by(function_name(arn))) is not None:
                self._note(name, logged)
        return all(name in self.arrived for name in self.drill.expected)

    def _note(self, name: str, at: float) -> None:
        # The clocks are the worker's and AWS's: what is before the start by them is no time at all.
        self.arrived[name] = round(max(0.0, at - self.drill.started.timestamp()), 2)

    def _sent_to_queue(self) -> float | None:
        """When SNS put the message into the drill queue. The queue is for drills only, so what else is in it goes."""
        from botocore.exceptions import ClientError

        account, name = self.drill.queue.split(":")[4:6]
        try:
            url = self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        except ClientError as error:
            if error_code(error) in _NO_QUEUE:
                return None
            raise
        found = None
        for _ in range(_BATCHES):
            messages = self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["SentTimestamp"]
            ).get("Messages", [])
            for message in messages:
                if is_message_of(self.drill, message["Body"]):
                    found = int(message["Attributes"]["SentTimestamp"]) / 1000
            if messages:
                self._sqs.delete_message_batch(
                    QueueUrl=url,
                    Entries=[{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)],
                )
            if found is not None or not messages:
                break
        return found

    def _logged_by(self, function: str) -> float | None:
        """When a function wrote into its log that it passed the drill on."""
        from botocore.exceptions import ClientError

        which: dict[str, Any] = {
            "logGroupName": f"/aws/lambda/{function}",
            "filterPattern": f'"drill {self.drill.drill_id} posted"',
            "startTime": int(self.drill.started.timestamp() * 1000) - 60_000,
        }
        for _ in range(_LOG_PAGES):
            try:
                page = self._logs.filter_log_events(**which)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return None  # a function that never ran has no log
                raise
            if page["events"]:
                return float(page["events"][0]["timestamp"]) / 1000
            if not page.get("nextToken"):
                break
            which["nextToken"] = page["nextToken"]
        return None
