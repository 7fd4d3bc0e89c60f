"""The stack: every service of docker-compose.yaml as a process, which can be killed and comes back as Compose's would."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import psutil

from quickstart.airflow_api import AirflowApi
from quickstart.environment import ADDRESS, TOPIC_ARN, WEBHOOK_SECRET, Addresses, aws_environ
from quickstart.preflight import free_port
from quickstart.progress import step
from topology.compose import ROOT, Service, services
from topology.servers import PostgreSQL, redis_command

AIRFLOW: Final = ("scheduler", "dag-processor", "triggerer", "worker", "api-server")
PYTHON: Final = ROOT / ".venv-production" / "bin" / "python"
_ADMIN: Final = "admin"


@dataclass
class Stack:
    """The running services.

    Attributes:
        state: data and logs of this stack.
        addresses: where the local AWS and Airflow listen.
    """

    state: Path
    addresses: Addresses
    _commands: dict[str, tuple[list[str], dict[str, str]]] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _password: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def start_all(self, tell: Callable[[str], None]) -> None:
        """Start every service in the order of Compose's `depends_on`, each when the ones before it are healthy."""
        ports = {"postgres": free_port(), "redis": free_port(), "api-server": self.addresses.airflow_port}
        variables = self._variables()
        compose = services(variables, ports)
        database = PostgreSQL(self.state / "postgres", ports["postgres"], variables["POSTGRES_PASSWORD"])
        database.make()
        self.start("postgres", database.command(), os.environ)
        redis = redis_command(self.state / "redis", ports["redis"], compose["redis"].command)
        self.start("redis", redis, os.environ)
        python = str(ROOT / ".venv-local-aws/bin/python")
        local_aws = [python, "-m", "local_aws", "--port", str(self.addresses.local_aws_port), "--data"]
        environ = {**aws_environ(self.addresses), "LOCAL_AWS_LAMBDA_RETRY_SECONDS": "1,2", "PYTHONPATH": str(ROOT)}
        self.start("local-aws", [*local_aws, str(self.state / "local_aws")], environ)
        self.wait_for(database.is_ready, "PostgreSQL")
        database.make_database()
        self.wait_for(lambda: _answers(f"{self.addresses.local_aws}/_health"), "the local AWS")
        tell("PostgreSQL, Redis and the local AWS run")
        self._init(compose["init"])
        tell("the database is made")
        for name in AIRFLOW:
            self.start(name, self._command(compose[name]), self._environ(compose[name]))
        self.wait_for(self.is_healthy, "Airflow", seconds=240)

    @contextmanager
    def running(self) -> Iterator[Stack]:
        """The stack until the context is left, whatever happens."""
        try:
            with step("PostgreSQL, Redis, the local AWS, Airflow's services") as current:
                self.start_all(current.tell)
                current.note = self.addresses.airflow
            yield self
        finally:
            self.stop()

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a service; its output is added to its log. It finds nothing by the folder that it runs in."""
        self._commands[name] = (list(command), dict(environ))
        self.log(name).parent.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env=dict(environ), stdout=log, stderr=subprocess.STDOUT, start_new_session=True, cwd="/"
            )

    def kill(self, name: str) -> int:
        """`kill -9` a service and all that it started, as when its container is lost; how many processes that were."""
        family = _family(self._running[name].pid)
        for process in family:
            _signal(process, force=True)
        psutil.wait_procs(family, timeout=10)
        self._running[name].wait()
        return len(family)

    def restart(self, name: str) -> None:
        """Start a service again that was killed (Compose: restart: unless-stopped)."""
        self.start(name, *self._commands[name])

    def stop(self) -> None:
        """End everything, in reverse order."""
        for name, process in reversed(self._running.items()):
            family = _family(process.pid)
            if name == "postgres":  # ends at once, and clean
                process.send_signal(2)
            else:
                for member in family:
                    _signal(member, force=False)
            _, alive = psutil.wait_procs(family, timeout=8)
            for member in alive:
                _signal(member, force=True)
            process.wait()
        self._running.clear()

    def log(self, name: str) -> Path:
        """The file with a service's output."""
        return self.state / "logs" / f"{name}.log"

    def api(self) -> AirflowApi:
        """Airflow's API, signed in."""
        api = AirflowApi(self.addresses.airflow, _ADMIN, self._password)
        api.sign_in()
        return api

    def is_healthy(self) -> bool:
        """Whether Airflow says that all its parts live."""
        return AirflowApi(self.addresses.airflow, _ADMIN, self._password).is_healthy()

    def wait_for(self, ready: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait until something is so.

        Raises:
            RuntimeError: when a service ends by itself meanwhile, or the time is over.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready():
                return
            if ended := self.ended():
                raise RuntimeError(f"{what} is not there: {ended}")
            time.sleep(0.3)
        raise RuntimeError(f"{what} is not there after {seconds:.0f} s; see {self.state / 'logs'}")

    def ended(self) -> str | None:
        """The name of a service that ended by itself, with its exit code; None while all run."""
        for name, process in self._running.items():
            if process.poll() is not None:
                return f"{name} ended with exit code {process.returncode}; see {self.log(name)}"
        return None

    def _variables(self) -> dict[str, str]:
        """What stands in the .env file of a deployment; kept, for data outlives the processes."""
        file = self.state / "variables.json"
        if not file.exists():
            secret = {name: secrets.token_urlsafe(24) for name in _SECRETS}
            secret["AIRFLOW_FERNET_KEY"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(secret))
            file.chmod(0o600)
        connection = {
            "conn_type": "aws", "login": "test", "password": "test",
            "extra": {"region_name": "us-east-1", "endpoint_url": self.addresses.local_aws},
        }  # fmt: skip
        variables: dict[str, str] = json.loads(file.read_text())
        self._password = variables["AIRFLOW_ADMIN_PASSWORD"]
        return {**variables, "AIRFLOW_WORKER_CONCURRENCY": "6", "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection)}

    def _environ(self, service: Service) -> dict[str, str]:
        """A container's environment, and what stands in the image or is of this machine."""
        return {
            **aws_environ(self.addresses),
            "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "AIRFLOW_HOME": str(self.state / "airflow"),
            "PYTHONPATH": str(ROOT / "config"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.addresses.airflow_port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            **service.environment,
            **_sample_settings(self.addresses),
        }

    def _command(self, service: Service) -> list[str]:
        program, *arguments = service.command
        return [str(PYTHON.parent / program), *arguments]

    def _init(self, service: Service) -> None:
        done = subprocess.run(service.command, env=self._environ(service), capture_output=True, text=True, cwd="/")
        self.log("init").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise RuntimeError(f"init failed; see {self.log('init')}")


_SECRETS: Final = (
    "POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_API_SECRET_KEY", "AIRFLOW_JWT_SECRET", "AIRFLOW_ADMIN_PASSWORD",
)  # fmt: skip


def _sample_settings(addresses: Addresses) -> dict[str, str]:
    """The sample deployment's settings: the sample days are over and loaded, and messages go to the inbox."""
    return {
        "FLOWLOGS__REPORTS__BASE_URL": f"{addresses.local_aws}/flowlogs-sample-lake/",
        "FLOWLOGS__QUICKSIGHT__CONSOLE_URL": f"{addresses.local_aws}/_quicksight/",
        "FLOWLOGS__ARRIVAL__QUIET_MINUTES": "0.02",
        "FLOWLOGS__ARRIVAL__POLL_SECONDS": "5",
        "FLOWLOGS__SCHEDULE__RETRY_DELAY_MINUTES": "0.2",
        "FLOWLOGS__ALARMS__SUBSCRIPTIONS__EMAILS__0": ADDRESS,
        "FLOWLOGS__ALARMS__SUBSCRIPTIONS__SLACK_WEBHOOK": f"secretsmanager:{WEBHOOK_SECRET}",
        "FLOWLOGS__NOTIFICATIONS__SNS_TOPIC_ARN": TOPIC_ARN,
        "FLOWLOGS__NOTIFICATIONS__REPORT_TOPIC_ARN": TOPIC_ARN,
    }


def _family(pid: int) -> list[psutil.Process]:
    """A process, all that it started, and what of it is left in its session."""
    found = {}
    try:
        parent = psutil.Process(pid)
        found = {one.pid: one for one in [parent, *parent.children(recursive=True)]}
    except psutil.NoSuchProcess:
        pass
    for candidate in psutil.process_iter():
        try:
            if os.getsid(candidate.pid) == pid:
                found[candidate.pid] = candidate
        except ProcessLookupError:
            continue
    return list(found.values())


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        if force:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
