"""Sample flow logs for the settings' sources: the buckets made, each day written where its source expects it.

The traffic generator runs in the local AWS's environment, one process a source. What it wrote, and what it planted,
is kept as `<folder>/<source>/<day>.json`, for comparing answers with; a day whose account is there, and whose objects
are in the bucket, is not written again.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from flowlogs.fields import log_format
from flowlogs.settings import Settings
from flowlogs.sources import Source
from quickstart.environment import ROOT, Addresses, aws_environ
from quickstart.progress import Step

RECORDS_PER_DAY = 6_000
"""Of each target: small enough that days of a dozen targets are written in seconds on a laptop."""

FILE_MINUTES = 120
"""Between two files of a flow log, where AWS has five: so many records in a day of 12 objects, not 288."""

INCIDENT_EVERY_DAYS = 5
"""Each kind of incident on each target: with several targets and days, every kind is there to be found."""

LISTINGS_AT_ONCE = 8


def load(settings: Settings, addresses: Addresses, days: Sequence[date], folder: Path, current: Step) -> None:
    """Make the settings' buckets on the local AWS, and write the days of every source that are not there yet.

    The arrival sensor expects the flow logs that the day before had. The first day has no such day, and is
    complete by its own files; each later day has the same flow logs as the one before it.

    Raises:
        RuntimeError: when the generator refuses a source or fails; with its message.
    """
    s3 = _client(settings, addresses)
    for bucket in buckets(settings):
        _ensure_bucket(s3, bucket, settings.aws.region)
    missing = [
        (source, [day for day in days if not _is_loaded(s3, source, day, folder)]) for source in settings.sources
    ]
    work = [(source, source_days) for source, source_days in missing if source_days]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool, _generators() as start:

        def write(source: Source, source_days: Sequence[date]) -> int:
            return _write(start, source, source_days, settings, addresses, folder, current)

        running = [pool.submit(write, source, source_days) for source, source_days in work]
        records = sum(done.result() for done in as_completed(running))
    written = sum(len(source_days) for _, source_days in work)
    there = len(settings.sources) * len(days) - written
    current.note = ", ".join(
        [f"{records:,} records of {written} source-days written"] * bool(written)
        + [f"{there} source-days were there already"] * bool(there)
    )


def buckets(settings: Settings) -> list[str]:
    """The buckets that the settings name: the flow logs', the lake's, Athena's output."""
    athena_output = settings.athena.output_location.removeprefix("s3://").partition("/")[0]
    return sorted({*(source.bucket for source in settings.sources), settings.lake.bucket, athena_output})


def traffic_arguments(source: Source) -> list[str]:
    """The arguments of `python -m local_aws.traffic` for a source, but for days and places: its targets, prefix,
    layout and formats, and a seed of its own, so that two sources never show the same traffic.
    """
    return [
        *("--targets", *(f"{target.account}/{target.region}" for target in source.targets())),
        f"--prefix={source.prefix}",
        f"--layout={source.layout}",
        f"--format={source.file_format}",
        f"--log-format={log_format(source.fields)}",
        f"--records-per-day={RECORDS_PER_DAY}",
        f"--file-minutes={FILE_MINUTES}",
        f"--incident-every={INCIDENT_EVERY_DAYS}",
        f"--seed={zlib.crc32(source.name.encode())}",
    ]


def _client(settings: Settings, addresses: Addresses) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=addresses.local_aws,
        region_name=settings.aws.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=LISTINGS_AT_ONCE),
    )


def _ensure_bucket(s3: Any, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)


def _account_file(folder: Path, source: Source, day: date) -> Path:
    return folder / source.name / f"{day}.json"


def _is_loaded(s3: Any, source: Source, day: date, folder: Path) -> bool:
    """Whether the day was written for the source as it is now, and the bucket still has all of it."""
    try:
        account = json.loads(_account_file(folder, source, day).read_text())
    except (OSError, ValueError):
        return False
    if account["bucket"] != source.bucket or account["arguments"] != traffic_arguments(source):
        return False
    totals = {(total["account"], total["region"]): total for total in account["totals"]}
    pages = s3.get_paginator("list_objects_v2")

    def has_all(target: Any) -> bool:
        listed = pages.paginate(Bucket=source.bucket, Prefix=source.day_prefix(target, day))
        sizes = [entry["Size"] for page in listed for entry in page.get("Contents", ())]
        total = totals[target.account, target.region]
        return bool(len(sizes) >= total["files"] and sum(sizes) >= total["size"])

    with ThreadPoolExecutor(LISTINGS_AT_ONCE) as pool:
        return all(pool.map(has_all, source.targets()))


Start = Callable[[Sequence[str], Mapping[str, str]], "subprocess.Popen[str]"]


@contextmanager
def _generators() -> Iterator[Start]:
    """Starts generators; those that still run when the context is left (Ctrl-C, a failure) are ended."""
    started: list[subprocess.Popen[str]] = []

    def start(arguments: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
        command = [str(ROOT / ".venv-local-aws/bin/python"), "-m", "local_aws.traffic", *arguments]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            if process.poll() is None:
                process.terminate()
            process.wait()


def _write(
    start: Start,
    source: Source,
    days: Sequence[date],
    settings: Settings,
    addresses: Addresses,
    folder: Path,
    current: Step,
) -> int:
    """Write the source's days and keep the account of each; how many records that were."""
    arguments = traffic_arguments(source)
    with tempfile.TemporaryDirectory() as scratch:
        manifest_file = Path(scratch, "manifest.json")
        place = [f"--bucket={source.bucket}", f"--endpoint-url={addresses.local_aws}", f"--manifest={manifest_file}"]
        place += [f"--bucket-region={settings.aws.region}"]
        process = start(["--days", *map(str, days), *arguments, *place], aws_environ(addresses))
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said = line.strip() or said
            current.tell(f"{source.name} {said}")
        if process.wait():
            raise RuntimeError(f"no sample flow logs for the source {source.name}: {said}")
        manifest = json.loads(manifest_file.read_text())
    for day in days:
        account = {
            "bucket": source.bucket,
            "arguments": arguments,
            "totals": [total for total in manifest["days"] if total["day"] == day.isoformat()],
            "planted": [planted for planted in manifest["planted"] if planted["day"] == day.isoformat()],
            "threat_list": manifest["threat_list"],
        }
        file = _account_file(folder, source, day)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(account, indent=1))
    return int(manifest["totals"]["records"])
