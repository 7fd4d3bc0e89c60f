"""LIST requests of a look at a target with 100,000 files in the day: the arrival sensor against S3KeySensor.

Both look at the same bucket of a local AWS. S3KeySensor waits for the day's last file by wildcard, the nearest that the
amazon provider comes to waiting for a day of flow logs. Requests are counted by botocore's event before each is sent,
so retries count too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml

from benchmarks.own_local_aws import own_local_aws
from benchmarks.record import Result
from flowlogs.layout import day_prefix, object_key

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    from flowlogs.arrival_watch import ArrivalWatch

FILES = 100_000
FLOW_LOGS = (1, 20, 250)
"""How many flow logs the day's files are of, one target each."""
DAY = date(2026, 11, 20)
BUCKET = "logs"
REGION = "us-east-1"
LOCAL_ACCOUNT = "000000000000"
"""The account whose buckets the local AWS shows to those who sign with the key `test`."""
MIDNIGHT = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
TIMES = tuple(MIDNIGHT + timedelta(minutes=5 * slot) for slot in range(288))
"""The times of a day's files."""
QUIET = timedelta(hours=2)
"""How much later than now it is for the arrival sensor, which waits until no file has come for a while."""
AT_END = 3
"""How many of the times are in the day's last 15 minutes, by which the sensor tells that a day is over."""


@dataclass
class Look:
    """What one look cost."""

    requests: int
    seconds: float


def main() -> None:
    """Make the days, look at each while it waits and when it is complete, save the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch)
        print(f"writing {len(FLOW_LOGS)} days of {FILES:,} files …", file=sys.stderr)
        for flow_logs in FLOW_LOGS:
            _write_day(state / "local_aws", flow_logs)
        rows, ratios = [], []
        with own_local_aws(state):
            for flow_logs in FLOW_LOGS:
                print(f"looking at {flow_logs} flow logs …", file=sys.stderr)
                looks = _looks(flow_logs, state)
                rows += [_row(flow_logs, *look) for look in looks]
                ratios.append(_ratio(flow_logs, looks))
    Result(
        name="arrival",
        title="LIST requests to see whether a day has arrived",
        what=f"One target with {FILES:,} files in the day, in the default layout on the local AWS. S3KeySensor waits "
        "for `*T2355Z_*` under the day's prefix, which the first flow log to write that file satisfies; the arrival "
        "sensor asks after every flow log, and those of the day before. One run; seconds include making the client "
        "in the first look. S3 answers 1,000 keys a request.",
        rows=rows,
        ratios=ratios,
    ).save()


def _row(flow_logs: int, state: str, sensor: str, look: Look) -> dict[str, str]:
    return {
        "flow logs": str(flow_logs),
        "the day is": state,
        "sensor": sensor,
        "LIST requests": str(look.requests),
        "seconds": f"{look.seconds:.2f}",
    }


def _ratio(flow_logs: int, looks: Sequence[tuple[str, str, Look]]) -> str:
    """A look at a waiting day, the one that is taken again and again."""
    further = next(look for _, sensor, look in looks if sensor.endswith("each further look"))
    baseline = next(look for _, sensor, look in looks if sensor == "S3KeySensor")
    goal = " (goal: 1)" if flow_logs == 1 else ""
    return (
        f"a poll of a waiting target with {flow_logs} flow log{'s' * (flow_logs > 1)}: {further.requests} LIST "
        f"request{'s' * (further.requests > 1)} against S3KeySensor's {baseline.requests}{goal}"
    )


def _looks(flow_logs: int, state: Path) -> list[tuple[str, str, Look]]:
    """State of the day, sensor, and what its look cost: before the day's last files come, and after."""
    waiting, complete = "short of its last 15 minutes", "complete"
    with _counted_requests() as requests:
        watch, key_sensor = _watch(flow_logs, state), _key_sensor(flow_logs)

        def look() -> bool:
            return watch.look(datetime.now(UTC) + QUIET).is_complete

        def poke() -> bool:
            return bool(key_sensor.poke({}))

        def cost(ask: Callable[[], bool], *, answers: bool) -> Look:
            before, started = len(requests), time.perf_counter()
            answer = ask()
            seconds = time.perf_counter() - started
            assert answer is answers, f"{ask.__name__} at {flow_logs} flow logs says {answer}"
            return Look(len(requests) - before, seconds)

        found = [
            (waiting, "arrival sensor, first look", cost(look, answers=False)),
            (waiting, "arrival sensor, each further look", cost(look, answers=False)),
            (waiting, "S3KeySensor", cost(poke, answers=False)),
        ]
        _deliver_last_files(flow_logs)
        found += [
            (complete, "arrival sensor, last look", cost(look, answers=True)),
            (complete, "S3KeySensor", cost(poke, answers=True)),
        ]
    return found


