"""The calls of one look: clients that threads share, what they could not see, how many calls there were."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from botocore.config import Config

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.health.observations import Aspect, Unknown
from flowlogs.hooks.alarms import AlarmHook

_SERVICES: Final = ("logs", "sns", "lambda", "sqs", "ec2", "sts")
AT_ONCE: Final = 8
"""Calls at the same time; botocore keeps ten connections of a client."""
_REASON_LENGTH: Final = 300

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")


class AwsCalls:
    """AWS, as one look sees it.

    Attributes:
        alarms: the hook of the alarms.
        calls: how often each operation was called, retries aside.
        unknown: what could not be looked at.
    """

    def __init__(self, conn_id: str, region: str) -> None:
        self.region = region
        self.alarms = AlarmHook(aws_conn_id=conn_id, region_name=region)
        self.calls: Counter[str] = Counter()
        self.unknown: list[Unknown] = []
        self._lock = threading.Lock()
        # A boto3 session is not for several threads, its clients are: all are made here, of one session, which reads
        # botocore's files once (boto3, "Multithreading").
        session = self.alarms.get_session(region_name=region)
        self._clients = {
            service: session.client(
                service,
                endpoint_url=self.alarms.conn_config.get_service_endpoint_url(service),
                config=Config(**BOTOCORE_CONFIG),
                verify=self.alarms.verify,
            )
            for service in _SERVICES
        }
        for client in (*self._clients.values(), self.alarms.conn):
            client.meta.events.register("before-call", self._count)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look")

    def __enter__(self) -> AwsCalls:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def client(self, service: str) -> Any:
        """The client of a service."""
        return self._clients[service]

    def look(self, aspect: Aspect, function: Callable[[], _Result], subject: str | None = None) -> _Result | None:
        """What a function that calls AWS sees; None, noted as unknown, where AWS does not answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return function()
        except (ClientError, BotoCoreError) as error:
            with self._lock:
                self.unknown.append(Unknown(aspect, str(error)[:_REASON_LENGTH], subject))
            return None

    def start(self, function: Callable[[], _Result]) -> Future[_Result]:
        """Begin a function that runs beside the caller."""
        return self._pool.submit(function)

    def of_each(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """A function's results for each item, several at the same time. Not to be nested."""
        return list(self._pool.map(function, items))

    def _count(self, model: Any, **_: Any) -> None:
        with self._lock:
            self.calls[f"{model.service_model.service_name}:{model.name}"] += 1


def error_code(error: Exception) -> str:
    """The code of an error of AWS, such as ResourceNotFoundException."""
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))


def unless_missing(function: Callable[[], _Result], codes: Sequence[str]) -> _Result | None:
    """A function's result; None when AWS says with one of the codes that the thing is not there."""
    from botocore.exceptions import ClientError

    try:
        return function()
    except ClientError as error:
        if error_code(error) in codes:
            return None
        raise
