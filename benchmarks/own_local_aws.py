"""A local AWS of a benchmark's own, in a process of its own, and an environment that points at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from quickstart.environment import Addresses, airflow_environ, aws_environ
from quickstart.preflight import free_port
from quickstart.processes import Processes, wait_until

ROOT = Path(__file__).parents[1]


@contextmanager
def own_local_aws(state: Path) -> Iterator[Addresses]:
    """A local AWS with the data in `state/local_aws`; boto3 and Airflow's connections here reach it meanwhile."""
    addresses = Addresses(local_aws_port=free_port(), airflow_port=free_port())
    python = str(ROOT / ".venv-local-aws" / "bin" / "python")
    data = str(state / "local_aws")
    with Processes(state / "logs") as processes:
        command = [python, "-m", "local_aws", "--port", str(addresses.local_aws_port), "--data", data]
        processes.start("local_aws", command, aws_environ(addresses))
        wait_until(lambda: _is_ready(addresses), processes, "the local AWS", timeout_seconds=300)
        os.environ.update(airflow_environ(addresses, state / "airflow"))
        yield addresses


def _is_ready(addresses: Addresses) -> bool:
    try:
        return httpx.get(f"{addresses.local_aws}/_health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