def _watch(flow_logs: int, state: Path) -> ArrivalWatch:
    """What the arrival sensor and its trigger look with."""
    from flowlogs.arrival_watch import ArrivalWatch
    from flowlogs.hooks.flow_log_bucket import FlowLogBucketHook
    from flowlogs.settings import load_settings

    file = state / "flowlogs.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "environment": "benchmark",
                "athena": {"output_location": "s3://lake/athena/"},
                "lake": {"bucket": "lake"},
                "sources": [
                    {"name": "network", "bucket": BUCKET, "accounts": [_account(flow_logs)], "regions": [REGION]}
                ],
            }
        )
    )
    hook = FlowLogBucketHook(aws_conn_id="aws_default")
    hook.connect()
    return ArrivalWatch(load_settings(file, environ={}), DAY, hook)


def _key_sensor(flow_logs: int) -> S3KeySensor:
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    return S3KeySensor(
        task_id="day",
        bucket_name=BUCKET,
        bucket_key=f"{day_prefix('', 'default', _account(flow_logs), REGION, DAY)}*T2355Z_*",
        wildcard_match=True,
        aws_conn_id="aws_default",
    )


@contextmanager
def _counted_requests() -> Iterator[list[str]]:
    """The LIST requests that clients of Airflow's AWS hooks send meanwhile."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook

    sent: list[str] = []
    make_client = AwsGenericHook.get_client_type

    def note(request: Any, **event: Any) -> None:
        sent.append(request.url)

    def make_counted_client(*arguments: Any, **options: Any) -> Any:
        client = make_client(*arguments, **options)
        for operation in ("ListObjectsV2", "ListObjects"):
            client.meta.events.register(f"before-send.s3.{operation}", note)
        return client

    with patch.object(AwsGenericHook, "get_client_type", make_counted_client):
        yield sent


def _write_day(data: Path, flow_logs: int) -> None:
    """A day of FILES empty files up to 23:40, and a file of each flow log on the day before.

    They go into the folder of the local AWS before it starts: as many requests would take minutes.
    """
    bucket = data / "s3" / LOCAL_ACCOUNT / BUCKET
    times = TIMES[:-AT_END]
    for flow_log in range(flow_logs):
        keys = [_key(flow_logs, flow_log, TIMES[-1] - timedelta(days=1), 0)]
        keys += [_key(flow_logs, flow_log, times[file % len(times)], file) for file in range(FILES // flow_logs)]
        for folder in {(bucket / key).parent for key in keys}:
            folder.mkdir(parents=True, exist_ok=True)
        for key in keys:
            (bucket / key).touch()


def _deliver_last_files(flow_logs: int) -> None:
    """The files that the day still lacks, one for each time and flow log."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    s3 = S3Hook(aws_conn_id="aws_default").conn
    for flow_log in range(flow_logs):
        for moment in TIMES[-AT_END:]:
            s3.put_object(Bucket=BUCKET, Key=_key(flow_logs, flow_log, moment, FILES), Body=b"")


def _key(flow_logs: int, flow_log: int, moment: datetime, file: int) -> str:
    return object_key("", "default", _account(flow_logs), REGION, f"fl-{flow_log:017x}", moment, f"{file:08x}", "text")


def _account(flow_logs: int) -> str:
    """The account of the target with so many flow logs."""
    return f"{flow_logs:012d}"


if __name__ == "__main__":
    main()
