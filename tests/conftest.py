"""Fixtures that every kind of test shares: a running local AWS, and clients of it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
LOCAL_AWS_PYTHON = ROOT / ".venv-local-aws" / "bin" / "python"

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first: the other worker has run all the rest meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("ui") is None)


@dataclass
class LocalAws:
    """A local AWS in a process of its own, on a free port, with its state in `data`."""

    data: Path
    port: int
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection(self) -> dict[str, str]:
        """Environment variables with which Airflow and AWS clients reach it."""
        return {
            "AIRFLOW_CONN_AWS_DEFAULT": (
                '{"conn_type": "aws", "login": "test", "password": "test", '
                f'"extra": {{"region_name": "us-east-1", "endpoint_url": "{self.endpoint_url}"}}}}'
            ),
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self) -> None:
        command = [
            str(LOCAL_AWS_PYTHON),
            "-m",
            "local_aws",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self.environ}, stdout=log, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint_url}/_health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the local AWS did not start:\n{Path(log.name).read_text()[-4000:]}")

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=30)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=30)

    def client(self, service: str, **options: Any) -> Any:
        import boto3

        credentials = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
        }
        return boto3.client(service, endpoint_url=self.endpoint_url, **{**credentials, **options})

    def bucket(self, prefix: str = "test") -> str:
        """A fresh, empty bucket."""
        name = f"{prefix}-{uuid.uuid4().hex[:12]}"
        self.client("s3").create_bucket(Bucket=name)
        return name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One local AWS for all tests of a worker; tests keep apart by fresh buckets and database names."""
    server = LocalAws(tmp_path_factory.mktemp("local_aws") / "data", free_port(), {})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_local_aws(tmp_path: Path) -> Iterator[LocalAws]:
    """A local AWS for one test alone, which may stop, kill and start it again."""
    server = LocalAws(tmp_path / "data", free_port(), {})
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()
